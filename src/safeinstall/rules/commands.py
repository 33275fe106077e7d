"""Command lines that several rules offer, and what they ask of a command."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_LIKE, PIP_LIKE
from safeinstall.quoting import paste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, Environment, Spec

INSTALLING = ("install", "pip install", "pip sync")  # pip's and uv's verbs
REMOVING = ("uninstall", "pip uninstall")
TAKING = ("install", "update", "create", "env create", "env update")  # conda's, from channels


def asks_pip(command: Command) -> bool:
    """Does pip or uv put something into an environment here?"""
    return command.tool in PIP_LIKE and command.verb in INSTALLING


def removes_by_pip(command: Command) -> bool:
    """Does pip or uv take something out of an environment here, and nothing else?"""
    return command.tool in PIP_LIKE and command.verb in REMOVING


def asks_conda(command: Command) -> bool:
    """Does conda, or one like it, take packages from channels here?"""
    return command.tool in CONDA_LIKE and command.verb in TAKING


def updates_all(command: Command) -> bool:
    """Is conda to update whatever is there, ``--all`` or ``--update-all``?"""
    return asks_conda(command) and not {"--all", "--update-all"}.isdisjoint(command.flags)


def pip_specs(command: Command) -> tuple[Spec, ...]:
    """What pip or uv will be asked for, also by conda on behalf of an environment file."""
    if asks_pip(command):
        return command.specs
    if asks_conda(command):
        return tuple(spec for spec in command.specs if spec.installer == "pip")
    return ()


def conda_specs(command: Command) -> tuple[Spec, ...]:
    """What conda itself will be asked for."""
    if not asks_conda(command):
        return ()
    return tuple(spec for spec in command.specs if not spec.installer)


def words_of(command: Command, specs: Iterable[Spec] | None = None) -> list[str]:
    """What is asked for as it was typed: specs, and the files that hold the others."""
    chosen = command.specs if specs is None else tuple(specs)
    words = []
    for spec in chosen:
        if not spec.origin:
            words += ["-e", spec.raw] if spec.editable else [spec.raw]
    for file in command.files:
        if any(spec.origin.startswith(f"{file}:") for spec in chosen):
            words += ["-r", file]
    return words


def typed_channels(command: Command) -> list[str]:
    """Those of the command's channels that stand on the command line, not in a file."""
    return [
        channel
        for channel in command.channels
        if any(
            word in (channel, f"-c{channel}") or word.endswith(f"={channel}")
            for word in command.words
        )
    ]


def whole(command: Command, at: int = 0, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The line as it was typed, "conda run" and all; with ``more`` before ``command.words[at]``."""
    if not command.text:
        return (*command.before, *command.words[:at], *more, *command.words[at:])
    text = command.text
    if more:
        from safeinstall.argv import shell_text

        text = shell_text.with_words(text, len(command.words) - at, more)
    return (*command.before, text, *command.behind)


def short_words(command: Command) -> list[str]:
    """The command as people type it: the shell function names conda by its path."""
    words = list(whole(command))
    name = os.path.basename(words[0])
    if name in CONDA_LIKE or name == command.tool != "pip":
        return [name, *words[1:]]
    return words


def pip_install(environment: Environment, words: Iterable[str]) -> str:
    """pip into this environment."""
    return pip_in(environment, "install", words)


def pip_in(environment: Environment, verb: str, words: Iterable[str]) -> str:
    """pip by the environment's own Python, so that nothing can be mistaken."""
    return paste([f"{environment.prefix}/bin/python", "-m", "pip", verb, *words])


def by_conda(verb: str, words: Iterable[str], typed: Command | None = None) -> str:
    """A line for the one of conda's family that was typed; for conda, where it was another tool."""
    tool = typed.tool if typed is not None and typed.tool in CONDA_LIKE else "conda"
    return paste([tool, *verb.split(), *words])


def conda_install(
    environment: Environment, words: Iterable[str], typed: Command | None = None
) -> str:
    """conda into this environment."""
    return conda_in(environment, "install", words, typed)


def conda_in(
    environment: Environment, verb: str, words: Iterable[str], typed: Command | None = None
) -> str:
    """conda at work in this environment, by its name where it has one."""
    return by_conda(verb, [*conda_selector(environment), *words], typed)


def conda_selector(environment: Environment) -> list[str]:
    """The option by which conda is told of the environment: its name where it has one."""
    prefix = environment.prefix
    by_name = environment.base or os.path.basename(os.path.dirname(prefix)) == "envs"
    return ["-n", environment.name] if by_name else ["-p", prefix]


def fresh_for_pip(environment: Environment, typed: Command | None = None) -> str:
    """A new environment in which pip is to bring what was asked for."""
    return fresh(environment, ["pip"], typed) + "  # then there: python -m pip install …"


def fresh(environment: Environment, words: Iterable[str], typed: Command | None = None) -> str:
    """A new environment beside this one, with the same Python."""
    python = f"python={environment.python}" if environment.python else "python"
    name = f"{environment.name or 'new'}-new"
    return by_conda("create", ["-n", name, python, *words], typed)
