"""Packages that the ``pip:`` part of an environment file and conda would both install.

conda hands that part to ``pip install --upgrade`` after its own transaction. That pip runs under
constraints like any other (:mod:`safeinstall.rails.pip_in_conda`), but a conflict that the specs
alone make certain is reported before conda starts.
"""

from __future__ import annotations

from safeinstall.argv.typed import short_words
from safeinstall.output.quoting import noted, paste
from safeinstall.output.shown import value
from safeinstall.rules.shared import conda_owned
from safeinstall.rules.shared.remedies import conda_in, conda_selector
from safeinstall.specs import lookalikes
from safeinstall.specs.translation import conda_admits
from safeinstall.specs.versions import satisfies
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts, Spec


class Clash(Value):
    """A spec in the ``pip:`` part by which pip is certain to replace a conda package."""

    spec: Spec
    why: str  # the reason, in a few words
    instead: str = ""  # conda spec that would satisfy pip's spec; "" if there is none


def clashes(facts: Facts) -> list[Clash]:
    """The conflicts that the specs alone make certain."""
    if not facts.command.asks_conda:
        return []
    return [clash for spec in facts.command.pip_specs for clash in _of(spec, facts)]


def was_stopped(facts: Facts) -> str:
    """A sentence on how far a refused pip came. conda has made its changes before it starts one."""
    if facts.typed is None:
        return "It was stopped before it changed anything."
    name = facts.environment.name or facts.environment.prefix
    return f"That pip was stopped before it changed anything; what conda did in {name} is done."


def taken_back(facts: Facts) -> tuple[str, ...]:
    """The command that takes away the environment that conda has made for this pip."""
    typed = facts.typed
    if typed is None or typed.verb not in ("create", "env create"):
        return ()
    remove = conda_in(facts.environment, "env remove", (), typed)
    return (noted(remove, "to go back"),)


def edited(facts: Facts, conda: Sequence[str], pip: Sequence[str], *, made: bool) -> str:
    """The command to run after editing the environment file, with the edits in a note.

    Args:
        conda: specs to add for conda.
        pip: names to remove from the ``pip:`` part.
        made: has conda finished its transaction? Then the environment exists by now.
    """
    command = facts.command
    words = short_words(command)
    if made and command.verb == "env create":
        files = [word for file in command.files for word in ("-f", file)]
        words = [words[0], "env", "update", *conda_selector(facts.environment), *files]
    changes = [f"with {' and '.join(dict.fromkeys(conda))} for conda"] if conda else []
    changes += [f"without {' and '.join(dict.fromkeys(pip))} for pip"] if pip else []
    return noted(paste(words), ", ".join(changes))


def _of(spec: Spec, facts: Facts) -> Iterator[Clash]:
    if spec.kind != "name" or conda_owned.is_conditional(spec):
        return
    stays = facts.command.keeps_installed
    yield from _doubled(spec, facts) if stays else ()
    by_conda = _asked_of_conda(spec, facts)
    if by_conda is not None:
        exact = spec.version.removeprefix("==")
        pinned = spec.version.startswith("==") and "," not in exact
        if pinned and conda_admits(exact, by_conda.version) is False:
            why = f"conda is asked for {value(by_conda.raw)}, and then pip for {value(spec.raw)}"
            yield Clash(spec, why, "" if "+" in exact else by_conda.name + spec.version)
        return
    there = conda_owned.owned(facts).get(spec.name) if stays else None
    if there is not None and satisfies(there.version, spec.version) is False:
        why = (
            f"conda has {conda_owned.described(there)}, and then pip is asked for {value(spec.raw)}"
        )
        yield Clash(spec, why, conda_owned.conda_spec(there, spec.version))


def _doubled(spec: Spec, facts: Facts) -> Iterator[Clash]:
    """A conflict if the spec has the files of a conda-owned distribution under another name."""
    theirs, modules = conda_owned.owned(facts), conda_owned.modules(facts)
    double = lookalikes.doubles(theirs, facts.names_seen, modules).get(spec.name)
    if double is not None:
        why = f"conda has {conda_owned.described(double)}, and {value(spec.raw)} has the same files"
        yield Clash(spec, why)


def _asked_of_conda(spec: Spec, facts: Facts) -> Spec | None:
    """The spec by which conda is asked for the same thing: by the package's files where they are
    known, else by its name, unless that means something else to conda.
    """
    from safeinstall.specs.conda_names import FALSE_FRIENDS, conda_names

    own = () if spec.name in FALSE_FRIENDS else (spec.name,)
    names = (*own, *conda_names(spec.name))
    for by_conda in facts.command.conda_specs:
        known = facts.known_contents.get(by_conda.name)
        if by_conda.name in names if known is None else spec.name in known:
            return by_conda
    return None
