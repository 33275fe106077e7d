"""Constraints that hold pip and uv to what conda owns. Pure.

A distribution is pinned to the version of its own metadata; where there are two of a name, to that
of the one that pip sees: any other could only be had by replacing it. Where pip passes over what is
installed (``--force-reinstall``, a wheel by path) the same version would come in once more, over
conda's files: there the pin is a local version (PEP 440) that no index has, so that pip's resolver
refuses as soon as it gets there, through whatever dependency.
"""

from __future__ import annotations

from safeinstall.rules.shared import conda_owned
from safeinstall.specs.versions import is_version, numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import CondaDistribution, Facts, Need

UNREACHABLE = "conda.owns.it"
NOWHERE = f"0+{UNREACHABLE}"  # the version of what must not come at all


def protected(facts: Facts, excepted: frozenset[str]) -> dict[str, CondaDistribution]:
    """What is to be pinned, by name; ``excepted`` are names of distributions or of packages."""
    return {
        name: there
        for name, there in conda_owned.owned(facts).items()
        if excepted.isdisjoint((name, there.package.name))
    }


def written_again(facts: Facts, theirs: Iterable[str]) -> frozenset[str]:
    """The names of those that pip would install even in the version that is there."""
    command = facts.command
    if conda_owned.installs_again(command, facts.environment):
        return frozenset(theirs)
    there = conda_owned.owned(facts)
    direct = {
        spec.name
        for spec in command.specs
        if spec.kind != "name"
        and spec.name in there
        and not conda_owned.is_same_wheel(spec, there[spec.name], command)
    }
    if command.tool == "uv":  # takes away what is there twice, and brings it once more
        direct |= {d.name for d in facts.inventory.conda_distributions if d.twin}
    return frozenset(theirs) & {*direct, *command.reinstalls}


def lines(
    theirs: dict[str, CondaDistribution], again: frozenset[str], *, arbitrary: bool
) -> Iterator[str]:
    """The constraints file's lines. ``arbitrary``: may versions be pinned that PEP 440 forbids?"""
    for name, there in theirs.items():
        version = there.version
        if not is_name(name):
            continue  # pip could not be asked for it
        if not is_version(version):
            if arbitrary and version and version.isprintable() and " " not in version:
                yield f"{name}==={version}"
        elif name in again:
            yield f"{name}=={version}{'.' if '+' in version else '+'}{UNREACHABLE}"
        else:
            yield f"{name}{_exactly(version)}"


def _exactly(version: str) -> str:
    """``==1.21`` would let ``1.21+cu118`` in as well (PEP 440). ``===`` compares the text, and so
    is for versions that can be written in no other way.
    """
    plain = ".".join(map(str, numbers(version) or ())) == version
    return f"==={version}" if plain else f"=={version}"


def needed_lines(needs: Iterable[Need]) -> list[str]:
    """Lines for what pip owns and may move, as far as conda's packages can go with it."""
    lines = (
        f"{need.name}{need.wants}" + (f" ; {need.marker}" if need.marker else "") for need in needs
    )
    return list(dict.fromkeys(lines))


def is_name(text: str) -> bool:
    """Is it a name as PEP 508 knows them? pip takes no file with one that is none."""
    letters = text.replace("-", "").replace("_", "").replace(".", "")
    return text.isascii() and letters.isalnum() and text[:1].isalnum() and text[-1:].isalnum()
