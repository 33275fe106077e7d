"""The pip that conda starts for the ``pip:`` part of an environment file, on the rail of any pip.

What conda owns then is known only when conda's own work is done. So our guest in that pip asks, by
``safeinstall hold``, with which words it should have been started. What pip found out is judged
when conda has ended.
"""

from __future__ import annotations

import os
import sys
import time

from safeinstall import kept, redaction, resources, settings
from safeinstall.errors import UsageError
from safeinstall.files import names_in, read_bytes
from safeinstall.guard.assess import understand
from safeinstall.guard.override import given_beforehand
from safeinstall.policy import load as policies
from safeinstall.probe import facts as probe
from safeinstall.rails import pip, select
from safeinstall.rails.listener import PIP_LOG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.guard.assess import Considered
    from safeinstall.model import Finding
    from safeinstall.policy.merge import Policy
    from safeinstall.rails.pip import PipRail
    from safeinstall.rails.process import Result
    from safeinstall.rails.rail import Rail, Settled
    from safeinstall.settings import Settings

GUARD = "guard"
"""The file that tells the guest whom to ask; as in the guest."""

_HELD = "held-"  # the files that tell us afterwards which pips were held
_HELD_TO = ("SI202", "SI204", "SI304")
_MAIN = os.path.join(resources.PACKAGE, "__main__.py")


def lay(
    rail: Rail, considered: Considered, configuration: Settings, directory: str, *, strict: bool
) -> PartRail:
    """conda's own rail, and pip's for what comes after it. Raises OSError.

    With ``strict`` that pip does not go on where we could not be asked. A reason that was given
    beforehand speaks for whatever we would hold it to, if the policy lets it.
    """
    rules = considered.policy.rules
    never = any(rules[code].override == "never" for code in _HELD_TO)
    excused = "" if never else given_beforehand(configuration)
    if not excused:
        ask = (sys.executable, "-I", "-S", _MAIN, "hold", directory)
        _write(os.path.join(directory, GUARD), ("strict" if strict else "", *ask))
    return PartRail(rail, considered, configuration, directory, excused)


class PartRail:
    """conda, with what its pip is held to. Made by :func:`lay`."""

    def __init__(
        self,
        rail: Rail,
        considered: Considered,
        configuration: Settings,
        directory: str,
        excused: str,
    ) -> None:
        self.rail = rail
        self.words = rail.words
        self.environ = rail.environ
        self.considered = considered
        self.configuration = configuration
        self.directory = directory
        self.excused = excused

    def settle(self, result: Result) -> Settled:
        """As conda's rail has it. Where pip was stopped, what conda did before it stays done."""
        settled = self.rail.settle(result)
        findings = settled.findings + self._of_pip(result)
        return settled.replace(findings=findings, excused=self.excused)

    def _of_pip(self, result: Result) -> tuple[Finding, ...]:
        """What the last of them found out: each one before it has gone through."""
        names = [name for name in names_in(self.directory) if name.startswith(_HELD)]
        held = read_bytes(os.path.join(self.directory, max(names))) if names else None
        if not held or result.exit_code is None:
            return ()
        offset, cwd, *words = os.fsdecode(held).split("\0")
        written = read_bytes(os.path.join(self.directory, PIP_LOG), offset=int(offset)) or b""
        if pip.CONFLICT not in written or not os.path.exists(words[0]):
            return ()
        from safeinstall.rails import pip_verdict

        policy, environ = self.considered.policy, self.environ
        rail = _lay(words, policy, self.configuration, environ, cwd, self.directory)
        if rail is None:
            return ()
        # for the advice: nobody has typed pip's words
        rail.facts = rail.facts.replace(command=self.considered.facts.command)
        return pip_verdict.settle(rail, written, succeeded=result.exit_code == 0).findings


def hold(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hold DIRECTORY CWD -- PIP…``: the words for that pip on stdout, each ended by
    a NUL; nothing where it may go on as it is.
    """
    if len(arguments) < 4 or arguments[2] != "--":
        raise UsageError("'hold' is for our own guest in pip; nobody has to type it")
    directory, cwd, _, *words = arguments
    configuration = settings.read(environ)
    policy = policies.load(configuration, os.getcwd())
    rail = _lay(words, policy, configuration, environ, cwd, directory)
    if rail is not None:
        place = os.path.join(directory, f"{_HELD}{time.time_ns():020d}")
        _write(place, (str(rail.offset), cwd, *redaction.words(words)))
        sys.stdout.buffer.write(b"".join(os.fsencode(word) + b"\0" for word in rail.words))
    return 0


def _lay(
    words: Sequence[str],
    policy: Policy,
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    directory: str,
) -> PipRail | None:
    command, executable = understand(words, configuration, environ, cwd)
    facts = probe.survey(command, executable, configuration, environ, cwd)
    hold = select.held(policy, facts.environment)
    return pip.lay(facts, configuration, environ, cwd, directory, hold)


def _write(path: str, words: Sequence[str]) -> None:
    kept.put(path, b"\0".join(map(os.fsencode, words)))
