"""Going on all the same: a reason from the environment, or typed at the terminal.

What was typed before anybody can have read the question is no answer to it. It is not read, let
alone thrown away: it is what the user wants of the shell next, and the shell gets it.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys

from safeinstall.guard import reasons
from safeinstall.journal.actor import machine
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
"""Seconds in which nobody can have read the question and begun to answer it."""

# Said once for all: nobody is to be asked. pip's own variables and files are in the flags already.
_YES = ("CONDA_ALWAYS_YES", "CONDA_YES", "MAMBA_ALWAYS_YES")
# What Jupyter sets for its kernels. "!pip" has a terminal there, and nobody can type into it.
_NOTEBOOK = ("JPY_PARENT_PID", "JPY_SESSION_NAME")
_INLINE = "inline"  # in MPLBACKEND: ipykernel's own, whoever has started it


def reason_for(verdict: Verdict, command: Command, session: Session) -> str:
    """Why a blocked command shall run; ``""`` if it shall not."""
    if not verdict.overridable:
        return ""
    if given := given_beforehand(session):
        return given
    if session.settings.reason:
        stderr.say(f"safeinstall: the reason that was given is none. {reasons.WANTED}")
    unattended = _is_unattended(command, session.environ)
    return "" if unattended else _ask(session.environ)


def given_beforehand(session: Session) -> str:
    """What SAFEINSTALL_REASON or ``--reason`` says, if that is a reason; else ``""``."""
    reason = session.settings.reason
    return reason if reasons.is_reason(reason) else ""


def _is_unattended(command: Command, environ: Mapping[str, str]) -> bool:
    """Has a terminal, perhaps, but nobody who answers? A question would wait for ever."""
    inner = command.inner.flags if command.inner else frozenset()
    return (
        not {"--yes", "--no-input"}.isdisjoint(command.flags | inner)
        or not all(condarc.is_false(environ.get(variable, "")) for variable in _YES)
        or machine(environ) is not None
        or any(environ.get(variable) for variable in _NOTEBOOK)
        or _INLINE in environ.get("MPLBACKEND", "")
    )


def _ask(environ: Mapping[str, str]) -> str:
    """Ask where somebody sits at the terminal; once more where the answer is no reason."""
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
    except Exception:  # the terminal is gone, or not ours any more: then nobody has answered
        return ""
    return ""


def _somebody_sits_there() -> bool:
    """Are stdin and stderr a terminal, and is it ours? In the background, reading would stop us."""
    return os.isatty(0) and os.isatty(2) and os.tcgetpgrp(0) == os.getpgrp()


def _answer() -> str:
    """What was typed in answer to the question; ``""`` for Enter, the end of input, or too early.

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
    """The question, shown again where we were stopped (Ctrl-Z) and are continued."""

    def __enter__(self) -> None:
        self.show()
        self.before = signal.signal(signal.SIGCONT, self.show)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGCONT, self.before)

    def show(self, *_: object) -> None:
        sys.stderr.write(QUESTION)
        sys.stderr.flush()


def _is_typing(seconds: float) -> bool:
    """Were keys pressed by then? They stay unread. The end of input (Ctrl-D) is an answer."""
    from select import select

    if select([0], [], [], seconds)[0]:
        return _unread() > 0
    import termios

    before = termios.tcgetattr(0)
    by_key = [*before[:3], before[3] & ~termios.ICANON, *before[4:]]
    try:  # a line that was begun only shows where keys are not gathered into lines
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
    """One line from the terminal, and no byte more: the rest of the input is the tool's.

    Without its end; empty where the input ended before the line did.
    """
    line = b""
    while (byte := os.read(0, 1)) not in (b"\n", b"\r"):
        if not byte:
            return b""
        line += byte
    return line
