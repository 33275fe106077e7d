"""What conda has done to an environment, from ``conda-meta/history``.

Format, as conda (``conda/history.py``) and mamba write it: each revision has a header with the
local time, comments with the command and the requested specs, and either the changes (``+`` and
``-``) or, from conda 3 and earlier, the whole state. Damaged lines are ignored. The file has no
time zone: the times are read as of the present time zone.
"""

from __future__ import annotations

import os
import time

from safeinstall.clock import instant
from safeinstall.files import read_text
from safeinstall.model import Package
from safeinstall.specs.addresses import without_platform
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    State = dict[str, Package]

_LIMIT = 1 << 26  # bytes


class Revision(Value):
    """One revision. Packages have their conda names; pip-owned packages are rarely in it."""

    time: str  # UTC as in the journal, "2026-11-22T18:21:00.000Z"; "" where it cannot be read
    command: str  # the words joined by spaces, unquoted; "" where it is not recorded
    specs: tuple[str, ...]  # the requested specs
    removed: tuple[Package, ...]
    added: tuple[Package, ...]
    unwanted: tuple[str, ...] = ()  # the specs of a removal
    loosened: tuple[str, ...] = ()  # "neutered specs": earlier specs that an update has loosened


def read(prefix: str) -> tuple[Revision, ...]:
    """Every revision, oldest first; empty where there is no history."""
    text = read_text(os.path.join(prefix, "conda-meta", "history"), _LIMIT)
    return tuple(parse(text)) if text else ()


def remembered(revisions: Iterable[Revision]) -> tuple[Package, ...]:
    """The packages that were installed after the last revision, sorted by name."""
    state: State = {}
    for revision in revisions:
        for package in revision.removed:
            state.pop(package.name, None)
        state.update((package.name, package) for package in revision.added)
    return tuple(state[name] for name in sorted(state))


def channels(revisions: Iterable[Revision]) -> dict[tuple[str, str, str], str]:
    """The channel that each package came from, by name, version and build, as conda names it."""
    added = (package for revision in revisions for package in revision.added)
    return {(p.name, p.version, p.build): p.source for p in added}


def asked(revisions: Iterable[Revision]) -> tuple[str, ...]:
    """The names of the packages that were requested, and whose removal was not requested later."""
    return tuple(requests(revisions))


def requests(revisions: Iterable[Revision]) -> dict[str, str]:
    """The last request for each package, by name: "numpy=1.26". Not of those whose removal was
    requested later.
    """
    from safeinstall.specs import matchspec

    found: dict[str, str] = {}
    for revision in revisions:
        for spec in revision.unwanted:
            found.pop(matchspec.parse(spec).name, None)
        found.update((matchspec.parse(spec).name, spec) for spec in revision.specs)
        loosened = {matchspec.parse(spec).name: spec for spec in revision.loosened}
        found.update((name, spec) for name, spec in loosened.items() if name in found)
    return {name: spec for name, spec in found.items() if name not in ("", "*")}


def once_asked(revisions: Iterable[Revision]) -> dict[str, str]:
    """The last request for each package that was ever requested, by name."""
    from safeinstall.specs import matchspec

    return {matchspec.parse(spec).name: spec for found in revisions for spec in found.specs}


def parse(text: str) -> Iterator[Revision]:
    """The revisions in the file's text, oldest first."""
    state: State = {}
    for moment, comments, lines in _sections(text):
        after = _applied(state, lines)
        gone = [package for package in state.values() if _differs(after, package)]
        come = [package for package in after.values() if _differs(state, package)]
        said = dict(filter(None, map(_comment, comments)))
        yield Revision(
            time=_utc(moment),
            command=said.get("cmd", ""),
            specs=_specs(said, "create", "install", "update"),
            removed=tuple(sorted(gone, key=_by_name)),
            added=tuple(sorted(come, key=_by_name)),
            unwanted=_specs(said, "remove", "uninstall"),
            loosened=_specs(said, "neutered"),
        )
        state = after


