"""``setup`` and ``setup --remove``: the startup file is the user's, to the last byte."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.cli.setup import setup
from safeinstall.errors import RcFileError, UsageError
from safeinstall.integration import rcfile

if TYPE_CHECKING:
    from pathlib import Path

LINES = rcfile.block("bash", "/venv/bin/python", "/venv/__main__.py")
LONGER = rcfile.block("bash", "/a longer/path/python", "/venv/it's/__main__.py")

pieces = st.sampled_from(
    [b"\n", b"\r\n", b"\r", b"alias x=y", b"\xff\xfe", b"", b"#", b"# >>> conda >>>\n", b"\0", b" "]
)
contents = st.one_of(st.binary(), st.lists(pieces).map(b"".join))


@given(contents)
def test_there_and_back(content: bytes) -> None:
    assert rcfile.remove(rcfile.add(content, LINES)) == content


def test_there_and_back_where_nothing_was() -> None:
    assert rcfile.remove(rcfile.add(None, LINES)) is None
    assert rcfile.remove(rcfile.add(b"", LINES)) == b""


@given(contents, st.sampled_from([LINES, LONGER]))
def test_a_second_time_changes_nothing_but_the_paths(content: bytes, again: bytes) -> None:
    once = rcfile.add(content, LINES)
    twice = rcfile.add(once, again)
    assert twice.replace(again, LINES) == once
    assert rcfile.remove(twice) == content


@given(contents, contents, contents)
def test_what_others_wrote_meanwhile_stays(content: bytes, before: bytes, after: bytes) -> None:
    """Lines put in front of the file's or behind the block, each with its line end."""
    before += b"\n" if before else b""
    changed = before + rcfile.add(content, LINES) + after
    joint = b"\n" if after and content and not content.endswith(b"\n") else b""
    assert rcfile.remove(changed) == before + content + joint + after


@given(contents)
def test_a_file_made_by_us_stays_once_others_wrote_in_it(after: bytes) -> None:
    assert rcfile.remove(rcfile.add(None, LINES) + after) == (after or None)


def test_a_block_that_lost_its_last_line_end() -> None:
    assert rcfile.remove(rcfile.add(b"a\n", LINES).removesuffix(b"\n")) == b"a\n"


def test_two_blocks_go_together() -> None:
    block = rcfile.add(b"", LINES)
    assert rcfile.remove(b"a\n" + block + b"b\n" + block + b"c") == b"a\nb\nc"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (rcfile.BEGIN + b"\nx\n", 1),
        (b"a\nb\n" + rcfile.END + b"\n", 3),
        (rcfile.add(b"a\n", LINES) + b"x\n" + rcfile.BEGIN, 9),
        (b"# about # >>> safeinstall >>> in a comment\n", None),
    ],
)
def test_half_a_block_is_reported_with_its_line(content: bytes, line: int | None) -> None:
    assert rcfile.stray_marker(content) == line


