"""``safeinstall completion SHELL``, and ``safeinstall complete WORDS…``, which its shell function
calls.
"""

from __future__ import annotations

import os
import sys

from safeinstall.completion.answer import complete
from safeinstall.completion.source import SHELLS, Source
from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.files.resources import MAIN
from safeinstall.output.quoting import quote
from safeinstall.output.shown import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO


def script(shell: str, python: str = sys.executable, main: str = MAIN) -> str:
    """The completion code for a shell, to be evaluated there; ends in a newline.

    Raises UsageError for a shell without completion.
    """
    if shell not in SHELLS:
        raise UsageError(f"no completion for {shell!r}; there is one for {', '.join(SHELLS)}")
    text = resources.text("shell", f"complete.{shell}")
    quoted = [quote(path) for path in (python, main)]
    if shell == "fish":  # the only shell in which a backslash means something in single quotes
        quoted = [path.replace("\\", "\\\\") for path in quoted]
    return text.replace("@python@", quoted[0]).replace("@main@", quoted[1])


def answer(words: Sequence[str], environ: Mapping[str, str], cwd: str, out: TextIO) -> int:
    """Write the candidates for the last word, one a line: the word, a tab, its description.

    ``:files`` stands for the shell's own completion of file names. Always returns 0, and shows no
    errors: they would appear in the middle of the command line.
    """
    lines: list[str] = []
    try:
        for value, meaning in complete(words, Source(environ, cwd).values):
            if value.isprintable():  # the shell shows the value without escaping it
                lines.append(f"{value}\t{one_line(meaning)}\n" if meaning else f"{value}\n")
    except Exception:
        if environ.get("SAFEINSTALL_DEBUG"):
            raise
    out.buffer.write(os.fsencode("".join(lines)))
    return 0
