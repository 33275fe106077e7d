"""In words: packages outside of an environment that hide its own, count as its own, or are hidden.

For the finding, and for ``safeinstall status``.
"""

from __future__ import annotations

from safeinstall.output.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Elsewhere


def described(found: Sequence[Elsewhere], environment: str) -> str:
    """A clause for each kind: what hides its own packages, what it sees besides, what it hides."""
    over = [item for item in found if item.own and not item.hidden]
    lent = [item for item in found if not item.own and not item.hidden]
    under = [item for item in found if item.hidden]
    clauses = [
        over and f"{_places(over)} {_verb(over, 'hide')} {_names(over)} of {environment}",
        lent and f"{_places(lent)} {_verb(lent, 'lend')} {_names(lent)} to {environment}",
        under and f"{environment} hides {_names(under)} of {_places(under)}",
    ]
    return "; ".join(clause for clause in clauses if clause)


def line(item: Elsewhere) -> str:
    """One package, for a list."""
    title = f"{item.name} {item.version}".strip()
    own = f"{item.own.owner} {item.own.version}" if item.own else ""
    if item.hidden:
        return f"{title} in {item.place} ({item.by}) is behind {own or 'that in site-packages'}"
    return f"{title} in {item.place} ({item.by})" + (f" hides {own}" if own else "")


def without(found: Sequence[Elsewhere]) -> tuple[str, ...]:
    """The commands after which this shell does not see the packages."""
    ways = {"user site": "export PYTHONNOUSERSITE=1", "PYTHONPATH": "unset PYTHONPATH"}
    return tuple(ways[by] for by in dict.fromkeys(item.by for item in found) if by in ways)


def _names(found: Sequence[Elsewhere]) -> str:
    return counted(list(dict.fromkeys(item.name for item in found)))


def _places(found: Sequence[Elsewhere]) -> str:
    places = dict.fromkeys(item.place for item in found)
    return " and ".join(places) if len(places) < 3 else f"{len(places)} directories"


def _verb(found: Sequence[Elsewhere], verb: str) -> str:
    return verb if len({item.place for item in found}) > 1 else f"{verb}s"
