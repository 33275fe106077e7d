"""The command lines that findings offer: one builder for pip's lines, one for conda's."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_LIKE, CONDA_OWNERS
from safeinstall.output.quoting import paste

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, Environment, Package


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


def ways_back(environment: Environment, come: Iterable[Package]) -> list[str]:
    """The commands that take them out, each with the tool that has brought them."""
    come = tuple(come)
    by_conda = [p.name for p in come if p.owner in CONDA_OWNERS]
    by_pip = [p.name for p in come if p.owner not in CONDA_OWNERS]
    lines = []
    if by_conda:
        lines.append(conda_in(environment, "remove", by_conda))
    if by_pip:
        lines.append(pip_in(environment, "uninstall", by_pip))
    return lines
