"""Which environment ``uv pip`` changes, against what the real uv says it uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from safeinstall.model import Target
from safeinstall.probe import uv
from safeinstall.probe.interpreter import prefix_of
from tests.uv import UV


def venv(path: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
    return str(path)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "project" / "deep").mkdir(parents=True)
    return {
        "active": venv(tmp_path / "active"),
        "project": venv(tmp_path / "project" / ".venv"),
        "other": venv(tmp_path / "other"),
        "gone": str(tmp_path / "gone"),
        "cwd": str(tmp_path / "project" / "deep"),
    }


CASES: list[tuple[Target, list[str], dict[str, str], str]] = [
    (Target(), [], {}, "project"),
    (Target(), [], {"VIRTUAL_ENV": "active"}, "active"),
    (Target(python="other"), ["-p", "other"], {"VIRTUAL_ENV": "active"}, "other"),
    (Target(python="other/bin/python"), ["-p", "other/bin/python"], {}, "other"),
    # a variable that leads to no environment: uv goes on to the next
    (Target(), [], {"VIRTUAL_ENV": "gone"}, "project"),
    (Target(), [], {"VIRTUAL_ENV": "cwd"}, "project"),
]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
FULL = f"{HERE}.{sys.version_info[2]}"
REQUESTS = (
    "3",
    HERE,
    FULL,
    HERE.replace(".", ""),
    ">=3.9",
    "<4",
    "any",
    "cpython",
    f"cpython{HERE}",
)
CASES += [
    (Target(python=request), ["-p", request], {"VIRTUAL_ENV": "active"}, "active")
    for request in (*REQUESTS, f"cpython@{HERE}", f"cpython-{HERE}-linux-x86_64-gnu")
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_order(
    places: dict[str, str], case: tuple[Target, list[str], dict[str, str], str]
) -> None:
    target, options, variables, expected = case
    environ = {"PATH": os.environ["PATH"], "HOME": places["cwd"]}
    environ |= {name: places[value] for name, value in variables.items()}
    if target.python and target.python.startswith("other"):
        name, _, rest = target.python.partition("/")
        python = os.path.join(places[name], rest) if rest else places[name]
        target, options = target.replace(python=python), ["-p", python]
    assert uv.target_prefix(target, environ, places["cwd"]) == places[expected]
    if UV:
        command = [UV, "pip", "list", "-v", "--offline", *options]
        done = subprocess.run(
            command, env=environ, cwd=places["cwd"], capture_output=True, text=True, check=False
        )
        assert places[expected] in done.stderr, done.stderr


def test_system_passes_virtual_environments_by(places: dict[str, str]) -> None:
    path = f"{places['active']}/bin:{os.path.dirname(os.path.realpath(sys.executable))}"
    found = uv.target_prefix(Target(system=True), {"PATH": path}, places["cwd"])
    assert found == prefix_of(os.path.realpath(sys.executable), {})


def test_conda_but_not_base(places: dict[str, str]) -> None:
    conda = {"CONDA_PREFIX": "/c/envs/x", "CONDA_DEFAULT_ENV": "x"}
    assert uv.target_prefix(Target(), conda, places["cwd"]) == "/c/envs/x"
    base = {"CONDA_PREFIX": "/c", "CONDA_DEFAULT_ENV": "base"}
    assert uv.target_prefix(Target(), base, places["cwd"]) == places["project"]
    assert uv.target_prefix(Target(), {}, "/") is None
