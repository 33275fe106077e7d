"""The rules that judge what conda is about to do, package by package; pure.

They come after the rules of :mod:`safeinstall.rules`, when the transaction is known, and may read
the metadata of the distributions that conda does not see.
"""

from __future__ import annotations

from safeinstall.errors import NO_FAULT_OF_DATA
from safeinstall.model import Unreadable
from safeinstall.rules import conda_after_pip, two_runtimes, unreadable_evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from safeinstall.model import Facts, Finding, Plan, Resident

    Rule = Callable[[Facts, Plan, Sequence[Resident]], Finding | None]

REGISTRY: dict[str, Rule] = {
    conda_after_pip.CODE: conda_after_pip.look_at_plan,
    two_runtimes.CODE: two_runtimes.look_at_plan,
}


def look(facts: Facts, plan: Plan, residents: Sequence[Resident]) -> Iterator[Finding]:
    """What the rules have to say about the plan; nothing, where it does nothing or where there is
    nothing that conda does not see.
    """
    if not (plan.link or plan.unlink) or not conda_after_pip.concerns(facts):
        return
    for code, rule in REGISTRY.items():
        try:
            finding = rule(facts, plan, residents)
        except NO_FAULT_OF_DATA:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            failed = Unreadable(f"rule {code}", facts.environment.prefix, why)
            facts = facts.replace(unreadable=(*facts.unreadable, failed))
            continue
        if finding is not None:
            yield finding
    unread = unreadable_evidence.look(facts)
    if unread is not None:
        yield unread
