"""Start the real tool, wait for it, and end as it ended.

The tool stays in our process group, so that the terminal is its own. While it runs, signals are
blocked here and taken one by one:

- what was sent to the whole group (by the terminal, by ``killpg``) the tool has already;
- what was sent to us alone (``kill``, a supervisor) is passed on; the :mod:`.witness` knows;
- when the tool stops (Ctrl-Z), we stop by the same signal, so that the shell sees its job stop.

A process that is killed or stopped by SIGKILL or SIGSTOP alone cannot pass that on.

``os.posix_spawn`` keeps inherited descriptors open (``pip install -r <(…)`` needs them).
``_signal`` is the C half of ``signal``, without the 8 ms of ``enum`` around it.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import os
import sys

from safeinstall import settings
from safeinstall.errors import ToolNotFound
from safeinstall.files import close, read_text
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from safeinstall.rails.witness import Witness

_HELD = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
# Python ignores these two signals when it starts; whether they were ignored before is lost then.
_IGNORED_BY_PYTHON = frozenset((signal.SIGPIPE, signal.SIGXFSZ))
# A signal that a shell ignores is ignored in its children, too; other programs reset it for them.
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "busybox", "zsh", "ksh", "mksh", "yash"))
_SENT_BY_KERNEL = 0x80  # SI_KERNEL


class Result(Value):
    """How the tool ended: an exit code, or the signal that ended it."""

    exit_code: int | None
    signal: int | None = None


def replace_by(executable: str, words: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Become the tool (exec), where nothing is to be guarded. Raises :class:`ToolNotFound`."""
    passed = {**environ, settings.DOOR: str(os.getpid())}
    for number in _set_to_default():
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(executable, list(words), passed)  # noqa: S606 - no shell is meant
    except OSError as error:
        raise _cannot_start(executable, error) from None


class Attention:
    """Blocks all signals, so that none ends this process between the tool and its record.

    ``started``: the tool was started, and must not be started a second time. ``result``: how the
    tool ended, once it has; this process must end in the same way.
    """

    def __init__(self) -> None:
        self.mask: set[int] | None = None
        self.started = False
        self.result: Result | None = None
        self.witness: Witness | None = None
        self.dismissed: list[Witness] = []
        self.ignores_children = False

    def hold(self) -> None:
        """Block the signals: they wait, or are passed on while the tool runs."""
        if self.mask is None:
            self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)

    def release(self) -> None:
        """Unblock the signals, as before :meth:`hold`: Ctrl-C may answer a question."""
        if self.mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            self.mask = None

    def watch_children(self) -> None:
        """Stop ignoring SIGCHLD: a process that ignores it is not told how its child has ended."""
        if signal.signal(signal.SIGCHLD, signal.SIG_DFL) == signal.SIG_IGN:
            self.ignores_children = True

    def call_witness(self, made: Callable[[], Witness]) -> None:
        """Start the witness, for :meth:`is_the_groups`. Called when the tool has been started."""
        try:
            self.witness = made()
        except OSError:  # no more processes for this user
            return

    def dismiss_witness(self) -> None:
        """End the witness, if there is one."""
        if self.witness is not None:
            self.witness.end()
            self.dismissed.append(self.witness)
            self.witness = None

    def leave_no_zombie(self) -> None:
        """Reap the dismissed witnesses: a container may have no init process to do it. They were
        killed some time ago, so this takes no time.
        """
        while self.dismissed:
            self.dismissed.pop().reap()

    def is_the_groups(self, number: int, code: int) -> bool:
        """Was the signal sent to the whole group, so that the tool has it?"""
        if self.witness is not None:
            try:
                return self.witness.saw(number)
            except OSError:  # the witness was killed
                self.dismiss_witness()
        return code == _SENT_BY_KERNEL


