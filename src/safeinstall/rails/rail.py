"""Rails: how the real tool is started so that it stops by itself before it does harm.

A rail changes what is started (arguments, variables) and looks, when the tool has ended, at what
the tool found out. What the findings mean is for the policy to say.
"""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from safeinstall.rails.process import Result

    class Rail(Protocol):
        """What is started in place of the command as typed, and what came of it."""

        words: tuple[str, ...]
        environ: dict[str, str]

        def settle(self, result: Result) -> Settled:
            """What the tool found out. Called once, after the tool has ended."""


class Settled(Value):
    """What a rail has to say when the tool has ended."""

    findings: tuple[Finding, ...] = ()  # unweighed, as rules give them
    stopped: bool = False  # the tool ended because of the rail, and has changed nothing
    shown: tuple[Finding, ...] = ()  # those that the user was told while the tool was running
    excused: str = ""  # the reason given beforehand for what nobody held the tool to
    override: str = ""  # the reason given for going on past a finding while the tool was running
