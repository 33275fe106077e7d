"""Programs that start the command that is named behind them: ``sudo``, ``env``, ``timeout 60``."""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.lint.nouns import Word


class Starter(Value):
    """How many words of its own come first, and its options that take a value."""

    own: int = 0
    valued: tuple[str, ...] = ()
    user: tuple[str, ...] = ()  # those whose value is the user to become
    becomes: bool = False  # is its first own word the user?
    default_user: str = ""


STARTERS = {
    "builtin": Starter(),
    "chroot": Starter(1),
    "command": Starter(),
    "env": Starter(valued=("-u", "-C", "-S")),
    "exec": Starter(valued=("-a",)),
    "fakeroot": Starter(),
    "gosu": Starter(1, becomes=True),
    "nice": Starter(valued=("-n",)),
    "nohup": Starter(),
    "retry": Starter(valued=("-t", "-d", "-n")),
    "setpriv": Starter(),
    "setuser": Starter(1, becomes=True),
    "stdbuf": Starter(valued=("-i", "-o", "-e")),
    "su-exec": Starter(1, becomes=True),
    "sudo": Starter(
        valued=("-u", "-g", "-h", "-p", "-C", "-D", "--user", "--group"),
        user=("-u", "--user"),
        default_user="root",
    ),
    "time": Starter(valued=("-f", "-o")),
    "timeout": Starter(1, valued=("-k", "-s", "--signal", "--kill-after")),
    "travis_retry": Starter(),
    "xargs": Starter(valued=("-n", "-I", "-a", "-d", "-L", "-P", "-s", "-E")),
    "xvfb-run": Starter(valued=("-s", "-n", "-e", "-f", "-p", "-w")),
}
"""By name."""


def unwrapped(words: Sequence[Word]) -> tuple[list[Word], dict[str, str], str]:
    """The command itself, the variables that are set for it alone, and the user that it runs as
    (``""``: unchanged).
    """
    left, environ, user = list(words), {}, ""
    while left and (starter := STARTERS.get(left[0].text.rpartition("/")[2])):
        user = starter.default_user or user
        left = left[1:]
        while left and left[0].text.startswith("-"):
            option = left.pop(0).text
            if option == "--":
                break
            if option in starter.valued and left:
                value = left.pop(0).text
                user = value if option in starter.user else user
        if starter.becomes and left:
            user = left[0].text
        left = left[starter.own :]
        while left and (name := assigned_name(left[0].text)):
            environ[name] = left.pop(0).text.partition("=")[2]
    return left, environ, user


def assigned_name(word: str) -> str:
    """The variable to which the word assigns a value; ``""`` for any other word."""
    name, sign, _ = word.partition("=")
    return name if sign and name.isascii() and name.isidentifier() else ""
