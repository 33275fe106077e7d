"""The shell integration as text, made from the files in ``shell/``.

On the hot path: every new shell runs ``safeinstall init SHELL``.
"""

from __future__ import annotations

import os
import sys

from safeinstall.errors import UsageError

TEMPLATES = {"bash": "bash.sh", "zsh": "zsh.zsh"}
"""The shells we can integrate with, and the template of each."""

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAIN = os.path.join(PACKAGE, "__main__.py")


def render(shell: str, python: str = sys.executable, main: str = MAIN) -> str:
    """What ``eval "$(safeinstall init SHELL)"`` evaluates; ends in a newline.

    ``python`` and ``main`` are baked in, so that a guarded command starts neither a search nor
    the console script. They may hold lone surrogates (PEP 383), and so may the result. Raises
    UsageError for a shell there is no template for.
    """
    if shell not in TEMPLATES:
        raise UsageError(f"no integration for {shell!r}; there is one for {', '.join(TEMPLATES)}")
    text = _read(TEMPLATES[shell]).replace("@guards@\n", _read("guards.sh"))
    return text.replace("@python@", quote(python)).replace("@main@", quote(main))


def quote(word: str) -> str:
    """``word`` as one word of a POSIX shell (``shlex.quote`` costs an import of ``re``)."""
    return "'" + word.replace("'", "'\"'\"'") + "'"


def _read(name: str) -> str:
    # Inside the package where it was installed, beside src/ in a checkout.
    for directory in (PACKAGE, os.path.dirname(os.path.dirname(PACKAGE))):
        path = os.path.join(directory, "shell", name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as stream:
                return stream.read()
    raise UsageError(f"shell/{name} is missing from this installation; install safeinstall again")
