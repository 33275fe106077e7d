"""What the policy says of environments that were handed over to pip."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.policy.merge import Policy


def freezes(policy: Policy) -> bool:
    """Is such an environment to be frozen for conda? By ``handover = "freeze"``; by itself, conda
    is only warned of (SI201).
    """
    return getattr(policy, "handover", "warn") == "freeze"
