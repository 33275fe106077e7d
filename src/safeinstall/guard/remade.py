"""What the policy says of a rebuild: of the packages that it asks for, and of those that come.

A rebuild stands for commands of conda and of pip. They are judged by the rules about where packages
come from; the others are about damage that a rebuild does not do.
"""

from __future__ import annotations

import os
import time

from safeinstall.errors import Blocked
from safeinstall.guard import decide, stands_for
from safeinstall.guard.decide import Case
from safeinstall.guard.facts import LookedUp, in_force
from safeinstall.guard.words import understand
from safeinstall.model import Command, Verdict
from safeinstall.policy import load as policies
from safeinstall.policy.judge import join, judge
from safeinstall.probe import place as places
from safeinstall.rules import registry
from safeinstall.specs import deny_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Change, Environment, Finding
    from safeinstall.settings import Session

_SOURCES = "SI3"  # the rules about where packages come from


class Judge:
    """Judges one rebuild of an environment. ``words`` are the command as typed, ``source`` is the
    prefix of the environment that a new one is made of.
    """

    def __init__(
        self,
        environment: Environment,
        session: Session,
        words: tuple[str, ...],
        source: str = "",
    ) -> None:
        self.verdict = Verdict("allow")
        self.reason = ""  # the override reason, once one was given
        self._environment = environment
        self._source = source or environment.prefix
        self._session = session
        self._typed = Command(words)
        self._policy = in_force(policies.load(session.settings, session.cwd), environment, session)

    def ask(self, words: Sequence[str]) -> None:
        """Judge a command that the rebuild stands for, and say what there is to say. Raises
        Blocked where the verdict is "block" and no override reason is given.
        """
        command, executable = understand(self._for_now(words), self._session)
        place = places.find(command, executable, self._session)
        facts = LookedUp(place, self._session, self._policy).replace(typed=self._typed)
        self._decide(registry.look(facts), facts)

    def _for_now(self, words: Sequence[str]) -> Sequence[str]:
        """The words; by the Python of base, where that of the environment is only about to come."""
        if not os.path.isabs(words[0]) or os.path.exists(words[0]):
            return words
        root = places.conda_installation(self._session).root_prefix
        return [os.path.join(root, "bin", "python"), *words[1:]]

    def admit(self, changes: tuple[Change, ...]) -> None:
        """Judge what would come, also what nobody has asked for. Raises Blocked as :meth:`ask`."""
        come = [change.after for change in changes if change.after]
        denied = deny_list.among(self._policy.sources.deny, come)
        if denied and not self.reason:
            lines = [f"{package.name}=={package.version}" for package in denied]
            self.ask(stands_for.by_pip(self._source, lines))

    def _decide(self, findings: Iterable[Finding], facts: LookedUp) -> None:
        about = [found.replace(fixes=()) for found in findings if found.rule.startswith(_SOURCES)]
        today = time.strftime("%Y-%m-%d")
        verdict = judge(about, self._policy, self._environment, today)
        case = Case(facts, self._session)
        decide.say(case, verdict)
        self.verdict = join(self.verdict, verdict)
        if verdict.decision == "block":
            self.reason = self.reason or decide.reason_past(case, verdict)
            if not self.reason:
                raise Blocked
