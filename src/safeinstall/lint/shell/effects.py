"""What a command does to the session behind it: directories, variables, activation. Pure."""

from __future__ import annotations

import os

from safeinstall import argv
from safeinstall.lint.images import is_root
from safeinstall.lint.nouns import Session
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NO_CONTEXT = argv.Context({}, "/", lambda _: None, {})
"""For command lines that need nothing but their words."""

_LONGEST = 10_000  # characters of a value
UNKNOWN_PLACE = "$?"
"""A directory that cannot be told."""


def after(texts: Sequence[str], session: Session) -> Session:
    """The session of the commands behind this one."""
    name, arguments = texts[0].rpartition("/")[2], list(texts[1:])
    if texts[0] in ("cd", "pushd"):
        return in_directory(arguments[-1] if arguments else "~", session)
    if texts[0] == "popd":
        return session.replace(cwd=UNKNOWN_PLACE)
    if name in CONDA_LIKE and arguments[:1] == ["activate"]:
        return session.replace(active=_named(arguments[1:]))
    if name in CONDA_LIKE and arguments[:1] == ["deactivate"]:
        return session.replace(active="")
    if texts[0] == "deactivate":
        return session.replace(active="")
    if texts[0] in (".", "source"):
        return _sourced(arguments, session)
    if texts[0] == "module" and arguments[:1] and arguments[0] in ("load", "add"):
        return session.replace(hooked=True, active=None)  # whatever the site makes of it
    if texts[0] == "eval":
        return _evaluated(session)
    return session


def in_shell(words: Sequence[str], session: Session) -> Session:
    """The session of a shell that is started by these words: it has the variables, but none of the
    functions; ``conda run`` starts it in another environment.
    """
    inner = session.replace(shell=tuple(words), hooked=False)
    if words[0].rpartition("/")[2] not in CONDA_LIKE:
        return inner
    target = argv.parse([*words, "true"], NO_CONTEXT).target
    return inner.replace(active=target.name or target.prefix or inner.active)


def _named(arguments: Sequence[str]) -> str:
    """What ``conda activate`` is given; base if nothing."""
    plain = [word for word in arguments if not word.startswith("-")]
    return plain[0] if plain else "base"


def _evaluated(session: Session) -> Session:
    """``eval "$(conda shell.bash hook)"`` is what is usually evaluated; what else, is not known."""
    return session.replace(hooked=True)


def _sourced(arguments: Sequence[str], session: Session) -> Session:
    """After ``source FILE``."""
    if not arguments:
        return session
    directory, _, file = arguments[0].rpartition("/")
    if file != "activate":
        return session.replace(hooked=True)  # it may be the file that defines the functions
    prefix = os.path.dirname(directory) if directory.endswith("bin") else directory
    if len(arguments) > 1 or not directory:
        return session.replace(active=_named(arguments[1:]), hooked=True)
    if is_root(prefix):
        return session.replace(active="base", hooked=True)
    return session.replace(active=located(prefix, session))


def located(path: str, session: Session) -> str:
    """The path, absolute where the working directory is known."""
    if path.startswith(("/", "~", "$")) or not path:
        return path
    return os.path.normpath(os.path.join(session.cwd or ".", path))


def in_directory(target: str, session: Session) -> Session:
    """After ``cd``."""
    if target.startswith("-"):
        return session.replace(cwd=UNKNOWN_PLACE)
    place = located(target, session)
    return session.replace(cwd=place, variables={**session.variables, "PWD": place})


def with_variable(session: Session, name: str, value: str) -> Session:
    """The session in which the variable has this value. A very long one counts as not known: each
    variable may have the one before it eight times.
    """
    if len(value) > _LONGEST:
        return without(session, name)
    return session.replace(variables={**session.variables, name: value})


def without(session: Session, name: str) -> Session:
    """The session in which the value of the variable is not known."""
    if name not in session.variables:
        return session
    return session.replace(variables={k: v for k, v in session.variables.items() if k != name})


def joined(sessions: Sequence[Session]) -> Session:
    """What is known behind several paths of which one was taken: that in which they agree."""
    first, *others = sessions
    for other in others:
        if other is first:
            continue
        variables = {k: v for k, v in first.variables.items() if other.variables.get(k) == v}
        first = first.replace(
            variables=variables,
            cwd=first.cwd if first.cwd == other.cwd else UNKNOWN_PLACE,
            active=first.active if first.active == other.active else None,
            hooked=first.hooked or other.hooked,
        )
    return first
