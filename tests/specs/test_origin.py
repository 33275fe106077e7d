"""Where a distribution came from, by the data of PEP 610."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall import redaction
from safeinstall.canonical import encode
from safeinstall.model import Package
from safeinstall.specs.origin import exactly, is_alike, moves, parse, text, where

if TYPE_CHECKING:
    from typing import Any

COMMIT = "3fa9c1d2e4b5a6978877665544332211ffeeddcc"
HASH = "ab12" * 16
GIT = {"vcs": "git", "commit_id": COMMIT}
SHA256 = {"hashes": {"sha256": HASH}}
SAMPLES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"url": "https://github.com/x/y.git", "vcs_info": GIT},
        f"git+https://github.com/x/y.git@{COMMIT}",
        f"git {COMMIT[:12]}",
    ),
    (
        {"url": "ssh://git@github.com/x/y", "vcs_info": GIT, "subdirectory": "lib"},
        f"git+ssh://git@github.com/x/y@{COMMIT}#subdirectory=lib",
        f"git {COMMIT[:12]}",
    ),
    (
        {"url": "https://host/x-1.0-py3-none-any.whl", "archive_info": SHA256},
        f"https://host/x-1.0-py3-none-any.whl#sha256={HASH}",
        f"sha256 {HASH[:12]}",
    ),
    (
        {"url": "file:///a/x-1.0.tar.gz", "archive_info": SHA256, "subdirectory": "x"},
        f"file:///a/x-1.0.tar.gz#sha256={HASH}&subdirectory=x",
        f"sha256 {HASH[:12]}",
    ),
    ({"url": "https://host/x.zip", "archive_info": {}}, "https://host/x.zip", "https://host/x.zip"),
    ({"url": "file:///a/b%20c", "dir_info": {}}, "file:///a/b%20c", "file:///a/b%20c"),
]


def package(direct_url: dict[str, Any], version: str = "1.0") -> Package:
    origin = encode(direct_url).decode() if direct_url else ""
    return Package("x", version, "pip", source="url" if direct_url else "", origin=origin)


@pytest.mark.parametrize(("found", "line", "short"), SAMPLES)
def test_as_text(found: dict[str, Any], line: str, short: str) -> None:
    """The journal keeps it as it is."""
    said = package(found)
    assert text(found) == where(said.origin) == line
    assert exactly(said) == f"1.0 ({short})"
    assert moves(said) == (COMMIT not in line and HASH not in line)
    assert redaction.value({"origin": found}) == {"origin": found}
    again = parse(said.origin)
    assert again is not None
    assert text(again.to_dict(safe_user_passwords=("git",))) == line


def test_an_editable_directory() -> None:
    here, copied = (
        package({"url": "file:///work/thing", "dir_info": info})
        for info in ({"editable": True}, {})
    )
    assert exactly(here) == "1.0 (editable file:///work/thing)"
    assert not is_alike(here, copied)
    assert (moves(here), moves(copied)) == (False, True)


@pytest.mark.parametrize(
    "damaged", [{}, {"url": 1}, {"url": "x", "vcs_info": 3, "archive_info": 1, "dir_info": 2}]
)
def test_damage(damaged: dict[str, object]) -> None:
    assert text(damaged) in ("", "x")
    assert where(package(damaged).origin) in ("", "x")
    if damaged:
        with pytest.raises(ValueError, match=r"\w"):
            parse(package(damaged).origin)


def test_no_object() -> None:
    assert where("[1]") == where("{") == where("") == ""
    assert parse("") is None
    for damaged in ("[1]", "{", '"x"'):
        with pytest.raises(ValueError, match=r"\w"):
            parse(damaged)


def test_the_older_form_of_a_hash_is_the_same() -> None:
    older = {"url": "file:///x.whl", "archive_info": {"hash": f"sha256={HASH}"}}
    newer = {"url": "file:///x.whl", "archive_info": SHA256}
    assert text(older) == text(newer) == f"file:///x.whl#sha256={HASH}"
    assert is_alike(package(older), package(newer))


def test_a_tag_and_its_commit_are_the_same() -> None:
    one, other = (
        package({"url": "https://h/x", "vcs_info": GIT | revision})
        for revision in ({"requested_revision": "v1"}, {})
    )
    assert is_alike(one, other)
    later = package({"url": "https://h/x", "vcs_info": GIT | {"commit_id": "f" * 40}})
    assert not is_alike(one, later)


def test_what_is_not_known_is_alike() -> None:
    known, index = package(SAMPLES[0][0]), package({})
    older = known.replace(origin="")
    assert is_alike(known, older)
    assert is_alike(older, known)
    assert not is_alike(known, index)


def test_two_of_one_version_are_told_apart() -> None:
    assert exactly(Package("x", "1.0", "conda", build="py311_0")) == "1.0 py311_0"
    assert exactly(package({})) == "1.0 (from an index)"
    assert exactly(Package("x", "1.0", "pip", source="vcs")) == "1.0 (vcs)"
