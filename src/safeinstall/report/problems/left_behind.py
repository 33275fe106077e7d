"""The problem that Python has moved, and what is pip's has not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.output.quoting import paste
from safeinstall.output.wording import few
from safeinstall.probe import stranded
from safeinstall.report.problems import mending
from safeinstall.report.problems.nouns import Problem, Seen
from safeinstall.rules.shared.new_environment import free_name
from safeinstall.rules.shared.remedies import pip_in
from safeinstall.state import past, requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Package

_MOST = 4  # names


def problems(seen: Seen) -> Iterator[Problem]:
    """One for each directory of a Python that is gone: what is missing since, or, where all of that
    has come again, what only takes room.
    """
    prefix, python = seen.environment.prefix, seen.environment.python
    missing = stranded.missing(tuple(seen.stranded), seen.inventory)
    for place in dict.fromkeys(stranded.place_of(p, prefix) for p in seen.stranded):
        every = [p for p in seen.stranded if stranded.place_of(p, prefix) == place]
        lost = [package for package in every if package in missing]
        if python and not lost:
            text = f"{_counted(every)} left in {place}, and came again; no Python looks there"
            yield Problem("stranded", text, _clearing(seen, place), _names(every))
        elif lost:
            why = f"moved to {python}" if python else "went"
            text = f"{_counted(lost)} left behind in {place} when Python {why}"
            named = ", ".join(few(_names(sorted(lost, key=lambda p: not p.requested)), _MOST))
            bring = _bringing if python else _python_again
            yield Problem("stranded", f"{text} ({named})", bring(seen, place, lost), _names(lost))


def _counted(packages: Sequence[Package]) -> str:
    several = len(packages) > 1
    verb = "were" if several else "was"
    return f"{len(packages)} distribution{'s' * several} of pip's {verb}"


def _names(packages: Sequence[Package]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(package.name for package in packages))


def _bringing(seen: Seen, place: str, lost: Sequence[Package]) -> tuple[str, ...]:
    """A rebuild brings them along, and leaves nothing behind; base can only give them away."""
    environment = seen.environment
    if environment.base:
        base = seen.selector[1] if seen.selector[:1] == ["-p"] else "base"
        new = free_name("from-base", seen.taken)
        away = paste(["safeinstall", "rebuild", "--from", base, "--to", new])
        return (f"{away} && {_removal(seen, place)}",)
    if seen.can_be_rebuilt:
        return _clearing(seen, place)
    lines = [requirement.exact(past.distribution(package)) for package in lost]
    words = [w for line in lines for w in (line.split(" ", 1) if line[0] == "-" else [line])]
    return (f"{pip_in(seen.here, 'install', words)} && {_removal(seen, place)}",)


def _clearing(seen: Seen, place: str) -> tuple[str, ...]:
    if seen.can_be_rebuilt:
        return (paste(["safeinstall", "rebuild", *seen.selector]),)
    return (_removal(seen, place),)


def _removal(seen: Seen, place: str) -> str:
    return paste(["rm", "-r", f"{seen.environment.prefix}/{place}"])


def _python_again(seen: Seen, place: str, _: Sequence[Package]) -> tuple[str, ...]:
    """With the Python that was there they are found again. conda has others under that name, too,
    which a version alone does not ask for.
    """
    minor = place.split("/")[1].removeprefix("python")
    known = minor.replace(".", "").isdigit()
    return mending.by_conda(seen.here, [f"python={minor}"]) if known else ()
