"""The commands that a shell text starts, held against what a real bash starts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.guard import shell_commands

if TYPE_CHECKING:
    from pathlib import Path

# Writes its directory, a variable, the reason and its words to a file
NOTE = """#!/bin/sh
for word in "$PWD" "$A" "$SAFEINSTALL_REASON" "${0##*/}" "$@"; do
    printf '%s|' "$word"
done >> "$NOTES"
echo >> "$NOTES"
"""

FOUND = [
    "pip install a",
    "cd sub && pip install .",
    "cd sub; pip install a\npip install b",
    "(cd sub && pip install a) && pip install b",
    "(cd sub); (pip install a; cd sub; pip install b); pip install c",
    "cd sub | cat; pip install a",
    "cd sub & wait; pip install a",
    "cd sub/../sub && cd .. && pip install a",
    "cd; pip install a",
    "cd ~ && pip install ~/x",
    "pip install 'a>=1' \"b<2\" c\\>3 fastapi[all] numpy==1.26.* > log 2>&1",
    "pip install a 2>&1 | tail -5",
    "pip install a |& cat; pip install b &> log; pip install c &>> log",
    "A=1 pip install a; pip install b",
    "A=1; export A; pip install a",
    "export A=1 B=2; pip install $A-$B",
    'A="x y"; pip install "$A" "${A}z"',
    "env A=1 pip install a",
    "SAFEINSTALL_REASON='the user said so' pip install a",
    "timeout 300 pip install a; timeout -k 5 300 true; nohup pip install b; exec pip install c",
    "nice pip install a; command pip install b; time pip install c",
    "if true; then pip install a; else true; fi; ! pip install b; { pip install c; }",
    "while pip install a; do break; done",
    "cat > f <<'EOF'\npip install no\ndon't (\nEOF\npip install a",
    "cat <<-E | cat\n\tpip install no\n\tE\npip install a",
    "git commit -m \"$(cat <<'EOF'\ndon't stop (it\nEOF\n)\" >&2; pip install a",
    "x=$(pip install a); pip install b",
    'echo "$(pip install "a b")" `date` $((1+2)); pip install b || pip install c',
    "true # pip install no\npip install a#b # c",
    "pip install \\\n  a \\\n  b",
    "echo pip install no \"; pip install no\" '&& pip install no'; pip install a",
    "bash -c 'cd sub && pip install a'; pip install b",
    "sh -c \"pip install 'a b'\"",
    "python3 -c 'print(1)' && pip3 install a && uv pip install b && python -m pip install c",
    "unset A; pip install a",
    "cd $PWD/sub && pip install a",
    "pip install a;",
    "cd sub 2>/dev/null && pip install a",
    "pip install {} 'a{b,c}'",
    "cd sub && . bin/activate && pip install a",
    "source sub/bin/activate; pip install a",
]

# What only the shell knows, or cannot be followed: nothing is found behind it
PASSED_OVER = [
    "pip install $UNKNOWN",
    "pip install *.whl",
    "pip install {a,b}",
    "pip install $(cat list)",
    "for p in a b; do pip install $p; done",
    "f() { pip install a; }; f",
    "case x in x) pip install a;; esac",
    "cd $UNKNOWN; pip install a",
    "cd gone; pip install a",
    "cd -; pip install a",
    "source gone/bin/activate; pip install a",
    "source ~/.bashrc; pip install a",
    'eval "$(direnv hook bash)"; pip install a',
    "PATH=$UNKNOWN:/x; pip install a",
    "PATH=$(x) pip install a",
    "conda activate gone; pip install a",
    "bash -lc 'pip install a'",
    "pip install 'a",
    "sudo pip install a",
    "xargs pip install < list",
    "diff <(pip install a) b",
    "$'pip' install a",
    "",
]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    programs = tmp_path / "bin"
    for directory in (programs, tmp_path / "sub" / "bin", tmp_path / "home"):
        directory.mkdir(parents=True)
    for name in ("pip", "pip3", "uv", "python"):
        (programs / name).write_text(NOTE)
        (programs / name).chmod(0o700)
    (tmp_path / "sub" / "bin" / "activate").write_text("VIRTUAL_ENV=x\n")
    return tmp_path


def environ(here: Path) -> dict[str, str]:
    path = f"{here / 'bin'}:{os.environ['PATH']}"
    home, notes = str(here / "home"), str(here / "notes")
    return {"PATH": path, "HOME": home, "NOTES": notes, "PWD": str(here), "A": "0"}


def found(here: Path, text: str) -> list[str]:
    session = settings.Session(settings.read(environ(here)), environ(here), str(here))
    lines = []
    for words, its in shell_commands.commands(text, session):
        said = its.environ.get("A", ""), its.environ.get("SAFEINSTALL_REASON", "")
        assert its.settings.reason == said[1]
        lines.append("|".join((its.cwd, *said, *words, "")))
    return lines


@pytest.mark.parametrize("text", FOUND)
def test_what_bash_starts_is_found(here: Path, text: str) -> None:
    subprocess.run(
        ["bash", "-c", text], env=environ(here), cwd=here, check=True, stdout=subprocess.DEVNULL
    )
    started = (here / "notes").read_text().splitlines()
    # What runs only if another command fails is found, too
    assert set(started) <= set(found(here, text))
    if "||" not in text:
        assert started == found(here, text)


@pytest.mark.parametrize("text", PASSED_OVER)
def test_what_only_the_shell_knows_is_passed_over(here: Path, text: str) -> None:
    assert not any("|install|" in line for line in found(here, text))


def test_what_comes_before_is_found(here: Path) -> None:
    assert len(found(here, "pip install a; source x; pip install b")) == 1
    assert len(found(here, "pip install a; case x in")) == 1
    assert len(found(here, "(cd gone; pip install a); pip install b")) == 1


@pytest.mark.parametrize(
    "text",
    ["source base/bin/activate envs/a", "conda activate envs/a", "micromamba activate $PWD/envs/a"],
)
def test_activation_is_followed(here: Path, text: str) -> None:
    for prefix in ("base", "envs/a"):
        (here / prefix / "conda-meta").mkdir(parents=True)
        (here / prefix / "bin").mkdir()
        (here / prefix / "bin" / "activate").touch()
    session = settings.Session(settings.read(environ(here)), environ(here), str(here))
    *_, (words, its) = shell_commands.commands(f"{text}; pip install a", session)
    assert words == ["pip", "install", "a"]
    assert its.environ["CONDA_PREFIX"] == str(here / "envs/a")
    assert its.environ["PATH"].startswith(str(here / "envs/a/bin:"))


def test_shells_within_shells_end(here: Path) -> None:
    text = "pip install a"
    for _ in range(9):
        text = "bash -c '" + text.replace("'", "'\\''") + "'"
    assert found(here, text) == []
    assert found(here, "(" * 5000) == found(here, "$(" * 5000) == []
