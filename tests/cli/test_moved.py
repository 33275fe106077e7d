"""``rebuild --to``: an environment made of another one, and of base what was put there by hand."""

from __future__ import annotations

import operator
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.rebuild import staging
from tests import harness, kinds
from tests.cli.test_rebuild import content, doctor, is_left
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

KILLS = 40 if TORTURE else 2
LONGEST = 4.0  # seconds after which one is killed
DENIED = '[packages]\ndeny = ["tqdm"]\n'


def rebuild(world: World, *options: str, status: int = 0, **environ: str) -> str:
    """Everything that the command has said."""
    words = [sys.executable, "-m", "safeinstall", "rebuild", *options]
    done = world.run(words, environ=environ)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == status, said
    return said


def told(world: World, name: str) -> str:
    words = [sys.executable, "-m", "safeinstall", "status", "-n", name]
    return world.run(words).stdout.decode()


def freeze(world: World, prefix: str) -> list[str]:
    done = world.run([f"{prefix}/bin/python", "-m", "pip", "freeze"], check=True)
    return sorted(done.stdout.decode().splitlines())


def condas(prefix: str) -> set[str]:
    """The packages that conda has records of."""
    return {path.stem for path in Path(prefix, "conda-meta").glob("*.json")}


def strange(prefix: str, old: str) -> list[str]:
    """The files of the environment with the path of the old one in them."""
    pattern = re.compile(re.escape(os.fsencode(old)) + rb"/(?!envs/)")
    paths = (p for p in Path(prefix).rglob("*") if ".safeinstall" not in p.parts)
    return [str(p) for p in paths if p.is_file() and pattern.search(p.read_bytes())]


@pytest.fixture
def other(world: World) -> Iterator[str]:
    """The prefix of an environment that is to be made."""
    prefix = world.env("the-other-one-has-a-longer-name")
    yield prefix
    for path in (prefix, os.path.join(os.path.dirname(prefix), ".safeinstall")):
        if os.path.lexists(path):
            staging.remove(path)


# ---- out of base -------------------------------------------------------------------------------


def test_what_was_left_behind_in_base(fresh_world: World) -> None:
    """Its Python has moved, and what pip had brought lies where none looks."""
    world, base = fresh_world, Path(fresh_world.root)
    world.run(["pip", "install", "cowsay"], "base", check=True)
    there, behind = kinds.site_packages(str(base)), base / "lib" / "python3.9" / "site-packages"
    behind.mkdir(parents=True)
    for path in there.glob("cowsay*"):
        path.rename(behind / path.name)
    offered = told(world, "base").partition("left behind in")[2].splitlines()
    (line,) = (line.strip() for line in offered if "--from base" in line)
    first, _, second = line.partition(" && ")
    assert first == "safeinstall rebuild --from base --to from-base"
    assert second == f"rm -r {behind}"
    rebuild(world, *first.split()[2:], "--yes")
    assert freeze(world, world.env("from-base")) == ["cowsay==6.1"]
    world.run(second.split(), check=True)
    assert "left behind" not in told(world, "base")


