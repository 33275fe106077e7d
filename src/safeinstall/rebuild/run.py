"""The road of a rebuild: staging, conda's layer, pip's layer, verify, final paths, exchange."""

from __future__ import annotations

import contextlib
import os
import shutil
import time

from safeinstall.files import names_in
from safeinstall.journal import actor, baseline, changes, ids, locate, record, snapshot
from safeinstall.model import Command, Facts, Verdict
from safeinstall.probe import inventory, processes
from safeinstall.probe.environment import describe
from safeinstall.rebuild import conda, layers, pip, relocate, situation, staging, verify
from safeinstall.rebuild.conda import Failed
from safeinstall.rebuild.foresee import foresee
from safeinstall.rebuild.transplant import Copier
from safeinstall.settings import ENVIRONMENT_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeinstall.journal import Journal
    from safeinstall.model import Environment, Inventory, Json, Spec
    from safeinstall.rebuild.conda import Conda
    from safeinstall.rebuild.nouns import Aim, Request
    from safeinstall.rebuild.situation import Situation
    from safeinstall.rebuild.staging import Mark
    from safeinstall.settings import Session

    Both = tuple[Environment, Inventory]


class Rebuild:
    """One rebuild, for a caller that holds the environment's lock."""

    def __init__(
        self, prefix: str, session: Session, request: Request, asked: Mapping[str, Spec]
    ) -> None:
        self.prefix = os.path.realpath(prefix)
        self.session = session
        self.request = request
        self.op = ids.operation()
        self.now: Situation = situation.look(self.prefix, session, asked)
        self.tool: Conda = conda.find(session, self.now.installation.packages_dirs())
        found = foresee(self.now, request, self.tool)
        self.aim: Aim = found.replace(running=processes.running(self.prefix))

    def carry_out(self, words: tuple[str, ...], tell: Callable[[str], None]) -> None:
        """Make the new environment and put it in the old one's place. ``words`` are the command
        as typed, for the journal; ``tell`` is told what is being done.

        Raises SafeinstallError, and OSError for a full disk: the old environment is in place then.
        """
        settings, started = self.session.settings, time.monotonic()
        journal = locate.journal(self.prefix, settings)
        self._record_intent(journal, words)
        mark: Mark | None = None
        done = False
        try:
            mark = staging.begin(self.op, self.prefix, settings)
            self._make(mark, tell)
            staging.swap(mark)
        finally:
            done = mark is not None and staging.finish(mark, settings.home)
            self._record_outcome(journal, started, done=done)
            if mark is not None:
                staging.forget(mark, settings)

    # ---- the new environment -------------------------------------------------------------------

    def _make(self, mark: Mark, tell: Callable[[str], None]) -> None:
        aim, new = self.aim, mark.staging
        old = verify.Imports(self.now.environment, self.session.environ, mark.notes)
        tell(f"conda's layer ({len(aim.conda.exact)} packages)")
        self.tool.create(new, aim.conda.exact, mark.notes)
        conda.as_asked(new, self.prefix)
        self.tool.solve(aim.conda, new)
        copier = Copier(self.prefix, new)
        found = self._with_pip(mark, copier, tell)
        tell("looking whether it is sound")
        self._verify(found, old, mark.notes)
        tell("final paths")
        relocate.relocate(new, self.prefix, copier.copied)
        copier.finish()
        _bring_journal(self.prefix, new)
        _as_before(self.prefix, new)

    def _with_pip(self, mark: Mark, copier: Copier, tell: Callable[[str], None]) -> Both:
        """pip's layer on conda's as it has become."""
        new = mark.staging
        environment, there = _scanned(new)
        ground = situation.ground(environment, there, self.now.environment.python)
        layer = layers.divide(self.now.candidates, ground, self.request)
        tell(f"pip's layer ({len(layer.kept)} copied, {len(layer.lines)} to install)")
        for package in layer.kept:
            copier.copy(situation.files_of(package, self.prefix))
        copier.copy(path for path in self.now.carried if not os.path.lexists(f"{new}/{path}"))
        pip.install(
            new,
            layer.lines,
            ground.versions,
            self.session.environ,
            notes=mark.notes,
            root_prefix=self.now.installation.root_prefix,
            options=self.now.state.pip_options,
            upgrade=self.request.update,
        )
        return _scanned(new)

    def _verify(self, found: Both, old: verify.Imports, notes: str) -> None:
        """Raises Failed where the new environment is less sound than the old one."""
        environ = self.session.environ
        imports = verify.Imports(found[0], environ, notes)
        worse = verify.worse((self.now.environment, self.now.inventory), found)
        pythons = [os.path.join(p, "bin", "python") for p in (found[0].prefix, self.prefix)]
        after, before = (verify.unmet_by_pip(python, environ) for python in pythons)
        worse += sorted(after - before) if not worse else []
        failed = imports.result()[1] & old.result()[0]
        worse += [f"{name} could be imported, and cannot be any more" for name in sorted(failed)]
        if worse:
            raise Failed("the new environment would be less sound: " + "; ".join(worse))

    # ---- the journal ---------------------------------------------------------------------------

    def _record_intent(self, journal: Journal, words: tuple[str, ...]) -> None:
        """The baseline, if there is none, what others have changed, and what is going to be done.

        Raises JournalError.
        """
        who = actor.current(self.session.environ)
        environment, found = self.now.environment, self.now.inventory
        entries: list[Json] = []
        drift = snapshot.drift(journal, found)
        if drift:
            entries.append(
                record.observed("drift", actor=who, environment=environment, changes=drift)
            )
        if baseline.needed(journal, found):
            past = baseline.told(environment, found)
            entries += baseline.entries(who, environment, found, past)
        command = Command(words, tool="safeinstall", verb=words[1], mutates=True)
        entries.append(
            record.intent(
                self.op,
                actor=who,
                facts=Facts(command, words[0], environment, found),
                verdict=Verdict("allow"),
                policy=(),
                override=None,
                environ=self.session.environ,
                cwd=self.session.cwd,
            )
        )
        journal.extend(entries)

    def _record_outcome(self, journal: Journal, started: float, *, done: bool) -> None:
        _, after = _scanned(self.prefix)
        entry = record.outcome(
            self.op,
            exit_code=int(not done),
            signal=None,
            duration_ms=round((time.monotonic() - started) * 1000),
            changes=changes.between(self.now.inventory, after),
            warnings=(),
        )
        snapshot.keep(journal, journal.append(entry)["seq"], after)


def _scanned(prefix: str) -> Both:
    environment = describe(prefix)
    return environment, inventory.scan(environment)


def _bring_journal(old: str, new: str) -> None:
    """The journal goes on in the new environment. The lock is the same file: who waits for it in
    the old one has it in the new one as well.
    """
    source, target = (os.path.join(prefix, ENVIRONMENT_DIRECTORY) for prefix in (old, new))
    if not os.path.isdir(source):
        return
    os.mkdir(target)
    for name in names_in(source):
        path = os.path.join(source, name)
        if name == "lock":
            os.link(path, os.path.join(target, name))
        elif os.path.isdir(path):
            shutil.copytree(path, os.path.join(target, name), symlinks=True)
        else:
            shutil.copy2(path, os.path.join(target, name), follow_symlinks=False)
    shutil.copystat(source, target)


def _as_before(old: str, new: str) -> None:
    """Mode and group of the directory itself."""
    status = os.stat(old)
    with contextlib.suppress(PermissionError):  # a group that this user is not in
        os.chown(new, -1, status.st_gid)
    os.chmod(new, status.st_mode & 0o7777)
