"""Doors: opened, looked at, kept open, and closed without a trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.door import files
from safeinstall.probe.environment import describe
from tests import harness
from tests.kinds import site_packages

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

# The oldest, of each way to learn the words; one before and one after 3.13; another implementation
INTERPRETERS = harness.few(
    ["python3.8", "python3.11", "python3.13", "pypy3"]
    + [f"python3.{minor}" for minor in (9, 10, 12, 14, 15)],
    4,
)


def door(world: World, *words: str, status: int = 0, active: str | None = None) -> str:
    done = world.run([sys.executable, "-m", "safeinstall", "door", *words], active)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode() if not status else done.stderr.decode()


def listed(prefix: str) -> dict[str, int]:
    """Every file with the time of its last change."""
    paths = (path for path in Path(prefix).rglob("*") if ".safeinstall" not in path.parts)
    return {str(path): path.lstat().st_mtime_ns for path in paths if not path.is_dir()}


def is_guarded(world: World, name: str) -> bool:
    """Does pip, started by a path that no shell function sees, come to the guard?"""
    who = world.run([f"{world.env(name)}/bin/pip", "install"], environ={"SAFEINSTALL_DOOR": "who"})
    return who.stdout.endswith(files.MODULE.encode())


def test_there_and_back(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run([f"{prefix}/bin/pip", "list"])
    before = listed(prefix)
    assert "door open" in door(world, "open", "-n", conda_env)
    assert is_guarded(world, conda_env)
    assert door(world, "open", "-n", conda_env) == f"{conda_env}: door open\n"
    known = json.loads(door(world, "list", "--json"))["environments"]
    (entry,) = [entry for entry in known if entry["prefix"] == prefix]
    assert entry == {"name": conda_env, "prefix": prefix, "door": "open", "why": None}
    door(world, "close", "-n", conda_env)
    assert not is_guarded(world, conda_env)
    assert listed(prefix) == before
    assert door(world, "close", "-n", conda_env) == ""


def test_what_guards_the_tools_here(world: World, conda_env: str) -> None:
    """Each is tried; what nothing guards is said with the command that changes it."""
    prefix = world.env(conda_env)
    said = door(world, active=conda_env)
    mend = f"safeinstall door open -p {prefix}"
    assert f"{prefix}/bin/pip   (no door: {mend})" in said
    assert world.run([sys.executable, "-m", *mend.split()]).returncode == 0
    here = json.loads(door(world, "list", "--json", active=conda_env))["here"]
    assert {tool["by"] for tool in here if tool["tool"].startswith("pip")} == {"door"}


def test_it_is_the_active_environment_s(world: World, conda_env: str) -> None:
    assert f"{conda_env}: door open" in door(world, "open", active=conda_env)


def test_opening_it_begins_the_journal(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "-q", "six"], conda_env, check=True)
    door(world, "open", "-n", conda_env)
    shutil.rmtree(next(site_packages(world.env(conda_env)).glob("six-*")))
    world.run(["pip", "install", "-q", "tqdm"], conda_env, check=True)
    told = {item["status"]: item["changes"] for item in harness.history(world, conda_env)}
    assert [change["name"] for change in told["drift"]] == ["six"]
    assert [change["name"] for change in told["done"]] == ["tqdm"]


def test_checks_of_others_find_nothing(world: World, conda_env: str) -> None:
    before = world.run(["conda", "list", "-n", conda_env]).stdout
    door(world, "open", "-n", conda_env)
    assert world.run(["conda", "list", "-n", conda_env]).stdout == before
    done = world.run(["pip", "check"], conda_env)
    assert (done.returncode, done.stderr) == (0, b"")
    done = world.run([sys.executable, "-m", "safeinstall", "doctor", "-n", conda_env])
    assert done.returncode == 0, done.stdout.decode()


def test_doctor_tries_it(world: World, conda_env: str) -> None:
    door(world, "open", "-n", conda_env)
    doctor = [sys.executable, "-m", "safeinstall", "doctor", "-n", conda_env]
    assert world.run(doctor).returncode == 0
    (site_packages(world.env(conda_env)) / files.MODULE).unlink()
    told = world.run(doctor)
    assert told.returncode == 1
    said = told.stdout.decode()
    command = f"safeinstall door open -p {world.env(conda_env)}"
    assert command in said
    assert world.run([sys.executable, "-m", *command.split()]).returncode == 0
    assert world.run(doctor).returncode == 0


def test_python_moves(world: World, conda_env: str) -> None:
    """Into another directory for packages: the door goes along, and nothing stays behind."""
    prefix = world.env(conda_env)
    door(world, "open", "-n", conda_env)
    old = site_packages(prefix)
    done = harness.run(world, ["conda", "install", "-y", "-n", conda_env, "python=3.10"])
    if done.returncode:
        pytest.skip("the world has one Python only")
    assert files.is_open(describe(prefix))
    assert not list(old.glob("*safeinstall*"))


def test_a_new_environment_has_one_where_others_have(world: World, conda_env: str) -> None:
    try:
        harness.run(world, ["conda", "create", "-y", "-n", "young", "python", "pip"])
        assert not is_guarded(world, "young")
        world.remove_env("young")
        door(world, "open", "-n", conda_env)
        harness.run(world, ["conda", "create", "-y", "-n", "young", "python", "pip"])
        assert is_guarded(world, "young")
    finally:
        world.remove_env("young")


def test_one_of_another_version_is_renewed(world: World, conda_env: str) -> None:
    door(world, "open", "-n", conda_env)
    module = site_packages(world.env(conda_env)) / files.MODULE
    text = module.read_text()
    module.write_text(text + "# older\n")
    assert files.state(describe(world.env(conda_env))) == "old"
    harness.run(world, ["pip", "install", "-q", "six"], conda_env)
    assert module.read_text() == text


def test_a_rebuild_keeps_it(world: World, conda_env: str) -> None:
    door(world, "open", "-n", conda_env)
    words = [sys.executable, "-m", "safeinstall", "rebuild", "--yes", "-n", conda_env]
    assert world.run(words).returncode == 0
    assert is_guarded(world, conda_env)


def test_setup_opens_and_closes_them_all(fresh_world: World) -> None:
    world = fresh_world
    world.create_env("one", "python", "pip")
    before = {name: listed(world.env(name)) for name in ("one",)}
    home = sorted(os.listdir(world.home))
    ours = [sys.executable, "-m", "safeinstall", "setup"]
    said = world.run([*ours, "bash"]).stdout.decode()
    assert "  base, one\n" in said
    assert "safeinstall door open --all" in said  # nobody is there to ask
    assert not is_guarded(world, "one")
    assert world.run([*ours, "bash", "--yes"]).returncode == 0
    assert is_guarded(world, "one")
    assert world.run([*ours, "--remove"]).returncode == 0
    assert not is_guarded(world, "one")
    assert {name: listed(world.env(name)) for name in ("one",)} == before
    left = set(os.listdir(world.home)) - set(home)
    assert left <= {".local", ".cache"}  # journals, and what was read from channels
    state = Path(world.home, ".local", "state", "safeinstall")
    assert not (state / "shell").exists()


# ---- where there can be none -------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "status"), [("/usr", 1), ("/no/such/place", 64)])
def test_what_is_not_ours(world: World, prefix: str, status: int) -> None:
    assert "safeinstall: " in door(world, "open", "-p", prefix, status=status)


def test_without_python(world: World) -> None:
    world.create_env("empty", "ffmpeg")
    try:
        assert "empty: has no Python" in door(world, "open", "-n", "empty", status=1)
    finally:
        world.remove_env("empty")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_what_belongs_to_somebody_else(world: World, conda_env: str) -> None:
    site = site_packages(world.env(conda_env))
    os.chown(site, 12345, 12345)
    said = door(world, "open", "-n", conda_env, status=1)
    assert "belongs to another user" in said
    assert not list(site.glob("*safeinstall*"))


# ---- where safeinstall is gone -----------------------------------------------------------------


def broken(world: World, name: str, constant: str, value: str) -> Path:
    door(world, "open", "-n", name)
    module = site_packages(world.env(name)) / files.MODULE
    lines = module.read_text().splitlines(keepends=True)
    text = "".join(
        f"{constant} = {value!r}\n" if line.startswith(f"{constant} = ") else line for line in lines
    )
    module.write_text(text)
    return module


@pytest.mark.parametrize("constant", ["PYTHON", "MAIN"])
def test_the_tool_runs_where_safeinstall_is_gone(
    world: World, conda_env: str, constant: str
) -> None:
    broken(world, conda_env, constant, "/no/such/file")
    done = world.run(["pip", "install", "-q", "six"], conda_env)
    assert (done.returncode, done.stderr) == (0, b"")
    pip = f"{world.env(conda_env)}/bin/pip install -q six"
    shown = world.run(["script", "-qec", pip, "/dev/null"], conda_env).stdout.decode()
    line = site_packages(world.env(conda_env)) / files.LINE
    said = f"safeinstall is gone, so this runs unguarded; install it again, or: rm {line}"
    assert shown.split("\r\n") == [said, ""]


def test_the_tool_runs_where_only_the_line_is_left(world: World, conda_env: str) -> None:
    broken(world, conda_env, "MAIN", "").unlink()
    done = world.run(["pip", "install", "-q", "six"], conda_env)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_copy_of_the_environment_is_silent(world: World, conda_env: str) -> None:
    """As in an image, where there is no safeinstall."""
    broken(world, conda_env, "PREFIX", "/where/it/was")
    broken_too = site_packages(world.env(conda_env)) / files.MODULE
    broken_too.write_text(broken_too.read_text().replace("MAIN = '", "MAIN = '/no"))
    pip = f"{world.env(conda_env)}/bin/pip install -q six"
    assert world.run(["script", "-qec", pip, "/dev/null"], conda_env).stdout == b""


# ---- other Pythons -----------------------------------------------------------------------------


def venv_of(name: str, directory: Path) -> str | None:
    """A virtual environment of that interpreter, ``None`` where it is not here."""
    found = shutil.which(name)
    if found is None:
        return None
    shims = Path(found).parent  # of pyenv, which starts the chosen version only
    known = sorted(shims.parent.glob(f"versions/{name.removeprefix('python')}*/bin/{name}"))
    prefix = str(directory / "venv")
    program = str(known[-1]) if known else found
    made = subprocess.run([program, "-m", "venv", prefix], capture_output=True, check=False)
    return prefix if made.returncode == 0 else None


def called(prefix: str, *words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    variables = {"PATH": os.defpath, "HOME": prefix, **environ}
    return subprocess.run([*words], capture_output=True, env=variables, check=False)


@pytest.mark.parametrize("name", INTERPRETERS)
def test_it_works_with_each_python(name: str, tmp_path: Path) -> None:
    prefix = venv_of(name, tmp_path)
    if prefix is None:
        pytest.skip(f"{name} is not here")
    environment = describe(prefix)
    files.put(environment)
    assert files.state(environment) == "open"
    python = f"{prefix}/bin/python"
    place = environment.site_packages[0]
    assert list(Path(place, "__pycache__").glob("_safeinstall_door.*.pyc"))
    who: dict[str, Any] = {"SAFEINSTALL_DOOR": "who"}
    for words in (
        [f"{prefix}/bin/pip", "install", "x"],
        [python, "-m", "pip", "install", "x"],
        [python, "-Im", "pip", "uninstall", "x"],
        [python, "-W", "ignore", "-X", "utf8", "-m", "pip", "install", "x"],
        [python, "-E", f"{prefix}/bin/pip", "install", "x"],
    ):
        done = called(prefix, *words, **who)
        assert done.stdout.decode() == f"{place}/{files.MODULE}", (words, done.stderr)
    # Since 3.13 Python reads each .pth file, also one of others, by this encoding
    listing = "import sys; print(sorted({*sys.modules} - {'encodings.utf_8_sig'}), sys.path)"
    with_door = called(prefix, python, "-X", "dev", "-c", listing, "pip")
    version = called(prefix, python, "-m", "pip", "--version")
    files.take_out(environment)
    assert called(prefix, python, "-X", "dev", "-c", listing, "pip").stdout == with_door.stdout
    assert called(prefix, python, "-m", "pip", "--version").stdout == version.stdout
    assert (with_door.stderr, version.stderr) == (b"", b"")
    assert not list(Path(place).rglob("*safeinstall*"))
    assert not Path(place, "__pycache__").exists()


def test_what_was_done_while_the_guard_was_off_is_told(world: World, conda_env: str) -> None:
    """In the next record, with the changes that were made; without any word but the tool's."""
    prefix = world.env(conda_env)
    door(world, "open", "-n", conda_env)
    pip = f"{prefix}/bin/pip"
    off = {"SAFEINSTALL": "off"}
    done = world.run([pip, "install", "cowsay", "--index-url", "https://t:secret@x"], environ=off)
    assert done.returncode == 0, done.stderr
    world.run([pip, "install", "--help"], environ=off)
    harness.run(world, ["pip", "install", "six"], conda_env)
    drift = next(o for o in harness.history(world, conda_env) if o["status"] == "drift")
    assert [change["name"] for change in drift["changes"]] == ["cowsay"]
    told = [line.partition(",")[0] for line in drift["warnings"]]
    assert set(told) == {"SAFEINSTALL=off was set for pip install"}
    note = Path(prefix, ".safeinstall", "switched-off").read_text()
    assert "secret" not in note
    door(world, "close", "-n", conda_env)


def test_what_is_offered_can_be_pasted_where_only_the_door_is(fresh_world: World) -> None:
    """In a shell that has neither our functions nor safeinstall on PATH."""
    world = fresh_world
    world.create_env("ml", "python", "pip")
    world.run(["pip", "install", "numpy"], "ml", check=True)
    door(world, "open", "-n", "base")
    bare = {"PATH": "/usr/bin:/bin"}
    told = world.run([world.conda, "install", "-y", "-n", "ml", "scipy"], environ=bare)
    (offered,) = [line.strip() for line in told.stderr.decode().splitlines() if " rebuild" in line]
    assert (told.returncode, offered[:1]) == (77, "/"), told.stderr
    done = world.run(["sh", "-c", f"{offered} --yes"], environ=bare)
    assert done.returncode == 0, done.stderr
    assert "scipy" in world.run(["pip", "list"], "ml").stdout.decode()
