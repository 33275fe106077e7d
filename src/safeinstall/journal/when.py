"""Time in words: ``yesterday``, ``last monday``, ``2 hours ago``, ``3d``, ``2026-11-20``. Pure,
except that days begin in the machine's time zone.

Our own grammar, because an audit must not guess: dateparser reads 2026-13-01 as the 13th of
January, parsedatetime reads 3d as in three days' time, and both are larger than this module.
"""

from __future__ import annotations

import datetime
import re

from safeinstall.errors import UsageError
from safeinstall.value import Value

EXAMPLES = "yesterday, '2 hours ago', 2026-11-20T14:00"

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NAMES = {
    "s": "s sec secs second seconds",
    "min": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "w": "w week weeks",
    "month": "mo month months",
    "year": "y yr year years",
}
_UNITS = {name: unit for unit, names in _NAMES.items() for name in names.split()}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_NUMBER = r"(?P<number>\d+(?:\.\d+)?|an?|one)"
_AGE = re.compile(_NUMBER + r"\s*(?P<unit>[a-z]+)(?:\s+ago)?", re.ASCII)
_DAY = re.compile(r"(?P<day>.+?)(?:(?:\s+at)?\s+(?P<clock>\d{1,2}:\d\d(?::\d\d)?))?", re.ASCII)
_PERIOD = re.compile(r"(?P<which>this|last)\s+(?P<unit>week|month|year)")
_WEEKDAY = re.compile(r"(?P<which>last\s+)?(?P<name>[a-z]{3,})")
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)", re.ASCII)


class Span(Value):
    """A period such as a day or a week, or a moment, for which ``begin`` and ``end`` are equal.

    Both are aware and in UTC; ``end`` is exclusive.
    """

    begin: datetime.datetime
    end: datetime.datetime


def span(text: str, now: datetime.datetime) -> Span:
    """The time that ``text`` means. Times and days without a time zone are local; a weekday means
    the latest one. Raises UsageError, with examples.
    """
    words = " ".join(text.lower().split())
    local = now.astimezone().replace(tzinfo=None)
    try:
        found = _moment(words, now) or _period(words, local) or _day(words, local) or _iso(words)
        return Span(*(moment.astimezone(datetime.UTC) for moment in found))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no point in time; write {EXAMPLES}") from error


_Pair = tuple[datetime.datetime, datetime.datetime]


def _moment(words: str, now: datetime.datetime) -> _Pair | None:
    found = _AGE.fullmatch(words)
    if words == "now":
        return now, now
    if not found or found["unit"] not in _UNITS:
        return None
    number = 1.0 if found["number"] in ("a", "an", "one") else float(found["number"])
    moment = _ago(number, _UNITS[found["unit"]], now)
    return moment, moment


def _ago(number: float, unit: str, now: datetime.datetime) -> datetime.datetime:
    if unit in _SECONDS:
        return now - datetime.timedelta(seconds=number * _SECONDS[unit])
    if number != int(number):
        raise ValueError(unit)
    months = int(number) * (12 if unit == "year" else 1)
    local = now.astimezone().replace(tzinfo=None)
    first = _month(local.year, local.month - months)
    last_day = (_month(first.year, first.month + 1) - datetime.timedelta(days=1)).day
    return local.replace(year=first.year, month=first.month, day=min(local.day, last_day))


def _period(words: str, local: datetime.datetime) -> _Pair | None:
    found, month = _PERIOD.fullmatch(words), _MONTH.fullmatch(words)
    if month:
        year, number = int(month["year"]), int(month["month"])
        # datetime() checks the month: 13 is refused
        return datetime.datetime(year, number, 1), _month(year, number + 1)
    if not found:
        return None
    back = int(found["which"] == "last")
    if found["unit"] == "week":
        monday = _midnight(local) - datetime.timedelta(days=local.weekday() + 7 * back)
        return monday, monday + datetime.timedelta(days=7)
    if found["unit"] == "month":
        return _month(local.year, local.month - back), _month(local.year, local.month - back + 1)
    return _month(local.year - back, 1), _month(local.year - back + 1, 1)


def _day(words: str, local: datetime.datetime) -> _Pair | None:
    found = _DAY.fullmatch(words)
    if found is None:
        raise ValueError(words)
    day = _named(found["day"], local)
    if found["clock"]:
        clock = datetime.time.fromisoformat(found["clock"].rjust(5, "0"))
        moment = datetime.datetime.combine(day or _date(found["day"]), clock)
        return moment, moment
    return (day, day + datetime.timedelta(days=1)) if day else None


def _named(word: str, local: datetime.datetime) -> datetime.datetime | None:
    """The midnight at which a named day begins."""
    today = _midnight(local)
    if word in ("today", "yesterday"):
        return today - datetime.timedelta(days=int(word == "yesterday"))
    found = _WEEKDAY.fullmatch(word)
    names = [name for name in _WEEKDAYS if found and name.startswith(found["name"])]
    if not found or not names:
        return None
    back = (today.weekday() - _WEEKDAYS.index(names[0])) % 7
    return today - datetime.timedelta(days=back or (7 if found["which"] else 0))


def _iso(words: str) -> _Pair:
    if ":" in words and "-" not in words:
        raise ValueError("a time of no day")
    if ":" not in words:
        day = _date(words)
        return day, day + datetime.timedelta(days=1)
    moment = datetime.datetime.fromisoformat(words.upper())
    return moment, moment


def _date(word: str) -> datetime.datetime:
    return datetime.datetime.combine(datetime.date.fromisoformat(word), datetime.time())


def _midnight(local: datetime.datetime) -> datetime.datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(year: int, month: int) -> datetime.datetime:
    """The beginning of a month; 0 is the last month of the year before, 13 the first one after."""
    years, index = divmod(month - 1, 12)
    return datetime.datetime(year + years, index + 1, 1)
