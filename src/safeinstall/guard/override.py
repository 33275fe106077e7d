"""The override reason for a blocked command: from the environment, or typed at the terminal.

Keys that were pressed before the user can have read the question are no answer. They are neither
read nor discarded: they are meant for the shell, which reads them after us.

A program that drives a terminal (expect, pexpect) looks like a user who does not type. So does a
user who is away, and meanwhile the environment is locked: no question waits for ever. Once a key is
pressed, there is no hurry.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys
import time

from safeinstall.guard import attended, reasons
from safeinstall.output import stderr
from safeinstall.probe import condarc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from safeinstall.model import Command, Verdict
    from safeinstall.settings import Session

QUESTION = "  Type a reason to go on all the same, or press Enter to stop: "
TOO_EARLY = "  The block stands: keys were pressed before this could be read. The shell gets them."
NOBODY = "  The block stands: nobody has begun to type a reason within {:g} seconds."
MOMENT = 1.0
"""Seconds within which nobody can have read the question and begun to answer it."""

# Variables that switch off questions. pip's variables and configuration files are not looked at
# here: the parser has turned them into flags.
_YES = ("CONDA_ALWAYS_YES", "CONDA_YES", "MAMBA_ALWAYS_YES")


def reason_for(verdict: Verdict, command: Command, session: Session) -> str:
    """The override reason for a blocked command; ``""`` where there is none."""
    if not verdict.overridable:
        return ""
    if given := reasons.given_beforehand(session, verdict.tickets):
        return given
    if session.settings.reason:
        lacking = reasons.lacking(session.settings.reason, verdict.tickets)
        stderr.say(f"safeinstall: the reason that was given is none. {lacking}")
    return "" if _is_unattended(command, session) else _ask(session, verdict.tickets)


def _is_unattended(command: Command, session: Session) -> bool:
    """Is there nobody to answer a question, even if there is a terminal?"""
    environ = session.environ
    inner = command.inner.flags if command.inner else frozenset()
    return (
        not {"--yes", "--no-input"}.isdisjoint(command.flags | inner)
        or not all(condarc.is_false(environ.get(variable, "")) for variable in _YES)
        or not session.settings.ask_timeout
        or attended.by_nobody(environ)
    )


def _ask(session: Session, tickets: tuple[str, ...]) -> str:
    """Ask for a reason where a user is at the terminal; ask again, once, if it is no reason."""
    try:
        if not attended.at_terminal():
            return ""
        for _ in range(2):
            answer = _answer(session.settings.ask_timeout)
            objection = answer and reasons.objection(answer, session.environ, tickets)
            if not objection:
                return answer
            stderr.say(f"  {objection}")
    except KeyboardInterrupt:
        stderr.say("")
    except Exception:  # the terminal is gone, or we are in the background by now: no answer
        return ""
    return ""


def _answer(patience: float) -> str:
    """The typed answer; ``""`` for Enter, the end of input, keys pressed too early, or none within
    ``patience`` (seconds).

    Raises OSError, KeyboardInterrupt.
    """
    if _is_typing(0.0):
        stderr.say(TOO_EARLY)
        return ""
    with _Shown() as question:
        if _is_typing(MOMENT):
            stderr.say(f"\n{TOO_EARLY}")
        elif _is_answered(question, patience):
            return os.fsdecode(_line()).strip()
        else:
            stderr.say(f"\n{NOBODY.format(patience)}")
    return ""


class _Shown:
    """Shows the question, and shows it again when the process is continued after Ctrl-Z."""

    def __enter__(self) -> Self:
        self.show()
        self.before = signal.signal(signal.SIGCONT, self.show)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGCONT, self.before)

    def show(self, *_: object) -> None:
        sys.stderr.write(QUESTION)
        sys.stderr.flush()
        self.since = time.monotonic()


def _is_answered(question: _Shown, patience: float) -> bool:
    """Is there an answer, the beginning of one, or the end of input, before the time is over?"""
    from select import select

    while (left := question.since + patience - time.monotonic()) > 0:
        if select([0], [], [], left)[0]:
            return True
    return _is_typing(0.0)


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