def test_moved_out_of_base(fresh_world: World, tmp_path: Path) -> None:
    world, base = fresh_world, fresh_world.root
    before = condas(base)
    world.run(["conda", "install", "-y", "-n", "base", "requests", "numpy=1.26"], check=True)
    kinds.together(
        kinds.wheel_by_path,
        kinds.editable,
        kinds.namespace,
        kinds.entry_points,
        kinds.data_files,
    )(world, "base", tmp_path)
    world.run(["pip", "install", "cowsay"], "base", check=True)
    repository = f"git+file://{world.repository}@v4.35.2"
    world.run(["pip", "install", "--no-deps", repository], "base", check=True)
    offered = "safeinstall rebuild --from base --to from-base"
    assert offered in told(world, "base")

    said = rebuild(world, *offered.split()[2:], "--yes")
    new = world.env("from-base")
    names = {item.split("-")[0] for item in condas(new)}
    assert {"python", "pip", "requests", "numpy", "urllib3"} <= names
    assert "conda" not in names
    assert freeze(world, new) == freeze(world, base)
    assert condas(new) <= condas(base)
    assert strange(new, base) == []
    history = Path(new, "conda-meta", "history").read_text()
    assert "['numpy=1.26', 'pip', 'python', 'requests']" in history
    (operation,) = harness.history(world, "from-base")
    assert (operation["status"], operation["argv"][1]) == ("done", "rebuild")
    assert {change["name"] for change in operation["changes"]} >= {"numpy", "cowsay", "thing"}
    assert is_left(new) == []

    line = said.rpartition("to take it out: ")[2].strip()
    done = harness.pasted(world, line.replace("conda remove", "conda remove -y"))
    assert done.returncode == 0, done.stderr.decode()
    assert b"SI101" not in done.stderr
    assert b"internal error" not in done.stderr
    assert {item.split("-")[0] for item in condas(base)}.isdisjoint({"requests", "numpy"})
    assert before <= condas(base)
    assert "rebuild --from base" not in told(world, "base")
    world.run(["conda", "create", "-y", "-n", "works", "six"], check=True)
    imports = "import cowsay, transformers, thing, numpy, requests, acme.one, acme.two"
    assert world.run([f"{new}/bin/python", "-c", imports]).returncode == 0
    assert world.run([f"{new}/bin/hello"]).stdout == b"hello\n"
    assert Path(new, "etc/tool/tool.conf").read_text() == f"prefix = {new}\n"
    assert world.run([f"{new}/bin/cowsay"]).returncode == 0


def test_what_is_compiled_for_base_stays(fresh_world: World, tmp_path: Path) -> None:
    """A library with the path of base in it, which no index has; without it the rest can move. On a
    terminal, what was moved is taken out of base at once, but for what is needed there.
    """
    world = fresh_world
    world.run(["conda", "install", "-y", "-n", "base", "six"], check=True)
    world.run(["conda", "install", "-y", "-n", "base", "pytz"], check=True)
    world.run(["pip", "install", "cowsay", "python-dateutil"], "base", check=True)
    kinds.compiled(world, "base", tmp_path)
    said = rebuild(world, "--from", "base", "--to", "ml", "--yes", status=1)
    assert "native has its path in lib/" in said
    assert "native==1.0" in said
    assert not os.path.exists(world.env("ml"))
    left = ["--remove", "native", "--remove", "python-dateutil"]
    said = answered(world, "--from", "base", "--to", "ml", *left)
    assert "internal error" not in said
    assert "SI101" not in said
    assert freeze(world, world.env("ml")) == ["cowsay==6.1", "pytz==2023.3", "six==1.16.0"]
    there = ["native==1.0", "python-dateutil==2.8.2", "six==1.16.0"]
    assert freeze(world, world.root) == there


def answered(world: World, *options: str) -> str:
    """Run it on a terminal, and say yes to everything; returns what was said on stderr."""
    words = [sys.executable, "-m", "safeinstall", "rebuild", *options]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        words,
        env=world.environ(),
        cwd=world.work,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(theirs)
        os.write(ours, b"y\ny\n")
        said = (process.stderr.read() if process.stderr else b"").decode()
    os.close(ours)
    assert process.returncode == 0, said
    return said


# ---- out of any environment --------------------------------------------------------------------


SMALL = kinds.together(
    kinds.compiled,
    kinds.kernelspec,
    kinds.activation,
    kinds.variables,
    kinds.read_only,
    kinds.links,
)


