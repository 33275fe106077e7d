"""The words of a command that comes by a door, as somebody may have typed them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeinstall import settings
from safeinstall.door import typed


class Place:
    """Two environments with links to one Python, as virtual environments have them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        python = root / "python3.11"
        python.write_text("")
        python.chmod(0o755)
        for name in ("a", "b"):
            directory = root / name / "bin"
            directory.mkdir(parents=True)
            for link in ("python3.11", "python3", "python"):
                (directory / link).symlink_to(python if link == "python3.11" else "python3.11")
            self.script(name, f"#!{directory}/python3.11")

    def script(self, name: str, first: str) -> None:
        pip = self.root / name / "bin" / "pip"
        pip.write_text(f"{first}\nimport sys\n")
        pip.chmod(0o755)

    def words(self, line: str, interpreter: str, path: str) -> str:
        here = str(self.root)
        environ = {"PATH": path.replace("@", here), "HOME": here}
        session = settings.Session(settings.read(environ), environ, here)
        started = line.replace("@", here).split()
        found = typed.words(started, f"{here}/{interpreter}", session)
        return " ".join(found).replace(here, "@")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


A, B = "@/a/bin:/usr/bin", "@/b/bin:/usr/bin"


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("@/a/bin/python3.11 @/a/bin/pip install x", A, "pip install x"),
        ("@/a/bin/python3.11 @/a/bin/pip install x", B, "@/a/bin/pip install x"),
        ("python @/a/bin/pip install x", A, "pip install x"),
        # The interpreter is not the one in the program's first line
        ("python @/b/bin/pip install x", A, "python @/b/bin/pip install x"),
        ("python -m pip install x", A, "python -m pip install x"),
        ("python -m pip install x", B, "@/a/bin/python3.11 -m pip install x"),
        ("@/a/bin/python -m pip install x", A, "@/a/bin/python -m pip install x"),
        ("python -E @/a/bin/pip install x", A, "python -E @/a/bin/pip install x"),
        ("python -- @/a/bin/pip install x", A, "python -- @/a/bin/pip install x"),
    ],
)
def test_the_same_program_runs(place: Place, line: str, path: str, expected: str) -> None:
    assert place.words(line, "a/bin/python3.11", path) == expected


def test_options_in_the_first_line_are_no_options_of_the_user(place: Place) -> None:
    place.script("a", f"#!{place.root}/a/bin/python3.11 -sP")
    line = "@/a/bin/python3.11 -sP @/a/bin/pip install x"
    assert place.words(line, "a/bin/python3.11", A) == "pip install x"
    line = "@/a/bin/python3.11 @/a/bin/pip install x"
    assert place.words(line, "a/bin/python3.11", A) == line


def test_a_first_line_that_is_too_long_for_the_kernel(place: Place) -> None:
    place.script("a", f"#!/bin/sh\n'''exec' \"{place.root}/a/bin/python3.11\" \"$0\" \"$@\"\n' '''")
    line = "@/a/bin/python3.11 @/a/bin/pip install x"
    assert place.words(line, "a/bin/python3.11", A) == "pip install x"


def test_odd_words_are_passed_on(place: Place) -> None:
    words = ["@/a/bin/python3.11", "@/a/bin/pip", "install", "", "\udcff", "a b", "--"]
    here = str(place.root)
    session = settings.Session(settings.read({}), {"PATH": f"{here}/a/bin"}, "/")
    started = [word.replace("@", here) for word in words]
    found = typed.words(started, os.path.join(here, "a/bin/python3.11"), session)
    assert found == ["pip", *words[2:]]
