"""``setup --system``: every user's shells are guarded, and nothing is left when it is taken out."""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.cli import setup as module
from safeinstall.cli.setup import Wish
from safeinstall.settings import Session

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system's /etc, as on Debian."""
    etc = tmp_path / "etc"
    for directory in ("profile.d", "zsh", "fish/conf.d"):
        (etc / directory).mkdir(parents=True)
    (etc / "bash.bashrc").write_text("# Debian's\n")
    (etc / "zsh/zshrc").write_text("# Debian's")
    monkeypatch.setattr(module, "SYSTEM_DIRECTORY", str(etc / "safeinstall"))
    return tmp_path


def session(machine: Path) -> Session:
    environ = {"HOME": str(machine / "home"), "PATH": "/usr/bin:/bin"}
    return Session(settings.read(environ), environ, str(machine))


def contents(machine: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in machine.rglob("*") if p.is_file()}


def test_all_users_shells_are_guarded_and_nothing_stays(machine: Path) -> None:
    before = contents(machine)
    out = io.StringIO()
    assert (
        module.setup(Wish(system=True, root=str(machine), doors=False), session(machine), out) == 0
    )
    etc = machine / "etc"
    for path in etc.glob("safeinstall/shell/*"):
        assert path.stat().st_mode & 0o777 == 0o644
    for directory in (etc / "safeinstall", etc / "safeinstall/shell"):
        assert directory.stat().st_mode & 0o777 == 0o755
    starts = [
        ["bash", "--norc", "-i", "-c", f". {etc}/bash.bashrc; type -t pip"],
        ["bash", "--norc", "-c", f". {etc}/profile.d/safeinstall.sh; type -t pip"],
        ["sh", "-c", f". {etc}/profile.d/safeinstall.sh; echo function"],
        ["zsh", "-f", "-c", f". {etc}/zsh/zshrc; whence -w pip"],
        ["fish", "--no-config", "-c", f"source {etc}/fish/conf.d/safeinstall.fish; echo function"],
    ]
    for words in starts:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert "function" in done.stdout, (words, done)
    again = io.StringIO()
    module.setup(Wish(system=True, root=str(machine), doors=False), session(machine), again)
    assert "Already set up" in again.getvalue()
    taken = Wish(system=True, root=str(machine), remove=True)
    assert module.setup(taken, session(machine), io.StringIO()) == 0
    assert contents(machine) == before


def test_nothing_is_written_by_a_dry_run(machine: Path) -> None:
    before = contents(machine)
    out = io.StringIO()
    wish = Wish(system=True, root=str(machine), doors=False, dry_run=True)
    module.setup(wish, session(machine), out)
    assert contents(machine) == before
    assert "profile.d/safeinstall.sh" in out.getvalue()
