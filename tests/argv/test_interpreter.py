"""The grammar of ``python -m``, held against the interpreter that runs the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safeinstall.argv import launch

EXAMPLES = int(os.environ.get("SAFEINSTALL_TEST_EXAMPLES", "400")) // 4
WITNESS = "import json, sys; print(json.dumps(['pip', len(sys.orig_argv), sys.argv[1:]]))"

some_letters = st.text(alphabet="bBdEhiIJOPqRsStuvVx?mWXc-", min_size=1, max_size=4)
words = st.one_of(
    st.sampled_from(
        [
            *("-m", "-Im", "-mpip", "-Impip", "pip", "-X", "utf8", "-Xutf8", "-W", "ignore", "-I"),
            *("-", "--", "--version", "--help-env", "--check-hash-based-pycs", "always", "-u"),
            *("script.py", "-c", "pass", "install", "--unknown", "pip.__main__", "-Wignore", "-E"),
        ]
    ),
    some_letters.map("-{}".format),
)


def runs_pip(arguments: list[str], place: Path) -> list[str] | None:
    """What a module called pip would find in ``sys.argv``; None: it does not run."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd="/",
        env={"PYTHONPATH": str(place), "PATH": ""},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith('["pip", '):
            return list(json.loads(line)[2])
    return None


def without_what_hides_the_module(arguments: list[str]) -> bool:
    """``-I`` and ``-E`` keep the witness from being found, ``-i`` waits, ``-x`` eats its line."""
    return not any(
        word[:1] == "-" and word[:2] != "--" and set("IEPixd") & set(word) for word in arguments
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
@given(arguments=st.lists(words, max_size=5).filter(without_what_hides_the_module))
@example(arguments=["-V", "-m", "pip", "install"])
@example(arguments=["-bBm", "pip", "-m", "pip"])
@example(arguments=["-Xm", "-m", "pip"])
@example(arguments=["--check-hash-based-pycs", "-m", "-mpip"])
@example(arguments=["-s-", "-m", "pip"])
@example(arguments=["-m", "pip.__main__", "-m", "x"])
def test_python_runs_the_module_we_see(arguments: list[str], tmp_path: Path) -> None:
    package = tmp_path / "pip"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(WITNESS)
    found = runs_pip(arguments, tmp_path)
    tool, launcher = launch.find(["python", *arguments])
    assert (tool == "pip") == (found is not None), found
    if found is not None:
        assert arguments[launcher - 1 :] == found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python /opt/conda/bin/conda install x", ("conda", 2)),
        ("python3.11 -sP /e/bin/pip3 install x", ("pip", 3)),
        ("python -- ./pip install x", ("pip", 3)),
        ("python -V /e/bin/pip install x", ("", 1)),
        ("python pip install x", ("", 1)),
        ("python /e/bin/uv pip install x", ("", 1)),  # no Python runs it
        ("python /e/bin/pipx install x", ("", 1)),
    ],
)
def test_python_runs_a_program_by_its_path(line: str, expected: tuple[str, int]) -> None:
    assert launch.find(line.split()) == expected


def test_the_letters_of_options() -> None:
    assert launch.letters(("-Im", "pip")) == {"I", "m"}
    assert launch.letters(("-Wignore::ImportWarning", "-XIE", "--IES", "-")) == {"W", "X"}
    assert launch.letters(("-bBE", "-W", "error")) == {"b", "B", "E", "W"}
