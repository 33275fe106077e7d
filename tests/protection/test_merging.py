"""Our lines in files of others: put in, read as they are meant, and taken out byte for byte."""

from __future__ import annotations

import configparser

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.protection import condarc, constraints, pip_conf
from safeinstall.protection.nouns import Refused
from tests.protection.inventories import owning

URL = "file:///e%20nv/etc/safeinstall/conda-owns.txt"


def merged(before: bytes) -> bytes:
    at, text = pip_conf.text(before, URL)
    after = before[:at] + text + before[at:]
    assert after.replace(text, b"", 1) == before
    return after


def read(content: bytes) -> configparser.RawConfigParser:
    """As pip reads it."""
    parser = configparser.RawConfigParser()
    parser.read_string(content.decode())
    return parser


@pytest.mark.parametrize(
    ("before", "constraint"),
    [
        (b"", URL),
        (b"[global]\nindex-url = x", URL),
        (b"[global]\nconstraint = team.txt\n", URL),
        (b"[install]\n# mine\nno-compile = true\n", URL),
        (b"[install]\nconstraint = team.txt\n[list]\nformat = json\n", f"team.txt\n{URL}"),
        (b"[install]\nconstraint: a.txt\n   b.txt\nno-compile=1\n", f"a.txt\n{URL}\nb.txt"),
        (b"[install]\nconstraint =\n    a.txt\n    b.txt\n", f"\n{URL}\na.txt\nb.txt"),
        (b"[list]\nconstraint = x\n\n[install]\n", URL),
        (b"; \xe7\xba\xa6\xe6\x9d\x9f\n[install]\n", URL),
    ],
)
def test_a_pip_conf_of_somebody(before: bytes, constraint: str) -> None:
    after = read(merged(before))
    assert after["install"]["constraint"] == constraint
    old = read(before)
    for name in old.sections():
        for key, value in old[name].items():
            assert key == "constraint" or after[name][key] == value


@pytest.mark.parametrize(
    "before", [b"[install]\n[install]\n", b"no section = 1\n", b"\xff\xfe", b"[install"]
)
def test_what_pip_cannot_read_is_left(before: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        pip_conf.text(before, URL)


def test_it_says_so_already() -> None:
    assert pip_conf.text(merged(b"[global]\nquiet = 1\n"), URL)[1] == b""


_LINES = st.sampled_from(
    ["[install]", "[global]", "[list]", "constraint = a", "  b", "# c", "", "quiet = 1", "quiet: 2"]
)


@given(st.lists(_LINES, max_size=8), st.booleans())
def test_any_file_is_merged_as_it_is_meant_or_left(lines: list[str], whole: bool) -> None:
    before = "\n".join(lines).encode() + b"\n" * whole
    try:
        after = merged(before)
    except Refused:
        return
    assert URL in read(after)["install"]["constraint"].split()


@pytest.mark.parametrize(
    "before", [b"", b"channels: [a]", b"# mine\nchannels:\n  - a\n", b"{}\n#\n"[3:]]
)
def test_a_condarc_of_somebody(before: bytes) -> None:
    at, text = condarc.text(before)
    after = before[:at] + text + before[at:]
    assert after.replace(text, b"", 1) == before
    assert yaml.safe_load(after) == {**(yaml.safe_load(before) or {}), "path_conflict": "prevent"}


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (b"path_conflict: warn\n", "says path_conflict: warn, and stays so"),
        (b"{channels: [a]}\n", "has no place"),
        (b"channels: [a\n", "cannot be read"),
        (b"- a\n", "cannot be read"),
        (b"channels: |\n  a\n...\n", "has no place"),
    ],
)
def test_a_condarc_that_is_left(before: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        condarc.text(before)


def test_a_condarc_that_says_so_already() -> None:
    assert condarc.text(b"path_conflict: prevent\n")[1] == b""


# ---- constraints -------------------------------------------------------------------------------


def test_constraints_are_what_pip_can_read() -> None:
    """One line that it cannot read would make pip refuse everything."""
    found = owning(numpy="1.26.4", torch="2.0.1+cu118", odd="2004d", **{"no name": "1"}, void="")
    lines = constraints.text(found, ["file:///etc/c.txt"]).decode().splitlines()
    assert lines[2:] == [
        "-c file:///etc/c.txt",
        "numpy===1.26.4",
        "odd===2004d",
        "torch==2.0.1+cu118",
    ]
    assert constraints.included("\n".join(lines).encode()) == ["file:///etc/c.txt"]


@pytest.mark.parametrize(("pip", "held"), [("26.1.2", False), ("26.2", True), ("27", True)])
def test_what_builds_wheels_is_free_where_builds_are_held(pip: str, held: bool) -> None:
    found = owning(setuptools="65.0", numpy="1.26.4", pip=pip)
    text = constraints.text(found, ())
    assert b"numpy===1.26.4" in text
    assert (b"setuptools" in text) is held
