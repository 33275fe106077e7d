"""The guarded commands in a shell text, each with the directory and the variables it will get.

What changes these on the way is followed: ``cd``, assignments, ``export``, ``conda activate`` and
``source .venv/bin/activate``. Behind what cannot be followed, nothing is found: a command is judged
for what it does, or not at all.
"""

from __future__ import annotations

import os

from safeinstall.argv import launch, shell_script, shell_text
from safeinstall.model import CONDA_LIKE, Target
from safeinstall.probe import place as places
from safeinstall.settings import Session
from safeinstall.settings import read as read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.argv.shell_script import Variable, Word

    Words = list[str | None]  # None: only the shell knows the word

# Programs that start the command behind them, and how many words of their own come first
_STARTERS = {"builtin": 0, "command": 0, "env": 0, "exec": 0, "nohup": 0, "noglob": 0, "timeout": 1}
_STARTERS |= {"nice": 0, "stdbuf": 0, "time": 0}
_LOST = frozenset((".", "eval", "popd", "pushd", "source", "trap"))  # may change anything
_DEEPEST = 4  # shells within shells
_LOST_VALUE = "\0"
_SPLIT = frozenset(" \t\n*?[")  # in the value of a variable: the shell makes other words of it


def commands(text: str, session: Session, depth: int = 0) -> Iterator[tuple[list[str], Session]]:
    """The commands of pip, conda, mamba and uv that the text starts, in their order."""
    sessions: dict[tuple[int, ...], Session | None] = {(): session}
    before: Words = []
    for simple in shell_script.commands(text):
        here = _of_subshell(simple.subshells, sessions)
        if here is None:
            continue
        words, here_once = _assigned([_expanded(word, here.environ) for word in simple.words], here)
        if here_once and words:
            yield from _started(words, here_once, depth)
        if not simple.apart:
            sessions[simple.subshells] = _afterwards(words, before, here, here_once)
        before = words


def _of_subshell(
    subshells: tuple[int, ...], sessions: dict[tuple[int, ...], Session | None]
) -> Session | None:
    """The session in these subshells; a new one begins as the one around it is now."""
    if subshells not in sessions:
        sessions[subshells] = _of_subshell(subshells[:-1], sessions)
    return sessions[subshells]


def _started(words: Words, session: Session, depth: int) -> Iterator[tuple[list[str], Session]]:
    while words and words[0] in _STARTERS:
        own = _STARTERS[words[0]]
        words = words[1:]
        while words and (words[0] or "").startswith("-"):
            words = words[1:]
        words, changed = _assigned(words[own:], session)
        if changed is None:
            return
        session = changed
    known = [word for word in words if word is not None]
    if len(known) < len(words) or not known:
        return
    if launch.find(known)[0]:
        yield known, session
    elif (call := shell_text.call(known, session.environ)) and not call.roams and depth < _DEEPEST:
        yield from commands(known[call.at], session, depth + 1)


def _expanded(word: Word, environ: Mapping[str, str]) -> str | None:
    """The word as the shell will pass it on; ``None`` if that cannot be known.

    Of an assignment the name is known at least: an unknown value is _LOST_VALUE.
    """
    text = ""
    for part in word.parts:
        known = part if isinstance(part, str) else _value(part, environ, whole=bool(_name_of(text)))
        if known is None:
            return f"{_name_of(text)}={_LOST_VALUE}" if _name_of(text) else None
        text += known
    return text


def _value(part: Variable | None, environ: Mapping[str, str], *, whole: bool) -> str | None:
    """The value of the variable, if it makes one word. ``whole``: nothing is split here."""
    value = environ.get(part.name) if part else None
    if value is None or not part:
        return None
    return value if whole or part.quoted or (value and _SPLIT.isdisjoint(value)) else None


def _name_of(word: str | None) -> str:
    """The variable that the word assigns a value to; ``""`` for none."""
    name, sign, _ = (word or "").partition("=")
    return name if sign and name.isascii() and name.isidentifier() else ""


def _assigned(words: Words, session: Session) -> tuple[Words, Session | None]:
    """The words behind the assignments, and the session with these; ``None`` where a value decides
    what runs, and is not known.
    """
    environ = dict(session.environ)
    while words and (name := _name_of(words[0])):
        value = (words[0] or "").partition("=")[2]
        words = words[1:]
        if value == _LOST_VALUE:
            if name == "PATH" or name.startswith(("CONDA", "PIP_", "UV_", "VIRTUAL_ENV")):
                return words, None
            environ.pop(name, None)
        else:
            environ[name] = value
    return words, _with(session, environ)


def _with(session: Session, environ: Mapping[str, str]) -> Session:
    if environ == session.environ:
        return session
    return session.replace(environ=environ, settings=read_settings(environ))


def _afterwards(
    words: Words, before: Words, session: Session, assigned: Session | None
) -> Session | None:
    """The session of the commands after this one; ``None`` if it cannot be known."""
    if not words:
        return assigned
    name, *arguments = words
    if name == "cd":
        return _in_directory(arguments, session)
    if name == "export":
        return _assigned([word for word in arguments if _name_of(word)], session)[1]
    if name == "unset":
        kept = {key: value for key, value in session.environ.items() if key not in arguments}
        return _with(session, kept)
    if name in CONDA_LIKE and arguments[:1] == ["activate"]:
        return _activated(arguments[1:], session)
    if name in CONDA_LIKE and arguments[:1] == ["deactivate"]:
        return None
    if name in (".", "source"):
        return _sourced(arguments, session)
    if name == "eval" and before[:1] and before[0] in CONDA_LIKE and _is_hook(before[1:2]):
        return session  # eval "$(conda shell.bash hook)" defines functions
    return None if name in _LOST else session


def _is_hook(words: Words) -> bool:
    return bool(words) and (words[0] or "").startswith("shell")


def _in_directory(arguments: Words, session: Session) -> Session | None:
    target = session.environ.get("HOME") if not arguments else arguments[-1]
    if target is None or target.startswith("-") or len(arguments) > 1:
        return None
    directory = os.path.normpath(os.path.join(session.cwd, target))
    return session.replace(cwd=directory) if os.path.isdir(directory) else None


def _activated(arguments: Words, session: Session) -> Session | None:
    """After ``conda activate NAME``. Nothing is known where the environment is still to be made."""
    target = arguments[0] if arguments else "base"
    if target is None or len(arguments) > 1 or target.startswith("-"):
        return None
    if "/" in target:
        prefix = os.path.normpath(os.path.join(session.cwd, target))
    else:
        prefix = places.conda_installation(session).target_prefix(Target(name=target))
    if not os.path.isdir(os.path.join(prefix, "conda-meta")):
        return None
    return _with(session, places.activated(prefix, session.environ))


def _sourced(arguments: Words, session: Session) -> Session | None:
    """After ``source FILE``, for the files of venv and conda that activate."""
    if not arguments or arguments[0] is None:
        return None
    file = os.path.normpath(os.path.join(session.cwd, arguments[0]))
    if file.endswith("/etc/profile.d/conda.sh"):
        return session
    bin_directory, name = os.path.split(file)
    prefix = os.path.dirname(bin_directory)
    if name != "activate" or not os.path.isfile(file):
        return None
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return _activated(arguments[1:] or [prefix], session)
    path = bin_directory + os.pathsep + session.environ.get("PATH", os.defpath)
    return _with(session, {**session.environ, "PATH": path, "VIRTUAL_ENV": prefix})
