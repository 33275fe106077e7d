"""One recorded operation: write the intent, run the tool on its rail, write the outcome."""

from __future__ import annotations

import time

from safeinstall import settings
from safeinstall.errors import NO_FAULT_OF_DATA, Blocked, JournalError, SafeinstallError, described
from safeinstall.guard import aftermath, decide, enforce, standing
from safeinstall.guard.aftermath import Aftermath
from safeinstall.guard.assess import asked_before
from safeinstall.guard.background import Background
from safeinstall.guard.private_directory import PrivateDirectory
from safeinstall.journal import actor, drift, ids, locate, record, snapshot
from safeinstall.model import Unreadable, Verdict
from safeinstall.output import stderr
from safeinstall.policy.judge import join
from safeinstall.rails import listener, process
from safeinstall.rails.process import Result
from safeinstall.rails.rail import NoRail
from safeinstall.rules import registry
from safeinstall.rules.evidence import Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.guard.assess import Assessed
    from safeinstall.model import Facts, Finding, Json
    from safeinstall.rails.rail import Rail, Report
    from safeinstall.settings import Session
    from safeinstall.specs.tool_warnings import ToolWarning


class Operation:
    """The steps that follow the verdict; each is recorded in the journal."""

    def __init__(self, assessed: Assessed) -> None:
        self.assessed = assessed
        self.case = assessed.case
        self.facts = assessed.case.facts
        self.session = assessed.case.session
        self.verdict = Verdict("allow")  # on the findings made while or after the tool runs
        self.started = 0.0
        before = self.facts.inventory
        self.after = Aftermath(self.facts.environment, before, before)
        self.warnings: tuple[str, ...] = ()  # lines of the tool's output
        self.rails: tuple[str, ...] = ()  # what was laid in the environment itself, in words
        self.background = Background(self.facts, self.session)
        self.override = ""
        self.free = False  # was the tool started without a rail, as the reason covers that?
        self.problem = ""  # the problem of the journal that the user was last told about
        self.op = ids.operation()
        self.prefix = self.facts.environment.prefix
        self.journal = locate.journal(self.prefix, self.session.settings)

    def record_drift(self) -> None:
        """Record the changes made to the environment without the guard since the last record."""
        if self.facts.drift:
            base = self.facts.installation.root_prefix
            changed = (self.journal, self.facts.environment, self.facts.drift)
            self._begin(drift.entry(*changed, self.session.environ, base))

    def may_go_on(self) -> bool:
        """Is there an override reason for the block? If not, the block is recorded.

        An error in the guard itself counts as "no": it must not let a blocked command through.
        """
        try:
            self.override = decide.reason_past(self.case, self.assessed.verdict)
            if not self.override:
                self.record_block()
        except SafeinstallError:
            raise
        except Exception as error:
            self._say_bug(error)
        return bool(self.override)

    def record_block(self) -> None:
        """Record that the command was blocked."""
        self._begin(record.blocked(self.op, **self._circumstances()))

    def record_intent(self) -> None:
        """Record the command before it runs.

        Raises JournalError where it cannot be recorded and the policy's ``on_journal_error`` is
        "block".
        """
        override = self.override or None
        self._begin(record.intent(self.op, override=override, **self._circumstances()))

    def run(self, executable: str, words: tuple[str, ...]) -> Result:
        """Start the tool on its rail, wait for it, and record the changes that it made.

        Raises :class:`Blocked` where the rail stopped the tool, or the pip that it had started.
        """
        self.started = time.monotonic()
        environ = {**self.session.environ, settings.OPERATION: f"{self.op} {self.prefix}"}
        session = self.session.replace(environ=environ)
        with PrivateDirectory(self.op, environ, session.settings.cache_dir) as directory:
            try:
                return self._run(executable, words, session, directory)
            finally:
                process.attention.leave_no_zombie()

    def _run(
        self, executable: str, words: tuple[str, ...], session: Session, directory: str
    ) -> Result:
        result = Result(exit_code=None)
        try:
            rail = self._rail(words, session, directory)
            self.facts.seal()
            result = process.run(executable, rail.words, rail.environ, self.background.start)
            self.background.end()
            self.after = aftermath.look(self.facts)
            heard = self._hear(directory)
            if not self._may_end(rail.report(result)):
                rail = self._rail(words, session, directory)
                result = process.run(executable, rail.words, rail.environ)
                self.after = aftermath.look(self.facts)
                heard = self._hear(directory)
            self._tell(heard, result)
            self.rails = standing.kept(self.case, self.after)
        except Blocked:
            raise
        except Exception as error:
            self._unless_started(error)
        finally:
            self._record_outcome(result)
        return result

    def _unless_started(self, error: Exception) -> None:
        """Handle an error of ours: report it if the tool has run, for the tool must not run twice;
        else raise it.
        """
        if process.attention.started:
            self._say_error(error)
        elif isinstance(error, OSError):  # no rail could be laid: a full disk, most likely
            raise SafeinstallError(f"the command could not be prepared: {error}") from error
        else:
            raise error

    def _say_error(self, error: Exception) -> None:
        if isinstance(error, SafeinstallError):
            stderr.note(str(error))
        else:
            self._say_bug(error)

    def _say_bug(self, error: Exception) -> None:
        stderr.note(f"internal error ({described(error)})")

    def _rail(self, words: tuple[str, ...], session: Session, directory: str) -> Rail:
        """The rail for the command. Raises :class:`Blocked` where no rail could be made and the
        policy blocks such a command.
        """
        try:
            self.free = enforce.frees(self.override, self.case)
            session = standing.lifted(self.facts.environment, session, free=self.free)
            told = [finding.rule for finding in self.assessed.verdict.findings]
            free, reason = self.free, self.override
            return enforce.lay(
                self.case, words, session, directory, reason=reason, free=free, told=told
            )
        except (*NO_FAULT_OF_DATA, OSError):
            raise
        except Exception as error:
            unread = (Unreadable("what holds the tool", self.prefix, described(error)),)
        found = registry.explain(self.facts, Evidence(unreadable=unread))
        verdict, reason = decide.decide(self.case, found)
        self.override = self.override or reason
        self.verdict = join(self.verdict, verdict)
        if verdict.decision == "block" and not self.override:
            raise Blocked
        return NoRail(words, session.environ)

    def _may_end(self, report: Report) -> bool:
        """Show the findings. False if the tool is to run again, without its rail.

        Raises :class:`Blocked` where the rail stopped the tool and no override reason was given.
        """
        over = tuple(self._unforeseen(report))
        others = self._weigh((*self._others_here(), *over))
        found = self._weigh(self._found_out(report))
        decide.say(self.case, join(others, found))
        self.verdict = join(join(others, found), self._weigh(report.shown))
        given = self.override
        self.override = self.override or report.override or (report.excused if over else "")
        held = any(finding.rule in registry.HOLDING for finding in found.findings)
        stopped = report.stopped or (report.refused and held)
        if not stopped or (self.override and not given):
            return True
        if given and not self.free:  # it does not cover what has stopped the tool now
            raise Blocked
        # conda's plugin has asked the user for a reason already; where conda has made its changes,
        # the whole command is not to be done again
        if found.findings and not report.is_half_done:
            process.attention.release()
            self.override = decide.reason_past(self.case, found)
            process.attention.hold()
        if not self.override:
            raise Blocked
        return False

    def _found_out(self, report: Report) -> tuple[Finding, ...]:
        """The findings of the rules on what the rail reported."""
        facts: Facts = self.facts
        if report.facts:
            facts = report.facts.replace(typed=self.facts.command)
        return tuple(registry.explain(facts, aftermath.reported(self.facts, self.after, report)))

    def _hear(self, directory: str) -> tuple[ToolWarning, ...]:
        """The known warnings in the tool's output; they are recorded even if the command fails."""
        if not listener.has_heard(directory):
            return ()
        from safeinstall.rails import tool_output

        found = tool_output.heard(directory)
        self.warnings = tool_output.kept(found)
        return found

    def _tell(self, heard: tuple[ToolWarning, ...], result: Result) -> None:
        """Show the findings on the tool's warnings."""
        said = self.assessed.verdict.findings + self.verdict.findings
        evidence = Evidence(succeeded=result.exit_code == 0, warnings=heard, said=said)
        verdict = self._weigh(registry.explain(self.facts, evidence))
        self.verdict = join(self.verdict, verdict)
        decide.say(self.case, verdict)

    def _weigh(self, findings: Iterable[Finding]) -> Verdict:
        return decide.weigh(self.case, findings)

    def _others_here(self) -> Iterable[Finding]:
        if not self.after.changes or asked_before(self.case.policy):
            return ()
        return registry.explain(self.facts, Evidence(running=self.background.running()))

    def _unforeseen(self, report: Report) -> Iterable[Finding]:
        """The findings on changes that could not be foreseen."""
        now, said = self.after.facts(self.facts), self.assessed.verdict.findings
        reason = bool(self.override)
        return registry.explain(
            now, aftermath.unforeseen(now, self.after, report, said, reason=reason)
        )

    def _record_outcome(self, result: Result) -> None:
        """No error of ours replaces the tool's exit status, or the error that has ended the run."""
        try:
            self._keep_outcome(result)
        except JournalError as error:  # too late to stop anything
            stderr.note(f"{error}; what was done just now is not in the history")
        except Exception as error:
            self._say_bug(error)

    def _keep_outcome(self, result: Result) -> None:
        whole = join(self.assessed.verdict, self.verdict)
        judged = record.judgement(whole, self.override) if self.verdict.findings else None
        entry = record.outcome(
            self.op,
            exit_code=result.exit_code,
            signal=result.signal,
            duration_ms=round((time.monotonic() - self.started) * 1000),
            changes=self.after.changes,
            warnings=self.warnings,
            rails=self.rails,
            judged=judged,
        )
        written = self._append(*self.background.beginning(), entry)
        snapshot.keep(self.journal, written["seq"], self.after.inventory)

    def _begin(self, entry: Json) -> None:
        try:
            self._append(entry)
        except JournalError as error:
            locate.tolerate(error, self.case.policy, "going on without a record")

    def _append(self, *entries: Json) -> Json:
        written = self.journal.extend(entries)
        self._say_problem(self.journal.problem)
        return written

    def _say_problem(self, problem: str) -> None:
        """Show a problem of the journal, once an operation: each of its records may report it."""
        if problem and problem != self.problem:
            stderr.note(f"the journal has one copy only: {problem}")
            self.problem = problem

    def _circumstances(self) -> Json:
        return {
            "actor": actor.current(self.session.environ),
            "facts": self.facts,
            "verdict": self.assessed.verdict,
            "policy": self.case.policy.describe(),
            "environ": self.session.environ,
            "cwd": self.session.cwd,
        }