def _sections(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Time, comment lines and other lines of each revision."""
    moment: str | None = None
    comments: list[str] = []
    lines: list[str] = []
    for line in map(str.strip, text.split("\n")):
        if line.startswith("==>") and "<==" in line:
            if moment is not None:
                yield moment, comments, lines
            moment, comments, lines = line[3:].partition("<==")[0].strip(), [], []
        elif line:
            (comments if line.startswith("#") else lines).append(line)
    if moment is not None:
        yield moment, comments, lines


def _applied(state: State, lines: list[str]) -> State:
    """The state after a revision. An added package replaces the one with the same name."""
    changes = [line for line in lines if line[0] in "+-"]
    after = dict(state) if changes or not any(map(_package, lines)) else {}
    for line in sorted(changes, key=lambda line: line[0] == "+"):
        package = _package(line[1:])
        if package and line[0] == "-":
            after.pop(package.name, None)
        elif package:
            after[package.name] = package
    if not changes:
        after.update((package.name, package) for package in filter(None, map(_package, lines)))
    return after


def _differs(state: State, package: Package) -> bool:
    other = state.get(package.name)
    return other is not package and other != package


def _package(text: str) -> Package | None:
    """The package in ``conda-forge/linux-64::numpy-1.26.4-py311_0``; older files have
    ``defaults::…``, or no channel.
    """
    channel, _, full = text.strip().rpartition("::")
    parts = full.removesuffix(".tar.bz2").removesuffix(".conda").rsplit("-", 2)
    if len(parts) != 3 or not all(parts) or " " in full:
        return None
    name, version, build = parts
    channel = without_platform(channel)
    owner = "pip" if channel.startswith("pypi") else "conda"
    return Package(name.lower(), version, owner, build=build, source=channel)


def _comment(line: str) -> tuple[str, str] | None:
    """``# update specs: ['numpy']`` → ``update``; ``# cmd: …`` → ``cmd``."""
    what, colon, value = line.lstrip("# ").partition(":")
    return (what.strip().removesuffix(" specs").strip(), value.strip()) if colon else None


def _specs(said: dict[str, str], *actions: str) -> tuple[str, ...]:
    """The specs of the first of ``actions`` in the comments, without ``NAME@`` entries."""
    text = next((said[action] for action in actions if action in said), "")
    specs = _literal(text) if text.startswith("[") else _joined(text)
    return tuple(spec for spec in specs if spec and not spec.endswith("@"))


def _literal(text: str) -> list[str]:
    """The items of a Python list of strings, as conda writes it, or of mamba's JSON list."""
    items: list[str] = []
    quote, item, escaped = "", "", False
    for letter in text:
        if not quote:
            quote, item = (letter if letter in "'\"" else ""), ""
        elif escaped or letter not in ("\\", quote):
            item, escaped = item + letter, False
        elif letter == quote:
            items.append(item)
            quote = ""
        else:
            escaped = True
    return items


def _joined(text: str) -> list[str]:
    """The specs in the format before conda 4.5: ``python>=3.5,jupyter >=1.0,<2.0``, where a comma
    separates specs, or the version constraints within a spec.
    """
    specs: list[str] = []
    for part in text.split(","):
        if specs and part.lstrip()[:1] in "<>=!~":
            specs[-1] += f",{part.strip()}"
        else:
            specs.append(part.strip())
    return specs


def _utc(moment: str) -> str:
    """``2026-11-22 18:21:00`` in local time, as UTC; ``""`` for anything else."""
    digits = moment.replace("-", " ").replace(":", " ").split()
    if len(digits) != 6 or not all(part.isdecimal() and len(part) < 5 for part in digits):
        return ""
    year, month, day, hour, minute, second = map(int, digits)
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60):
        return ""
    try:
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
        return instant(int(seconds) * 1_000_000_000)
    except (OverflowError, ValueError, OSError):
        return ""


def _by_name(package: Package) -> str:
    return package.name
