"""Selects operations: filters, and the names by which a user can refer to an operation. Pure."""

from __future__ import annotations

import collections
import datetime
import fnmatch
import itertools

from safeinstall.errors import UsageError
from safeinstall.journal import when
from safeinstall.output.quoting import leading_to
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Json

PEOPLE = ("person", "agent", "ci")
"""Kinds of actors, beside the names of users, agents and CIs."""

VERDICTS = ("allow", "warn", "block")
TOOLS = ("conda", "mamba", "micromamba", "pip", "uv")

OVERRIDDEN = "overridden"
"""What may stand among statuses for "went on past a block": such an operation has a status, too."""

_RANDOM = 12  # characters at the end of an ID, behind its last dash
_ENOUGH = 8  # characters of an ID's end that may be used as a name
_LONGEST_NUMBER = 7  # digits


class Filter(Value):
    """Conditions on an operation. All fields must match; of a field's values, one is enough, and
    an empty field matches every operation.
    """

    package: tuple[str, ...] = ()  # names or patterns like "torch*", among changes and specs
    tool: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()  # PEOPLE, or names of a user, an agent or a CI
    rule: tuple[str, ...] = ()  # codes
    since: str = ""  # as the journal writes instants, see instant()
    until: str = ""  # exclusive
    overridden: bool = False  # only what went on past a block, for a reason

    def __call__(self, operation: Json) -> bool:
        moment = str(operation["time"])
        return (
            _one_of(self.tool, [(operation["tool"] or {}).get("name")])
            and _one_of(self.verdict, [operation["verdict"]])
            and _one_of(self.status, [operation["status"]])
            and _one_of(self.actor, _names(operation["actor"] or {}))
            and _one_of(self.rule, [item.get("rule") for item in operation["findings"]])
            and (not self.package or any(_touches(operation, one) for one in self.package))
            and (not self.since or moment >= self.since)
            and (not self.until or moment < self.until)
            and (not self.overridden or bool(operation["override"]))
        )

    def of(self, newest_first: Iterable[Json]) -> Iterator[Json]:
        """The operations that match. All are checked, also after one that is older than ``since``:
        a clock that was wrong for a while leaves early times among late ones.
        """
        return filter(self, newest_first)


def since(text: str, now: datetime.datetime) -> str:
    """The beginning of the time that ``text`` means, as text of the journal. Raises UsageError."""
    return instant(when.span(text, now).begin)


def until(text: str, now: datetime.datetime) -> str:
    """The end of the time that ``text`` means: ``--until yesterday`` includes yesterday. Raises
    UsageError.
    """
    return instant(when.span(text, now).end)


def instant(moment: datetime.datetime) -> str:
    """An aware moment as the journal writes it."""
    utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"  # strftime leaves zeros out of the year


def is_number(name: str) -> bool:
    """Is this an operation's number, and not a part of an ID?

    A number has no leading zero, and is shorter than the end of an ID.
    """
    plain = name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER
    return plain and str(int(name)) == name


def find(operations: Iterable[Json], name: str, selector: Sequence[str] = ()) -> Json:
    """The operation with this name: ``last``, ``last-2``, its number, or the beginning or end of
    its ID.

    ``operations`` are newest first; numbers refer to the chain of the newest one. ``selector`` are
    the options that name their environment. Raises UsageError where there is no such operation, or
    more than one.
    """
    if name == "last" or name.startswith("last-"):
        return _nth(operations, name)
    name = name.lower()
    if is_number(name):
        later = itertools.takewhile(lambda item: item["seq"] >= int(name), _of_one(operations))
        those = (item for item in later if item["seq"] == int(name))
        return _only(those, f"the number {name}", selector)
    if len(name) < 4:
        raise UsageError(f"{name!r} is too short for an operation's ID; give four characters")
    return _only(_named(operations, name), f"an ID that begins or ends with {name}", selector)


