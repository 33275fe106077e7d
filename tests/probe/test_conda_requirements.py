"""What is pip's by now, and conda's packages stand on: it may move, but not from under them."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from safeinstall import argv
from safeinstall.model import CondaDistribution, Environment, Facts, Inventory, Need, Package
from safeinstall.probe import conda_requirements
from safeinstall.rules import pip_removes_conda
from safeinstall.specs.markers import may_hold
from tests import harness
from tests.court import files

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


@pytest.fixture
def taken_over(world: World, conda_env: str) -> str:
    """conda's scipy stands on a numpy that pip has brought since."""
    packages = ["numpy=1.26", "scipy=1.11"]
    world.run(["conda", "install", "-y", "-n", conda_env, *packages], check=True)
    world.run(["pip", "install", "numpy==1.24.4"], conda_env, check=True)
    return conda_env


def numpy(world: World, env: str) -> str:
    code = ["python", "-c", "import scipy, numpy; print(numpy.__version__)"]
    return world.run(code, env, check=True).stdout.decode().strip()


def test_it_moves_as_far_as_condas_packages_go_with_it(world: World, taken_over: str) -> None:
    before = files.tree(world.env(taken_over))
    done = harness.run(world, ["pip", "install", "numpy==2.1.3"], taken_over)
    assert done.returncode == 77
    assert b"what is needed by conda's scipy" in done.stderr
    assert b"scipy 1.11.4 needs numpy" in done.stderr
    assert files.tree(world.env(taken_over)) == before
    assert harness.run(world, ["pip", "install", "-U", "numpy"], taken_over).returncode == 0
    assert numpy(world, taken_over) == "1.26.4"


def test_it_is_not_taken_away(world: World, taken_over: str) -> None:
    before = files.tree(world.env(taken_over))
    done = harness.run(world, ["pip", "uninstall", "-y", "numpy"], taken_over)
    assert done.returncode == 77
    assert b"conda's scipy needs numpy>=1.21.6,<1.28" in done.stderr
    assert files.tree(world.env(taken_over)) == before
    world.run(["conda", "remove", "-y", "-n", taken_over, "--force", "scipy"], check=True)
    assert harness.run(world, ["pip", "uninstall", "-y", "numpy"], taken_over).returncode == 0


def test_a_file_that_is_condas_too(world: World, conda_env: str) -> None:
    command = ["conda", "install", "-y", "-n", conda_env, "-c", "pytorch", "pytorch"]
    world.run(command, check=True)
    world.run(["pip", "install", "-U", "torch"], conda_env, check=True)
    done = harness.run(world, ["pip", "uninstall", "-y", "torch"], conda_env)
    assert done.returncode == 77
    assert b"conda's libtorch has torch/lib/libtorch_cpu.so, too" in done.stderr


def facts(place: Path, wants: str, there: str = "1.26.4", count: int = 1) -> Facts:
    """``count`` distributions of conda's; the first requires numpy, which is pip's."""
    brought = []
    for number in range(count):
        directory = place / f"d{number}.dist-info"
        directory.mkdir()
        lines = [f"Requires-Dist: {wants}"] if not number else []
        lines += [f"Requires-Dist: d{n}>=1 ; python_version >= '3.8'" for n in range(9)]
        (directory / "METADATA").write_text("\n".join(["Name: d", *lines, "", wants]))
        name = f"d{number}"
        brought.append(CondaDistribution(name, "1", Package(name, "1", "conda"), str(directory)))
    packages = (Package("numpy", there, "pip"), *(d.package for d in brought))
    command = argv.parse(["pip", "uninstall", "numpy"], argv.Context({}, "/", lambda _: None, {}))
    environment = Environment(str(place), "conda", python="3.11")
    return Facts(command, "/pip", environment, Inventory(packages, (), tuple(brought)))


