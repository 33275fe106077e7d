"""SI403 held-back: pip chose an older release because of what conda owns, or of what is denied."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, Finding
from safeinstall.rules import conda_owned
from safeinstall.rules.remedies import pip_install
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Facts

CODE = "SI403"
NAME = "held-back"


class HeldBack(Value):
    """A release that pip gave up, and what it gave it up for."""

    name: str
    chosen: str  # the version that is there now
    instead_of: str  # the newest version that pip would have taken
    because: str  # "needs numpy>=2, here is numpy 1.26.4"
    spec: str = ""  # what conda would be asked for to let the newer one in


def look(_: Facts) -> Finding | None:
    """Nothing: this is known only when pip has ended; see :func:`told`."""
    return None


def told(facts: Facts, held: Sequence[HeldBack]) -> Finding:
    """Milder: it works, but it is not what a plain pip would have brought."""
    lines = [f"{h.name} {h.chosen}, not {h.instead_of}: that one {h.because}" for h in held]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    fixes = _fixes(facts, held)
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip chose {lines[0]}{more}." + (f" Run: {fixes[0]}" if fixes else ""),
        evidence=tuple(lines),
        fixes=fixes,
        packages=tuple(h.name for h in held),
    )


def _fixes(facts: Facts, held: Sequence[HeldBack]) -> tuple[str, ...]:
    """What lets the newer ones in, where conda can bring it."""
    specs = dict.fromkeys(h.spec for h in held if h.spec)
    if not specs:
        return ()
    best = conda_owned.conda_first(facts, specs)[0]
    if facts.inventory.not_owned_by(*CONDA_OWNERS):
        return (best,)  # an environment that is still to be filled
    upgrade = pip_install(facts.environment, ["-U", *(h.name for h in held if h.spec)])
    return (f"{best} && {upgrade}",)
