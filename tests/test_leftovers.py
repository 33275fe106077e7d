"""What killed guards left behind is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from safeinstall import leftovers, settings
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


def test_a_young_one_stays(tmp_path: Path) -> None:
    directory(tmp_path, f"safeinstall-{ids.operation()}", age=3600)
    assert leftovers.sweep([str(tmp_path)]) == []


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