@pytest.mark.parametrize(
    "kind", harness.few([SMALL, *kinds.SOUND], 1), ids=lambda kind: kind.__name__
)
def test_a_copy_of_another_environment(
    world: World, conda_env: str, other: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    source = world.env(conda_env)
    kind(world, conda_env, tmp_path)
    without = ["--remove", "native"] if (kinds.site_packages(source) / "native").exists() else []
    before = content(world, source)
    rebuild(world, "-n", conda_env, "--to", os.path.basename(other), "--yes", *without)
    now = content(world, other)
    assert now[0] == {item for item in before[0] if not item.startswith("native-")}
    assert now[1] == [line for line in before[1] if not line.startswith("native==")]
    assert {path for path in before[2] if "native" not in path} == set(now[2])
    assert strange(other, source) == []
    assert "nothing is wrong" in doctor(world, other)
    assert content(world, source) == before
    assert is_left(other) == []
    listed = Path(world.home, ".conda", "environments.txt").read_text().splitlines()
    assert [line for line in listed if is_alike(line, other)] == [other]  # no staging path


def is_alike(path: str, other: str) -> bool:
    """But for one character."""
    return len(path) == len(other) and sum(map(operator.ne, path, other)) < 2


def test_more_comes_along_and_the_path_may_be_long(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    place = tmp_path / ("deep" * 20) / "with a blank"
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    Path(world.env(conda_env), "conda-meta", "frozen").touch()
    Path(world.env(conda_env), "share", "model.pyc").write_text("mine")
    Path(world.env(conda_env), "share", "db").write_bytes(b"\0" + os.fsencode(world.env(conda_env)))
    options = ["--from", world.env(conda_env), "--to", str(place), "--yes"]
    said = rebuild(world, *options, "--add", "six", "--add-pip", "tqdm")
    assert "note: share/db has the path of the old one in it, and keeps it" in said
    pip = freeze(world, str(place))
    assert [line.split("==")[0] for line in pip] == ["cowsay", "six", "tqdm"]
    assert world.run([str(place / "bin" / "cowsay")]).returncode == 0
    assert (place / "share" / "model.pyc").read_text() == "mine"
    assert "nothing is wrong" in doctor(world, str(place))


def test_a_policy_that_denies(world: World, conda_env: str, other: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(DENIED)
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    environ = {"SAFEINSTALL_POLICY": str(tmp_path / "policy.toml")}
    options = ["--from", conda_env, "--to", other, "--yes"]
    assert "SI304" in rebuild(world, *options, status=77, **environ)
    assert not os.path.exists(other)
    blocked = harness.history(world, os.path.basename(other))[-1]
    assert blocked["status"] == "blocked"


def test_what_makes_no_sense(world: World, conda_env: str, other: str) -> None:
    for options, said in (
        (["--from", "base", "--to", "base"], "is there already"),
        (["--from", conda_env, "--to", conda_env], "is there already"),
        (["--from", "base", "--to", conda_env], "is there already"),
        (["--from", conda_env, "--to", f"{world.env(conda_env)}/within"], "is within"),
        (["--from", conda_env, "--to", "a b"], "no name"),
        (["--from", conda_env, "--to", "-x"], "no name"),
        (["--from", conda_env, "-n", conda_env, "--to", "new"], "give one of them"),
        (["--from", "no-such-environment", "--to", "new"], "no environment"),
        (["--from", "base", "--to", "new", "--add", "numpy"], "rebuild -n new"),
        (["--from", "base", "-n", conda_env], "--to NAME"),
        (["-n", "base"], "rebuild --from base --to NAME"),
    ):
        assert said in rebuild(world, *options, "--yes", status=64)
    none = rebuild(world, "--from", "base", "--to", "new", "--yes", status=1)
    assert "nothing was put into base by hand" in none
    assert not os.path.exists(world.env("new"))
    options = ["-n", conda_env, "--to", other]
    assert "which stays as it is" in rebuild(world, *options, "--dry-run")
    rebuild(world, *options, status=64)  # nobody is there to ask
    assert not os.path.exists(other)
    assert is_left(other) == []


def test_killed_at_any_moment(world: World, conda_env: str, other: str) -> None:
    """Then the next command in either environment clears away what is left."""
    source = world.env(conda_env)
    world.run(["pip", "install", "tqdm", "cowsay"], conda_env, check=True)
    before = content(world, source)
    words = [sys.executable, "-m", "safeinstall", "rebuild", "-n", conda_env, "--to", other, "-y"]
    for number in range(KILLS):
        with subprocess.Popen(
            words,
            env=world.environ(),
            cwd=world.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            while process.poll() is None and not is_left(other):
                time.sleep(0.05)
            time.sleep(LONGEST * number / KILLS)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        if number % 2:
            nothing = ["pip", "uninstall", "-y", "nothing-here"]
            assert harness.run(world, nothing, conda_env).returncode == 0
        else:
            status = 64 if os.path.exists(other) else 0
            rebuild(world, "-n", conda_env, "--to", other, "--dry-run", status=status)
        assert is_left(other) == []
        if os.path.exists(other):  # killed when it was in place
            assert (condas(other), freeze(world, other)) == (condas(source), before[1])
            staging.remove(other)
    assert content(world, source) == before
