"""Tells a signal that was sent to our whole process group from one that was sent to us alone.

The kernel does not say which it was: ``kill`` and ``killpg`` look the same to who receives them.
So a child of ours is in the group as well, with every signal blocked from its birth: what was sent
to the group is pending there, too, and what was sent to us alone is not. It does nothing else. It
is forked when the tool has just been started, so that nobody waits for it, and ends by itself when
this process has ended, however that was.

While a signal is taken off the one process and then off the other, the same one may come once more.
The kernel merges equal signals while they are pending; so it is here.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
from select import select

from safeinstall.files import close

_PATIENCE = 1.0  # seconds; it answers within 0.1 ms unless somebody has stopped it
_MERGED = range(1, 32)  # real-time signals are queued
_STOPS = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}


class Witness:
    """The child. Made while every signal is blocked. Raises OSError where there can be none."""

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
        self._repeated: set[int] = set()

    def saw(self, number: int) -> bool:
        """Was the signal that we have just taken sent to the group? Raises OSError if it is
        not known, once for all.
        """
        _until_sent_to_all()
        alone = number == signal.SIGCONT and self._is_stopped()
        if alone:  # by SIGSTOP, with the whole group; only we were continued
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
        """Tell it to end, and do not wait for it: half a millisecond."""
        try:  # noqa: SIM105 - contextlib has no place here
            os.kill(self._pid, signal.SIGKILL)
        except OSError:  # somebody else has ended it
            pass
        self._let_go()

    def _ask(self, number: int) -> bool:
        os.write(self._asking, bytes([number]))
        answer = select([self._answers], [], [], _PATIENCE)[0] and os.read(self._answers, 1)
        if not answer:
            raise OSError("no answer")
        return answer == b"\1"

    def _is_stopped(self) -> bool:
        pid, status = os.waitpid(self._pid, os.WNOHANG | os.WUNTRACED)
        return bool(pid) and os.WIFSTOPPED(status)

    def _let_go(self) -> None:
        close(self._asking)
        close(self._answers)


def _until_sent_to_all() -> None:
    """Wait while a signal is being sent to the group's members, one by one.

    Linux holds ``tasklist_lock`` meanwhile, which ``setpgid`` needs. The group remains the same.
    """
    try:
        os.setpgid(0, os.getpgrp())
    except OSError:  # a session's leader cannot change its group; it has waited all the same
        return


def _serve(asked: int, answering: int) -> None:
    """What the child does; never returns."""
    try:
        _close_all_but(asked, answering)
        while question := os.read(asked, 1):
            os.write(answering, bytes([_take(question[0])]))
    finally:
        os._exit(0)


def _close_all_but(*ours: int) -> None:
    """The streams, the lock and what the user has handed down end with those who use them."""
    try:
        descriptors = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        descriptors = list(range(256))
    for descriptor in descriptors:
        if descriptor not in ours:
            close(descriptor)


def _take(number: int) -> bool:
    """Was the signal sent to us, too? It is not pending any more.

    SIGCONT and the signals that stop take back one another. Where the later one is here, the
    earlier one may have been; to pass it on would undo the later one.
    """
    if taken(number):
        return True
    pending = signal.sigpending()
    if number == signal.SIGCONT:
        return bool(pending & _STOPS)
    return number in _STOPS and signal.SIGCONT in pending


def taken(number: int) -> bool:
    """Take a signal that is pending; False where it is not, or has just been taken back."""
    if hasattr(signal, "sigtimedwait"):
        return signal.sigtimedwait([number], 0) is not None
    return number in signal.sigpending() and bool(signal.sigwait([number]))  # macOS
