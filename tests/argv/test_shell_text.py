"""The text in ``bash -c "pip install x"`` is read as the shells themselves read it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeinstall.argv import Context, parse, shell_text
from safeinstall.model import Command

EMPTY = Context({}, "/home/ann", lambda _: None, {})
SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]


def inside(text: str, *call: str, context: Context = EMPTY) -> Command | None:
    words = ["conda", "run", "-n", "e", *(call or ("bash", "-c")), text]
    command = parse(words, context)
    assert command.mutates == bool(command.inner and command.inner.mutates)
    return command.inner


PLAIN = {
    "pip install x": "pip install x",
    " pip\tinstall  x ": "pip install x",
    "pip install 'x>=1' \"y<2\" z\\>3": "pip install x>=1 y<2 z>3",
    'pip install "a\\"b" "\\$x" "\\x"': 'pip install a"b $x \\x',
    "pip install \\\n  x": "pip install x",
    "pip install x'' ''": "pip install x ",
    "pip install fastapi[all] numpy==1.26.* x~=1 y!=2": "pip install fastapi[all] numpy==1.26.* "
    "x~=1 y!=2",
    "pip install git+https://e.org/x#egg=x": "pip install git+https://e.org/x#egg=x",
    "A=1 B='2 3' pip install x": "pip install x",
    "env A=1 /usr/bin/pip3 install x": "/usr/bin/pip3 install x",
    "python -m pip install x": "python -m pip install x",
    "uv pip install x": "uv pip install x",
    "mamba install x": "mamba install x",
    "conda run -n b pip install x": "conda run -n b pip install x",
}


@pytest.mark.parametrize("text", PLAIN)
def test_one_plain_command(text: str) -> None:
    found = inside(text)
    assert found is not None
    assert found.mutates
    assert " ".join(found.words) == PLAIN[text]
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pip install a && pip install b",
        "cd /x; pip install .",
        "pip install x | cat",
        "pip install x > log",
        "pip install x>=1",
        "pip install x &",
        "(pip install x)",
        "{ pip install x; }",
        "pip install a\npip install b",
        "pip install $X",
        'pip install "$X"',
        "pip install `cat r`",
        "pip install {a,b}",
        "pip install dist/*.whl",
        "pip install -r ~/r.txt",
        "A=~/x pip install x",
        "pip install x # y",
        "pip install 'x",
        "pip install x\\",
        "PATH=/x pip install x",
        "env -i pip install x",
        "bash -c 'pip install x'",
        "exec -a x pip install y",
    ],
)
def test_more_than_that_is_the_shell_s_own(text: str) -> None:
    assert inside(text) is None


@pytest.mark.parametrize(
    ("call", "roams"),
    [
        ("sh -c", False),
        ("/bin/dash -ec", False),
        ("bash -euxo pipefail -c", False),
        ("bash -o pipefail -e -c --", False),
        ("bash -c -e", False),
        ("bash --noprofile --norc -c", False),
        ("env A=1 bash -c", False),
        ("/bin/bash -lc", True),
        ("bash --login -c", True),
        ("bash -ic", True),
        ("zsh -c", True),
        ("bash", None),
        ("bash -x", None),
        ("bash -nc", None),
        ("bash -O nullglob -c", None),
        ("bash --rcfile x -c", None),
        ("bash -c true", None),
        ("fish -c", None),
        ("busybox sh -c", None),
    ],
)
def test_how_the_shell_is_started(call: str, roams: bool | None) -> None:
    found = inside("pip install x", *call.split())
    assert (found.roams if found else None) == roams


def test_startup_files_by_a_variable() -> None:
    context = EMPTY.replace(environ={"BASH_ENV": "/x"})
    found = [inside("pip install x", shell, "-c", context=context) for shell in ("bash", "sh")]
    assert [command and command.roams for command in found] == [True, False]
    named_by_path = inside("/x/bin/pip install x", "bash", "-lc")
    assert named_by_path is not None
    assert not named_by_path.roams


def test_words_behind_the_text() -> None:
    command = parse(("micromamba", "run", "-n", "e", "sh", "-c", "pip install x", "a", "b"), EMPTY)
    assert command.inner is not None
    assert (command.inner.words, command.inner.behind) == (("pip", "install", "x"), ("a", "b"))


def test_where_it_runs() -> None:
    context = EMPTY.replace(read={"/home/ann/sub/r.txt": b"six\n"}.get)
    words = ("conda", "run", "--cwd", "sub", "bash", "-c", "pip install -r r.txt")
    command = parse(words, context)
    assert command.inner is not None
    assert command.inner.specs[0].name == "six"


PIECES = st.sampled_from(
    [
        *" \t'\"\\#=~[]{}$&;|*?!:^",
        " ",
        "\\\n",
        "\n",
        "a",
        "==1",
        "x",
        "''",
        "A=1 ",
        "~/",
        "\\'",
        "é",
    ]
)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pip that tells its arguments, in a directory without files."""
    place = tmp_path_factory.mktemp("tools")
    (place / "empty").mkdir()
    (place / "pip").write_text('#!/bin/sh\nprintf "%s\\0" pip "$@"\n')
    (place / "pip").chmod(0o755)
    return place


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=8).map("".join))
def test_the_shells_agree(tools: Path, text: str) -> None:
    text = f"pip install {text}"
    ours = shell_text.command(text)
    if not ours:
        return
    more = shell_text.with_words(text, len(ours) - 2, ["-c", "/a b/c"])
    assert shell_text.command(more) == [*ours[:2], "-c", "/a b/c", *ours[2:]]
    for shell in SHELLS:
        done = subprocess.run(
            [shell, *(["-f"] if shell == "zsh" else []), "-c", text],
            capture_output=True,
            env={"PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
            cwd=tools / "empty",
            check=False,
        )
        joined = text.replace("\\\n", "")  # a line that goes on
        if shell == "zsh" and ("''" in joined or '""' in joined):
            continue  # which it passes over: ''~/x is somebody's home
        if shell == "zsh" and (b"no matches" in done.stderr or b"bad pattern" in done.stderr):
            continue  # nothing is started then
        assert done.stdout.decode().split("\0")[:-1] == ours, (shell, text, done.stderr)
