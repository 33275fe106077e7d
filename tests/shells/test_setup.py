"""``setup`` and ``setup --remove``: the startup file is the user's, to the last byte."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.cli.setup import Wish, setup
from safeinstall.errors import RcFileError, UsageError
from safeinstall.integration import rcfile, template

if TYPE_CHECKING:
    from pathlib import Path

LINES = template.block("bash", "/h/.bashrc", "/h/s", "", "/venv/bin/python", "/venv/__main__.py")
LONGER = template.block(
    "bash", "/h/.bashrc", "/h/it's", "/a/s", "/a longer/python", "/venv/it's/__main__.py"
)

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
        (rcfile.add(b"a\n", LINES) + b"x\n" + rcfile.BEGIN, 5 + LINES.count(b"\n")),
        (b"# about # >>> safeinstall >>> in a comment\n", None),
    ],
)
def test_half_a_block_is_reported_with_its_line(content: bytes, line: int | None) -> None:
    assert rcfile.stray_marker(content) == line


class Home:
    """A home directory, and setup called in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"HOME": str(path), "SHELL": "/usr/bin/bash", "PATH": os.defpath}

    def setup(
        self, shell: str | None = None, *, platform: str = "linux", dry_run: bool = False
    ) -> str:
        return self._call(shell, False, dry_run, platform)

    def remove(self, shell: str | None = None, *, dry_run: bool = False) -> str:
        return self._call(shell, True, dry_run, "linux")

    def _call(self, shell: str | None, remove: bool, dry_run: bool, platform: str) -> str:
        out = io.StringIO()
        wish = Wish(shell, remove, dry_run, doors=False)
        session = settings.Session(settings.read(self.environ), self.environ, str(self.path))
        assert setup(wish, session, out, platform) == 0
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


@pytest.mark.parametrize("shell", ["cmd", None])
def test_a_shell_we_do_not_know(home: Home, shell: str | None) -> None:
    home.environ["SHELL"] = ""
    with pytest.raises(UsageError, match="name bash, zsh, fish, tcsh, xonsh or sh"):
        home.setup(shell)


@pytest.mark.parametrize(("shell", "told"), [("fish", True), ("tcsh", True), ("bash", False)])
def test_without_doors_it_says_what_guards_nothing(home: Home, shell: str, told: bool) -> None:
    said = home.setup(shell)
    assert ("guarded by doors alone" in said) == told, said


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
    session = settings.Session(settings.read(home.environ), home.environ, "/")
    assert setup(Wish("bash", doors=False), session, out) == 0
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
        ({}, "linux", {".bashrc", ".profile"}),
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


INTERACTIVE = {
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-fi"],
    "sh": ["sh", "-i"],
    "fish": ["fish", "--no-config", "-i"],
    "tcsh": ["tcsh", "-f"],
    "xonsh": [os.path.join(os.path.dirname(sys.executable), "xonsh"), "--no-rc"],
}
LOADED = {"tcsh": "alias loaded echo loaded\n", "xonsh": "loaded = 'loaded'\n"}


class Block:
    """The block of a shell in its file, and that shell."""

    def __init__(self, shell: str, directory: Path) -> None:
        self.shell = shell
        self.directory = directory
        self.python = directory / "it's" / "python"
        self.main = directory / "main"
        self.stored = directory / "stored code.xsh"
        paths = (str(self.stored), "", str(self.python), str(self.main))
        rc = rcfile.add(b"", template.block(shell, str(directory / "rc"), *paths))
        (directory / "rc").write_bytes(rc)

    def install(self) -> None:
        self.python.parent.mkdir()
        self.python.write_text('#!/bin/sh\necho "echo loaded with: $*"\n')
        self.python.chmod(0o755)
        self.main.write_text("")
        self.stored.write_text(LOADED.get(self.shell, "echo loaded\n"))

    def source(self, *, interactive: bool = False) -> tuple[str, str]:
        """stdout and stderr of a shell that reads the file."""
        load = {"xonsh": "source -e rc", "tcsh": "source rc"}.get(self.shell, ". ./rc")
        shown = {"tcsh": "; alias loaded", "xonsh": "\nprint(loaded)"}.get(self.shell, "")
        command = INTERACTIVE[self.shell]
        if not interactive:
            command = [word for word in command if word != "-i"]
            command = ["zsh", "-f"] if self.shell == "zsh" else command
        done = subprocess.run(
            [*command, "-c", load + shown], cwd=self.directory, env=self.environ(),
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
            start_new_session=True,
        )  # fmt: skip
        return done.stdout, done.stderr

    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.directory), "PATH": os.defpath, "TERM": "dumb"}


@pytest.fixture(params=list(template.TEMPLATES))
def block(request: pytest.FixtureRequest, tmp_path: Path) -> Block:
    return Block(request.param, tmp_path)


def test_the_block_loads_what_is_stored(block: Block) -> None:
    block.install()
    said, problem = block.source()
    assert "loaded" in said
    assert problem == ""


def test_the_block_asks_for_it_where_nothing_is_stored(block: Block) -> None:
    if block.shell in ("tcsh", "xonsh"):
        pytest.skip("it says that it is gone")
    block.install()
    block.stored.unlink()
    said, _ = block.source()
    assert said == f"loaded with: -I -S {block.main} init {block.shell}\n"


def test_a_script_hears_nothing_where_safeinstall_is_gone(block: Block) -> None:
    if block.shell in ("tcsh", "xonsh"):
        block.shell, rest = block.shell, ""
        said, _ = block.source()
        assert "gone" not in said + rest
        return
    assert block.source() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "sh", "fish"])
def test_a_person_hears_one_line_where_safeinstall_is_gone(tmp_path: Path, shell: str) -> None:
    _, said = Block(shell, tmp_path).source(interactive=True)
    lines = [line for line in said.splitlines() if "safeinstall" in line]
    assert lines == [f"{template.GONE} {tmp_path}/rc"]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_accepts_the_block(tmp_path: Path) -> None:
    (tmp_path / "rc").write_bytes(rcfile.add(b"", LONGER))
    done = subprocess.run(
        ["shellcheck", "-s", "sh", "-e", "SC1091", str(tmp_path / "rc")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
