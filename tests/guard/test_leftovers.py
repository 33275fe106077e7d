"""What killed guards left behind is removed, and nothing else."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from safeinstall import settings
from safeinstall.guard import leftovers
from safeinstall.guard.private_directory import PrivateDirectory
from safeinstall.journal import ids

DAYS = 2 * 86_400
OPERATION = "019ab8f0-1111-7abc-8def-0123456789ab"


def directory(place: Path, name: str, age: float = DAYS) -> Path:
    path = place / name
    path.mkdir(mode=0o700)
    (path / "pip.log").write_text("x")
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    return path


def test_an_old_one_of_ours_is_removed(tmp_path: Path) -> None:
    path = directory(tmp_path, f"safeinstall-{ids.operation()}")
    (path / "below").mkdir()
    os.utime(path, (1, 1))
    assert leftovers.sweep([str(tmp_path), str(tmp_path), "/nonexistent"]) == [str(path)]
    assert not path.exists()


@pytest.mark.parametrize(
    "name",
    [
        "safeinstall-",
        "safeinstall-x",
        "safeinstall-sandbox-0",
        "safeinstall-8c6a7b1e-0000-4000-8000-000000000000",  # version 4
        f"safeinstall-{OPERATION.upper()}",
        f"other-{OPERATION}",
        OPERATION,
    ],
)
def test_other_names_stay(tmp_path: Path, name: str) -> None:
    path = directory(tmp_path, name)
    assert leftovers.sweep([str(tmp_path)]) == []
    assert path.exists()


def test_a_young_one_that_nobody_has_is_removed(tmp_path: Path) -> None:
    path = directory(tmp_path, f"safeinstall-{ids.operation()}", age=0)
    assert leftovers.sweep([str(tmp_path)]) == [str(path)]


def test_one_that_a_guard_has_stays_however_old_it_is(tmp_path: Path) -> None:
    environ = {"TMPDIR": str(tmp_path)}
    with PrivateDirectory(ids.operation(), environ, str(tmp_path)) as path:
        os.utime(path, (1, 1))
        assert leftovers.sweep([str(tmp_path)]) == []
    assert os.listdir(tmp_path) == []


def test_one_that_a_tool_has_inherited_stays(tmp_path: Path) -> None:
    """Its guard is gone; another one does not take it from under the tool."""
    environ = {"TMPDIR": str(tmp_path)}
    private = PrivateDirectory(ids.operation(), environ, str(tmp_path))
    private.__enter__()
    tool = os.posix_spawn("/bin/sleep", ["sleep", "60"], environ)
    os.close(private._descriptor)  # as the kernel does it for a guard that is killed
    assert leftovers.sweep([str(tmp_path)]) == []
    os.kill(tool, signal.SIGKILL)
    os.waitpid(tool, 0)
    assert leftovers.sweep([str(tmp_path)]) == [private.path]


def test_one_that_is_swept_while_it_is_made_is_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    make = os.mkdir

    def made_and_swept(path: str, mode: int) -> None:
        make(path, mode)
        if path.startswith(str(places[0])):
            assert leftovers.sweep([str(places[0])]) == [path]

    private = PrivateDirectory(ids.operation(), {}, "")
    private.places = [*map(str, places)]
    monkeypatch.setattr(os, "mkdir", made_and_swept)
    with private as path:
        assert path.startswith(str(places[1]))


def test_without_locks_a_day_has_to_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> bool:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(leftovers, "try_flock", refuse)
    directory(tmp_path, f"safeinstall-{ids.operation()}", age=3600)
    old = directory(tmp_path, f"safeinstall-{ids.operation()}")
    os.utime(old, (1, 1))
    assert leftovers.sweep([str(tmp_path)]) == [str(old)]


def test_one_with_another_mode_stays(tmp_path: Path) -> None:
    directory(tmp_path, f"safeinstall-{ids.operation()}").chmod(0o755)
    assert leftovers.sweep([str(tmp_path)]) == []


def test_a_link_stays_and_is_not_followed(tmp_path: Path) -> None:
    target = directory(tmp_path, "precious")
    (tmp_path / f"safeinstall-{ids.operation()}").symlink_to(target)
    path = directory(tmp_path, f"safeinstall-{ids.operation()}")
    (path / "link").symlink_to(target)
    os.utime(path, (1, 1))
    assert leftovers.sweep([str(tmp_path)]) == [str(path)]
    assert (target / "pip.log").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_stays(tmp_path: Path) -> None:
    os.chown(directory(tmp_path, f"safeinstall-{ids.operation()}"), 12345, 12345)
    assert leftovers.sweep([str(tmp_path)]) == []


def test_one_whose_tool_is_running_stays(tmp_path: Path) -> None:
    operation = ids.operation()
    directory(tmp_path, f"safeinstall-{operation}")
    environ = {**os.environ, settings.OPERATION: f"{operation} /envs/nlp"}
    words = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    ) as tool:
        assert tool.stdout
        tool.stdout.readline()
        assert leftovers.sweep([str(tmp_path)]) == []
        tool.communicate(b"\n")
    assert len(leftovers.sweep([str(tmp_path)])) == 1
