"""SI106 shadowed: Python imports packages from outside, or not the working copy that is meant."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.wording import first
from safeinstall.rules.shared import elsewhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI106"
NAME = "shadowed"


def look(facts: Facts) -> Finding:
    """``warn``, once for an environment: ``status`` always tells."""
    found = facts.elsewhere
    message = elsewhere.described(found, facts.environment.name or facts.environment.prefix)
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{message}.",
        evidence=first([elsewhere.line(item) for item in found]),
        fixes=elsewhere.without(found),
        packages=tuple(dict.fromkeys(item.name for item in found)),
        again=CODE in facts.told,
    )
