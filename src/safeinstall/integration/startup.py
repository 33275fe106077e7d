"""The startup files of a shell that ``setup`` edits."""

from __future__ import annotations

import os

from safeinstall.errors import UsageError
from safeinstall.integration.template import TEMPLATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_BASH_LOGIN = (".bash_profile", ".bash_login", ".profile")


def detect(shell: str | None, environ: Mapping[str, str]) -> str:
    """The named shell, else the one in ``$SHELL``. Raises UsageError for an unknown shell."""
    name = shell or os.path.basename(environ.get("SHELL", ""))
    if name in TEMPLATES:
        return name
    known = " or ".join(TEMPLATES)
    if name:
        raise UsageError(f"no shell integration for {name!r}; name {known}")
    raise UsageError(f"$SHELL does not say which shell you use; name {known}")


def files(shell: str, environ: Mapping[str, str], platform: str) -> list[str]:
    """The absolute paths of the files that need our block. ``platform`` as in ``sys.platform``.

    A bash login shell does not read .bashrc, but the first existing one of three files. Most often
    that file reads .bashrc, and one block in .bashrc is enough. On macOS every terminal starts a
    login shell.
    """
    home = _home(environ)
    if shell == "zsh":
        return [os.path.join(environ.get("ZDOTDIR") or home, ".zshrc")]
    bashrc = os.path.join(home, ".bashrc")
    login = [os.path.join(home, name) for name in _BASH_LOGIN]
    present = [path for path in login if os.path.exists(path)]
    if present:
        return [bashrc] if _mentions_bashrc(present[0]) else _distinct([bashrc, present[0]])
    return [bashrc, login[0]] if platform == "darwin" else [bashrc]


def every_file(shells: list[str], environ: Mapping[str, str]) -> list[str]:
    """Every file that an earlier ``setup`` may have edited for these shells."""
    home = _home(environ)
    names = {"bash": [".bashrc", *_BASH_LOGIN], "zsh": [".zshrc"]}
    paths = [os.path.join(home, name) for shell in shells for name in names[shell]]
    if "zsh" in shells and environ.get("ZDOTDIR"):
        paths.append(os.path.join(environ["ZDOTDIR"], ".zshrc"))
    return _distinct(paths)


def _distinct(paths: list[str]) -> list[str]:
    """One path for each file: dotfiles are often symlinks, sometimes to each other."""
    return list({os.path.realpath(path): path for path in reversed(paths)}.values())[::-1]


def _home(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if not os.path.isabs(home):
        raise UsageError("$HOME is not set to a directory; set it and run this again")
    return home


def _mentions_bashrc(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return b"bashrc" in stream.read()
    except OSError:
        return False
