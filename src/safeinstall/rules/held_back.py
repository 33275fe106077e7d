"""SI403 held-back: pip chose an older release because of what conda owns."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.rules import ground
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Situation

CODE = "SI403"
NAME = "held-back"


class HeldBack(Value):
    """A release that pip gave up, and what it gave it up for."""

    name: str
    chosen: str  # the version that is there now
    instead_of: str  # the newest version that pip would have taken
    because: str  # "needs numpy>=2, here is numpy 1.26.4"
    spec: str = ""  # what conda would be asked for to let the newer one in


def look(_: Situation) -> Finding | None:
    """Nothing: this is known only when pip has ended; see :func:`told`."""
    return None


def told(situation: Situation, held: Sequence[HeldBack]) -> Finding:
    """Milder: it works, but it is not what a plain pip would have brought."""
    lines = [f"{h.name} {h.chosen} instead of {h.instead_of}: that one {h.because}" for h in held]
    names = [h.name for h in held]
    specs = dict.fromkeys(h.spec for h in held if h.spec)
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip chose an older {' and '.join(names)}, so that what conda owns stays as it "
        "is.",
        evidence=tuple(lines),
        fixes=ground.conda_first(situation, specs)[:1] if specs else (),
        packages=tuple(names),
    )