attention = Attention()
"""The only instance: blocked signals belong to the whole process."""


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
    attention.watch_children()
    from safeinstall.rails import witness

    child = _start(executable, words, environ, attention.mask or set())
    attention.started = True
    try:
        attention.call_witness(witness.Witness)
        while_running()
        attention.result = _wait(child)
    finally:
        attention.dismiss_witness()
    return attention.result


def end_like(result: Result) -> NoReturn:
    """End this process as the tool ended, by the same signal where it was one."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, perhaps from the start
            continue
    attention.leave_no_zombie()
    if result.signal is not None:
        _kill_ourselves(result.signal)
    os._exit(128 + (result.signal or 0) if result.exit_code is None else result.exit_code)


def _set_to_default() -> set[int]:
    """The signals of ``_IGNORED_BY_PYTHON`` to reset for the tool: all, except those that the
    parent process ignores, if it is a shell.
    """
    try:
        above = dict(
            line.split(":\t", 1) for line in read_text(f"/proc/{os.getppid()}/status").splitlines()
        )
        ignored = int(above["SigIgn"], 16) if above["Name"] in _SHELLS else 0
    except (KeyError, ValueError):  # no /proc
        ignored = 0
    return {number for number in _IGNORED_BY_PYTHON if not ignored >> (number - 1) & 1}


def _start(
    executable: str, words: Sequence[str], environ: Mapping[str, str], mask: set[int]
) -> int:
    start = _fork if attention.ignores_children else _spawn
    try:
        return start(executable, list(words), environ, mask)
    except OSError as error:
        raise _cannot_start(executable, error) from None


def _spawn(executable: str, words: list[str], environ: Mapping[str, str], mask: set[int]) -> int:
    defaults = _set_to_default()
    return os.posix_spawn(executable, words, environ, setsigmask=mask, setsigdef=defaults)


def _fork(executable: str, words: list[str], environ: Mapping[str, str], mask: set[int]) -> int:
    """As :func:`_spawn`, for a tool that inherits SIGCHLD as ignored: ``posix_spawn`` cannot."""
    defaults = _set_to_default()
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # Python's own handler
        defaults.add(signal.SIGINT)
    reading, writing = os.pipe()  # closed by exec
    child = os.fork()
    if not child:
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            for number in defaults:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.execve(executable, words, environ)  # noqa: S606 - no shell is meant
        except OSError as error:
            os.write(writing, str(error.errno).encode())
        finally:
            os._exit(127)
    close(writing)
    said = os.read(reading, 16)
    close(reading)
    if said:
        os.waitpid(child, 0)
        raise OSError(int(said), os.strerror(int(said)))
    return child


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
    number, code, sender = _next()
    if number == signal.SIGCHLD or _is_about_us(number, code, sender):
        return None
    return None if attention.is_the_groups(number, code) else number


def _next() -> tuple[int, int, int]:
    """A signal, as soon as one is pending: its number, its code and who sent it."""
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(_HELD)
        return info.si_signo, info.si_code, info.si_pid
    return signal.sigwait(_HELD), 0, 0  # macOS


def _is_about_us(number: int, code: int, sender: int) -> bool:
    """Is it about this process itself: a write to a closed pipe, or our own CPU time used up?"""
    return sender == os.getpid() or (number == signal.SIGXCPU and code == _SENT_BY_KERNEL)


def _stop_like(number: int) -> None:
    """Stop this process; returns when it is continued. The signal that did so is pending then."""
    from safeinstall.rails.witness import taken

    if number != signal.SIGSTOP and taken(number):  # it would stop us a second time
        attention.is_the_groups(number, 0)
    if signal.SIGCONT in signal.sigpending():  # the tool goes on already
        return
    if number != signal.SIGSTOP:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)


def _send(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return


def _without_core_dump() -> None:
    # The core dump of the tool, if there is one, has been written already.
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _cannot_start(executable: str, error: OSError) -> ToolNotFound:
    return ToolNotFound(f"{executable}: {error.strerror or error}")
