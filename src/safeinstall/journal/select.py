"""Which operations are meant: filters, and the names an operation goes by. Pure."""

from __future__ import annotations

import datetime
import fnmatch
import itertools

from safeinstall.errors import UsageError
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Json

_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Filter(Value):
    """What an operation has to be like; ``""`` lets everything through."""

    package: str = ""  # a name or a pattern like "torch*", among the changes and the specs
    tool: str = ""
    verdict: str = ""
    status: str = ""
    actor: str = ""  # user, agent or CI
    since: str = ""  # RFC 3339, see instant()
    until: str = ""

    def __call__(self, operation: Json) -> bool:
        return all(
            (
                self.tool in ("", (operation["tool"] or {}).get("name")),
                self.verdict in ("", operation["verdict"]),
                self.status in ("", operation["status"]),
                not self.actor or self.actor in _names(operation["actor"] or {}),
                not self.package or _touches(operation, self.package),
                not self.since or str(operation["time"]) >= self.since,
                not self.until or str(operation["time"]) <= self.until,
            )
        )


def instant(text: str, now: datetime.datetime) -> str:
    """``2026-11-01``, ``2026-11-01T12:00``, or an age such as ``90min``, ``2h``, ``3d``, ``1w``, as
    the journal writes instants. Times without a zone are local. Raises UsageError.
    """
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(number) :].strip()
    try:
        if unit in _UNITS:
            moment = now - datetime.timedelta(seconds=float(number) * _UNITS[unit])
        else:
            moment = datetime.datetime.fromisoformat(text)
        moment = moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        advice = "write 2026-11-01, 2026-11-01T12:00, or an age such as 90min, 2h, 3d, 1w"
        raise UsageError(f"{text!r} is no point in time; {advice}") from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def find(operations: Iterable[Json], name: str) -> Json:
    """The operation called ``last``, ``last-2`` or by the beginning of its ID.

    ``operations`` come newest first. Raises UsageError where there is none, or more than one.
    """
    if name == "last" or name.startswith("last-"):
        return _nth(operations, name)
    if len(name) < 4:
        raise UsageError(f"{name!r} is too short for an operation's ID; give four characters")
    found = [item for item in operations if str(item["op"]).startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"no operation has an ID that begins with {name}; see: safeinstall history"
        )
    several = ", ".join(str(item["op"]) for item in found[:5])
    raise UsageError(f"{len(found)} operations have an ID that begins with {name}: {several}")


def span(operations: Iterable[Json], first: str, last: str) -> Iterator[Json]:
    """The operations after ``first`` up to and with ``last``, newest first."""
    everything = list(operations)
    begin, end = find(everything, first), find(everything, last)
    start, stop = everything.index(end), everything.index(begin)
    if start > stop:
        raise UsageError(f"{first} is later than {last}; write {last}..{first}")
    return iter(everything[start:stop])


def shortest_names(operations: list[Json]) -> dict[str, str]:
    """For each ID its shortest beginning, of at least eight characters, that none shares."""
    ids = sorted({str(item["op"]) for item in operations})
    lengths = dict.fromkeys(ids, 8)
    for one, other in itertools.pairwise(ids):
        common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 36)
        for name in (one, other):
            lengths[name] = max(lengths[name], common + 1)
    return {name: name[:length].rstrip("-") for name, length in lengths.items()}


def _nth(operations: Iterable[Json], name: str) -> Json:
    number = name.removeprefix("last").removeprefix("-") or "0"
    if not number.isdecimal():
        raise UsageError(f"{name!r} names no operation; write last, last-1, last-2 …")
    found = next(itertools.islice(operations, int(number), None), None)
    if found is None:
        raise UsageError(f"there is no {name}: the journal has fewer operations")
    return found


def _names(actor: Json) -> tuple[object, ...]:
    return actor.get("user"), actor.get("agent"), actor.get("ci")


def _touches(operation: Json, pattern: str) -> bool:
    wanted = pattern.lower().replace("_", "-")
    specs = (operation["command"] or {}).get("specs") or []
    named = (str(item.get("name", "")) for item in [*operation["changes"], *specs])
    return any(fnmatch.fnmatchcase(name.lower().replace("_", "-"), wanted) for name in named)
