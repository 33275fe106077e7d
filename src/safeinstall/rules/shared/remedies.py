"""Builders for the command lines that findings offer: for pip and for conda."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_LIKE, CONDA_OWNERS
from safeinstall.output.quoting import paste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, Environment, Package


def typed_channels(command: Command) -> list[str]:
    """The command's channels that are given on the command line, not in a file."""
    return [
        channel
        for channel in command.channels
        if any(
            word in (channel, f"-c{channel}") or word.endswith(f"={channel}")
            for word in command.words
        )
    ]


def pip_install(environment: Environment, words: Iterable[str]) -> str:
    """The command line ``pip install`` for this environment."""
    return pip_in(environment, "install", words)


def pip_in(environment: Environment, verb: str, words: Iterable[str]) -> str:
    """A pip command line for this environment, started by the path of the environment's Python,
    so that it works whatever environment is active.
    """
    return paste([f"{environment.prefix}/bin/python", "-m", "pip", verb, *words])


def by_conda(verb: str, words: Iterable[str], typed: Command | None = None) -> str:
    """A command line for the tool that was typed if it is conda, mamba or micromamba; for conda
    if it was another tool.
    """
    tool = typed.tool if typed is not None and typed.tool in CONDA_LIKE else "conda"
    return paste([tool, *verb.split(), *words])


def conda_install(
    environment: Environment, words: Iterable[str], typed: Command | None = None
) -> str:
    """The command line ``conda install`` for this environment."""
    return conda_in(environment, "install", words, typed)


def conda_in(
    environment: Environment, verb: str, words: Iterable[str], typed: Command | None = None
) -> str:
    """A conda command line for this environment, by ``-n NAME`` or ``-p PREFIX``."""
    return by_conda(verb, [*conda_selector(environment), *words], typed)


def conda_selector(environment: Environment) -> list[str]:
    """The option that names the environment to conda: ``-n NAME`` if it has a name, else ``-p``."""
    prefix = environment.prefix
    by_name = environment.base or os.path.basename(os.path.dirname(prefix)) == "envs"
    return ["-n", environment.name] if by_name else ["-p", prefix]


def fresh_for_pip(environment: Environment, typed: Command | None = None) -> str:
    """The command that creates a new environment with pip, for a later ``pip install`` there."""
    return fresh(environment, ["pip"], typed) + "  # then there: python -m pip install …"


def fresh(environment: Environment, words: Iterable[str], typed: Command | None = None) -> str:
    """The command that creates a new environment with the same Python, named after this one."""
    python = f"python={environment.python}" if environment.python else "python"
    name = f"{environment.name or 'new'}-new"
    return by_conda("create", ["-n", name, python, *words], typed)


def ways_back(environment: Environment, come: Iterable[Package]) -> list[str]:
    """The commands that remove the packages ``come``, each by the tool that owns them."""
    come = tuple(come)
    by_conda = [p.name for p in come if p.owner in CONDA_OWNERS]
    by_pip = [p.name for p in come if p.owner not in CONDA_OWNERS]
    lines = []
    if by_conda:
        lines.append(conda_in(environment, "remove", by_conda))
    if by_pip:
        lines.append(pip_in(environment, "uninstall", by_pip))
    return lines
