"""SI403 held-back: pip chose an older release because of conda-owned or denied packages."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.rules.shared import conda_owned, pip_conflicts
from safeinstall.rules.shared.remedies import here, pip_install

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts
    from safeinstall.rules.evidence import Evidence
    from safeinstall.rules.shared.pip_conflicts import HeldBack

CODE = "SI403"
NAME = "held-back"


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``warn``: the older release works, but without the guard pip would have chosen a newer."""
    held = pip_conflicts.held_back(facts, evidence)
    if not held:
        return
    lines = [f"{h.name} {h.chosen}, not {h.instead_of}: that one {h.because}" for h in held]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    fixes = _fixes(facts.as_typed, held)
    yield Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip chose {lines[0]}{more}.",
        evidence=tuple(lines),
        fixes=fixes,
        lead="Run",
        packages=tuple(h.name for h in held),
    )


def _fixes(facts: Facts, held: Sequence[HeldBack]) -> tuple[str, ...]:
    """The commands that make the newer releases possible, if conda can update what holds them."""
    specs = dict.fromkeys(h.spec for h in held if h.spec)
    if not specs:
        return ()
    best = conda_owned.conda_first(facts, specs)[0]
    if facts.residents:
        return (best,)  # creates a new environment, in which pip is still to be run
    upgrade = pip_install(here(facts), ["-U", *(h.name for h in held if h.spec)])
    return (f"{best} && {upgrade}",)
