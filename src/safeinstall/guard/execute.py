"""One operation as the record sees it: the intent before, the tool, the outcome after."""

from __future__ import annotations

import time

from safeinstall import settings, stderr
from safeinstall.errors import NO_FAULT_OF_DATA, Blocked, JournalError, SafeinstallError
from safeinstall.guard.assess import asks_before, weigh
from safeinstall.guard.background import Meanwhile
from safeinstall.journal import actor, changes, ids, locate, record, snapshot
from safeinstall.model import CONDA_OWNERS, PIP_LIKE, Verdict
from safeinstall.policy.judge import join
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rails import listener, process, select
from safeinstall.rails.process import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.guard.assess import Considered
    from safeinstall.model import Change, Facts, Finding, Json
    from safeinstall.rails.rail import Rail, Settled
    from safeinstall.settings import Settings
    from safeinstall.specs.tool_warnings import Heard


class Operation:
    """What is done after the verdict, with a record of every step."""

    def __init__(
        self,
        considered: Considered,
        configuration: Settings,
        environ: Mapping[str, str],
        cwd: str,
    ) -> None:
        self.considered = considered
        self.configuration = configuration
        self.verdict = Verdict("allow")  # on what is found while the tool is running
        self.started = 0.0
        self.environment = considered.facts.environment
        self.after = considered.facts.inventory
        self.changes: tuple[Change, ...] = ()
        self.warnings: tuple[str, ...] = ()  # the tool's
        self.meanwhile = Meanwhile(considered.facts, configuration, environ, cwd)
        self.environ = environ
        self.cwd = cwd
        self.override = ""
        self.problem = ""  # the journal's, as it was told
        self.op = ids.operation()
        self.prefix = considered.facts.environment.prefix
        self.journal = locate.journal(self.prefix, configuration)

    def say_verdict(self) -> None:
        """Tell the user what was found before the tool is started."""
        self._say(self.considered.verdict)

    def record_drift(self) -> None:
        """Keep what others did to the environment since the last record."""
        facts = self.considered.facts
        if facts.drift:
            entry = record.observed(
                "drift",
                actor=actor.current(self.environ),
                environment=facts.environment,
                changes=facts.drift,
            )
            self._begin(entry)

    def may_go_on(self) -> bool:
        """Is there a reason for going past a block? Else that is kept.

        A fault of ours on the way lets nothing through that was to be stopped.
        """
        from safeinstall.guard.override import reason_for

        command = self.considered.facts.command
        try:
            verdict, configuration = self.considered.verdict, self.configuration
            self.override = reason_for(verdict, configuration, command, self.environ)
            if not self.override:
                self.record_block()
        except SafeinstallError:
            raise
        except Exception as error:
            self._say_bug(error)
        return bool(self.override)

    def record_block(self) -> None:
        """Keep that the command was stopped."""
        self._begin(record.blocked(self.op, **self._circumstances()))

    def record_intent(self) -> None:
        """Keep what is about to be done. Raises JournalError where the policy says stop."""
        override = self.override or None
        self._begin(record.intent(self.op, override=override, **self._circumstances()))

    def run(self, executable: str, words: tuple[str, ...]) -> Result:
        """Start the tool on its rail, wait for it, and keep what it really did.

        Raises :class:`Blocked` where the rail stopped the tool; then nothing was changed.
        """
        self.started = time.monotonic()
        environ = {**self.environ, settings.OPERATION: f"{self.op} {self.prefix}"}
        cache = self.configuration.cache_dir
        with select.PrivateDirectory(self.op, environ, cache) as directory:
            return self._run(executable, words, environ, directory)

    def _run(
        self, executable: str, words: tuple[str, ...], environ: Mapping[str, str], directory: str
    ) -> Result:
        result = Result(exit_code=None)
        try:
            rail = self._rail(words, environ, directory)
            start = self.meanwhile.start
            result = process.run(executable, rail.words, rail.environ, start)
            self.meanwhile.end()
            self._look_again()
            heard = self._hear(directory)
            if not self._may_end(rail.settle(result)):
                rail = self._rail(words, environ, directory)
                result = process.run(executable, rail.words, rail.environ)
                self._look_again()
                heard = self._hear(directory)
            self._tell(heard, result)
        except SafeinstallError:
            raise
        except Exception as error:
            self._unless_started(error)
        finally:
            self._record_outcome(result)
        return result

    def _unless_started(self, error: Exception) -> None:
        """A tool that has run is not run once more, whatever happened to us."""
        if process.attention.started:
            self._say_bug(error)
        elif isinstance(error, OSError):  # no rail could be laid: a full disk, most likely
            raise SafeinstallError(f"the command could not be prepared: {error}") from error
        else:
            raise error

    def _say_bug(self, error: Exception) -> None:
        stderr.note(f"internal error ({type(error).__name__}: {error})")

    def _look_again(self) -> None:
        facts = self.considered.facts
        self.environment = describe(self.prefix, facts.root_prefix)
        self.after = inventory.scan(self.environment, self.configuration.cache_dir)
        self.changes = changes.between(facts.inventory, self.after)

    def _rail(self, words: tuple[str, ...], environ: Mapping[str, str], directory: str) -> Rail:
        try:
            return select.lay(
                self.considered,
                words,
                self.configuration,
                environ,
                self.cwd,
                directory,
                free=bool(self.override),  # the reason speaks for whatever a rail would stop
            )
        except (*NO_FAULT_OF_DATA, OSError):
            raise
        except Exception as error:
            self._unrailed(error)
            return select.NoRail(words, environ)

    def _unrailed(self, error: Exception) -> None:
        """No rail, for what could not be read: the policy says whether the tool may run without.
        Raises :class:`Blocked`.
        """
        from safeinstall.probe import unreadable
        from safeinstall.rules import unreadable_evidence as rule

        unreadable.begin()
        unreadable.note("what holds the tool", self.prefix, f"{type(error).__name__}: {error}")
        facts = self.considered.facts.replace(unreadable=unreadable.noted())
        found = rule.look(facts)
        verdict = self._weigh((found,) if found else ())
        self._say(verdict)
        self.verdict = join(self.verdict, verdict)
        if verdict.decision == "block":
            from safeinstall.guard.override import reason_for

            command = facts.command
            self.override = reason_for(verdict, self.configuration, command, self.environ)
            if not self.override:
                raise Blocked

    def _may_end(self, settled: Settled) -> bool:
        """Say what was found. False if the tool is to run again, without its rail."""
        found = self._weigh(settled.findings)
        over = self._unforeseen(settled)
        others = self._weigh((*self._others_here(), *over))
        self._say(join(others, found))
        self.verdict = join(join(others, found), self._weigh(settled.shown))
        self.override = self.override or settled.override or (settled.excused if over else "")
        if not settled.stopped or self.override:
            return True
        if found.findings:  # else the user has been asked already
            from safeinstall.guard.override import reason_for

            process.attention.release()
            command = self.considered.facts.command
            self.override = reason_for(found, self.configuration, command, self.environ)
            process.attention.hold()
        if not self.override:
            raise Blocked
        return False

    def _hear(self, directory: str) -> tuple[Heard, ...]:
        """The warnings that the tool gave; they are kept, whatever becomes of the command."""
        if not listener.has_heard(directory):
            return ()
        from safeinstall.rails import tool_output

        found = tool_output.heard(directory)
        self.warnings = tool_output.kept(found)
        return found

    def _tell(self, heard: tuple[Heard, ...], result: Result) -> None:
        """Say what the warnings mean."""
        if not heard:
            return
        from safeinstall.rules import tool_warned

        spoken = self.considered.verdict.findings + self.verdict.findings
        facts, succeeded = self.considered.facts, result.exit_code == 0
        told = tool_warned.told(facts, heard, spoken, succeeded=succeeded)
        verdict = self._weigh((told,) if told else ())
        self.verdict = join(self.verdict, verdict)
        self._say(verdict)

    def _weigh(self, findings: Iterable[Finding]) -> Verdict:
        return weigh(findings, self.considered.policy, self.considered.facts)

    def _others_here(self) -> tuple[Finding, ...]:
        if not self.changes or asks_before(self.considered.policy):
            return ()
        running = self.meanwhile.running()
        from safeinstall.rules import env_in_use

        found = env_in_use.look(self.considered.facts.replace(running=running))
        return (found,) if found else ()

    def _unforeseen(self, settled: Settled) -> tuple[Finding, ...]:
        """What nobody could see coming: what is denied, what pip has done to conda's packages."""
        facts = self.considered.facts.replace(environment=self.environment, inventory=self.after)
        denied = self._denied(facts, settled)
        if self.environment.kind != "conda":
            return denied
        over = () if self.override else self._written_over(facts)
        return (*denied, *over, *self._taken_away(facts))

    def _denied(self, facts: Facts, settled: Settled) -> tuple[Finding, ...]:
        deny = self.considered.policy.sources.deny
        if not (deny and self.changes):
            return ()
        from safeinstall.rules import denied_package

        told = denied_package.told(self.considered.verdict.findings + settled.shown)
        come = [p for p in denied_package.brought(deny, self.changes) if p.name not in told]
        return (denied_package.happened(facts, come),) if come else ()

    def _taken_away(self, facts: Facts) -> tuple[Finding, ...]:
        """For whatever reason: conda does not know, and the way back is to be told."""
        if facts.command.tool not in PIP_LIKE:
            return ()
        before = self.considered.facts.inventory
        gone = changes.taken(before, self.after)
        left = changes.abandoned(before, self.after)
        if not gone and not left:
            return ()
        from safeinstall.rules import pip_removes_conda

        return tuple(pip_removes_conda.happened(facts, gone, left))

    def _written_over(self, facts: Facts) -> tuple[Finding, ...]:
        brought = [c for c in self.changes if c.after and c.after.owner not in CONDA_OWNERS]
        if not brought:
            return ()
        from safeinstall.probe import conda_requirements
        from safeinstall.rules import pip_over_conda

        replaced = changes.replaced(self.considered.facts.inventory, self.after, self.changes)
        new = {c.name for c in brought if not c.before} - {c.name for c in replaced}
        shared = conda_requirements.files(facts, new)
        if not replaced and not shared:
            return ()
        return (pip_over_conda.happened(facts, replaced, shared),)

    def _say(self, verdict: Verdict) -> None:
        if verdict.findings:
            from safeinstall.render import plain

            command, colour = self.considered.facts.command, stderr.coloured(self.environ)
            stderr.say(plain.verdict(verdict, command, colour=colour))

    def _record_outcome(self, result: Result) -> None:
        whole = join(self.considered.verdict, self.verdict)
        judged = record.judgement(whole, self.override) if self.verdict.findings else None
        entry = record.outcome(
            self.op,
            exit_code=result.exit_code,
            signal=result.signal,
            duration_ms=round((time.monotonic() - self.started) * 1000),
            changes=self.changes,
            warnings=self.warnings,
            judged=judged,
        )
        try:
            written = self._append(*self.meanwhile.beginning(), entry)
        except JournalError as error:  # too late to stop anything
            stderr.note(f"{error}; what was done just now is not in the history")
        except Exception as error:  # nor may our own bug cost the tool's exit status
            self._say_bug(error)
        else:
            snapshot.keep(self.journal, written["seq"], self.after)

    def _begin(self, entry: Json) -> None:
        try:
            self._append(entry)
        except JournalError as error:
            locate.tolerate(error, self.considered.policy, "going on without a record")

    def _append(self, *entries: Json) -> Json:
        written = self.journal.extend(entries)
        self._say_problem(self.journal.problem)
        return written

    def _say_problem(self, problem: str) -> None:
        """Once, though every record of the operation meets it."""
        if problem and problem != self.problem:
            stderr.note(f"the journal has one copy only: {problem}")
            self.problem = problem

    def _circumstances(self) -> Json:
        return {
            "actor": actor.current(self.environ),
            "facts": self.considered.facts,
            "verdict": self.considered.verdict,
            "policy": self.considered.policy.describe(),
            "environ": self.environ,
            "cwd": self.cwd,
        }
