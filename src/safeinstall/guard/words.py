"""From the words of a command line to the parsed command and its tool."""

from __future__ import annotations

from safeinstall import argv
from safeinstall.argv import launch
from safeinstall.files import read_bytes
from safeinstall.probe import place as places
from safeinstall.probe import unreadable
from safeinstall.probe.tool import python_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from safeinstall.model import Command
    from safeinstall.settings import Session


def understand(words: Sequence[str], session: Session) -> tuple[Command, str]:
    """The parsed command, and the path of the real program that will run.

    Raises :class:`ToolNotFound`. What a line means depends on more than its words; each is read
    only where it may count, and the line parsed once more.
    """
    unreadable.begin()
    executable = places.locate(words[0], session.environ, session.cwd)
    context = argv.Context(
        session.environ,
        session.cwd,
        read_bytes,
        {},
        versions=unreadable.attempt(
            "the tool's version", executable, lambda: _versions(words, executable, session), {}
        ),
        uv_config=_uv_config(session),
    )
    command = _parsed(words, context)
    if command.tool == "conda" and command.mutates and not command.understood:
        context = _with_version_of_conda(context, executable)
        command = _parsed(words, context)
    if _reads_pip_config(command):
        context = _with_pip_config(context, command, executable, session)
        command = _parsed(words, context) if context.pip_config else command
    if command.verb == "clean" and command.mutates:
        command = command.replace(mutates=_hurts_others(command, executable, session))
    return command, executable


def _with_version_of_conda(context: argv.Context, executable: str) -> argv.Context:
    """For an option of another conda release, or a typing error: reading the version takes time."""
    from safeinstall.probe import conda

    version = conda.version_of(executable, context.environ, context.cwd)
    return context.replace(versions={**context.versions, "conda": version})


def _with_pip_config(
    context: argv.Context, command: Command, executable: str, session: Session
) -> argv.Context:
    """With what pip reads, which depends on the environment that the command leads to."""
    from safeinstall.argv.pip import is_isolated
    from safeinstall.probe import pip, pip_config

    if command.tool == "pip":
        prefix = pip.target_prefix(command, executable, context.environ, context.cwd) or ""
    else:
        prefix = places.find(command, executable, session).prefix
    where = (prefix, context.environ, session.settings.home, session.settings.cache_dir)
    alone = None
    if is_isolated(command.inner or command):
        alone = pip_config.read(*where, isolated=True)
    return context.replace(pip_config=pip_config.read(*where), isolated_config=alone)


def _hurts_others(command: Command, executable: str, session: Session) -> bool:
    """Are there environments with links to what ``clean`` takes away?"""
    from safeinstall.probe import soft_links

    known = places.installation_of(command, executable, session)
    return bool(soft_links.at_stake(command, executable, known))


def _reads_pip_config(command: Command) -> bool:
    """Does pip change something, or may it by a requirement in its configuration?"""
    pip = command.inner or command
    return pip.tool == "pip" and (is_ours(command) or pip.verb in ("install", "uninstall"))


def _parsed(words: Sequence[str], context: argv.Context) -> Command:
    """The parsed command. Where a file that it names makes the parser fail, no file is read."""
    command = unreadable.attempt(
        "the files that the command names", context.cwd, lambda: argv.parse(words, context), None
    )
    return command or argv.parse(words, context.replace(read=lambda _: None))


def _uv_config(session: Session) -> Callable[[str, str], Mapping[str, Any]]:
    def read(directory: str, named: str) -> Mapping[str, Any]:
        from safeinstall.probe import uv_config

        home, cache_dir = session.settings.home, session.settings.cache_dir
        return uv_config.read(directory, named, session.environ, home, cache_dir)

    return read


def _versions(words: Sequence[str], executable: str, session: Session) -> dict[str, str]:
    """The versions of pip, or of the Python that runs conda: their options differ by version."""
    tool, launcher = launch.find(tuple(words))
    found = {}
    if tool == "pip":
        from safeinstall.probe import pip

        options = tuple(words[1:launcher])
        home, environ, cwd = session.settings.home, session.environ, session.cwd
        found["pip"] = pip.version_of(options, executable, environ, home, cwd)
    elif tool == "conda":
        found["conda-python"] = python_of(executable, session.environ, session.cwd)
    return {name: version for name, version in found.items() if version}


def is_ours(command: Command) -> bool:
    """Does the command change an environment? True, too, where it was not understood."""
    return command.mutates or not command.understood
