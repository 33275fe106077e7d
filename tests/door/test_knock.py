"""What a door lets through without asking, and what it takes for a command of which tool."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeinstall.argv import launch
from safeinstall.door import files, knock
from tests.lines import Words, lines, mutates

PROGRAMS = ("pip", "pip3", "pip3.12", "conda", "mamba")


def is_seen(words: Words) -> bool:
    """Does the line of a door, which each interpreter runs, load the module?"""
    return any(map("\0".join(words).count, ast.literal_eval(f"'{files.SIGNS}'").split()))


def as_started(words: Words) -> Words | None:
    """The words of the interpreter that runs the command; ``None`` if none does."""
    if words[0].startswith("python"):
        return words
    return ("/e/bin/python", f"/e/bin/{words[0]}", *words[1:]) if words[0] in PROGRAMS else None


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(lines, min_size=50, max_size=100))
def test_no_change_passes_unseen(monkeypatch: pytest.MonkeyPatch, cases: list[Words]) -> None:
    monkeypatch.setattr(os.path, "isfile", lambda _: True)
    started = [words for line in cases if (words := as_started(line)) and mutates(line)]
    assert [words for words in started if not knock.concerns(*knock.tool(words))] == []
    assert [words for words in started if not is_seen(words)] == []


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(lines, min_size=50, max_size=100))
def test_it_is_the_tool_that_the_grammar_sees(
    monkeypatch: pytest.MonkeyPatch, cases: list[Words]
) -> None:
    monkeypatch.setattr(os.path, "isfile", lambda _: True)
    for words in filter(None, map(as_started, cases)):
        expected, launcher = launch.find(words)
        if expected:
            assert knock.tool(words) == (expected, list(words[launcher:])), words


@pytest.mark.parametrize(
    "line",
    """\
python -c pass
python train.py install
python -m pip --version
python -m pip list
python -m pip download six
python -m ensurepip
python -m venv pip
python -m pipx install six
python -mpipenv install
python -m pytest -k pip install
python -V
python
python -
python -m
python --check-hash-based-pycs always
conda --version
conda list
conda activate ml
conda shell.posix activate ml
conda env list
conda run -n ml python train.py
conda search numpy
mamba list
python -m uv pip list
python -m uv run train.py""".splitlines(),
)
def test_what_changes_nothing_costs_nothing(line: str) -> None:
    words = as_started(tuple(line.split()))
    assert words is not None
    assert not knock.concerns(*knock.tool(words))


@pytest.mark.parametrize(
    "line",
    """\
python -c pass
python pipeline.py
python /opt/conda/envs/ml/bin/jupyter lab
python -m venv /home/me/miniconda3/x
python -m pytest tests/conda_test.py
python train.py --out pip.txt
python check.py pip.conf conda.yaml uv.lock""".splitlines(),
)
def test_other_programs_do_not_load_the_module(line: str) -> None:
    assert not is_seen(("/opt/conda/bin/python", *line.split()[1:]))


@pytest.mark.parametrize(
    "line",
    """\
python -m pip.__main__ install six
python -m pip._internal install six
python -m conda.cli install six
python -m conda.cli.main install six
python -m conda.__main__ install six
python -m mamba.mamba install six
python -m uv.__main__ pip install six""".splitlines(),
)
def test_a_module_of_a_tool_is_the_tool(line: str) -> None:
    words = tuple(line.split())
    assert knock.concerns(*knock.tool(words))
    assert is_seen(words)


def test_the_pip_that_builds_a_package_is_pip_s_own(tmp_path: os.PathLike[str]) -> None:
    """Before 22.2 it was started by the path of its directory."""
    directory = os.path.join(tmp_path, "pip")
    os.mkdir(directory)
    for name in ("__main__.py", "__pip-runner__.py"):
        Path(directory, name).touch()
    build = ["install", "--ignore-installed", "--prefix", "/tmp/pip-build-env-x1/overlay", "wheel"]
    for program in (directory, f"{directory}/__pip-runner__.py", f"{directory}/__main__.py"):
        assert knock.tool(["python", program, *build])[0] == ""
        assert knock.tool(["python", program, "uninstall", "wheel"])[0] == "pip"
        assert is_seen(("python", program, "uninstall", "wheel"))
        assert launch.find(("python", program, "uninstall", "wheel")) == ("pip", 2)
    assert knock.tool(["python", f"{tmp_path}/other/__main__.py", "install", "x"])[0] == ""


def test_a_program_s_name_alone_is_its_path_to_the_guard() -> None:
    for line, at, expected in (
        ("python pip uninstall x", 1, "python ./pip uninstall x"),
        ("python -I -- pip uninstall x", 3, "python -I -- ./pip uninstall x"),
        ("python -X utf8 pip uninstall x", 3, "python -X utf8 ./pip uninstall x"),
        ("python -m pip uninstall x", 2, "python -m pip uninstall x"),
        ("python -Im pip uninstall x", 2, "python -Im pip uninstall x"),
        ("python -mpip uninstall x", 1, "python -mpip uninstall x"),
        ("python bin/pip uninstall x", 1, "python bin/pip uninstall x"),
    ):
        assert knock.by_path(line.split(), at) == expected.split()
