"""Parses pip's log: the format of ``pip --log``, of pip 22.3 to 26.

Imported when pip has ended, and only if the log mentions a conflict. Lines about build
environments, if pip fills them in its own process, are indented.
"""

from __future__ import annotations

import re

from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3} ?")
_SEARCH = re.compile(r"\d+ location\(s\) to search for versions of (\S+):")
_FOUND = re.compile(r"Found link .*, version: (\S+)$")
_SATISFIED = re.compile(r"Requirement already satisfied: ([\w.-]+).* \(([^()\s]+)\)$")
_WISH = re.compile(
    r"\s+(?:The user requested (?P<constraint>\(constraint\) )?"
    r"|(?P<by>\S+) (?P<of>\S+) depends on )(?P<what>.+)$"
)
_WHAT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(.*)$")
_CONFLICTS = ("Will try a different candidate, due to conflict:", "The conflict is caused by:")


class Wish(Value):
    """A requirement that took part in a conflict."""

    name: str  # PEP 503 normalized
    wants: str  # ">=1.24,<2"; "" for any version
    by: str = ""  # the package that has the requirement; "" for the user
    of: str = ""  # the version of that package
    constraint: bool = False  # from a constraints file


class Log(Value):
    """The conflicts and results in a log."""

    wishes: tuple[Wish, ...]  # of all conflicts, in the order of the log
    # The versions that pip found on its indexes, by name; empty where it searched in vain
    offered: Mapping[str, tuple[str, ...]]
    chosen: Mapping[str, str]  # the installed or already satisfied versions, by name
    began: bool  # did pip begin to install?


def parse(text: str) -> Log:
    """Parse a log, or the part of a log that belongs to one run."""
    lines = [_TIME.sub("", line, count=1) for line in text.splitlines()]
    offered: dict[str, list[str]] = {}
    searched = ""
    for line in lines:
        if search := _SEARCH.search(line):
            searched = normalize(search[1])
            offered.setdefault(searched, [])
        elif found := _FOUND.search(line):
            offered.setdefault(searched, []).append(found[1])
    return Log(
        wishes=tuple(dict.fromkeys(_wishes(lines))),
        offered={name: tuple(versions) for name, versions in offered.items()},
        chosen=dict(_chosen(lines)),
        began=any(line.startswith("Installing collected packages:") for line in lines),
    )


def _wishes(lines: list[str]) -> Iterator[Wish]:
    inside = False
    for line in lines:
        match = _WISH.match(line) if inside else None
        inside = bool(match) or line.rstrip() in _CONFLICTS
        if match and (what := _WHAT.match(match["what"])):
            yield Wish(
                normalize(what[1]),
                _specifier(what[2]),
                by=normalize((match["by"] or "").partition("[")[0]),
                of=match["of"] or "",
                constraint=bool(match["constraint"]),
            )


def _specifier(text: str) -> str:
    """``<2.0.0 and >=1.24`` or ``1.26.4 (from file:…)`` as a specifier: ``<2.0.0,>=1.24``.

    A marker behind it is left out: pip has found that it holds.
    """
    if text[:1].isdigit():
        return "==" + text.split()[0]
    return text.partition(";")[0].replace(" and ", ",").replace(" ", "")


def _chosen(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if satisfied := _SATISFIED.search(line):
            yield normalize(satisfied[1]), satisfied[2]
        elif line.startswith("Successfully installed "):
            for word in line.split()[2:]:
                name, _, version = word.rpartition("-")
                yield normalize(name), version
