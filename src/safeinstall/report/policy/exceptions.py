"""The exceptions of a policy as plain data, with the days left: for ``policy exceptions``."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from safeinstall.report.policy import effect
from safeinstall.report.policy.values import source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.model import Json
    from safeinstall.policy import Exemption
    from safeinstall.policy.merge import Policy


def used(records: Iterable[Json]) -> dict[str, str]:
    """When each exception was last used, by its key, from the records of journals."""
    last: dict[str, str] = {}
    for record in records:
        time = str(record.get("time") or "")
        for said in record.get("exceptions") or ():
            key = str(said).partition(":")[0]
            last[key] = max(last.get(key, ""), time)
    return last


def listed(policy: Policy, last_used: Mapping[str, str], today: datetime.date) -> list[Json]:
    """Every exception, the one that ends first at the front. ``counts`` is false for those in files
    whose exceptions do not count; ``why`` says so.
    """
    counting = [(exception, "") for exception in policy.exceptions]
    found = [*counting, *effect.dropped_exceptions(policy)]
    rows = [_row(exception, why, last_used, today) for exception, why in found]
    return sorted(rows, key=lambda row: (row["expires"], row["id"]))


def ending(rows: Iterable[Json], days: float) -> list[Json]:
    """Those that end within so many days, or have ended."""
    return [row for row in rows if row["days_left"] <= days]


def _row(
    exception: Exemption, why: str, last_used: Mapping[str, str], today: datetime.date
) -> Json:
    left = (datetime.date.fromisoformat(exception.expires) - today).days
    return {
        "id": exception.id,
        "rule": exception.rule,
        "envs": list(exception.envs),
        "packages": list(exception.packages),
        "reason": exception.reason,
        "owner": exception.owner,
        "expires": exception.expires,
        "days_left": left,
        "expired": left < 0,
        "counts": not why,
        "why": why or None,
        "last_used": last_used.get(exception.key.partition(":")[0]),
        "by": source(exception.by),
    }