@pytest.mark.parametrize(
    ("wants", "found"),
    [
        ("numpy<2,>=1.21", [Need("numpy", "d0", "<2,>=1.21")]),
        ("NumPy (<2)", [Need("numpy", "d0", "<2")]),
        ("numpy", [Need("numpy", "d0")]),
        ("numpy<1.20", []),  # not met by what is there
        ("numpy<2; extra == 'all'", []),
        ("numpy<2; python_version < '3.9'", []),
        ("numpy @ https://example.org/numpy.whl", [Need("numpy", "d0")]),
        ("numpy=1.26", []),  # conda's way
        ("numpy (<2,)", [Need("numpy", "d0", "<2")]),
        ("numpy>=abc", []),
        ("numpy<2; python_version not == '3.8'", []),
        ("numpy<2; python_version < '3.8\"", []),
        ("numpy<2; python_version => '3.9'", []),
        ("numpy<2; platform == 'linux'", []),
        ("scipy", []),
        (
            "numpy<2; python_version > '3.9'",
            [Need("numpy", "d0", "<2", "python_version > '3.9'")],
        ),
    ],
)
def test_what_is_required(tmp_path: Path, wants: str, found: list[Need]) -> None:
    for cache in ("", str(tmp_path / "cache"), str(tmp_path / "cache")):
        (tmp_path / str(time.time_ns())).mkdir()
        place = tmp_path / str(time.time_ns())
        place.mkdir()
        assert list(conda_requirements.required(facts(place, wants), cache)) == found


def test_where_nothing_is_pips_nothing_is_read(tmp_path: Path) -> None:
    met = facts(tmp_path, "numpy")
    only = met.replace(inventory=met.inventory.replace(packages=met.inventory.packages[1:]))
    for name in os.listdir(tmp_path):
        (tmp_path / name / "METADATA").unlink()
    assert conda_requirements.required(only, "") == ()


def test_the_rule_speaks_of_what_is_looked_up(tmp_path: Path) -> None:
    met = facts(tmp_path, "numpy<2")
    assert pip_removes_conda.look(met) is None
    finding = pip_removes_conda.look(met.replace(still_needed=conda_requirements.required(met, "")))
    assert finding is not None
    assert (finding.rule, finding.level, finding.packages) == ("SI203", "block", ("numpy",))
    assert finding.fixes[0].endswith(" d0")


def test_a_thousand_distributions_take_a_few_milliseconds(tmp_path: Path) -> None:
    place, cache = tmp_path / "site-packages", str(tmp_path / "cache")
    place.mkdir()
    met = facts(place, "numpy<2", count=1000)
    conda_requirements.required(met, cache)
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert len(conda_requirements.required(met, cache)) == 1
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.03


@pytest.mark.parametrize(
    ("marker", "answer"),
    [
        ("python_version >= '3.8'", True),
        ("python_version < '3.8'", False),
        ('python_version<"3.8"', False),
        ("sys_platform == 'nowhere'", False),
        ("os_name != 'nowhere'", True),
        ("python_version < '3.8' and os_name == 'posix'", True),  # too much for a glance
        ("implementation_name == 'pypy'", True),
        ("", True),
    ],
)
def test_markers_at_a_glance(marker: str, answer: bool) -> None:
    assert may_hold(marker, "3.11") is answer


NAMES = ("python_version", "sys_platform", "os.name", "platform", "platform_machine")
WORDS = ("==", "<", "=>", "in", "not", "not in", "and", "or", "(", ")", "'3'", '"3.8"', "'3\"", "3")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from((*NAMES, *WORDS)), max_size=9).map(" ".join),
    st.sampled_from(["", "<2", ">=1,<2", "=1.26", ">=a", "==1.*", "~=1"]),
)
@example("python_version not == '3.8'", "<2")
@example("python_version < '3.8\"", "<2")
@example("python_version >= '3.8' and (os_name == 'nt' or sys_platform in 'linux darwin')", "<2")
@example("(platform_machine not in 'x') or 'y' == implementation_name", "<2")
def test_whatever_is_held_pip_can_read(marker: str, wants: str) -> None:
    """pip takes no constraints at all where there is a single one that it cannot read."""
    line = f"numpy{wants}" + (f" ; {marker}" if marker else "")
    try:
        readable = bool(Requirement(line))
    except InvalidRequirement:
        readable = False
    with tempfile.TemporaryDirectory() as place:
        met = facts(Path(place), line, there="1.1")
        known = conda_requirements._all_needs(met, "").get("numpy", [])
    assert known == ([("d0", wants, marker, "")] if readable else [])
