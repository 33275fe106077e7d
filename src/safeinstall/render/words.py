"""Operations and changes in a few words, for all outputs that people read."""

from __future__ import annotations

import datetime
import shlex
from typing import TYPE_CHECKING

from safeinstall.journal.record import as_package
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.shown import one_line, printable
from safeinstall.specs.origin import exactly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Json
    from safeinstall.render.look import Look

OUTSIDE = "(not by a guarded command)"
_AGES = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (14 * 86_400, 86_400, "d"))
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def changes(operation: Json, look: Look, most: int | None = None) -> list[str]:
    """The changes, each as ``numpy 1.26.4 → 2.2.6``; at most ``most`` lines."""
    shown = [change(item, look) for item in operation["changes"]]
    if most is None or len(shown) <= most:
        return shown
    return [*shown[: most - 1], f"and {len(shown) - most + 1} more"]


def change(item: Json, look: Look) -> str:
    """One package's change; the owners are shown if they differ, and if versions do not either,
    builds or origins.
    """
    before, after = item["before"], item["after"] or item.get("stays")
    moved = before and after and before.get("owner") != after.get("owner")
    if before and after and not moved and before["version"] == after["version"]:
        sides = [exactly(as_package(item["name"], side)) for side in (before, after)]
    else:
        sides = [_side(side, look, owner=bool(moved)) for side in (before, after)]
    return one_line(f"{item['name']} {sides[0]} {look.arrow} {sides[1]}")


def moment(instant: str | None) -> datetime.datetime | None:
    """A time of the journal in local time; ``None`` for an invalid text."""
    try:
        return datetime.datetime.fromisoformat(instant or "").astimezone()
    except (ValueError, OverflowError):
        return None


def age(instant: str | None, now: datetime.datetime) -> str:
    """How long ago a time was, for people; the date for more than two weeks."""
    found = moment(instant)
    if found is None:
        return "?"
    seconds = (now - found).total_seconds()
    if -60 < seconds < 1:
        return "now"
    for limit, unit, name in _AGES:
        if 0 < seconds < limit:
            return f"{int(seconds // unit)}{name} ago"
    return found.astimezone(now.tzinfo).strftime("%Y-%m-%d")


def duration(seconds: float | None) -> str:
    """A duration for people: ``3.2s``, ``45s``, ``2m05s``, ``12min``."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}min" if minutes >= 10 else f"{minutes}m{rest:02d}s"


def roughly(seconds: float) -> str:
    """A duration in its largest unit: ``3 days``."""
    size, unit = next((item for item in _UNITS if seconds >= item[0]), _UNITS[-1])
    return counted(int(seconds // size), unit)


def counted(count: int, noun: str) -> str:
    """``1 package``, ``2 packages``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def command(item: Json, *, short: bool = True) -> str:
    """The command as it would be typed; with ``short``, the tool without its directory."""
    words = [str(word) for word in item["argv"]]
    if short and words:
        words[0] = words[0].rpartition("/")[2] or words[0]
    return printable(shlex.join(words)) if words else ""


def shortened(item: Json, look: Look, most: int = 120) -> str:
    """The command, shortened: of a long word the end is kept, of many words the first ones."""
    words = command(item).split(" ")
    text = " ".join(look.more + word[-28:] if len(word) > 30 else word for word in words)
    return clipped(text, look, most) or OUTSIDE


def clipped(text: str, look: Look, most: int) -> str:
    """The text, cut at its end to at most ``most`` columns."""
    from rich.cells import cell_len, chop_cells

    if cell_len(text) <= most:
        return text
    return chop_cells(text, max(most - len(look.more), 1))[0].rstrip() + look.more


def who(actor: Json) -> str:
    """The name of the agent or the CI, if there was one, else of the user."""
    return one_line(str(actor.get("agent") or actor.get("ci") or actor.get("user") or ""))


def prefix(item: Json) -> str:
    """The prefix of the environment that an operation was about."""
    return str((item["environment"] or {}).get("prefix") or "")


def place(item: Json) -> str:
    """The name of the environment that an operation was about, else its prefix."""
    return one_line(str((item["environment"] or {}).get("name") or prefix(item)))


def beginnings(records: Iterable[Json]) -> Iterator[str]:
    """A line on how each journal began: with a baseline, or as a copy of another environment's."""
    owners: dict[str, dict[str, int]] = {}
    for record in records:
        said = record.get("origin")
        if said:
            came = "moved here from" if said.get("what") == "moved" else "copied from"
            yield f"{place(record)}: {came} {said.get('prefix') or 'elsewhere'}"
            continue
        counts = owners.setdefault(f"{place(record)}: {str(record.get('time'))[:10]}", {})
        for item in record.get("changes") or ():
            owner = str((item.get("after") or {}).get("owner"))
            counts[owner] = counts.get(owner, 0) + 1
    for title, counts in owners.items():
        order = sorted(counts, key=lambda owner: (owner not in CONDA_OWNERS, owner))
        whose = " and ".join(f"{counts[owner]} of {owner}'s" for owner in order)
        yield f"{title}, the journal begins with {whose or 'an empty environment'}"


def came_along(home: str, replaced: bool) -> str:
    """That a journal has come with an environment; ``replaced``: in its lines, ``home`` was."""
    told = f"the journal came along from {home}"
    return told + ", and is read as there: the path was replaced in it" * replaced


def rules(item: Json) -> str:
    """The codes of the rules that fired, the worst first: ``SI201, SI301``."""
    found = sorted(item["findings"], key=lambda finding: finding.get("level") != "block")
    return ", ".join(dict.fromkeys(str(finding.get("rule")) for finding in found))


def _side(side: Json | None, look: Look, *, owner: bool) -> str:
    if side is None:
        return look.nothing
    return f"{side.get('version')} ({side.get('owner')})" if owner else str(side.get("version"))
