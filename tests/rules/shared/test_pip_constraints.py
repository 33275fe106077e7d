"""Constraints: every line must be one that pip can read, and mean what is there."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from safeinstall.model import CondaDistribution, Package
from safeinstall.rules.shared import pip_constraints
from safeinstall.specs import pin

RELEASES = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "", "1!"]),
    st.lists(st.integers(0, 2030).map(str), min_size=1, max_size=4).map(".".join),
    st.sampled_from(["", "", "rc1", "a0", ".b2"]),
    st.sampled_from(["", "", ".post1"]),
    st.sampled_from(["", "", ".dev3"]),
    st.sampled_from(["", "", "+cu118", "+g1a2b.3"]),
)


@given(RELEASES)
@example("1.0.rc1")  # in another spelling than PEP 440's own, "===" would not find it
@example("1.0-post.1")
def test_every_usual_version_is_held(text: str) -> None:
    there = CondaDistribution("thing", text, Package("thing", text, "conda"))
    (line,) = pip_constraints.lines({"thing": there}, frozenset(), arbitrary=True)
    assert Requirement(line).specifier.contains(Version(text), prereleases=True)
    if text.replace(".", "").isdigit():
        other = Version(f"{text}+vendor")
        assert not Requirement(line).specifier.contains(other, prereleases=True)
    (again,) = pip_constraints.lines({"thing": there}, frozenset(["thing"]), arbitrary=True)
    assert not Requirement(again).specifier.contains(text, prereleases=True)


@pytest.mark.parametrize(
    ("version", "pip", "uv"),
    [
        ("1.0.foo", ["x===1.0.foo"], []),
        ("", [], []),
        ("1 0", [], []),
        ("1.-a", ["x===1.-a"], []),
        ("0._r", ["x===0._r"], []),
        ("0.-rc", ["x===0.-rc"], []),
        ("1", ["x===1"], ["x===1"]),
        ("1.0.rc1", ["x==1.0.rc1"], ["x==1.0.rc1"]),
        ("01.0", ["x==01.0"], ["x==01.0"]),
    ],
)
def test_what_is_no_version(version: str, pip: list[str], uv: list[str]) -> None:
    theirs = {"x": CondaDistribution("x", version, Package("x", version, "conda"))}
    assert list(pip_constraints.lines(theirs, frozenset(), arbitrary=True)) == pip
    assert list(pip_constraints.lines(theirs, frozenset(), arbitrary=False)) == uv


@given(st.text(st.sampled_from("abZ09-_. é+\t"), max_size=6))
def test_what_is_called_a_name_is_one(text: str) -> None:
    theirs = {text: CondaDistribution(text, "1.0", Package(text, "1.0", "conda"))}
    for line in pip_constraints.lines(theirs, frozenset(), arbitrary=True):
        assert Requirement(line).name == text


@pytest.mark.parametrize("name", ["numpy", "x", "ruamel.yaml", "a--b", "3to2"])
def test_usual_names_are_names(name: str) -> None:
    assert pin.is_name(name)
    assert not pin.is_name(f"-{name}")
