"""Tells a signal that was sent to our whole process group from one that was sent to us alone.

The kernel does not say which it was: ``kill`` and ``killpg`` look the same to the receiver. So we
fork a child, the witness, which is in the group as well and has every signal blocked from its
start: a signal that was sent to the group is pending in the witness, too; a signal that was sent
to us alone is not. The witness does nothing else. It is forked when the tool has just been
started, so that it does not delay the tool, and it ends by itself when this process has ended, for
whatever reason.

Between taking a signal off this process and off the witness, an equal signal may arrive. The kernel
merges equal signals while they are pending; this module treats them as one, too.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
from select import select

from safeinstall.files import close

_PATIENCE = 1.0  # seconds; the witness answers within 0.1 ms unless it was stopped
_MERGED = range(1, 32)  # the kernel merges these signals; real-time signals are queued
_STOPS = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}


class Witness:
    """The child. Must be made while every signal is blocked. Raises OSError if fork fails."""

    def __init__(self) -> None:
        asked, self._asking = os.pipe()
        self._answers, answering = os.pipe()
        try:
            self._pid = os.fork()
            if not self._pid:
                _serve(asked, answering)
        except OSError:
            self._let_go()
            raise
        finally:
            close(asked)
            close(answering)
        self._is_reaped = False
        self._repeated: set[int] = set()

    def saw(self, number: int) -> bool:
        """Was the signal that we have just taken sent to the group? Raises OSError if the witness
        does not answer; it must not be asked again then.
        """
        _until_sent_to_all()
        alone = number == signal.SIGCONT and self._is_stopped()
        if alone:  # SIGSTOP has stopped the whole group, and only this process was continued
            os.kill(self._pid, signal.SIGCONT)
        seen = self._ask(number) and not alone
        if not seen and number in self._repeated:
            self._repeated.discard(number)
            return True
        self._repeated.discard(number)
        if seen and number in _MERGED and number in signal.sigpending():
            self._repeated.add(number)
        return seen

    def end(self) -> None:
        """Kill the witness. Does not wait for its end, which takes half a millisecond."""
        if not self._is_reaped:
            os.kill(self._pid, signal.SIGKILL)
        self._let_go()

    def reap(self) -> None:
        """Wait for the end, after :meth:`end`, so that no zombie is left."""
        if self._is_reaped:
            return
        self._is_reaped = True
        try:  # noqa: SIM105 - contextlib costs an import
            os.waitpid(self._pid, 0)
        except ChildProcessError:  # SIGCHLD is ignored again: no zombies then
            pass

    def _ask(self, number: int) -> bool:
        os.write(self._asking, bytes([number]))
        answer = select([self._answers], [], [], _PATIENCE)[0] and os.read(self._answers, 1)
        if not answer:
            raise OSError("no answer")
        return answer == b"\1"

    def _is_stopped(self) -> bool:
        pid, status = os.waitpid(self._pid, os.WNOHANG | os.WUNTRACED)
        if pid and not os.WIFSTOPPED(status):  # its pid may be another process's from now on
            self._is_reaped = True
            raise OSError("the witness was killed")
        return bool(pid)

    def _let_go(self) -> None:
        close(self._asking)
        close(self._answers)


def _until_sent_to_all() -> None:
    """Wait until a signal to the group has reached all members.

    Linux sends it to one member after the other and holds ``tasklist_lock`` meanwhile; ``setpgid``
    waits for that lock. The group remains the same.
    """
    try:
        os.setpgid(0, os.getpgrp())
    except OSError:  # a session leader cannot change its group, but the call has waited
        return


def _serve(asked: int, answering: int) -> None:
    """The loop of the witness: answer questions until the pipe is closed. Never returns."""
    try:
        _close_all_but(asked, answering)
        while question := os.read(asked, 1):
            os.write(answering, bytes([_take(question[0])]))
    finally:
        os._exit(0)


def _close_all_but(*ours: int) -> None:
    """Close all descriptors but the two pipes: the witness must not keep open the streams, the
    lock, or inherited descriptors.
    """
    try:
        descriptors = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        descriptors = list(range(256))
    for descriptor in descriptors:
        if descriptor not in ours:
            close(descriptor)


def _take(number: int) -> bool:
    """Was the signal sent to the witness, too? Takes it off the pending signals.

    SIGCONT and the stop signals (SIGTSTP, SIGTTIN, SIGTTOU) discard each other. If the opposite one
    is pending here, the asked one may have been discarded. The answer is yes then, because passing
    the signal on to the tool would undo the later one.
    """
    if taken(number):
        return True
    pending = signal.sigpending()
    if number == signal.SIGCONT:
        return bool(pending & _STOPS)
    return number in _STOPS and signal.SIGCONT in pending


def taken(number: int) -> bool:
    """Take a pending signal; False if it is not pending, or was discarded in the meantime."""
    if hasattr(signal, "sigtimedwait"):
        return signal.sigtimedwait([number], 0) is not None
    return number in signal.sigpending() and bool(signal.sigwait([number]))  # macOS
