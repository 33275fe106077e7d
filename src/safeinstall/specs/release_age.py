"""How each tool is kept from releases that are younger than the policy allows. Pure.

Sources: pip 26.0, ``--uploaded-prior-to`` (an instant; since 26.1 also ``P3D``); uv,
``--exclude-newer``; conda 26.9, ``exclude_newer`` (conda/conda#15761, CEP 47). A tool of an older
release knows no such option, and mamba and micromamba have none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from safeinstall.specs.versions import numbers
from safeinstall.value import Value


class Means(Value):
    """What keeps a tool from young releases."""

    since: str  # the first release of the tool that has it; "" for every one
    option: str
    variable: str


MEANS = {
    "pip": Means("26.0", "--uploaded-prior-to", "PIP_UPLOADED_PRIOR_TO"),
    "uv": Means("", "--exclude-newer", "UV_EXCLUDE_NEWER"),
    "conda": Means("26.9", "--exclude-newer", "CONDA_EXCLUDE_NEWER"),
}

_DATE = len("2026-01-01")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def knows(tool: str, version: str) -> bool:
    """Has this release of the tool the means? True, too, where its version is not known."""
    means = MEANS.get(tool)
    if means is None:
        return False
    here, since = numbers(version), numbers(means.since)
    return not (here and since) or here >= since


def cutoff(minutes: int, now: float) -> str:
    """The instant before which a release must have been published, in UTC (RFC 3339). ``now`` is
    in seconds since the epoch.
    """
    instant = datetime.fromtimestamp(now, UTC) - timedelta(minutes=minutes)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_within(said: str, instant: str, now: float) -> bool:
    """Is what the user says to the tool at least as strict? False, too, where that is not known.

    ``said`` is a date, an instant, or an age such as ``P3D``, ``3d`` or ``3 days``.
    """
    found = _instant(said.strip(), now)
    return found is not None and found <= datetime.fromisoformat(instant.replace("Z", "+00:00"))


def _instant(said: str, now: float) -> datetime | None:
    number, unit = _age(said)
    if unit:
        return datetime.fromtimestamp(now, UTC) - timedelta(**{unit: number})
    try:
        found = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError:
        return None
    if len(said) == _DATE:  # uv and conda take the whole day in
        found += timedelta(days=1)
    return found if found.tzinfo else found.astimezone()


def _age(said: str) -> tuple[int, str]:
    """Number and unit; the unit is "" where it is no age."""
    plain = said.lower().removeprefix("p").replace(" ", "")
    number = plain.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = _UNITS.get(plain[len(number) :][:1], "")
    known = number.isascii() and number.isdecimal() and len(number) < 6 and unit
    return (int(number), unit) if known else (0, "")
