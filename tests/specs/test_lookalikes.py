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


def test_modules_without_metadata() -> None:
    cv, other = brought("cv2", "opencv"), brought("my_tools")
    found = doubles({"opencv-python": brought("opencv-python")}, (), {"cv2": cv})
    assert found["opencv-contrib-python"].package.name == "opencv-python"  # it has metadata
    assert doubles({}, {"opencv-python"}, {"cv2": cv}).keys() == {
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    }
    assert doubles({}, (), {"my_tools": other}) == {"my-tools": other}


@pytest.mark.parametrize(
    ("line", "module", "package"),
    [
        ("pip install opencv-python", "cv2", "opencv"),
        ("pip install rdkit", "rdkit", "rdkit"),
        ("pip install gmsh", "gmsh", "python-gmsh"),
        ("pip install vtk", "vtkmodules", "vtk-base"),
    ],
)
def test_a_package_without_metadata_is_written_over(line: str, module: str, package: str) -> None:
    bare = CondaDistribution(module, "4.8.0", Package(package, "4.8.0", "conda"))
    met = facts_of(line, f"conda {package} 4.8.0")
    met = met.replace(inventory=met.inventory.replace(conda_modules=(bare,)))
    found = registry.look_of("SI202", met)
    assert found
    name = line.split()[-1]
    assert f"has what {name} brings, and would be written over" in found.evidence[0]
    assert found.fixes


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
    if found:  # it is there; who needs it by this name needs another environment
        (new,) = found.fixes
        assert new.startswith("conda create -n nlp-new ")


def test_several_of_them_are_one_answer() -> None:
    met = facts_of("pip install opencv-python-headless opencv-contrib-python", THERE)
    own = (brought("opencv-python", "py-opencv"),)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=own))
    found = registry.look_of("SI202", met)
    assert found
    assert found.packages == ("opencv-python",)
    assert len(found.fixes) == 1
    # one that pip finds in front of the environment will not come
    seen = met.replace(outside=frozenset(("opencv-python-headless", "opencv-contrib-python")))
    assert registry.look_of("SI202", seen) is None
