"""Facts about the pip that conda starts for the ``pip:`` part of an environment file.

That pip is a command like any other: its command line is known, and its settings come from the same
variables and files. So the rules are asked about it before conda starts, and once more when it is
there (:mod:`safeinstall.guard.hold`). No rule knows that it was conda that started it.
"""

from __future__ import annotations

import os

from safeinstall import argv
from safeinstall.files import same
from safeinstall.guard.facts import LookedUp
from safeinstall.model import Environment, Inventory
from safeinstall.rails import listener
from safeinstall.rules.registry import HOLDING
from safeinstall.rules.registry import answers as every_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from safeinstall.model import Command
    from safeinstall.rules.registry import Answer

_WORDS = ("-m", "pip", "install", "-U", "-r")
_SOURCES = frozenset(("--index-url", "--extra-index-url", "--no-index"))


def foreseen(facts: LookedUp) -> LookedUp | None:
    """The facts about the pip that a conda command will start; ``None`` if it will start none.

    What is installed by then only the transaction decides, so their inventory is empty.
    """
    command = facts.command
    if not (listener.starts_pip(command) and command.pip_specs):
        return None
    pip = command_of(facts)
    if not pip.mutates:  # a setting such as PIP_DRY_RUN, or one that pip refuses
        return None
    prefix = facts.place.prefix
    place = facts.place.replace(command=pip, executable=pip.words[0])
    led_to = _led_to(facts, pip)
    if not same(led_to, prefix):
        started = LookedUp(place.replace(prefix=led_to), facts.session, facts.policy)
        return in_conda(started, command, prefix)
    environment = facts.environment
    if environment.kind != "conda" or not command.keeps_installed:
        environment = Environment(prefix, "conda", name=environment.name, base=environment.base)
    started = LookedUp(place, facts.session, facts.policy)
    nothing = Inventory()
    known = {"environment": environment, "inventory": nothing, "scanned": nothing}
    return in_conda(started, command, prefix).replace(**known)


def in_conda(facts: LookedUp, typed: Command | None, prefix: str) -> LookedUp:
    """The facts about a pip that conda started, without what was said about the conda command:
    what changed before, and what the channels have. ``typed`` is that command, and ``prefix`` is
    of the environment that it is about.
    """
    said = {"drift": (), "turns": (), "offers": (), "running": (), "elsewhere": ()}
    return facts.replace(typed=typed, active=prefix, **said)


def answers(facts: LookedUp, told: Collection[str]) -> Iterator[Answer]:
    """What the rules say before this pip starts. Not the rules in ``told``, which have spoken about
    the conda command; nor those that pip's resolver enforces: they go by what is installed. Where
    its settings lead pip into another environment, its resolver sees nothing of that.
    """
    enforced = () if facts.foreign_prefix else HOLDING
    return (each for each in every_answer(facts) if each.rule not in (*enforced, *told))


def _led_to(facts: LookedUp, pip: Command) -> str:
    """The prefix of the interpreter that a setting (``PIP_PYTHON``) names, else conda's."""
    from safeinstall.probe.pip import target_prefix

    place = facts.place
    if pip.target.python is None:
        return place.prefix
    return target_prefix(pip, pip.words[0], place.environ, place.cwd) or place.prefix


def command_of(facts: LookedUp) -> Command:
    """pip's command line as conda makes it, with the environment's own settings."""
    from safeinstall.probe import pip, pip_config

    place, settings, command = facts.place, facts.session.settings, facts.command
    prefix, environ = place.prefix, place.environ
    python = os.path.join(prefix, "bin", "python")
    config = pip_config.read(prefix, environ, settings.home, settings.cache_dir)
    there = os.path.exists(python)
    version = pip.version_of((), python, environ, settings.home, place.cwd) if there else ""
    versions = {"pip": version} if version else {}
    context = argv.Context(environ, place.cwd, lambda _: None, config, versions)
    file = next(iter(command.files), "environment.yml")
    parsed = argv.parse((python, *_WORDS, file, "--exists-action=b"), context)
    before = parsed.indexes if command.asks_pypi else ()  # else the file's index replaces them
    more = () if "--no-index" in parsed.flags else command.indexes
    return parsed.replace(
        specs=tuple(spec.replace(installer="") for spec in command.pip_specs),
        indexes=(*before, *more),
        asks_pypi=parsed.asks_pypi and command.asks_pypi,
        flags=parsed.flags | (command.flags & _SOURCES),
    )
