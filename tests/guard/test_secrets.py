"""A secret given to a tool in any way it can be given reaches no file of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from safeinstall.sandbox.world import World

SECRET = "Zq7s3cr3tQx41"
URL = f"https://ada:{SECRET}@h.invalid/simple"
TOKEN_CHANNEL = f"https://h.invalid/t/{SECRET}/acme"
USER_CHANNEL = f"https://u:{SECRET}@h.invalid/c"

INSTALL = ["pip", "install", "--no-deps", "--retries", "0", "--timeout", "1"]

COMMANDS: dict[str, tuple[list[str], dict[str, str]]] = {
    "index": ([*INSTALL, "--extra-index-url", URL, "six"], {}),
    "index, token only": ([*INSTALL, f"--extra-index-url=https://{SECRET}@h.invalid/", "six"], {}),
    "proxy": ([*INSTALL, "--proxy", f"http://ada:{SECRET}@h.invalid:8080", "six"], {}),
    "bare proxy": ([*INSTALL, "--proxy", f"ada:{SECRET}@h.invalid:8080", "six"], {}),
    "requirement": ([*INSTALL, f"x @ https://ada:{SECRET}@h.invalid/x-1.0.tar.gz"], {}),
    "blanks": (
        [*INSTALL, "--extra-index-url", f"https://ada:correct {SECRET}@127.0.0.1:9/simple", "six"],
        {},
    ),
    "requirement, blanks": ([*INSTALL, f"git+https://ada:pa {SECRET}@127.0.0.1:9/x.git"], {}),
    "variable, blanks": (
        [*INSTALL, "six"],
        {"PIP_INDEX_URL": f"https://ada:pa <{SECRET}@127.0.0.1:9/simple", "MAMBA_AUTH": SECRET},
    ),
    "query": ([*INSTALL, f"https://h.invalid/x-1.0.tar.gz?token={SECRET}"], {}),
    "repository": ([*INSTALL, f"git+https://{SECRET}@h.invalid/x.git@main"], {}),
    "setting": ([*INSTALL, "-C", f"registry_token={SECRET}", "six"], {}),
    "variable": ([*INSTALL, "six"], {"PIP_EXTRA_INDEX_URL": URL}),
    "secret variable": ([*INSTALL, "six"], {"PIP_PASSWORD": SECRET, "UV_INDEX_X_TOKEN": SECRET}),
    "proxy variable": ([*INSTALL, "six"], {"https_proxy": f"http://u:{SECRET}@h.invalid"}),
    "reason": ([*INSTALL, "six"], {"SAFEINSTALL_REASON": f"the password is {SECRET}"}),
    "file": ([*INSTALL, "-r", "requirements.txt"], {}),
    "configuration": ([*INSTALL, "six"], {"PIP_CONFIG_FILE": "pip.conf"}),
    "channel": (["conda", "install", "-y", "-c", f"https://h.invalid/t/{SECRET}/acme", "six"], {}),
    "channel, user": (
        ["conda", "install", "-y", "-c", f"https://u:{SECRET}@h.invalid/c", "six"],
        {},
    ),
    "condarc": (["conda", "install", "-y", "six"], {"CONDARC": "condarc.yml"}),
    "bash": (["conda", "run", "-n", "base", "pip", "install", "--extra-index-url", URL, "six"], {}),
    "unknown option": ([*INSTALL, "--api-key", SECRET, "six"], {}),
    "inner option": (
        [*INSTALL, "-C", f"--build-option=--token {SECRET}", "six"],
        {},
    ),
    "code": ([*INSTALL, f"https://h.invalid/x-1.0.tar.gz?code={SECRET}"], {}),
    "web hook": ([*INSTALL, f"https://hooks.slack.invalid/services/T0/B0/{SECRET}"], {}),
    "foreign word": ([*INSTALL, "-C", f"contraseña={SECRET}", "six"], {"PIP_PASSWORT": SECRET}),
    "foreign sentence": ([*INSTALL, "six"], {"SAFEINSTALL_REASON": f"das Passwort ist {SECRET}"}),
    "channel, bare": (["conda", "install", "-y", "-c", f"h.invalid/t/{SECRET}/c", "six"], {}),
}

FILES = {
    "requirements.txt": f"--extra-index-url {URL}\nx @ git+https://{SECRET}@h.invalid/x.git\nsix\n",
    "pip.conf": f"[global]\nextra-index-url = {URL}\nproxy = u:{SECRET}@h.invalid:1\n",
    "condarc.yml": f"channels:\n  - {TOKEN_CHANNEL}\n  - {USER_CHANNEL}\n",
}


@pytest.fixture(scope="module")
def given(world: World) -> Iterator[Mapping[str, str]]:
    """Files that hold the secret, as their owner keeps them; the variables that name them."""
    directory = Path(world.work, "given")
    directory.mkdir()
    for name, text in FILES.items():
        (directory / name).write_text(text)
    time.sleep(2.1)  # what is younger is never remembered
    yield {name: str(directory / name) for name in FILES}
    for name in FILES:
        (directory / name).unlink()
    directory.rmdir()


def written(world: World, prefix: str) -> Iterator[Path]:
    """Every file that may be ours: state, caches, temporary ones, and those in the environment."""
    ours = (f"{world.home}/.local", f"{world.home}/.cache/safeinstall", f"{prefix}/.safeinstall")
    for above in ours:
        yield from (path for path in Path(above).rglob("*") if path.is_file())
    for path in Path(world.environ()["TMPDIR"]).glob("safeinstall-*/**/*"):
        if path.is_file():
            yield path


@pytest.mark.parametrize("way", COMMANDS)
def test_a_secret_reaches_no_file_of_ours(
    world: World, conda_env: str, given: Mapping[str, str], way: str
) -> None:
    words, variables = COMMANDS[way]
    more = {name: given.get(value, value) for name, value in variables.items()}
    words = [given.get(word, word) for word in words]
    done = harness.run(world, words, conda_env, environ=more)
    # pip itself says more than it should; what is ours begins with our name
    ours = [line for line in done.stderr.splitlines() if line.startswith(b"safeinstall: ")]
    assert not any(SECRET.encode() in line for line in ours)
    judged = world.run([*harness.GUARD, "check", "--json", "--", *words], conda_env, environ=more)
    assert SECRET.encode() not in judged.stdout + judged.stderr
    recorded = harness.history(world, conda_env)
    assert recorded or way == "bash"
    found = [path for path in written(world, world.env(conda_env)) if holds(path)]
    assert found == []


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="files without a name are Linux's")
@pytest.mark.parametrize("python", [["pip"], ["python", "-I", "-m", "pip"]], ids=" ".join)
def test_a_killed_guard_leaves_no_secret(
    world: World, conda_env: str, tmp_path: Path, python: list[str]
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)  # pip is held
    os.mkfifo(tmp_path / "r.txt")
    link = f"https://ada:{SECRET}@127.0.0.1:9/x-1.0.tar.gz"
    words = [*harness.GUARD, "run", "--", *python, *INSTALL[1:], link, "-r", f"{tmp_path}/r.txt"]
    place = Path(world.environ()["TMPDIR"])
    before = set(place.glob("safeinstall-*"))
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(
        words, env=world.environ(conda_env), stdin=nowhere, stdout=nowhere, stderr=nowhere
    ) as process:
        tools = wait_for(psutil.Process(process.pid).children)
        (directory,) = set(place.glob("safeinstall-*")) - before
        log = directory / "pip.log"
        with open(tmp_path / "r.txt", "w"):  # once pip reads it, it has come as far as that
            there = (log.is_symlink(), log.exists())
            process.kill()
            process.wait()
            left = [path for path in directory.rglob("*") if path.is_file() and holds(path)]
            gone = not log.exists()
            for tool in tools:
                tool.kill()
    shutil.rmtree(directory)
    assert (there, gone) == ((True, True), True)
    assert left == []
    assert [path for path in written(world, world.env(conda_env)) if holds(path)] == []


def wait_for(found: Callable[[], Any]) -> Any:
    """What is found, as soon as there is something."""
    for _ in range(300):
        if there := found():
            return there
        time.sleep(0.1)
    raise TimeoutError


def holds(path: Path) -> bool:
    return SECRET.encode() in path.read_bytes()


def test_the_test_would_find_one(world: World, conda_env: str) -> None:
    harness.run(world, ["pip", "install", "six"], conda_env)
    path = Path(world.env(conda_env), ".safeinstall", "journal.jsonl")
    assert path in list(written(world, world.env(conda_env)))
    mirrors = Path(world.home, ".local/state/safeinstall/journals")
    assert any(mirrors in found.parents for found in written(world, world.env(conda_env)))
    assert os.path.isdir(f"{world.home}/.cache/safeinstall")
