"""SI202 on what brings conda's files under another name."""

from __future__ import annotations

import pytest

from safeinstall.model import CondaDistribution, Package
from safeinstall.rules import registry
from safeinstall.specs.lookalikes import ROWS, doubles
from tests.rules.facts import facts_of


def brought(name: str, package: str = "") -> CondaDistribution:
    return CondaDistribution(name, "4.8.0", Package(package or name, "4.8.0", "conda"))


def test_every_name_stands_in_one_row() -> None:
    names = [name for row in ROWS for name in row]
    assert len(names) == len(set(names))
    assert all(len(row) > 1 for row in ROWS)


def test_what_is_there_is_no_double() -> None:
    cv = brought("opencv-python", "py-opencv")
    found = doubles({"opencv-python": cv, "six": brought("six")}, {"opencv-contrib-python"})
    assert found == {"opencv-python-headless": cv, "opencv-contrib-python-headless": cv}
    # conda-forge's brings the metadata of both
    names = ("opencv-python", "opencv-python-headless")
    both = {name: brought(name, "py-opencv") for name in names}
    assert "opencv-python-headless" not in doubles(both, set())


THERE = "conda py-opencv 4.8.0"
SAID = (
    "opencv-python 4.8.0 (conda's py-opencv 4.8.0): has what opencv-python-headless brings, and "
    "would be written over"
)


@pytest.mark.parametrize(
    ("line", "there", "says"),
    [
        ("pip install opencv-python-headless", THERE, SAID),
        ("pip install 'opencv-python-headless; sys_platform == \"x\"'", THERE, ""),
        ("pip install --user opencv-python-headless", THERE, ""),
        ("pip install --root /x --ignore-installed opencv-python-headless", THERE, ""),
        ("pip install --root /x opencv-python-headless", THERE, ""),
        ("pip install opencv-python-headless", "conda six 1.0", ""),
        ("pip uninstall opencv-python-headless", THERE, ""),
    ],
)
def test_asked_for_by_name(line: str, there: str, says: str) -> None:
    met = facts_of(line, there)
    own = (brought("opencv-python", "py-opencv"),) if "opencv" in there else ()
    met = met.replace(inventory=met.inventory.replace(conda_distributions=own))
    found = registry.look_of("SI202", met)
    assert (found.evidence if found else ()) == ((says,) if says else ())
    if found:
        assert found.fixes == ()  # it is there


def test_several_of_them_are_one_answer() -> None:
    met = facts_of("pip install opencv-python-headless opencv-contrib-python", THERE)
    own = (brought("opencv-python", "py-opencv"),)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=own))
    found = registry.look_of("SI202", met)
    assert found
    assert found.packages == ("opencv-python",)
    assert found.fixes == ()
    # one that pip finds in front of the environment will not come
    seen = met.replace(outside=frozenset(("opencv-python-headless", "opencv-contrib-python")))
    assert registry.look_of("SI202", seen) is None
