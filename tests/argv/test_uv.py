"""uv's command line, held against the real uv where there is one on PATH."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeinstall.argv import Context, parse, uv, uv_options
from safeinstall.model import Command
from tests.argv.test_parse import understand
from tests.uv import UV

EXAMPLES = int(os.environ.get("SAFEINSTALL_TEST_EXAMPLES", "100"))


@pytest.mark.parametrize(
    "line",
    [
        "uv pip install x",
        "uv -q pip install -U x",
        "uv pip -q install -r f",
        "uv pip install -e .",
        "uv pip install -nU x",
        "uv pip install --no-cache-dir --upgrade-package=y x",
        "uv pip uninstall -y x",
        "uv pip sync f",
        "python -m uv pip install x",
    ],
)
def test_what_changes_packages(line: str) -> None:
    assert understand(line).mutates


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("uv", True),
        ("uv --version", True),
        ("uv pip list", True),
        ("uv pip compile x.in", True),
        ("uv add x", True),
        ("uv sync", True),
        ("uv tool install x", True),
        ("uv run pip install x", True),
        ("uv pip install -h x", True),
        ("uv pip install --dry-run x", True),
        ("uv pip install --check x", True),
        ("uv pip install", False),
        ("uv pip sync", False),
        ("uv pip install --user x", False),
        ("uv pip install -p a -p b x", False),
        ("uv pip install --target a --prefix b x", False),
    ],
)
def test_what_does_not(line: str, understood: bool) -> None:
    command = understand(line)
    assert (command.mutates, command.understood) == (False, understood)


def test_targets() -> None:
    assert understand("uv pip install -p3.12 x").target.python == "3.12"
    assert understand("uv pip install -p=3.12 x").target.python == "3.12"
    assert understand("uv pip install --system x").target.system
    assert not understand("uv pip install --system --no-system x").target.system
    assert understand("uv pip install x", environ={"UV_SYSTEM_PYTHON": "1"}).target.system
    assert not understand("uv pip install x", environ={"UV_SYSTEM_PYTHON": "0"}).target.system
    assert understand("uv pip install x", environ={"UV_PYTHON": "/p"}).target.python == "/p"
    assert understand("uv pip install -t /x y").target.directory == "/x"
    command = understand("uv pip install x", environ={"UV_BREAK_SYSTEM_PACKAGES": "true"})
    assert "--break-system-packages" in command.flags


@pytest.mark.parametrize(
    ("line", "environ", "python"),
    [
        ("uv sync", {}, None),
        ("uv sync", {"VIRTUAL_ENV": "/v"}, None),
        ("uv sync --active", {"VIRTUAL_ENV": "/v", "UV_PROJECT_ENVIRONMENT": "/e"}, "/v"),
        ("uv -q sync --frozen", {"UV_PROJECT_ENVIRONMENT": "/e"}, "/e"),
        ("uv sync --dry-run", {"UV_PROJECT_ENVIRONMENT": "/e"}, None),
        ("uv sync --script=x.py", {"UV_PROJECT_ENVIRONMENT": "/e"}, None),
    ],
)
def test_sync_outside_of_the_project(
    line: str, environ: dict[str, str], python: str | None
) -> None:
    command = understand(line, environ=environ)
    assert (command.mutates, command.target.python) == (python is not None, python)


def test_what_is_asked_for() -> None:
    files = {"/home/ann/d/r.txt": b"numpy>=1\n-r more.txt\n", "/home/ann/d/more.txt": b"six\n"}
    line = "uv pip install --directory d -r r.txt -e ./p --index n=https://i/ x"
    command = understand(line, read=files.get)
    assert [spec.name for spec in command.specs] == ["x", "", "numpy", "six"]
    assert command.indexes == ("https://i/",)
    assert command.files == ("r.txt",)


ROWS = [row.split(" ") for row in (*uv_options.INSTALL, *uv_options.UNINSTALL, *uv_options.SYNC)]
VALUES = st.sampled_from(["x", "x>=1", "./a", "f.txt", "-", "--", "", "3.12"])


@st.composite
def options(draw: st.DrawFn) -> list[str]:
    """An option, its value beside it, in it or missing."""
    names, dest, takes = draw(st.sampled_from(ROWS))
    if dest in ("show_settings", "directory", "project", "config_file", "cache_dir"):
        return []
    name = draw(st.sampled_from(names.split(",")))
    value = draw(st.sampled_from(["x", "3.12", "auto"]))
    style = draw(st.sampled_from(["plain", "plain", "plain", "equals", "stuck", "bare"]))
    if style == "equals":
        return [f"{name}={value}"]
    if style == "stuck" and name[1] != "-":
        return [name + value]
    return [name, value] if takes in "1+" and style != "bare" else [name]


lines = st.builds(
    lambda before, verb, parts: ["uv", *before, "pip", verb, *(w for p in parts for w in p)],
    st.sampled_from([[], [], ["-q"], ["-vv"], ["--offline"]]),
    st.sampled_from(["install", "install", "uninstall", "sync"]),
    st.lists(st.one_of(options(), VALUES.map(lambda word: [word])), max_size=5),
)


@pytest.mark.skipif(UV is None, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=lines)
def test_the_real_uv_agrees(words: list[str], tmp_path: Path) -> None:
    """Where uv gets past its parser, we see a change; what its parser refuses, we refuse too.

    uv also refuses values (an unknown colour) that we do not look at: there we see a change
    that does not come, which errs on the safe side.
    """
    assert UV is not None
    context = Context({}, str(tmp_path), lambda _: None, {})
    ours = uv.parse_as(Command(tuple(words), tool="uv"), context, uv.EXACT)
    if ours.understood:
        assert parse(words, context) == ours
    environ = {"HOME": str(tmp_path), "PATH": "", "UV_OFFLINE": "1", "UV_NO_CONFIG": "1"}
    done = subprocess.run(
        [UV, *words[1:]], env=environ, cwd=tmp_path, capture_output=True, text=True
    )
    if done.returncode == 0 and "Usage:" in done.stdout:
        assert (ours.mutates, ours.understood) == (False, True)
    elif "invalid value" in done.stderr or "Failed to parse" in done.stderr:
        return
    elif "" in words and "a value is required" in done.stderr:
        return  # an empty word is a value of some options, and none of others
    elif "For more information, try" in done.stderr or "is unsupported" in done.stderr:
        assert (ours.mutates, ours.understood) == (False, False), done.stderr
    else:
        harmless = {"--dry-run", "--check"} & ours.flags
        assert ours.mutates == (not harmless), done.stderr
        assert ours.understood
