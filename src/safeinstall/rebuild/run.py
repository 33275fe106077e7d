"""The road of a rebuild: staging, conda's layer, pip's layer, verify, final paths, into place."""

from __future__ import annotations

import os
import time

from safeinstall.files import names_in
from safeinstall.journal import changes, locate
from safeinstall.output import stderr
from safeinstall.policy import load as policies
from safeinstall.policy.tighten import minutes
from safeinstall.probe import inventory, release_age, soundness
from safeinstall.probe.environment import describe
from safeinstall.protection import lay as protection
from safeinstall.rebuild import (
    conda,
    layers,
    pip,
    relocate,
    situation,
    staging,
    verify,
)
from safeinstall.rebuild.chronicle import Chronicle
from safeinstall.rebuild.foresee import Wish, foresee, standing
from safeinstall.rebuild.goal import Elsewhere, InPlace
from safeinstall.rebuild.tools import Failed
from safeinstall.specs import deny_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from safeinstall.model import Change, Environment, Inventory, Spec, Verdict
    from safeinstall.probe.soundness import Lack
    from safeinstall.rebuild.conda import Conda
    from safeinstall.rebuild.goal import Goal
    from safeinstall.rebuild.nouns import Aim, Request
    from safeinstall.rebuild.situation import Situation
    from safeinstall.rebuild.staging import Mark
    from safeinstall.rebuild.transplant import Copier
    from safeinstall.settings import Session

    Both = tuple[Environment, Inventory]


