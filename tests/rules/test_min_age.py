"""SI307 min-age, and what the guard tells the tools."""

from __future__ import annotations

import datetime

import pytest

from safeinstall import argv
from safeinstall.model import AgeLimit, Finding, Sources
from safeinstall.probe import release_age as told
from safeinstall.rules import min_age
from safeinstall.specs import release_age
from tests.rules.facts import CONTEXT, facts_of

NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC).timestamp()
THREE_DAYS = release_age.cutoff(3 * 24 * 60, NOW)


def test_the_instant_is_in_utc() -> None:
    assert THREE_DAYS == "2026-11-26T12:00:00Z"


@pytest.mark.parametrize(
    ("said", "within"),
    [
        ("2026-11-26T12:00:00Z", True),
        ("2026-11-25", True),
        ("2026-11-26", False),  # uv takes the whole day in
        ("2026-11-26T14:00:00+02:00", True),
        ("2026-11-26T12:00:01Z", False),
        ("2026-11-28", False),
        ("P3D", True),
        ("P2D", False),
        ("3d", True),
        ("1w", True),
        ("4 days", True),
        ("71 hours", False),
        ("0", False),
        ("", False),
        ("numpy=2020-01-01", False),
        ("soon", False),
        ("9" * 400 + "d", False),
    ],
)
def test_what_is_said_to_a_tool(said: str, *, within: bool) -> None:
    assert release_age.is_within(said, THREE_DAYS, NOW) == within


@pytest.mark.parametrize(
    ("tool", "version", "knows"),
    [
        ("pip", "25.3", False),
        ("pip", "26.0", True),
        ("pip", "26.1.2", True),
        ("pip", "", True),
        ("uv", "", True),
        ("conda", "26.7.1", False),
        ("conda", "26.9.0", True),
        ("mamba", "2.3", False),
    ],
)
def test_which_release_of_a_tool_has_the_means(tool: str, version: str, *, knows: bool) -> None:
    assert release_age.knows(tool, version) == knows


def limited(line: str, *rows: str, **limit: object) -> Finding | None:
    limit = {"known": True, **limit}
    facts = facts_of(line, *rows, sources=Sources(min_age="3d"), age_limit=AgeLimit(**limit))  # type: ignore[arg-type]
    return min_age.look(facts)


def test_a_tool_that_cannot_is_named_with_what_brings_one_that_can() -> None:
    found = limited("pip install six", "pip pip 25.3", known=False, version="25.3")
    assert found is not None
    assert "pip 25.3, unlike 26.0 and later, cannot" in found.message
    assert found.fixes == ("python -m pip install --upgrade 'pip>=26.0'",)
    by_conda = limited("pip install six", "conda pip 25.3", known=False, version="25.3")
    assert by_conda is not None
    assert by_conda.fixes == ("conda install -n nlp 'pip>=26.0'",)
    conda = limited("conda install six", known=False, version="26.7.1")
    assert conda is not None
    assert conda.fixes == ("conda install -n base 'conda>=26.9'",)
    mamba = limited("mamba install six", known=False)
    assert mamba is not None
    assert not mamba.fixes


def test_the_tool_itself_may_be_brought_up_to_date() -> None:
    assert limited("pip install -U pip>=26.0", known=False, version="25.3") is None
    assert limited("conda update -n base conda", known=False, version="26.7") is None


def test_an_age_on_the_command_line_that_is_looser() -> None:
    line = "pip install --uploaded-prior-to P1D six"
    assert argv.parse(line.split(), CONTEXT).cutoff == "P1D"
    found = limited(line, loosened="P1D")
    assert found is not None
    assert found.fixes == ("python -m pip install six",)


def test_what_is_stricter_already_stays() -> None:
    minutes = 3 * 24 * 60
    command = argv.parse(["pip", "install", "--uploaded-prior-to", "P9D", "six"], CONTEXT)
    assert "PIP_UPLOADED_PRIOR_TO" not in told.told({}, minutes, command)
    assert "UV_EXCLUDE_NEWER" in told.told({}, minutes, command)
    own = {"PIP_UPLOADED_PRIOR_TO": "2020-01-01"}
    assert told.told(own, minutes)["PIP_UPLOADED_PRIOR_TO"] == "2020-01-01"
    looser = {"PIP_UPLOADED_PRIOR_TO": "P1D"}
    assert told.told(looser, minutes)["PIP_UPLOADED_PRIOR_TO"] != "P1D"
