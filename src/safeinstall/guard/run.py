"""The steps of one command: understand, assess, block or run, record, end as the tool ended."""

from __future__ import annotations

from safeinstall.errors import Blocked, ToolNotFound
from safeinstall.guard.assess import assess
from safeinstall.guard.decide import say
from safeinstall.guard.execute import Operation
from safeinstall.guard.words import is_ours, understand
from safeinstall.journal import locate
from safeinstall.probe import place as places
from safeinstall.rails import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from safeinstall.settings import Session


def run(words: Sequence[str], session: Session) -> NoReturn:
    """Guard the command and run the real tool; ends this process as the tool ended.

    Raises a :class:`SafeinstallError` where the command was not carried out.
    """
    command, executable = understand(words, session)
    if not session.settings.enabled or not is_ours(command):
        process.replace_by(executable, words, session.environ)

    try:
        place = places.find(command, executable, session)
    except ToolNotFound:  # the tool inside "conda run": conda finds it, or reports the error
        process.replace_by(executable, words, session.environ)
    with locate.lock(place.prefix, session.settings):  # no other guarded command changes it now
        if locate.is_being_rebuilt(place.prefix, session.settings):
            from safeinstall.rebuild import recovery

            recovery.settle(place.prefix, session)
        assessed = assess(place, session)
        operation = Operation(assessed)
        operation.record_drift()
        say(assessed.case, assessed.verdict)
        if assessed.verdict.decision == "block" and not operation.may_go_on():
            raise Blocked
        operation.record_intent()
        result = operation.run(executable, command.words)
    process.end_like(result)