class Rebuild:
    """One rebuild, for a caller that holds the environment's lock, and that of a new one."""

    def __init__(
        self,
        prefix: str,
        session: Session,
        request: Request,
        asked: Mapping[str, Spec],
        to: str = "",
    ) -> None:
        """``to`` is the prefix of a new environment, to be made of the one at ``prefix``, which
        stays as it is; ``""``: the new one takes its place.
        """
        sources = policies.load(session.settings, session.cwd).sources
        if age := minutes(sources.min_age):
            session = session.replace(environ=release_age.told(session.environ, age))
        self.prefix = os.path.realpath(prefix)
        self.session = session
        self.now: Situation = situation.look(self.prefix, session, asked, moving=bool(to))
        self.goal: Goal = Elsewhere(to, self.now, session) if to else InPlace(self.now)
        self.chronicle = Chronicle(self.goal.environment, self.goal.before, session)
        self.tool: Conda = conda.find(session, self.now.installation.unpacked_dirs())
        self.deny = sources.deny
        self.swapped = False  # is the new environment in place?
        self.wish = self.wished(request)
        self.aim: Aim = self.foreseen()

    def wished(self, request: Request) -> Wish:
        """What is there, and what is asked for besides."""
        return standing(self.now, request)

    def was_so(self, lack: Lack) -> bool:  # noqa: ARG002
        """Is it a lack of the state that is wished for, so that it is told and not refused?"""
        return False

    def foreseen(self) -> Aim:
        """What is going to be done. Raises Failed where it cannot be done."""
        found = foresee(self.now, self.wish, self.tool)
        return found.replace(running=self.goal.disturbed())

    def settings(self) -> tuple[str, ...]:
        """The files that conda goes by when it solves; a copy is not frozen."""
        found = conda.SETTINGS
        free = self.goal.source or self.now.environment.frozen_by_us  # laid again at the end
        return tuple(path for path in found if not (free and path == conda.FROZEN))

    def heading(self, name: str) -> str:
        """The first line of the plan for the environment called ``name``."""
        if self.goal.source:
            return f"{name} is made of {self.now.environment.name}, which stays as it is:"
        return f"{name} is made anew beside the old one, and takes its place when it is sound:"

    def note_requests(self, new: str, words: Sequence[str]) -> None:
        """Write into the new environment what conda was asked for."""
        conda.as_asked(new, self.prefix)
        conda.note_change(new, self.prefix, " ".join(words), self.now.state.alias)

    def carry_out(
        self,
        words: tuple[str, ...],
        tell: Callable[[str], None],
        admit: Callable[[tuple[Change, ...]], None],
        verdict: Verdict,
        override: str,
    ) -> None:
        """Make the new environment and put it in its place. ``words`` are the command as typed,
        ``verdict`` and ``override`` what was said of it, for the journal; ``tell`` is told what is
        being done. ``admit`` is asked when all packages are there, and raises Blocked if they may
        not come.

        Raises SafeinstallError, and OSError for a full disk: unless :attr:`swapped`, the old
        environment is in place then.
        """
        settings, started = self.session.settings, time.monotonic()
        final = self.goal.prefix
        journal = locate.journal(final, settings)
        self.chronicle.record_intent(journal, words, verdict, override)
        mark: Mark | None = None
        try:
            mark = staging.begin(self.chronicle.op, final, settings, self.goal.source)
            self._make(mark, words, tell, admit)
            staging.swap(mark)
            self.swapped = True
        finally:
            done = mark is not None and staging.finish(mark, settings.home)
            journal = locate.journal(final, settings)  # by now the prefix may be there
            self.chronicle.record_outcome(journal, started, done=done)
            if mark is not None:
                staging.forget(mark, settings)

    # ---- the new environment -------------------------------------------------------------------

    def _make(
        self,
        mark: Mark,
        words: Sequence[str],
        tell: Callable[[str], None],
        admit: Callable[[tuple[Change, ...]], None],
    ) -> None:
        aim, new = self.aim, mark.staging
        now, environ = self.now, self.session.environ
        old = verify.Imports(now.environment, now.modules, environ, mark.notes)
        try:
            tell(f"conda's layer ({len(aim.conda.exact)} packages)")
            self.tool.create(new, aim.conda.exact, mark.notes)
            self.note_requests(new, words)
            copier = self.goal.copier(new)
            copier.copy(self.prefix, self.settings())
            self.tool.solve(aim.conda, new)
            if self.wish.request.exact:  # these specs are nobody's requests
                self.note_requests(new, words)
            self._compare_with_plan(new)
            found = self._with_pip(mark, copier, tell)
            admit(changes.between(self.goal.before, found[1]))
            tell("looking whether it is sound")
            self._verify(found, old, mark.notes)
        finally:
            old.close()
        tell("final paths")
        copier.complete(os.path.join(new, "bin", "python"), environ)
        relocate.relocate(new, self.goal.prefix, copier.final)
        self.goal.settle_in(new, self.chronicle)

    def _compare_with_plan(self, new: str) -> None:
        """conda has planned in the old environment, where a record may stand for what is gone."""
        names = names_in(os.path.join(new, "conda-meta"))
        there = {name.removesuffix(".json") for name in names if name.endswith(".json")}
        for word, found in (("", there - self.aim.expected), ("no ", self.aim.expected - there)):
            if found:
                stderr.note(f"other than planned: {word}{', '.join(sorted(found))}")

    def _with_pip(self, mark: Mark, copier: Copier, tell: Callable[[str], None]) -> Both:
        """pip's layer on conda's as it has become."""
        new = mark.staging
        environment, there = _scanned(new)
        ground = situation.ground(environment, there, self.now.environment)
        layer = layers.divide(self.wish.candidates, ground, self.wish.request)
        tell(f"pip's layer ({len(layer.kept)} copied, {len(layer.lines)} to install)")
        for kept in layer.kept:
            copier.copy(kept.prefix, situation.files_of(kept.package, kept.prefix))
        copier.copy(self.prefix, self.now.carried)
        protection.as_before(self.prefix, new)
        pip.install(
            new,
            layer.lines,
            {n: f"=={v}" for n, v in ground.versions.items()}
            | deny_list.constraints(self.deny, dict(ground.versions)),
            self.session.environ,
            notes=mark.notes,
            root_prefix=self.now.installation.root_prefix,
            options=self.now.state.pip_options,
            upgrade=self.wish.request.update,
            alone=self.wish.request.exact,
        )
        named = {c.package.name for c in self.wish.candidates if c.requested}
        named |= {layers.name_of(line) for line in self.wish.request.pip}
        needed = {package.name for package in layer.again} - named
        pip.mark_as_needed(p for p in _scanned(new)[1].packages if p.name in needed)
        return _scanned(new)

    def _verify(self, found: Both, old: verify.Imports, notes: str) -> None:
        """Raises Failed where the new environment is less sound than the old one."""
        environ = self.session.environ
        imports = verify.Imports(found[0], _modules(*found), environ, notes)
        before = soundness.look(self.now.environment, self.now.inventory, "")
        after = soundness.look(*found, "")
        lacks = verify.new_lacks(before, after)
        again = [lack for lack in lacks if self.was_so(lack)]
        worse = [verify.said(lack) for lack in lacks if lack not in again]
        worse += verify.losses(after, found[1])
        worse += self._unmet(found[0].prefix) if not lacks else []
        failed = sorted(imports.result()[1] & old.result()[0])
        broken = [f"{name} could be imported, and cannot be any more" for name in failed]
        if worse or (broken and not again):
            raise Failed("the new environment would be less sound: " + "; ".join(worse + broken))
        for line in (*map(verify.said, again), *broken):
            stderr.note(f"as before: {line}")

    def _unmet(self, new: str) -> list[str]:
        """What ``pip check`` tells of the new environment, and not of the old one."""
        pythons = [os.path.join(prefix, "bin", "python") for prefix in (new, self.prefix)]
        after, before = (verify.unmet_by_pip(p, self.session.environ) for p in pythons)
        return sorted(after - before)


def _modules(environment: Environment, found: Inventory) -> set[str]:
    prefix = environment.prefix
    paths = (path for package in found.packages for path in situation.files_of(package, prefix))
    return situation.modules(environment, paths)


def _scanned(prefix: str) -> Both:
    environment = describe(prefix)
    return environment, inventory.scan(environment)
