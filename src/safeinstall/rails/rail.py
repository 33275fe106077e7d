"""Rails: how the real tool is started so that it stops by itself before it does harm.

A rail carries constraints in (arguments, variables) and evidence out: what the tool found out. What
that means is for the rules to say, and what follows for the policy.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from safeinstall.model import Facts, Finding
    from safeinstall.rails.pip_log import Log
    from safeinstall.rails.process import Result

    class Rail(Protocol):
        """What is started in place of the command as typed, and what came of it."""

        words: tuple[str, ...]
        environ: dict[str, str]

        def report(self, result: Result) -> Report:
            """What the tool found out. Called once, after the tool has ended."""


class Answer(Value):
    """What was said and decided while the tool waited for it."""

    findings: tuple[Finding, ...] = ()  # unweighed, as rules give them
    stopped: bool = False  # the tool was told to stop
    override: str = ""  # the reason given for going on past a finding


class Report(Value):
    """What a rail has to tell when the tool has ended."""

    conflicts: Log | None = None  # what pip's resolver noted, where it met conflicts
    facts: Facts | None = None  # of the pip that noted them, where conda has started it
    uv_failed: bool = False  # uv has failed, perhaps because of the constraints
    unjudged: bool = False  # conda has changed something, and its plan was never shown to us
    answers: tuple[Answer, ...] = ()  # what was decided about conda's transactions
    ended: int | None = None  # the tool's exit status; None where it was killed
    excused: str = ""  # the reason given beforehand for what nobody held the tool to

    @property
    def refused(self) -> bool:
        """Has pip refused before anything was changed? Where conda has started it, conda had."""
        if self.conflicts is None or self.facts is not None:
            return False
        return self.ended not in (None, 0) and not self.conflicts.began

    @property
    def stopped(self) -> bool:
        """Has the tool ended because it was told to stop?"""
        return self.ended != 0 and any(answer.stopped for answer in self.answers)


class NoRail:
    """The command as it was typed."""

    def __init__(self, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.words = words
        self.environ = dict(environ)

    def report(self, result: Result) -> Report:
        """There is nothing that could have been found."""
        return Report(ended=result.exit_code)
