"""Rails stay as they should be: renewed after a guarded operation, laid in the environments that
come of a protected one, and laid for the first time where the policy says so.
"""

from __future__ import annotations

import os

from safeinstall.errors import SafeinstallError
from safeinstall.output import stderr
from safeinstall.probe import inventory
from safeinstall.protection import lay, ledger, rails
from safeinstall.protection.ledger import Ledger
from safeinstall.protection.nouns import FROZEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Environment, Inventory
    from safeinstall.protection.nouns import Step
    from safeinstall.settings import Session

_KEPT = ("missing", "stale", "surplus")
_ANEW = (*_KEPT, "gone", "altered")


def keep(
    environment: Environment,
    session: Session,
    *,
    found: Inventory | None = None,
    anew: bool = False,
    freeze: bool = False,
) -> tuple[str, ...]:
    """Lay what is not as it should be. What somebody has taken out or changed stays so, unless the
    environment was made ``anew``, by a copy or a rebuild: then these files were left behind.
    ``freeze``: the policy freezes what was handed over to pip.

    Returns what was done, for the journal and the user.
    """
    prefix = environment.prefix
    known = ledger.read(prefix)
    if known is None and not freeze:
        return ()
    if lay.refusal(environment):
        return ()
    found = found or inventory.scan(environment)
    known = known or Ledger(prefix)
    if freeze and FROZEN not in known.wants and rails.is_handed_over(environment, found):
        known = known.replace(wants=(*known.wants, FROZEN))
    copied = os.path.realpath(known.prefix) != os.path.realpath(prefix)
    if not known.wants:
        return ()
    try:
        return _kept(environment, found, session, known, copied or anew)
    except (OSError, SafeinstallError) as error:
        stderr.note(f"the protection of {environment.name} cannot be kept: {error}")
        return ()


def _kept(
    environment: Environment, found: Inventory, session: Session, known: Ledger, anew: bool
) -> tuple[str, ...]:
    made = [
        _as_it_is(step, known) if step.changes and step.state not in states else step
        for states in [_ANEW if anew else _KEPT]
        for step in lay.steps(environment, found, session, known)
    ]
    new = known.prefix != environment.prefix or ledger.read(environment.prefix) != known
    if new or any(step.changes for step in made):
        lay.carry_out(environment.prefix, made, known)
    return tuple(said(made))


def _as_it_is(step: Step, known: Ledger) -> Step:
    return step.replace(laid=known.of(step.path), changes=False)


def said(made: Sequence[Step]) -> list[str]:
    """What has changed, a word for each rail."""
    acts = {"missing": "laid", "surplus": "taken out"}
    found: dict[str, str] = {}
    for step in made:
        if step.changes:  # a mark that has moved is laid anew before it is taken out
            found.setdefault(step.name, acts.get(step.state, "renewed"))
    return [f"{name} {act}" for name, act in found.items()]


def bring(source: str, environment: Environment, session: Session) -> None:
    """Protect the environment as that at the prefix ``source`` is. It is not frozen: it has been
    made to be changed.
    """
    known = ledger.read(source)
    if known is None or lay.refusal(environment):
        return
    wants = tuple(name for name in known.wants if name != FROZEN)
    try:
        ledger.save(environment.prefix, Ledger(environment.prefix, wants))
    except OSError as error:
        stderr.note(f"{environment.name} cannot be protected: {error}")
        return
    keep(environment, session, anew=True)