def _of_one(operations: Iterable[Json]) -> Iterator[Json]:
    """The operations in the chain of the newest one. A copied environment has a second chain: that
    of its original.
    """
    chain = None
    for item in operations:
        chain = chain or item["chain"]
        if item["chain"] == chain:
            yield item


def _named(operations: Iterable[Json], name: str) -> Iterator[Json]:
    """The operations whose ID begins or ends with ``name``; only the first one, if ``name`` is long
    enough to be unique.
    """
    for item in operations:
        op = str(item["op"])
        if len(name) >= _ENOUGH and op.endswith(name):
            yield item
            if len(name) >= _RANDOM:
                return
        elif op.startswith(name):
            yield item


def _only(candidates: Iterable[Json], what: str, selector: Sequence[str]) -> Json:
    found = list(candidates)
    if len(found) == 1:
        return found[0]
    if not found:
        words = ["safeinstall", "history", *selector]
        raise UsageError(leading_to(f"no operation has {what}", "see", words))
    several = ", ".join(str(item["op"]) for item in found[:5])
    raise UsageError(f"{len(found)} operations have {what}; name one by its ID: {several}")


BASELINE = "baseline"
"""The name for the state of the environment when its journal began."""


def span(
    operations: Iterable[Json], first: str, last: str, selector: Sequence[str] = ()
) -> Iterator[Json]:
    """The operations after ``first`` up to and including ``last``, newest first.

    If ``first`` is :data:`BASELINE`, all operations up to ``last``.
    """
    seen: list[Json] = []
    source = iter(operations)

    def everything() -> Iterator[Json]:
        yield from list(seen)
        for item in source:
            seen.append(item)
            yield item

    end = find(everything(), last, selector)
    if first == BASELINE:
        return itertools.dropwhile(lambda item: item is not end, everything())
    begin = find(everything(), first, selector)
    start, stop = seen.index(end), seen.index(begin)
    if start > stop:
        raise UsageError(f"{first} is later than {last}; write {last}..{first}")
    return iter(seen[start:stop])


def handles(newest_first: Sequence[Json]) -> dict[str, str]:
    """For each ID, the shortest name by which :func:`find` finds the operation: its number, else
    the end of its ID.
    """
    numbers = collections.Counter(item["seq"] for item in _of_one(newest_first))
    chain = newest_first[0]["chain"] if newest_first else None
    return {
        str(item["op"]): str(item["seq"])
        if item["chain"] == chain and numbers[item["seq"]] == 1
        else short(str(item["op"]))
        for item in newest_first
    }


def short(op: str) -> str:
    """The end of an ID, which is random and so unique. The beginning is the time, and is the same
    for all operations in the same minute.
    """
    return op[-_RANDOM:]


def _nth(operations: Iterable[Json], name: str) -> Json:
    number = name.removeprefix("last").removeprefix("-") or "0"
    if not (number.isascii() and number.isdecimal()):
        raise UsageError(f"{name!r} names no operation; write last, last-1, last-2 …")
    wanted = number.lstrip("0") or "0"  # not an integer: int() refuses very long texts
    found = next((item for n, item in enumerate(operations) if str(n) == wanted), None)
    if found is None:
        raise UsageError(f"there is no {name}: the journal has fewer operations")
    return found


def _one_of(wanted: tuple[str, ...], values: Iterable[object]) -> bool:
    return not wanted or any(value in wanted for value in values)


def _names(actor: Json) -> tuple[object, ...]:
    agent, ci = actor.get("agent"), actor.get("ci")
    kind = "agent" if agent else "ci" if ci else "person"
    return actor.get("user"), agent, ci, kind


def _touches(operation: Json, pattern: str) -> bool:
    wanted = pattern.lower().replace("_", "-")
    specs = (operation["command"] or {}).get("specs") or []
    named = (str(item.get("name", "")) for item in [*operation["changes"], *specs])
    return any(fnmatch.fnmatchcase(name.lower().replace("_", "-"), wanted) for name in named)
