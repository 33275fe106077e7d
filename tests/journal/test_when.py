"""Time in words, in time zones with and without summer time."""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.errors import UsageError
from safeinstall.journal import select, when

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)  # a Sunday

MOMENTS = {
    "now": "2026-11-22T12:00",
    "90min": "2026-11-22T10:30",
    "90 m": "2026-11-22T10:30",
    "2h": "2026-11-22T10:00",
    "2 hours ago": "2026-11-22T10:00",
    "an hour ago": "2026-11-22T11:00",
    "3d": "2026-11-19T12:00",
    "1.5 w": "2026-11-12T00:00",
    "3 months ago": "2026-08-22T12:00",
    "1y": "2025-11-22T12:00",
    "Yesterday  14:00": "2026-11-21T14:00",
    "yesterday at 9:30": "2026-11-21T09:30",
    "last monday 8:00": "2026-11-16T08:00",
    "2026-11-20 10:00:05": "2026-11-20T10:00:05",
    "2026-11-20 at 10:00": "2026-11-20T10:00",
    "2026-11-01T12:00:00.5+02:00": "2026-11-01T10:00:00.500",
    "2026-11-01T12:00Z": "2026-11-01T12:00",
}

SPANS = {
    "today": ("2026-11-22", "2026-11-23"),
    "yesterday": ("2026-11-21", "2026-11-22"),
    "2026-11-20": ("2026-11-20", "2026-11-21"),
    "monday": ("2026-11-16", "2026-11-17"),
    "last monday": ("2026-11-16", "2026-11-17"),
    "sun": ("2026-11-22", "2026-11-23"),
    "last sunday": ("2026-11-15", "2026-11-16"),
    "this week": ("2026-11-16", "2026-11-23"),
    "last week": ("2026-11-09", "2026-11-16"),
    "last month": ("2026-10-01", "2026-11-01"),
    "this year": ("2026-01-01", "2027-01-01"),
    "2026-12": ("2026-12-01", "2027-01-01"),
}

NONSENSE = [
    *("", "d", "banana", "yesterdayish", "3 days agoo", "3 bananas ago", "1.5 months", "last"),
    *("2026-13-01", "2026-13", "2026-02-30", "yesterday 25:00", "monday tuesday", "at 10:00"),
    *("14:00", "99999999999w", "9999999 years ago", "9999-12-31", "0001-01-01", "\udcff", "٣d"),
]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Tests choose the time zone that the machine is in."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def utc_time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(("text", "expected"), MOMENTS.items())
def test_moments(text: str, expected: str) -> None:
    assert when.span(text, NOW) == when.Span(utc_time(expected), utc_time(expected))


@pytest.mark.parametrize(("text", "expected"), SPANS.items())
def test_days_and_longer(text: str, expected: tuple[str, str]) -> None:
    assert when.span(text, NOW) == when.Span(*map(utc_time, expected))


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_not_understood_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="no point in time; write yesterday, '2 hours ago', 2026"):
        when.span(text, NOW)


def test_days_are_local(utc: pytest.MonkeyPatch) -> None:
    utc.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    late = datetime.datetime(2026, 11, 22, 20, tzinfo=datetime.UTC)  # there it is Monday already
    assert when.span("yesterday", late).begin == utc_time("2026-11-21T18:30")
    assert when.span("monday", late).begin == utc_time("2026-11-22T18:30")


def test_a_day_of_the_change_to_winter_time_has_25_hours(utc: pytest.MonkeyPatch) -> None:
    utc.setenv("TZ", "Europe/Berlin")
    time.tzset()
    found = when.span("2026-10-25", NOW)
    assert found.end - found.begin == datetime.timedelta(hours=25)
    assert when.span("1 month ago", NOW).begin == utc_time("2026-10-22T11:00")


def test_the_31st_goes_back_to_the_last_of_a_shorter_month() -> None:
    last = datetime.datetime(2026, 3, 31, 12, tzinfo=datetime.UTC)
    assert when.span("a month ago", last).begin == utc_time("2026-02-28T12:00")


def test_until_takes_the_whole_day_in() -> None:
    assert select.since("yesterday", NOW) == "2026-11-21T00:00:00.000Z"
    assert select.until("yesterday", NOW) == "2026-11-22T00:00:00.000Z"
    assert select.until("2h", NOW) == select.since("2h", NOW) == "2026-11-22T10:00:00.000Z"


@given(st.datetimes(min_value=datetime.datetime(1971, 1, 1), max_value=datetime.datetime(2990, 1, 1)))  # fmt: skip  # noqa: E501
def test_iso_there_and_back(moment: datetime.datetime) -> None:
    aware = moment.replace(tzinfo=datetime.UTC)
    for text in (aware.isoformat(), aware.isoformat().replace("T", " "), moment.isoformat()):
        if ":" in text:
            assert when.span(text, NOW).begin == aware


@given(st.text(max_size=20) | st.from_regex(r"(last |this |\d+ ?)?[a-z]+( ago| \d+:\d+)?"))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        found = when.span(text, NOW)
    except UsageError:
        return
    assert found.begin <= found.end
