"""``safeinstall rule CODE``: print a rule's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.policy.rule_table import BY_CODE

if TYPE_CHECKING:
    from typing import TextIO


def rule(code: str, out: TextIO) -> int:
    """Write the page of the rule with this code. Raises :class:`UsageError` for an unknown one."""
    wanted = code.upper()
    if wanted not in BY_CODE:
        raise UsageError(f"there is no rule {code}; known are {', '.join(BY_CODE)}")
    out.write(resources.text("docs/rules", f"{wanted}.md"))
    return 0
