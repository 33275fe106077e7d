"""Where a distribution came from, as one text."""

from __future__ import annotations

import pytest
from packaging.direct_url import DirectUrl

from safeinstall import redaction
from safeinstall.specs.origin import direct_url, exactly, is_exact, short, text

COMMIT = "3fa9c1d2e4b5a6978877665544332211ffeeddcc"
HASH = "ab12" * 16
SAMPLES = {
    f"git+https://github.com/x/y.git@{COMMIT}": f"git {COMMIT[:12]}",
    f"git+ssh://git@github.com/x/y@{COMMIT}#subdirectory=lib": f"git {COMMIT[:12]}",
    f"https://host/x-1.0-py3-none-any.whl#sha256={HASH}": f"sha256 {HASH[:12]}",
    f"file:///a/x-1.0.tar.gz#sha256={HASH}&subdirectory=x": f"sha256 {HASH[:12]}",
    "https://host/x-1.0.zip": "https://host/x-1.0.zip",
    "file:///a/b%20c": "file:///a/b%20c",
}


@pytest.mark.parametrize("origin", SAMPLES)
def test_there_and_back(origin: str) -> None:
    """What is made of it is what PEP 610 has; the journal keeps it as it is."""
    found = direct_url(origin)
    assert text(found) == origin
    assert text(DirectUrl.from_dict(found).to_dict(safe_user_passwords=("git",))) == origin
    assert redaction.value({"origin": origin}) == {"origin": origin}
    assert short(origin) == SAMPLES[origin]
    assert is_exact(origin) == (COMMIT in origin or HASH in origin)


def test_an_editable_directory() -> None:
    found = direct_url("file:///work/thing", editable=True)
    assert found["dir_info"] == {"editable": True}
    assert text(found) == "file:///work/thing"


@pytest.mark.parametrize(
    "damaged", [{}, {"url": 1}, {"url": "x", "vcs_info": 3, "archive_info": 1}]
)
def test_damage(damaged: dict[str, object]) -> None:
    assert text(damaged) in ("", "x")


def test_the_older_form_of_a_hash() -> None:
    said = {"url": "file:///x.whl", "archive_info": {"hash": f"sha256={HASH}"}}
    assert text(said) == f"file:///x.whl#sha256={HASH}"


def test_two_of_one_version_are_told_apart() -> None:
    assert exactly("1.0", "py311_0", "") == "1.0 py311_0"
    assert exactly("1.0", "", "") == "1.0 (from an index)"
    assert exactly("1.0", "", f"git+https://h/x@{COMMIT}") == f"1.0 (git {COMMIT[:12]})"