class Home:
    """A home directory, and setup called in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"HOME": str(path), "SHELL": "/usr/bin/bash"}

    def setup(
        self, shell: str | None = None, *, platform: str = "linux", dry_run: bool = False
    ) -> str:
        return self._call(shell, False, dry_run, platform)

    def remove(self, shell: str | None = None, *, dry_run: bool = False) -> str:
        return self._call(shell, True, dry_run, "linux")

    def _call(self, shell: str | None, remove: bool, dry_run: bool, platform: str) -> str:
        out = io.StringIO()
        assert setup(shell, remove, dry_run, self.environ, out, platform) == 0
        return out.getvalue()

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.path.iterdir() if path.is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"x", b"x\n", b"x\r\n", b"\xff\xfe"])
def test_the_file_is_as_before(home: Home, content: bytes | None) -> None:
    bashrc = home.path / ".bashrc"
    if content is not None:
        bashrc.write_bytes(content)
    assert str(bashrc) in home.setup()
    assert rcfile.BEGIN in bashrc.read_bytes()
    assert "Already" in home.setup()
    assert str(bashrc) in home.remove()
    assert home.files() == ({} if content is None else {".bashrc": content})
    assert "Nothing" in home.remove()


def test_the_shell_is_taken_from_the_environment_or_named(home: Home) -> None:
    home.setup("zsh")
    assert set(home.files()) == {".zshrc"}
    home.environ["SHELL"] = "/opt/bin/zsh"
    home.environ["ZDOTDIR"] = str(home.path / "z")
    (home.path / "z").mkdir()
    home.setup()
    assert (home.path / "z" / ".zshrc").exists()
    home.remove()
    assert not (home.path / "z" / ".zshrc").exists()
    assert home.files() == {}


@pytest.mark.parametrize("shell", ["tcsh", None])
def test_a_shell_we_do_not_know(home: Home, shell: str | None) -> None:
    home.environ["SHELL"] = ""
    with pytest.raises(UsageError, match="name bash or zsh"):
        home.setup(shell)


def test_without_a_home(home: Home) -> None:
    del home.environ["HOME"]
    with pytest.raises(UsageError, match="HOME"):
        home.setup()


def test_a_symlink_stays_one_and_the_mode_is_kept(home: Home) -> None:
    dotfiles = home.path / "dotfiles"
    dotfiles.mkdir()
    real = dotfiles / "bashrc"
    real.write_text("x\n")
    real.chmod(0o640)
    (home.path / ".bashrc").symlink_to("dotfiles/bashrc")
    home.setup()
    assert (home.path / ".bashrc").is_symlink()
    assert rcfile.BEGIN in real.read_bytes()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    home.remove()
    assert (home.path / ".bashrc").is_symlink()
    assert real.read_text() == "x\n"
    assert sorted(path.name for path in dotfiles.iterdir()) == ["bashrc"]


def test_a_dangling_symlink(home: Home) -> None:
    (home.path / ".bashrc").symlink_to("elsewhere")
    home.setup()
    assert (home.path / "elsewhere").exists()
    home.remove()
    assert (home.path / ".bashrc").is_symlink()
    assert not (home.path / "elsewhere").exists()


def test_a_dry_run_shows_the_lines_and_writes_nothing(home: Home) -> None:
    shown = home.setup(dry_run=True)
    assert "+# >>> safeinstall >>>\n" in shown
    assert home.files() == {}
    home.setup()
    before = home.files()
    assert "-# >>> safeinstall >>>\n" in home.remove(dry_run=True)
    assert home.files() == before


def test_a_path_that_no_encoding_knows(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(path)
    home = Home(tmp_path)
    home.environ["HOME"] = os.fsdecode(path)
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    assert setup("bash", False, False, home.environ, out) == 0
    assert os.path.exists(path + b"/.bashrc")


def test_half_a_block_is_not_guessed_at(home: Home) -> None:
    (home.path / ".bashrc").write_bytes(b"x\n" + rcfile.BEGIN + b"\ny\n")
    with pytest.raises(RcFileError, match=r"\.bashrc:2: "):
        home.setup()
    with pytest.raises(RcFileError, match="by hand"):
        home.remove()


def test_a_file_that_cannot_be_written(home: Home) -> None:
    (home.path / ".bashrc").mkdir()
    with pytest.raises(RcFileError, match="cannot read"):
        home.setup()
    home.environ["ZDOTDIR"] = str(home.path / "missing")
    with pytest.raises(RcFileError, match=r"cannot write .*\.zshrc: No such file"):
        home.setup("zsh")


@pytest.mark.parametrize(
    ("present", "platform", "written"),
    [
        ({}, "linux", {".bashrc"}),
        ({}, "darwin", {".bashrc", ".bash_profile"}),
        ({".profile": "x"}, "darwin", {".bashrc", ".profile"}),
        ({".profile": ". ~/.bashrc"}, "darwin", {".bashrc"}),
        ({".bash_profile": "x", ".profile": "x"}, "linux", {".bashrc", ".bash_profile"}),
        ({".bash_login": ". ~/.bashrc", ".profile": "x"}, "linux", {".bashrc"}),
    ],
)
def test_login_shells(
    home: Home, present: dict[str, str], platform: str, written: set[str]
) -> None:
    for name, text in present.items():
        (home.path / name).write_text(text)
    before = home.files()
    home.setup(platform=platform)
    assert {name for name, text in home.files().items() if rcfile.BEGIN in text} == written
    assert "Already" in home.setup(platform=platform)
    home.remove()
    assert home.files() == before


def test_bash_profile_linked_to_bashrc_is_one_file(home: Home) -> None:
    (home.path / ".bash_profile").symlink_to(".bashrc")
    home.setup()
    assert (home.path / ".bashrc").read_bytes().count(rcfile.BEGIN) == 1
    home.remove()
    assert not (home.path / ".bashrc").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "sh"])
def test_the_block_is_quiet_when_safeinstall_has_vanished(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its startup file goes UNTESTED here")
    rc = tmp_path / "rc"
    rc.write_bytes(rcfile.add(b"", rcfile.block(shell, "/no/python", "/no/__main__.py")))
    done = subprocess.run(
        [shell, "-c", "set -eu; . ./rc; echo fine"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("fine\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_block_says_in_one_line_that_safeinstall_is_broken(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its startup file goes UNTESTED here")
    python, main = tmp_path / "python", tmp_path / "__main__.py"
    main.write_text("")
    rc = tmp_path / "rc"
    rc.write_bytes(rcfile.add(b"", rcfile.block(shell, str(python), str(main))))
    for broken in ("#!/bin/sh\necho Fatal >&2; exit 1\n", "\x7fELF\0", "#!/no/where\n"):
        python.write_text(broken)
        python.chmod(0o755)
        done = subprocess.run(
            [shell, "-c", "set -eu; . ./rc; echo fine"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout == "fine\n"
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("safeinstall does not work")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_block_loads_what_init_prints(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its startup file goes UNTESTED here")
    python = tmp_path / "it's" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "echo loaded with: $*"\n')
    python.chmod(0o755)
    (tmp_path / "main").write_text("")
    block = rcfile.block(shell, str(python), str(tmp_path / "main"))
    (tmp_path / "rc").write_bytes(rcfile.add(b"true", block))
    done = subprocess.run(
        [shell, "-c", ". ./rc"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == f"loaded with: -I -S {tmp_path}/main init {shell}\n"


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_accepts_the_block(tmp_path: Path) -> None:
    (tmp_path / "rc").write_bytes(rcfile.add(b"", LONGER))
    done = subprocess.run(
        ["shellcheck", "-s", "sh", str(tmp_path / "rc")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
