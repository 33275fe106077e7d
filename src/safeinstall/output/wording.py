"""Words that several rules need."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Command, Package

MOST = 6  # lines of evidence


def asked_for(command: Command) -> list[str]:
    """The specs as typed, editable ones with their option."""
    return [
        word for spec in command.specs for word in (["-e"] if spec.editable else []) + [spec.raw]
    ]


def few(words: Sequence[str], most: int) -> list[str]:
    """The first of them; the last one says how many more there are."""
    shown, rest = [*words[:most]], len(words) - most
    return [*shown[:-1], f"{shown[-1]} and {rest} more"] if rest > 0 else shown


def first(lines: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """The first lines; one more says how many there are beside them."""
    rest = len(lines) - most
    return (*lines[:most], f"and {rest} more") if rest > 0 else tuple(lines)


def counted(names: Sequence[str]) -> str:
    """``numpy and scipy``, ``4 packages``."""
    return " and ".join(names) if len(names) < 3 else f"{len(names)} packages"


def listed(packages: Sequence[Package], most: int = MOST) -> tuple[str, ...]:
    """A line a package, aligned; the rest in a number."""
    width = max((len(package.name) for package in packages[:most]), default=0)
    lines = [
        f"{p.name:<{width}}  {p.version}  {p.owner}{f' ({p.source})' if p.source else ''}".rstrip()
        for p in packages
    ]
    return first(lines, most)
