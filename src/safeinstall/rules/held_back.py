"""SI403 held-back: pip chose an older release because of what conda owns."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.rules import ground
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import CondaDistribution, Situation

CODE = "SI403"
NAME = "held-back"


class HeldBack(Value):
    """A release that pip gave up, and what it gave it up for."""

    name: str
    chosen: str  # the version that is there now
    instead_of: str  # the newest version that pip would have taken
    there: CondaDistribution
    wants: str  # what that version needs in the place of ``there``


def look(_: Situation) -> Finding | None:
    """Nothing: this is known only when pip has ended; see :func:`told`."""
    return None


def told(situation: Situation, held: Sequence[HeldBack]) -> Finding:
    """Milder: it works, but it is not what a plain pip would have brought."""
    lines = [
        f"{h.name} {h.chosen} instead of {h.instead_of}: that one needs {h.there.name}{h.wants}, "
        f"here is {ground.described(h.there)}"
        for h in held
    ]
    names = [h.name for h in held]
    specs = {ground.conda_spec(h.there, h.wants): None for h in held}
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip chose an older {' and '.join(names)}, so that what conda owns stays as it "
        "is.",
        evidence=tuple(lines),
        fixes=ground.conda_first(situation, specs)[:1],
        packages=tuple(names),
    )
