"""The shell integration as text, made from the templates in ``shell/``.

This must be fast: a new shell may run ``safeinstall init SHELL``.
"""

from __future__ import annotations

import os
import re
import sys

from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.output.quoting import quote, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES = {
    "bash": "bash.sh",
    "zsh": "zsh.zsh",
    "fish": "fish.fish",
    "tcsh": "tcsh.csh",
    "xonsh": "xonsh.xsh",
    "sh": "sh.sh",
}
"""The supported shells, and the template of each."""

_BLOCKS = {"fish": "fish.fish", "tcsh": "tcsh.csh", "xonsh": "xonsh.xsh"}
_POSIX = "posix.sh"  # for the others
# A file for bash may be .profile, which other shells read, too
_TESTS = {"bash": '[ -n "${BASH_VERSION-}" ]'}
_HEAD = "# Written by `safeinstall setup`; `safeinstall setup --remove` takes it out.\n"
GONE = "safeinstall is gone, and guards nothing here; install it again, or take it out of"

_PARTS = {"@define@\n": "define.sh", "@complete@\n": "complete.fish"}
_GUARDS = {"bash": ("guards.bash", "guards.sh"), "zsh": ("guards.zsh", "guards.sh")}
GUARDED = frozenset(_GUARDS)
"""The shells in which functions of ours guard."""
_COMMENT = re.compile(r"(?m)^ *#.*\n| +# .*")


def render(shell: str, python: str = sys.executable, main: str = resources.MAIN) -> str:
    """The text that ``eval "$(safeinstall init SHELL)"`` evaluates; ends in a newline.

    It contains the paths ``python`` and ``main``, so that a guarded command needs no search on PATH
    and no console script. The paths, and so the result, may contain lone surrogates (PEP 383).
    Raises UsageError for a shell without a template.
    """
    if shell not in TEMPLATES:
        raise UsageError(f"no integration for {shell!r}; there is one for {', '.join(TEMPLATES)}")
    text = resources.text("shell", TEMPLATES[shell])
    for mark, name in _PARTS.items():
        if mark in text:
            text = text.replace(mark, resources.text("shell", name))
    return _filled(text, python, main, {"@guards@": _one_line(_guards(shell))})


def _guards(shell: str) -> str:
    """The code that decides about command lines, without its comments: an interactive shell may
    take them for commands where it evaluates a text.
    """
    parts = (resources.text("shell", name) for name in _GUARDS.get(shell, ()))
    return _COMMENT.sub("", "".join(parts))


def _one_line(text: str) -> str:
    """The text as one word of bash and zsh. zsh may take a line break or two apostrophes between
    apostrophes for something else (csh_junkie_quotes, rc_quotes), but not here.
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{escaped}'"


def shim(tool: str, python: str = sys.executable, main: str = resources.MAIN) -> str:
    """The text of the program that stands in front of ``tool`` on PATH."""
    return _filled(resources.text("shell", "shim.sh"), python, main).replace("@name@", tool)


def block(
    shell: str,
    file: str,
    stored: str,
    shims: str = "",
    python: str = sys.executable,
    main: str = resources.MAIN,
) -> bytes:
    """The lines for a start-up file: they load what is stored at the path ``stored``.

    An interactive shell says in one line that safeinstall is gone. ``file`` is the start-up file;
    ``shims`` a directory that comes first on PATH, or ``""``.
    """
    name = _BLOCKS.get(shell, _POSIX)
    text = resources.text("shell/blocks", name)
    if shims:
        text += resources.text("shell/blocks", f"shims{os.path.splitext(name)[1]}")
    gone = f"{GONE} {file}"
    more = {
        "@test@": _TESTS.get(shell, ":"),
        "@shell@": shell,
        "@stored@": quote(stored),
        "@shims@": quote(shims),
        "@gone@": quote(gone),
        "@repr(stored)@": ascii(stored),
        "@repr(shims)@": ascii(shims),
        "@repr(gone)@": ascii(gone),
    }
    return os.fsencode(_HEAD + _filled(text, python, main, more))


def _filled(text: str, python: str, main: str, more: Mapping[str, str] | None = None) -> str:
    words = {
        "@python@": quote(python),
        "@main@": quote(main),
        # Shell code, to be put into functions; the first two between apostrophes there
        "@there@": quote(quoted(f"[ -x {quote(python)} ] && [ -f {quote(main)} ]")),
        "@start@": quote(quoted(f"{quote(python)} -I -S {quote(main)}")),
        "@alias@": quote(f"{quote(python)} -I {quote(main)}"),
        "@repr(python)@": ascii(python),
        "@repr(main)@": ascii(main),
        **(more or {}),
    }
    return re.sub(r"@[a-z]+(\([a-z]+\))?@", lambda mark: words.get(mark[0], mark[0]), text)
