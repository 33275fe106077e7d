"""Lists of packages and lines as text, for the messages of several rules."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Package

MOST = 6  # lines of evidence


def few(words: Sequence[str], most: int) -> list[str]:
    """The first ``most`` words; if there are more, the last word also says how many."""
    shown, rest = [*words[:most]], len(words) - most
    return [*shown[:-1], f"{shown[-1]} and {rest} more"] if rest > 0 else shown


def first(lines: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """The first ``most`` lines; if there are more, a further line says how many."""
    rest = len(lines) - most
    return (*lines[:most], f"and {rest} more") if rest > 0 else tuple(lines)


def counted(names: Sequence[str]) -> str:
    """Up to two names, else their number: ``numpy and scipy``, ``4 packages``."""
    return " and ".join(names) if len(names) < 3 else f"{len(names)} packages"


def files(path: str, more: int = 0) -> str:
    """A file of a package, below site-packages if it lies there, and the number of others:
    ``azure/__init__.py and 2 more``.
    """
    inside = path.partition("/site-packages/")[2] or path
    return f"{inside} and {more} more" if more else inside


def listed(packages: Sequence[Package], most: int = MOST) -> tuple[str, ...]:
    """One aligned line for each package; if there are more than ``most``, then how many more."""
    width = max((len(package.name) for package in packages[:most]), default=0)
    lines = [
        f"{p.name:<{width}}  {p.version}  {p.owner}{f' ({p.source})' if p.source else ''}".rstrip()
        for p in packages
    ]
    return first(lines, most)
