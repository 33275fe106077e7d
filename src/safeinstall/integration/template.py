"""The shell integration as text, made from the files in ``shell/``.

On the hot path: every new shell runs ``safeinstall init SHELL``.
"""

from __future__ import annotations

import os
import sys

from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.output.quoting import quote

TEMPLATES = {"bash": "bash.sh", "zsh": "zsh.zsh"}
"""The shells we can integrate with, and the template of each."""

MAIN = os.path.join(resources.PACKAGE, "__main__.py")


def render(shell: str, python: str = sys.executable, main: str = MAIN) -> str:
    """What ``eval "$(safeinstall init SHELL)"`` evaluates; ends in a newline.

    ``python`` and ``main`` are baked in, so that a guarded command starts neither a search nor
    the console script. They may hold lone surrogates (PEP 383), and so may the result. Raises
    UsageError for a shell there is no template for.
    """
    if shell not in TEMPLATES:
        raise UsageError(f"no integration for {shell!r}; there is one for {', '.join(TEMPLATES)}")
    text = resources.text("shell", TEMPLATES[shell])
    text = text.replace("@guards@\n", resources.text("shell", "guards.sh"))
    return text.replace("@python@", quote(python)).replace("@main@", quote(main))
