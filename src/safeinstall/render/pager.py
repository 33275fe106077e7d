"""Sends output that is longer than the terminal to the user's pager."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, cast

from safeinstall import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO, TextIO

    from safeinstall.render.look import Look

# The defaults of git: keep the screen, pass colours on. Used where the user has not set these.
_DEFAULTS = {"LESS": "FRX", "LV": "-c"}


@contextlib.contextmanager
def paged(
    look: Look, environ: Mapping[str, str], out: TextIO, *, wanted: bool = True
) -> Iterator[TextIO]:
    """A stream for the body of the ``with``; output too long for the terminal goes to the pager.

    The body ends early, without an error, when the user quits the pager. If the pager cannot be
    started, the output goes to ``out``.
    """
    words = _words(environ) if wanted and look.height and environ.get("TERM") != "dumb" else []
    if not words:
        yield out
        return
    stream = _Paged(words, {**_DEFAULTS, **environ}, look, out)
    try:
        with contextlib.suppress(BrokenPipeError):
            yield cast("TextIO", stream)
    finally:
        stream.close()


def _words(environ: Mapping[str, str]) -> list[str]:
    """The words of SAFEINSTALL_PAGER, of PAGER, or ``less``; empty for ``cat``, or if not found."""
    chosen = environ.get(settings.PAGER, environ.get("PAGER", "less"))
    try:
        words = shlex.split(chosen)
    except ValueError:
        return []
    if not words or words == ["cat"] or not shutil.which(words[0], path=environ.get("PATH")):
        return []
    return words


class _Paged:
    """A stream that keeps one screen of text, and starts the pager for the first line that does not
    fit.
    """

    def __init__(
        self, words: list[str], environ: Mapping[str, str], look: Look, out: TextIO
    ) -> None:
        self.words = words
        self.environ = environ
        self.room = look.height - 1  # the prompt needs a line
        self.out = out
        self.encoding = out.encoding
        self.kept: list[str] = []
        self.pager: subprocess.Popen[str] | None = None
        self.sink: IO[str] | None = None  # where the text goes once it does not fit
        self.interrupts = signal.getsignal(signal.SIGINT)

    def write(self, text: str) -> int:
        if self.sink is None:
            self.kept.append(text)
            self.room -= text.count("\n")
            if self.room < 0:
                self._start()
        else:
            self._send(text)
        return len(text)

    def flush(self) -> None:
        """Does nothing: the text is kept, or has been flushed to the pager."""

    def isatty(self) -> bool:
        return True

    def close(self) -> None:
        if self.sink is None:
            self.out.write("".join(self.kept))
        if self.pager is None:
            return
        assert self.pager.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.pager.stdin.close()
        self.pager.wait()
        signal.signal(signal.SIGINT, self.interrupts)

    def _start(self) -> None:
        self.out.flush()
        try:
            self.pager = self._started()
        except OSError:  # not a program, or a script without its interpreter
            self.sink = self.out
        else:
            self.sink = self.pager.stdin
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # from now on, the pager handles Ctrl-C
        self._send("".join(self.kept))

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.words,
            stdin=subprocess.PIPE,
            env=dict(self.environ),
            encoding=self.encoding,
            errors="backslashreplace",
        )

    def _send(self, text: str) -> None:
        assert self.sink is not None
        self.sink.write(text)
        self.sink.flush()
