"""Files that somebody has made to break the reader: an error with its place, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.files import found, told_of

MANY = 20_000

NESTED = {
    "parentheses.sh": "#!/bin/sh\n" + "(" * MANY + ")" * MANY,
    "if.sh": "#!/bin/sh\n" + "if a; then " * MANY + "b" + "; fi" * MANY,
    "substitution.sh": "#!/bin/sh\necho " + "$(echo " * MANY + ")" * MANY,
    "quoted.sh": "#!/bin/sh\necho " + '"$(' * 2_000 + ')"' * 2_000,
    "cells.ipynb": '{"cells":' + "[" * 100_000,
    "environment.yml": "dependencies: " + "[" * MANY + "]" * MANY,
    "pyproject.toml": "a = " + "[" * MANY,
}
ODD = {
    "open.sh": "#!/bin/sh\n" + "{ " * MANY,
    "not.sh": "#!/bin/sh\n" + "! " * 2_000 + "a",
    "Makefile": "a:\n\t" + "(" * 2_000 + "\nX = $(X)\nb:\n\t" + "$(" * 2_000 + "\n",
    "Dockerfile": "FROM x\nRUN " + "(" * 2_000 + "\n",
    "recursive.sh": "#!/bin/sh\nf() { g; }\ng() { f; pip install x; }\nf\n",
    "calls.sh": "#!/bin/sh\n"
    + "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}\n" for i in range(60))
    + "f60() { pip install x; }\nf0\n",
    "requirements.txt": "-r requirements.txt\n" + "a" * 100_000 + "\n",
    "environment.yml": "a: &a [x]\nb: &b [*a, *a]\ndependencies: *b\n",
}
DOUBLING = "".join(f"A{i + 1}={f'$A{i}' * 8}\n" for i in range(40))


@pytest.mark.parametrize("path", NESTED)
def test_nesting_ends_in_an_error(path: str) -> None:
    assert "nest" in told_of(NESTED[path], path).fault


@pytest.mark.parametrize("path", ODD)
def test_what_is_odd_is_read_as_far_as_it_goes(path: str) -> None:
    told_of(ODD[path], path)


def test_variables_that_double_each_other() -> None:
    assert not told_of(f"#!/bin/sh\nA0=xxxxxxxxxx\n{DOUBLING}pip install $A40\n", "x.sh").told
    lines = DOUBLING.replace("A", "ENV A", 1).replace("\nA", "\nENV A")
    assert told_of(f"FROM ubuntu:24.04\nENV A0=xxxxxxxxxx\n{lines}RUN pip install $A40\n").told


def test_more_commands_than_anybody_writes() -> None:
    assert "10000 commands" in told_of("#!/bin/sh\n" + "a\n" * 11_000, "x.sh").fault


def test_characters_of_all_kinds_keep_their_places() -> None:
    text = "#!/bin/sh\necho 'grüße 🐍' && conda  activate  é  # ünd\n"
    result = told_of(text, "x.sh")
    assert found(result) == {(2, "SI501")}
    assert result.source.position(result.told[0].span.start) == (2, 19)


@pytest.mark.parametrize("name", ["big", "nul", "pipe", "dangling", "bytes"])
def test_files_that_cannot_be_judged(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.sh"
    if name == "big":
        with path.open("wb") as file:
            file.truncate(100 << 20)
    elif name == "nul":
        path.write_bytes(b"#!/bin/sh\npip install x\0\n")
    elif name == "pipe":
        os.mkfifo(path)
    elif name == "dangling":
        path.symlink_to("nowhere")
    else:
        path.write_bytes(b"#!/bin/sh\nconda activate \xff\xfe\n")
    done = subprocess.run(
        [sys.executable, "-m", "safeinstall", "lint", path.name],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "Traceback" not in said
    assert name == "bytes" or said.startswith(f"{path.name}:")
