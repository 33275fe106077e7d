"""The way of one command: understand, consider, block or go, record, end as the tool ended."""

from __future__ import annotations

from safeinstall.errors import Blocked, ToolNotFound
from safeinstall.guard.assess import consider, is_ours, understand
from safeinstall.guard.execute import Operation
from safeinstall.journal import locate
from safeinstall.probe import facts as probe
from safeinstall.rails import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from safeinstall.settings import Settings


def run(
    words: Sequence[str], configuration: Settings, environ: Mapping[str, str], cwd: str
) -> NoReturn:
    """Guard the command and hand it to the real tool; ends this process as the tool ended.

    Raises a :class:`SafeinstallError` where the tool was not started.
    """
    command, executable = understand(words, configuration, environ, cwd)
    if not configuration.enabled or not is_ours(command):
        process.replace_by(executable, words, environ)

    try:
        place = probe.find(command, executable, configuration, environ, cwd)
    except ToolNotFound:  # by us, inside "conda run"; who starts it finds it, or says so
        process.replace_by(executable, words, environ)
    with locate.lock(place.prefix, configuration):  # what we look at now stays as it is
        considered = consider(place, configuration, cwd)
        verdict = considered.verdict
        operation = Operation(considered, configuration, environ, cwd)
        operation.record_drift()
        operation.say_verdict()
        if verdict.decision == "block" and not operation.may_go_on():
            raise Blocked
        operation.record_intent()
        result = operation.run(executable, command.words)
    process.end_like(result)
