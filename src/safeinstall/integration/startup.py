"""The startup files of a shell that ``setup`` edits."""

from __future__ import annotations

import os

from safeinstall.errors import UsageError
from safeinstall.integration.template import TEMPLATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_BASH_LOGIN = (".bash_profile", ".bash_login", ".profile")
_PATIENCE = 10  # seconds
_AT_HOME = {
    "bash": (".bashrc", *_BASH_LOGIN),
    "zsh": (".zshrc",),
    "fish": (),
    "tcsh": (".tcshrc", ".cshrc"),
    "xonsh": (".xonshrc",),
}


def detect(shell: str | None, environ: Mapping[str, str]) -> str:
    """The named shell, else the one in ``$SHELL``. Raises UsageError for an unknown shell."""
    name = shell or os.path.basename(environ.get("SHELL", ""))
    if name in TEMPLATES:
        return name
    *names, last = TEMPLATES
    known = f"{', '.join(names)} or {last}"
    if name:
        raise UsageError(f"no shell integration for {name!r}; name {known}")
    raise UsageError(f"$SHELL does not say which shell you use; name {known}")


OWN_DIRECTORY = ("fish", "xonsh")
"""Shells whose start-up file may be in a directory that is not there yet."""


def as_seen(shell: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The variables as the shell itself will have them: ``.zshenv`` may set ZDOTDIR."""
    if shell != "zsh" or environ.get("ZDOTDIR"):
        return environ
    import subprocess

    try:
        done = subprocess.run(
            ["zsh", "-c", 'print -rn -- "${ZDOTDIR-}"'],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return environ
    found = os.fsdecode(done.stdout)
    return {**environ, "ZDOTDIR": found} if os.path.isabs(found) else environ


def files(shell: str, environ: Mapping[str, str], platform: str) -> list[str]:
    """The absolute paths of the files that need our block. ``platform`` as in ``sys.platform``.

    A bash login shell does not read .bashrc, but the first existing one of three files. Most often
    that file reads .bashrc, and one block in .bashrc is enough. Where there is none of the three,
    .profile is made: it stands in nobody's way who makes another one later.
    """
    home = _home(environ)
    if shell != "bash":
        return [_of_shell(shell, home, environ)]
    bashrc = os.path.join(home, ".bashrc")
    login = [os.path.join(home, name) for name in _BASH_LOGIN]
    present = [path for path in login if os.path.exists(path)]
    if present:
        return [bashrc] if _mentions_bashrc(present[0]) else _distinct([bashrc, present[0]])
    return [bashrc, login[0 if platform == "darwin" else -1]]


def _of_shell(shell: str, home: str, environ: Mapping[str, str]) -> str:
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    if shell == "fish":
        return os.path.join(config, "fish", "conf.d", "safeinstall.fish")
    if shell == "xonsh":
        own = os.path.join(home, ".xonshrc")
        return own if os.path.exists(own) else os.path.join(config, "xonsh", "rc.xsh")
    if shell == "tcsh":
        own = os.path.join(home, ".tcshrc")
        other = os.path.join(home, ".cshrc")
        return other if os.path.exists(other) and not os.path.exists(own) else own
    if shell == "zsh":
        return os.path.join(environ.get("ZDOTDIR") or home, ".zshrc")
    return os.path.join(home, ".profile")


def of_all_users(shell: str, root: str = "/") -> list[str]:
    """The absolute paths of the files that the shell reads for every user; none where this system
    has no place for them. ``root`` is where the system lies.
    """
    if shell == "bash":
        # Debian's bash reads bash.bashrc where it is no login shell; elsewhere /etc/bashrc reads
        # profile.d
        bashrc = os.path.join(root, "etc/bash.bashrc")
        profile = os.path.join(root, "etc/profile.d")
        found = [bashrc] if os.path.exists(bashrc) else []
        return [*found, f"{profile}/safeinstall.sh"] if os.path.isdir(profile) else found
    if shell == "zsh":
        own = os.path.join(root, "etc/zsh")
        return [f"{own}/zshrc" if os.path.isdir(own) else os.path.join(root, "etc/zshrc")]
    if shell == "fish":
        return [os.path.join(root, "etc/fish/conf.d/safeinstall.fish")]
    return []


def every_file(shells: list[str], environ: Mapping[str, str]) -> list[str]:
    """Every file that an earlier ``setup`` may have edited for these shells."""
    home = _home(environ)
    paths = [
        os.path.join(home, name) for shell in shells for name in _AT_HOME.get(shell, (".profile",))
    ]
    paths += [_of_shell(shell, home, environ) for shell in shells if shell != "bash"]
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
