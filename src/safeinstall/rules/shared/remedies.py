"""Builders for the command lines that findings offer: for pip and for conda."""

from __future__ import annotations

import os

from safeinstall.model import CONDA_LIKE, CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.model import Command, Environment, Facts, Package


class Here(Value):
    """The environment that commands are offered for, and what the user's shell makes of words."""

    environment: Environment
    python: str = ""  # the prefix that the word "python" leads to; "" if it leads to none
    typed: Command | None = None  # what the user typed; None where advice answers no command
    anew: bool = False  # conda cannot change it without harm; made anew, it is sound


def here(facts: Facts) -> Here:
    """The environment that the command would change, seen from where the user typed it."""
    return Here(facts.environment, facts.python_prefix, facts.typed or facts.command)


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


def pip_install(here: Here, words: Iterable[str]) -> str:
    """The command line ``pip install`` for this environment."""
    return pip_in(here, "install", words)


def pip_in(here: Here, verb: str, words: Iterable[str]) -> str:
    """A pip command line for this environment. All such advice is made here.

    In a shell with our functions it is guarded: a path to the environment's Python would not be.
    """
    if here.typed is not None and here.typed.tool == "uv":
        return paste(["uv", "pip", verb, *_named_to_uv(here.environment, here.typed), *words])
    pip = _pip(here)
    words = list(words)
    # "conda run" keeps pip's questions to itself
    asks = verb == "uninstall" and pip[1:2] == ["run"] and pip[0] in CONDA_LIKE
    yes = ["-y"] if asks and not {"-y", "--yes"}.intersection(words) else []
    return paste([*pip, verb, *yes, *words])


def _pip(here: Here) -> list[str]:
    """The words by which the user's shell starts this environment's pip, past no guard."""
    environment, typed = here.environment, here.typed
    if here.python and os.path.realpath(here.python) == os.path.realpath(environment.prefix):
        return ["python", "-m", "pip"]
    if typed is not None and _is_bare_pip(typed):
        return list(typed.words[: typed.launcher])
    if environment.kind == "conda":
        return [_runner(typed), "run", *conda_selector(environment), "python", "-m", "pip"]
    python = f"{environment.prefix}/bin/python"
    if environment.kind == "system":  # Debian's has no other name
        python += "3"
    return ["safeinstall", "run", "--", python, "-m", "pip"]


def pip_of_new(here: Here, name: str) -> list[str]:
    """The words that start the pip, or uv, of an environment by its name; it need not be there."""
    pip = ["uv", "pip"] if here.typed and here.typed.tool == "uv" else ["python", "-m", "pip"]
    return [_runner(here.typed), "run", "-n", name, *pip]


def in_a_venv(words: Iterable[str]) -> str:
    """The line that makes a virtual environment in the working directory, and installs there."""
    install = paste([".venv/bin/python", "-m", "pip", "install", *words])
    return f"python3 -m venv .venv && {install}"


def _is_bare_pip(typed: Command) -> bool:
    """Is it a pip that the shell finds by its name, and that was told nothing of its Python?"""
    by_name = typed.tool == "pip" and "/" not in typed.words[0] and not typed.before
    return by_name and typed.target.python is None


def _runner(typed: Command | None) -> str:
    """The tool whose ``run`` was or is to be used: the typed one, or conda."""
    words = (typed.tool, *typed.before[:1]) if typed is not None else ()
    return next((os.path.basename(w) for w in words if os.path.basename(w) in CONDA_LIKE), "conda")


def _named_to_uv(environment: Environment, typed: Command) -> list[str]:
    """The option that names the environment to ``uv pip``, if it finds another one without it."""
    finds = typed.verb.startswith("pip ") and not typed.before
    if finds and not typed.target.named and not typed.target.system:
        return []
    return ["--python", f"{environment.prefix}/bin/python"]


def by_conda(verb: str, words: Iterable[str], typed: Command | None = None) -> str:
    """A command line for the tool that was typed if it is conda, mamba or micromamba; for conda
    if it was another tool.
    """
    tool = typed.tool if typed is not None and typed.tool in CONDA_LIKE else "conda"
    words = list(words)
    if verb and typed is not None and words[:1] and words[0].startswith("-"):
        words = [*settings(typed), *words]  # --rc-file takes all words up to the next option
    return paste([tool, *verb.split(), *words])


def settings(command: Command) -> list[str]:
    """The options by which a mamba is told which configuration files it is to read."""
    named = [word for file in command.rc_files for word in ("--rc-file", file)]
    return [*named, *(["--no-rc"] if "--no-rc" in command.flags else [])]


def conda_install(
    environment: Environment, words: Iterable[str], typed: Command | None = None
) -> str:
    """The command line ``conda install`` for this environment."""
    return conda_in(environment, "install", words, typed)


def conda_in(
    environment: Environment, verb: str, words: Iterable[str], typed: Command | None = None
) -> str:
    """A conda command line for this environment, by ``-n NAME`` or ``-p PREFIX``; for one that we
    have frozen, the command that makes it anew with what conda would change.
    """
    if environment.frozen_by_us and verb in _REBUILT:
        return rebuilt(environment, verb, words)
    return by_conda(verb, [*conda_selector(environment), *words], typed)


_REBUILT = {"install": "--add", "update": "", "remove": "--remove"}


def rebuilt(environment: Environment, verb: str, words: Iterable[str]) -> str:
    """The command that makes the environment anew. That has every package once more, as
    ``--force-reinstall`` would; it can update all packages, and no single one.
    """
    if verb == "update":
        return paste(["safeinstall", "rebuild", *conda_selector(environment), "--update"])
    words, options, specs = tuple(words), list[str](), list[str]()
    for word in (following := iter(words)):
        if word in ("-c", "--channel"):
            options += ["--channel", next(following)]
        elif not word.startswith("-"):
            specs.append(word)
    again = "--force-reinstall" in words
    added = [] if again else [word for spec in specs for word in (_REBUILT[verb], spec)]
    return paste(["safeinstall", "rebuild", *conda_selector(environment), *added, *options])


def conda_selector(environment: Environment) -> list[str]:
    """The option that names the environment to conda: ``-n NAME`` if conda finds it by that."""
    return ["-n", environment.name] if environment.by_name else ["-p", environment.prefix]


def by_conda_then(facts: Facts, come: Iterable[str], specs: Iterable[str]) -> str:
    """The line by which conda installs the specs in the place of what pip has brought by then."""
    uninstall = pip_in(here(facts), "uninstall", come)
    return f"{uninstall} && {conda_install(facts.environment, specs, facts.command)}"


def ways_back(here: Here, come: Iterable[Package]) -> list[str]:
    """The commands that remove the packages ``come``, each by the tool that owns them."""
    come = tuple(come)
    by_conda = [p.name for p in come if p.owner in CONDA_OWNERS]
    by_pip = [p.name for p in come if p.owner not in CONDA_OWNERS]
    lines = []
    if by_conda:
        lines.append(conda_in(here.environment, "remove", by_conda))
    if by_pip:
        lines.append(pip_in(here, "uninstall", by_pip))
    return lines
