"""``rebuild``: the same environment once more, sound, in the old one's place."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.rebuild import staging
from tests import harness, kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

    Content = tuple[set[str], list[str], dict[str, str]]

NOT_COMPARED = (".pyc", "conda-meta/history")  # have times


def rebuild(world: World, prefix: str, *options: str, status: int = 0, **environ: str) -> str:
    """Everything that the command has said."""
    words = [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, *options]
    done = world.run(words, environ=environ)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == status, said
    return said


def backup_of(prefix: str) -> str:
    """The only backup of an environment."""
    above, name = os.path.split(os.path.realpath(prefix))
    (found,) = Path(above, ".safeinstall", name).iterdir()
    return str(found)


def content(world: World, prefix: str) -> Content:
    """What conda lists, what pip lists, and the sum of each file (of a link, where it leads)."""
    listed = json.loads(world.run(["conda", "list", "--json", "-p", prefix], check=True).stdout)
    conda = {f"{item['name']}-{item['version']}-{item['build_string']}" for item in listed}
    pip = world.run([f"{prefix}/bin/python", "-m", "pip", "freeze"]).stdout.decode()
    return conda, sorted(pip.splitlines()), dict(files(prefix))


def files(prefix: str) -> Iterator[tuple[str, str]]:
    for directory, names, inside in os.walk(prefix):
        names[:] = [name for name in names if name not in ("__pycache__", ".safeinstall")]
        dead = [name for name in names if os.path.islink(f"{directory}/{name}")]
        for name in (*inside, *dead):
            path = os.path.join(directory, name)
            shown = os.path.relpath(path, prefix)
            if shown.endswith(NOT_COMPARED) or (
                shown.startswith("conda-meta/") and shown.endswith(".json")
            ):
                continue
            mode = f"{os.lstat(path).st_mode:o}"
            if os.path.islink(path):
                yield shown, f"{mode} {os.readlink(path)}"
            else:
                yield shown, f"{mode} {hashlib.sha256(Path(path).read_bytes()).hexdigest()}"


def is_left(prefix: str) -> list[str]:
    """What a rebuild has left beside the environment, but for backups."""
    above = os.path.dirname(os.path.realpath(prefix))
    beside = [name for name in os.listdir(above) if len(name) == len(os.path.basename(prefix))]
    notes = [str(path) for path in Path(above).glob(".safeinstall/*/*.tmp")]
    return [name for name in beside if name != os.path.basename(prefix)] + notes


def doctor(world: World, prefix: str) -> str:
    words = [sys.executable, "-m", "safeinstall", "doctor", "-p", prefix]
    return world.run(words).stdout.decode()


@pytest.fixture
def prefix(world: World, conda_env: str) -> Iterator[str]:
    """The prefix of an environment of this test."""
    yield world.env(conda_env)
    backups = os.path.join(os.path.dirname(world.env("x")), ".safeinstall")
    for place in filter(os.path.isdir, (backups, world.env(conda_env))):
        staging.remove(place)  # also what is read-only; modes of hard links are the store's as well


@pytest.mark.parametrize("kind", kinds.SOUND, ids=lambda kind: kind.__name__)
def test_the_same_again(
    world: World, conda_env: str, prefix: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    kind(world, conda_env, tmp_path)
    before = content(world, prefix)
    listed = Path(world.home, ".conda", "environments.txt").read_text()
    status = os.stat(prefix)
    rebuild(world, prefix, "--yes")
    now = content(world, prefix)
    assert now[:2] == before[:2]
    assert now[2] == before[2]
    assert (os.stat(prefix).st_mode, os.stat(prefix).st_gid) == (status.st_mode, status.st_gid)
    assert Path(world.home, ".conda", "environments.txt").read_text() == listed
    assert dict(files(backup_of(prefix))) == before[2]
    assert "nothing is wrong" in doctor(world, prefix)
    assert is_left(prefix) == []


@pytest.mark.parametrize("kind", harness.few(kinds.DAMAGED, 2), ids=lambda kind: kind.__name__)
def test_sound_again(
    world: World, conda_env: str, prefix: str, tmp_path: Path, kind: kinds.Kind
) -> None:
    """``doctor`` finds it, and ``--fix`` makes the environment anew and looks once more."""
    kind(world, conda_env, tmp_path)
    assert "nothing is wrong" not in doctor(world, prefix)
    words = [sys.executable, "-m", "safeinstall", "doctor", "-p", prefix, "--fix", "--yes"]
    done = world.run(words)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"nothing is wrong" in done.stdout
    assert "nothing is wrong" in doctor(world, prefix)
    checked = world.run([f"{prefix}/bin/python", "-m", "pip", "check"])
    assert checked.returncode == 0, checked.stdout
    assert is_left(prefix) == []


@pytest.mark.parametrize("name", harness.few(["q", "umgebung für daten", "my env", "環境"], 2))
def test_whatever_it_is_called(world: World, tmp_path: Path, name: str) -> None:
    if world.real and " " in name:
        pytest.skip("this conda makes no environment with a blank in its name")
    prefix = str(tmp_path / name)
    words = ["conda", "create", "-y", "-q", "-p", prefix, "python", "pip", "requests"]
    world.run(words, check=True)
    world.run([f"{prefix}/bin/python", "-m", "pip", "install", "tqdm"], check=True)
    before = content(world, prefix)
    rebuild(world, prefix, "--yes")
    assert content(world, prefix) == before
    assert "nothing is wrong" in doctor(world, prefix)
    assert is_left(prefix) == []


def test_by_a_link(world: World, conda_env: str, prefix: str, tmp_path: Path) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    before = content(world, prefix)
    (tmp_path / "link").symlink_to(prefix)
    rebuild(world, str(tmp_path / "link"), "--yes")
    assert (tmp_path / "link").is_symlink()
    assert not os.path.islink(prefix)
    assert content(world, prefix) == before


def test_what_is_asked_for_comes_besides(world: World, conda_env: str, prefix: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    asked = ["--add", "jupyterlab", "--add-pip", "cowsay", "--add-pip", "six"]
    rebuild(world, prefix, "--yes", *asked, "--remove", "pandas")
    conda, pip, _ = content(world, prefix)
    assert {"jupyterlab", "numpy"} <= {item.split("-")[0] for item in conda}
    names = [line.split("==")[0] for line in pip]
    assert "cowsay" in names
    assert "pandas" not in names
    (six,) = kinds.site_packages(prefix).glob("six-*.dist-info")
    assert (six / "REQUESTED").exists()  # only pandas had needed it
    assert any(line.startswith("numpy==1.26") for line in pip)
    assert "nothing is wrong" in doctor(world, prefix)


def records(prefix: str) -> list[Path]:
    return [*Path(prefix, "conda-meta").glob("*.json")]


def test_conda_is_held_to_what_pip_s_packages_need(
    world: World, conda_env: str, prefix: str
) -> None:
    """By itself conda would bring numpy 2."""
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    moved = rebuild(world, prefix, "--dry-run", "--add", "numpy=1.23")
    assert f"  conda  {len(records(prefix)) - 1} packages as they are" in moved
    rebuild(world, prefix, "--yes", "--update")
    _, pip, _ = content(world, prefix)
    assert any(line.startswith("numpy==1.") for line in pip), pip


def test_another_python(world: World, conda_env: str, prefix: str) -> None:
    other = harness.other_python()
    world.run(["pip", "install", "tqdm==4.66.1", "requests"], conda_env, check=True)
    before = content(world, prefix)[1]
    said = rebuild(world, prefix, "--yes", "--python", other)
    assert "tqdm==4.66.1" in said
    now = content(world, prefix)
    assert any(item.startswith(f"python-{other}") for item in now[0])
    assert [line for line in now[1] if "==" in line] == [line for line in before if "==" in line]


def test_it_is_kept_in_the_history(world: World, conda_env: str, prefix: str) -> None:
    assert harness.run(world, ["pip", "install", "tqdm"], conda_env).returncode == 0
    rebuild(world, prefix, "--yes", "--add", "numpy=1.26", "--remove", "tqdm")
    (first, last) = harness.history(world, conda_env)
    assert first["argv"][0].endswith("pip")
    assert last["argv"][:2] == ["safeinstall", "rebuild"]
    assert last["status"] == "done"
    changed = {c["name"]: (bool(c["before"]), bool(c["after"])) for c in last["changes"]}
    assert changed["numpy"] == (False, True)
    assert changed["tqdm"] == (True, False)
    verify = [sys.executable, "-m", "safeinstall", "history", "verify", "-p", prefix]
    assert world.run(verify).returncode == 0
    assert harness.run(world, ["pip", "install", "cowsay"], conda_env).returncode == 0
    assert [item["status"] for item in harness.history(world, conda_env)] == ["done"] * 3


def test_what_was_asked_of_conda_is_still_asked(world: World, conda_env: str, prefix: str) -> None:
    """By itself conda takes each address for a request, and would never move it again."""
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    rebuild(world, prefix, "--yes")
    history = Path(prefix, "conda-meta", "history").read_text()
    assert "numpy=1.26" in history
    assert "==" not in history.split("update specs")[-1]
    world.run(["conda", "install", "-y", "numpy=2"], conda_env, check=True)


IMPOSSIBLE = (
    ("--add no-such-package", "no-such-package"),
    ("--add-pip no-such-package", "no-such-package"),
    ("--add-pip tqdm==999", "tqdm==999"),
    ("--remove no-such", "no-such is not there"),
)


def test_what_cannot_be_done_changes_nothing(world: World, conda_env: str, prefix: str) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    before = content(world, prefix)
    for options, said in IMPOSSIBLE:
        assert said in rebuild(world, prefix, "--yes", *options.split(), status=1), options
        assert dict(files(prefix)) == before[2], options
        assert is_left(prefix) == [], options
    assert content(world, prefix) == before


def test_a_new_one_that_is_less_sound_does_not_take_the_place(
    world: World, conda_env: str, prefix: str
) -> None:
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    before = content(world, prefix)
    said = rebuild(world, prefix, "--yes", "--remove", "numpy", status=1)
    assert "pandas needs numpy" in said
    assert content(world, prefix) == before
    assert is_left(prefix) == []


def test_a_dry_run_and_a_no_change_nothing(world: World, conda_env: str, prefix: str) -> None:
    before = content(world, prefix)
    said = rebuild(world, prefix, "--dry-run", "--add", "jupyterlab")
    assert "jupyterlab" in said
    rebuild(world, prefix, "--add", "jupyterlab", status=64)  # nobody is there to ask
    assert content(world, prefix) == before
    assert harness.history(world, conda_env) == []


@pytest.mark.parametrize("where", ["base", "venv"])
def test_what_cannot_be_made_anew(world: World, tmp_path: Path, where: str) -> None:
    prefix = world.root
    if where == "venv":
        prefix = str(tmp_path / "venv")
        world.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    assert "cannot" in rebuild(world, prefix, "--yes", status=64) or where == "venv"
