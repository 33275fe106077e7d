"""Rails: how the real tool is started so that it stops by itself before it does harm.

A rail passes constraints to the tool (arguments, variables) and reports what the tool found out.
The rules make findings of the report, and the policy decides what follows.
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
        """The words and variables that the tool is started with, and a report when it has ended."""

        words: tuple[str, ...]
        environ: dict[str, str]

        def report(self, result: Result) -> Report:
            """What the tool found out. Called once, after the tool has ended."""


class Answer(Value):
    """The findings on a plan of conda, and the decision that conda waited for."""

    findings: tuple[Finding, ...] = ()  # as the rules made them, not yet weighed
    stopped: bool = False  # the tool was told to stop
    override: str = ""  # the override reason; "" for none


class Report(Value):
    """What a rail reports when the tool has ended."""

    conflicts: Log | None = None  # parsed from pip's log; None where there were no conflicts
    facts: Facts | None = None  # about the pip that had the conflicts, if conda started that pip
    uv_failed: bool = False  # uv has failed, perhaps because of the constraints
    plan_not_judged: bool = False  # conda has changed something, and its plan was never judged
    answers: tuple[Answer, ...] = ()  # what was decided about conda's transactions
    ended: int | None = None  # the tool's exit status; None where it was killed
    excused: str = ""  # the override reason given beforehand, for which constraints were left out

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings about conda's transactions. The user has seen them already."""
        return tuple(finding for answer in self.answers for finding in answer.findings)

    @property
    def override(self) -> str:
        """The first reason that was given for going on past such a finding."""
        return next((answer.override for answer in self.answers if answer.override), "")

    @property
    def refused(self) -> bool:
        """Did pip refuse before it changed anything?"""
        if self.conflicts is None:
            return False
        return self.ended not in (None, 0) and not self.conflicts.began

    @property
    def is_half_done(self) -> bool:
        """Did conda start the pip that had the conflicts, so that its own part is done?"""
        return self.facts is not None

    @property
    def stopped(self) -> bool:
        """Did the tool end because ``safeinstall plan`` told it to stop?"""
        return self.ended != 0 and any(answer.stopped for answer in self.answers)


class NoRail:
    """The tool is started with the words as typed."""

    def __init__(self, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.words = words
        self.environ = dict(environ)

    def report(self, result: Result) -> Report:
        """The exit status and nothing else."""
        return Report(ended=result.exit_code)
