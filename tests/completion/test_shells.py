"""Completion in real shells, on real environments."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from safeinstall.completion.command import script
from safeinstall.errors import UsageError
from tests import harness

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World


def ask(world: World, *words: str, active: str | None = None) -> dict[str, str]:
    done = world.run([*harness.GUARD, "complete", *words], active)
    assert (done.returncode, done.stderr) == (0, b"")
    found = (line.partition("\t") for line in done.stdout.decode().splitlines())
    return {value: meaning for value, _, meaning in found}


def test_values_from_the_disk(world: World, conda_env: str) -> None:
    name, prefix = conda_env, world.env(conda_env)
    assert harness.run(world, ["pip", "install", "cowsay"], name).returncode == 0
    operation = harness.history(world, name)[-1]
    shown = ask(world, "history", "show", "", active=name)
    assert shown["last"] == "the newest"
    assert shown[str(operation["seq"])].endswith("pip install cowsay  done")
    again = ask(world, "history", "-p", prefix, "show", "")
    assert again.keys() == shown.keys()  # not how long ago it was
    assert list(ask(world, "history", "show", operation["op"][:6], active=name)) == [
        operation["op"]
    ]
    assert ask(world, "history", "--package", "cows", active=name) == {"cowsay": "6.1 pip"}
    assert prefix in ask(world, "status", "-p", "")
    assert {"person", "agent", "ci"} <= set(ask(world, "history", "--actor", "", active=name))
    assert ask(world, "rule", "SI201") == {"SI201": "conda-after-pip"}
    assert list(ask(world, "history", "--tool", "m")) == ["mamba", "micromamba"]
    assert "yesterday" in ask(world, "history", "--since", "")
    assert ask(world, "history", "--verdict", "b") == {"block": ""}
    assert ask(world, "setup", "z") == {"zsh": ""}
    assert set(ask(world, "completion", "")) == {"bash", "zsh", "fish"}


def test_environments_there_and_gone(world: World, tmp_path: Path) -> None:
    envs = tmp_path / "envs"
    (envs / "new" / "conda-meta").mkdir(parents=True)
    (envs / "no-environment").mkdir()
    environ = {"CONDA_ENVS_DIRS": str(envs)}
    done = world.run([*harness.GUARD, "complete", "status", "-n", ""], environ=environ)
    found = done.stdout.decode()
    assert f"new\t{envs}/new\n" in found
    assert "no-environment" not in found


def test_trouble_is_silent(world: World) -> None:
    assert ask(world, "history", "show", "") == {"last": "the newest"}
    assert ask(world, "history", "--package", "") == {}
    assert ask(world, "history", "-p", "/no/where", "show", "") == {"last": "the newest"}


def test_no_such_shell() -> None:
    with pytest.raises(UsageError, match="bash, zsh, fish"):
        script("tcsh")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_sound(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "script"
    path.write_text(script(shell, python='/it\'s \\ "here"/python'))
    subprocess.run([shell, "-n", str(path)], check=True)


BASH = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={last} COMP_TYPE={type}
__safeinstall_complete
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash(tmp_path: Path, *words: str, kind: int = 9) -> list[str]:
    (tmp_path / "script").write_text(script("bash", sys.executable, harness.MAIN))
    text = BASH.format(
        script=shlex.quote(str(tmp_path / "script")),
        words=shlex.join(words),
        last=len(words) - 1,
        type=kind,
    )
    done = subprocess.run(["bash", "-uc", text], capture_output=True, check=True)
    assert done.stderr in (b"", done.stderr if b"compopt" in done.stderr else b"")
    return done.stdout.decode().splitlines()


def test_bash(tmp_path: Path) -> None:
    assert bash(tmp_path, "safeinstall", "hist") == ["history"]
    assert bash(tmp_path, "safeinstall", "history", "--status", "=", "do") == ["done"]
    assert bash(tmp_path, "safeinstall", "rule", "SI201", kind=63) == ["SI201  (conda-after-pip)"]


def fish(tmp_path: Path, line: str) -> list[str]:
    (tmp_path / "script").write_text(script("fish", sys.executable, harness.MAIN))
    command = f"source {tmp_path}/script; complete -C {shlex.quote(line)}"
    done = subprocess.run(["fish", "--no-config", "-c", command], capture_output=True, check=True)
    return done.stdout.decode().splitlines()


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish(tmp_path: Path) -> None:
    assert fish(tmp_path, "safeinstall hist") == [
        "history\tWhat was done, by whom, and what it changed"
    ]
    assert fish(tmp_path, "safeinstall rule SI201") == ["SI201\tconda-after-pip"]
    assert fish(tmp_path, "safeinstall history --status=do") == ["--status=done"]
    (tmp_path / "picture.svg").touch()
    assert fish(tmp_path, f"safeinstall history --svg {tmp_path}/pic")[0].startswith(
        f"{tmp_path}/picture"
    )


def interactive(shell: str, tmp_path: Path, *setup: str) -> pexpect.spawn[str]:
    """A shell in which nothing is on PATH but the system, with the integration loaded."""
    init = shlex.join([*harness.GUARD, "init", shell])
    options = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[shell]
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb", "PS1": "$ "}
    child = pexpect.spawn(
        shell,
        options,
        env=environ,
        encoding="utf-8",
        timeout=20,
        cwd=str(tmp_path),
        dimensions=(40, 200),
    )
    for line in (*setup, f'eval "$({init})"', "PS1='rea''dy> '"):
        child.sendline(line)
    child.expect("ready> ")
    return child


SETUPS: list[Any] = [
    ("bash", "\t\t", ()),
    ("zsh", "\t", ("autoload -Uz compinit; compinit -u -D",)),
]


@pytest.mark.parametrize(("shell", "tab", "setup"), SETUPS)
def test_the_integration_loads_it_at_the_first_tab(
    shell: str, tab: str, setup: tuple[str, ...], tmp_path: Path
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    child = interactive(shell, tmp_path, *setup)
    child.send(f"safeinstall rule SI20{tab}")
    child.expect("SI201.*SI205")
    child.send("1\t\n")
    child.expect("conda-after-pip")
    child.expect("ready> ")
    child.send("safeinstall compl\tba\t | head -n 1\n")
    child.expect("completion for bash")
    child.sendeof()
    child.close(force=True)


def test_the_integration_is_silent_without_compinit(tmp_path: Path) -> None:
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    child = interactive("zsh", tmp_path)
    child.sendline("echo done")
    child.expect("\r\ndone\r\n")
    assert "not found" not in (child.before or "")
    child.close(force=True)


def test_it_takes_no_library(tmp_path: Path) -> None:
    """Started with -S, it could not import any."""
    command = [*harness.GUARD, "complete", "history", "show", ""]
    environ = {"HOME": str(tmp_path), "CONDA_PREFIX": str(tmp_path), "PATH": os.defpath}
    done = subprocess.run(command, capture_output=True, check=True, env=environ)
    assert done.stdout == b"last\tthe newest\n"
