"""Start the real tool, wait for it, and end as it ended.

The tool stays in our process group, so that the terminal is its own. While it runs, signals that
matter are blocked here and taken one by one:

- what the terminal sends goes to the whole group, so the tool has it already;
- what somebody sends to us alone (``kill``, a supervisor) is passed on;
- when the tool stops (Ctrl-Z), we stop by the same signal, so that the shell sees its job stop, and
  go on with it at ``fg``.

``os.posix_spawn`` keeps inherited descriptors open (``pip install -r <(…)`` needs them).
``_signal`` is the C half of ``signal``, without the 8 ms of ``enum`` around it.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys

from safeinstall.errors import ToolNotFound
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

_PASSED_ON = [
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGTSTP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
]
_WATCHED = [*_PASSED_ON, signal.SIGCHLD]
# Python ignores these two at its own start; the tool gets them as a shell would give them.
_IGNORED_BY_PYTHON = [signal.SIGPIPE, signal.SIGXFSZ]
_SENT_BY_KERNEL = 0x80  # SI_KERNEL: from the terminal, so the whole group has it


class Result(Value):
    """How the tool ended: an exit code, or the signal that ended it."""

    exit_code: int | None
    signal: int | None = None


def replace_by(executable: str, words: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Become the tool: for everything that needs no guarding. Raises :class:`ToolNotFound`."""
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(executable, list(words), dict(environ))  # noqa: S606 - no shell is meant
    except OSError as error:
        raise _cannot_start(executable, error) from None


class Attention:
    """Holds back the signals that matter: nothing ends us between the tool and its record.

    ``started`` says whether a tool was ever started: then nothing may start it a second time.
    ``result`` says how it ended, as soon as it has: then nothing of ours may end otherwise.
    """

    def __init__(self) -> None:
        self.mask: set[int] | None = None
        self.started = False
        self.result: Result | None = None

    def hold(self) -> None:
        """From here on the signals wait, or are the tool's while it runs."""
        if self.mask is None:
            self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)

    def release(self) -> None:
        """As before :meth:`hold`: for a question that may be answered by Ctrl-C."""
        if self.mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            self.mask = None


attention = Attention()
"""The process has one set of signals, and so one of these."""


def run(
    executable: str,
    words: Sequence[str],
    environ: Mapping[str, str],
    while_running: Callable[[], None] = lambda: None,
) -> Result:
    """Start the tool and wait. The signals are held from here on, until :func:`end_like`.

    ``while_running`` must not raise. Raises :class:`ToolNotFound` where it cannot be started.
    """
    attention.hold()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = _spawn(executable, words, environ, attention.mask or set())
    attention.started = True
    while_running()
    attention.result = _wait(child)
    return attention.result


def end_like(result: Result) -> NoReturn:
    """End this process as the tool ended, by the same signal where it was one."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, perhaps from the start
            continue
    if result.signal is not None:
        _kill_ourselves(result.signal)
    os._exit(128 + (result.signal or 0) if result.exit_code is None else result.exit_code)


def _spawn(
    executable: str, words: Sequence[str], environ: Mapping[str, str], mask: set[int]
) -> int:
    try:
        return os.posix_spawn(
            executable, list(words), environ, setsigmask=mask, setsigdef=_IGNORED_BY_PYTHON
        )
    except OSError as error:
        raise _cannot_start(executable, error) from None


def _kill_ourselves(number: int) -> None:
    _without_core_dump()
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)


def _wait(child: int) -> Result:
    while True:
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            _stop_like(os.WSTOPSIG(status))
            _send(child, signal.SIGCONT)
        elif pid and os.WIFSIGNALED(status):
            return Result(None, os.WTERMSIG(status))
        elif pid:
            return Result(os.WEXITSTATUS(status))
        else:
            number = _next_for_tool()
            if number is not None:
                _send(child, number)


def _next_for_tool() -> int | None:
    """Wait for a signal; its number if it is to be passed on."""
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(_WATCHED)
        number, from_terminal = info.si_signo, info.si_code == _SENT_BY_KERNEL
    else:  # macOS does not say who sent it: in the foreground it was most likely the terminal
        number = signal.sigwait(_WATCHED)
        from_terminal = _in_foreground()
    return None if number == signal.SIGCHLD or from_terminal else number


def _stop_like(number: int) -> None:
    """Stop this process, and return when it is continued."""
    if number in signal.sigpending():  # the terminal's own, which would stop us a second time
        signal.sigwait([number])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTSTP])
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])


def _in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _send(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return


def _without_core_dump() -> None:
    # The tool has dumped its core already, if it was to do so.
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _cannot_start(executable: str, error: OSError) -> ToolNotFound:
    return ToolNotFound(f"{executable}: {error.strerror or error}")
