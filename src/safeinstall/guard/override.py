"""The override reason for a blocked command: from the environment, or typed at the terminal.

Keys that were pressed before the user can have read the question are no answer. They are neither
read nor discarded: they are meant for the shell, which reads them after us.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys

from safeinstall.guard import reasons
from safeinstall.journal.actor import answers
from safeinstall.output import stderr
from safeinstall.probe import condarc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command, Verdict
    from safeinstall.settings import Session

QUESTION = "  Type a reason to go on all the same, or press Enter to stop: "
TOO_EARLY = "  The block stands: keys were pressed before this could be read. The shell gets them."
MOMENT = 1.0
"""Seconds within which nobody can have read the question and begun to answer it."""

# Variables that switch off questions. pip's variables and configuration files are not looked at
# here: the parser has turned them into flags.
_YES = ("CONDA_ALWAYS_YES", "CONDA_YES", "MAMBA_ALWAYS_YES")


def reason_for(verdict: Verdict, command: Command, session: Session) -> str:
    """The override reason for a blocked command; ``""`` where there is none."""
    if not verdict.overridable:
        return ""
    if given := reasons.given_beforehand(session):
        return given
    if session.settings.reason:
        stderr.say(f"safeinstall: the reason that was given is none. {reasons.WANTED}")
    unattended = _is_unattended(command, session.environ)
    return "" if unattended else _ask(session.environ)


def _is_unattended(command: Command, environ: Mapping[str, str]) -> bool:
    """Is there nobody to answer a question, even if there is a terminal?"""
    inner = command.inner.flags if command.inner else frozenset()
    return (
        not {"--yes", "--no-input"}.isdisjoint(command.flags | inner)
        or not all(condarc.is_false(environ.get(variable, "")) for variable in _YES)
        or not answers(environ)
    )


def _ask(environ: Mapping[str, str]) -> str:
    """Ask for a reason where a user is at the terminal; ask again, once, if it is no reason."""
    try:
        if not _somebody_sits_there():
            return ""
        for _ in range(2):
            answer = _answer()
            objection = answer and reasons.objection(answer, environ)
            if not objection:
                return answer
            stderr.say(f"  {objection}")
    except KeyboardInterrupt:
        stderr.say("")
    except Exception:  # the terminal is gone, or we are in the background by now: no answer
        return ""
    return ""


def _somebody_sits_there() -> bool:
    """Are stdin and stderr a terminal, and are we in its foreground process group?

    Reading from the terminal in the background would stop this process.
    """
    return os.isatty(0) and os.isatty(2) and os.tcgetpgrp(0) == os.getpgrp()


def _answer() -> str:
    """The typed answer; ``""`` for Enter, the end of input, or keys pressed too early.

    Raises OSError, KeyboardInterrupt.
    """
    if _is_typing(0.0):
        stderr.say(TOO_EARLY)
        return ""
    with _Shown():
        if not _is_typing(MOMENT):
            return os.fsdecode(_line()).strip()
    stderr.say(f"\n{TOO_EARLY}")
    return ""


class _Shown:
    """Shows the question, and shows it again when the process is continued after Ctrl-Z."""

    def __enter__(self) -> None:
        self.show()
        self.before = signal.signal(signal.SIGCONT, self.show)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGCONT, self.before)

    def show(self, *_: object) -> None:
        sys.stderr.write(QUESTION)
        sys.stderr.flush()


def _is_typing(seconds: float) -> bool:
    """Are there pressed keys after ``seconds``? They stay unread. The end of input (Ctrl-D) counts
    as an answer, not as keys.
    """
    from select import select

    if select([0], [], [], seconds)[0]:
        return _unread() > 0
    import termios

    before = termios.tcgetattr(0)
    by_key = [*before[:3], before[3] & ~termios.ICANON, *before[4:]]
    try:  # in canonical mode, the terminal does not report keys before the line is ended
        termios.tcsetattr(0, termios.TCSANOW, by_key)
        return _unread() > 0
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)


def _unread() -> int:
    """How many bytes wait to be read."""
    import fcntl
    import termios

    count = fcntl.ioctl(0, termios.FIONREAD, bytes(4))
    return int.from_bytes(count, sys.byteorder)


def _line() -> bytes:
    """One line from the terminal, without its end; empty where the input ends within the line.

    No byte after it is read: the rest of the input belongs to the tool.
    """
    line = b""
    while (byte := os.read(0, 1)) not in (b"\n", b"\r"):
        if not byte:
            return b""
        line += byte
    return line
