"""The rail for pip and uv: constraints, which keep the resolver from replacing conda-owned packages
and from bringing denied ones.

``-c FILE`` is added right behind the verb; every other word stays as typed. pip resolves once, and
refuses by itself before it changes anything. The conflicts are noted by the guest module in pip's
process; where no guest is loaded (``python -I -m pip``), ``--log FILE`` is added instead.

pip's resolver compares names. So the guest also compares the files in the wheels that pip is about
to install with those that are there, and where a wheel would write over a file, it has
``safeinstall wheels`` judge that (:mod:`safeinstall.guard.wheels`).
"""

from __future__ import annotations

import os

from safeinstall import files
from safeinstall.argv.typed import whole
from safeinstall.files import read_bytes
from safeinstall.rails import listener, plan_request
from safeinstall.rails.rail import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Facts
    from safeinstall.rails.process import Result
    from safeinstall.settings import Session

CONSTRAINTS = "conda-owns.txt"
_CONFLICT = b"conflict"  # a log without this word is not parsed
_HEAD = "# what conda owns here and what is denied, for one run of pip; written by safeinstall\n"


def lay(
    facts: Facts, lines: Sequence[str], session: Session, directory: str, *, strict: bool = False
) -> PipRail:
    """The rail for an installation by pip or uv; ``lines`` are those of the constraints file.

    ``directory`` is a private directory. :meth:`PipRail.report` reads it, and the caller removes it
    afterwards. With ``strict``, pip stops if its wheels cannot be judged. Raises OSError.
    """
    command = facts.command
    file = os.path.join(directory, CONSTRAINTS)
    files.put(file, (_HEAD + "\n".join(lines) + "\n").encode())
    log, more = os.path.join(directory, listener.PIP_LOG), ["-c", file]
    if not listener.is_heard(facts):
        log = _log_file(facts, session, directory)
        more += ["--log", log] if log and not command.log else []
    elif facts.pip_may_write_over:
        request = plan_request.about(facts, session, strict=strict)
        request.write(directory, plan_request.WHEELS)
    words = whole(command, command.verb_at, tuple(more))
    lent = listener.lend(facts, session.environ, directory, "resolver")
    return PipRail(words, lent, log, directory)


class PipRail:
    """pip under constraints. Made by :func:`lay`."""

    def __init__(
        self, words: tuple[str, ...], environ: dict[str, str], log: str, directory: str
    ) -> None:
        self.words = words
        self.environ = environ
        self.log = log  # "" for uv, which writes no log
        self.offset = _size(log)
        self.directory = directory

    def report(self, result: Result) -> Report:
        """The conflicts that pip's resolver noted, and the decisions on its wheels; for uv, only
        whether it failed.
        """
        status = result.exit_code
        if not self.log:  # uv ends with 1 if requirements cannot be met, but for other errors, too
            return Report(uv_failed=status == 1, ended=status)
        answers = tuple(plan_request.answers(self.directory))
        return report(self.log, self.offset, status).replace(answers=answers)


def report(log: str, offset: int, status: int | None) -> Report:
    """The conflicts in pip's log from ``offset`` (bytes) on, and the exit status."""
    written = read_bytes(log, offset=offset) or b""
    if _CONFLICT not in written or status is None:
        return Report(ended=status)
    from safeinstall.rails import pip_log  # imports re

    return Report(conflicts=pip_log.parse(written.decode("utf-8", "replace")), ended=status)


def _log_file(facts: Facts, session: Session, directory: str) -> str:
    """The path of the log that pip will write; ``""`` for uv, which writes no log."""
    command = facts.command
    if command.tool != "pip":
        return ""
    if not command.log:
        return os.path.join(directory, listener.PIP_LOG)
    at_home = command.log.startswith("~/")
    path = os.path.join(session.settings.home, command.log[2:]) if at_home else command.log
    return os.path.join(session.cwd, path)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
