"""The shell integration as text, made from the templates in ``shell/``.

This must be fast: every new shell runs ``safeinstall init SHELL``.
"""

from __future__ import annotations

import sys

from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.output.quoting import quote

TEMPLATES = {"bash": "bash.sh", "zsh": "zsh.zsh"}
"""The supported shells, and the template of each."""


def render(shell: str, python: str = sys.executable, main: str = resources.MAIN) -> str:
    """The text that ``eval "$(safeinstall init SHELL)"`` evaluates; ends in a newline.

    It contains the paths ``python`` and ``main``, so that a guarded command needs no search on PATH
    and no console script. The paths, and so the result, may contain lone surrogates (PEP 383).
    Raises UsageError for a shell without a template.
    """
    if shell not in TEMPLATES:
        raise UsageError(f"no integration for {shell!r}; there is one for {', '.join(TEMPLATES)}")
    text = resources.text("shell", TEMPLATES[shell])
    text = text.replace("@guards@\n", resources.text("shell", "guards.sh"))
    return text.replace("@python@", quote(python)).replace("@main@", quote(main))
