"""The problems of an environment, and the commands that solve them. Pure.

A kind of problem is one function of what was seen, listed in :data:`_CHECKS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.output.shown import is_command
from safeinstall.output.wording import files, first
from safeinstall.report.problems import left_behind, mending, operations
from safeinstall.report.problems.nouns import KINDS, Problem, Seen
from safeinstall.rules.shared.conda_owned import conda_spec
from safeinstall.rules.shared.elsewhere import described, without
from safeinstall.rules.shared.new_environment import free_name
from safeinstall.rules.shared.remedies import pip_in, ways_back
from safeinstall.specs import deny_list, impostors
from safeinstall.specs.requirement import NAME_CHARACTERS, normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from safeinstall.model import Inventory, Package
    from safeinstall.probe.soundness import Lack

__all__ = ("KINDS", "Problem", "Seen", "problems")

_MOST_UNMET = 5  # packages with requirements that are not met


def problems(seen: Seen) -> tuple[Problem, ...]:
    """The problems that were seen, the worst first."""
    found = (problem for check in _CHECKS for problem in check(seen))
    return tuple(p.replace(commands=tuple(filter(is_command, p.commands))) for p in found)


def _overwritten(seen: Seen) -> Iterator[Problem]:
    for package in seen.inventory.overwritten:
        yield _replaced(seen, package)


def _replaced(seen: Seen, package: Package) -> Problem:
    names = _names(package)
    others = seen.inventory.not_owned_by(*CONDA_OWNERS)
    there = next((other for other in others if other.name in names), None)
    instead = f"{there.owner}'s {there.version}" if there else "another one"
    return mending.exchanged(
        seen,
        Problem(
            "overwritten",
            f"{package.name}: conda's record says {package.version}, what is there is {instead}",
            (mending.uninstall(seen.here, there.name if there else names[0]),),
            (package.name,),
        ),
        package,
    )


def _written_over(seen: Seen) -> Iterator[Problem]:
    """Conda-owned packages and pip-owned ones of another name over each other's files. What is
    there under one name several times is told of as that.
    """
    condas = {package.name: package for package in seen.inventory.owned_by(*CONDA_OWNERS)}
    owners = {p.name: p.owner for p in seen.inventory.not_owned_by(*CONDA_OWNERS)}
    for shared in (each for each in seen.written_over if each.name not in seen.doubled):
        theirs, what = f"{owners[shared.name]}'s {shared.name}", files(shared.file, shared.more)
        above, below = ("conda's", theirs) if shared.intact else (theirs, "conda's")
        problem = Problem(
            "overwritten",
            f"{shared.by}: {above} lies over {below} ({what})",
            (mending.uninstall(seen.here, shared.name),),
            (shared.by,),
        )
        yield mending.exchanged(seen, problem, condas[shared.by])


def _leftovers(seen: Seen) -> Iterator[Problem]:
    """Directories of metadata in which METADATA is missing, and what pip renames to ``~NAME``."""
    for path in seen.inventory.leftovers:
        what = path.rpartition("/")[2]
        more = "" if what.startswith("~") else "; pip may say that it is installed"
        yield Problem(
            "leftover",
            f"{what} is left of a distribution that is gone{more}",
            (paste(["rm", "-r", path]),),
            (what,),
        )


def _names(package: Package) -> tuple[str, ...]:
    """pip's names for the distributions in a conda package."""
    return package.distributions or (normalize(package.name),)


def _gone(seen: Seen) -> Iterator[Problem]:
    for package in seen.inventory.gone:
        yield Problem(
            "gone",
            f"{package.name}: conda's record says {package.version}, nothing of it is there",
            mending.relink(seen.here, package),
            (package.name,),
        )


def _incomplete(seen: Seen) -> Iterator[Problem]:
    """Packages of which files are gone. What did not come from an index cannot be had again."""
    for loss in seen.soundness.losses:
        package, more = loss.package, len(loss.files) - 1
        several = f" and {more} more of its files are" if more else " is"
        yield Problem(
            "incomplete",
            f"{package.name} {package.version}: {loss.files[0]}{several} gone",
            mending.anew(seen.here, package),
            (package.name,),
        )
    for package in seen.soundness.unread:
        yield Problem(
            "incomplete",
            f"{package.name} {package.version}: its metadata cannot be read, so pip may not see it",
            mending.anew(seen.here, package),
            (package.name,),
        )


def _unmet(seen: Seen) -> Iterator[Problem]:
    """Requirements that are not met, one problem for each package that has some."""
    lacks: dict[str, list[Lack]] = {}
    for lack in seen.soundness.lacks:
        if not impostors.of(lack.name, seen.environment.python):  # nothing of it is of use
            lacks.setdefault(lack.by, []).append(lack)
    for by, found in list(lacks.items())[:_MOST_UNMET]:
        needs = (f"{lack.wants} (here is {lack.there or 'none'})" for lack in found)
        yield Problem("unmet", f"{by} needs {', '.join(needs)}", _meeting(seen, found), (by,))
    rest = list(lacks)[_MOST_UNMET:]
    if rest:
        check = pip_in(seen.here, "check", ())
        yield Problem(
            "unmet", f"{len(rest)} more packages need what is not there", (check,), (*rest,)
        )


def _meeting(seen: Seen, lacks: Sequence[Lack]) -> tuple[str, ...]:
    """The commands that bring what is required: by conda what is its, by pip the rest. None for
    what other problems bring back: packages that are overwritten or gone.
    """
    theirs = {found.name: found for found in seen.inventory.conda_distributions}
    fallen = (*seen.inventory.overwritten, *seen.inventory.gone)
    known = set[str]().union(*map(_names, fallen))
    if seen.stranded and not seen.environment.python:
        known.add("python")  # which one it was, the problem of what was left behind knows
    by_conda, by_pip = list[str](), list[str]()
    for lack in (lack for lack in lacks if lack.name not in known):
        if lack.conda:
            by_conda.append(lack.name)
        elif lack.name in theirs:
            wanted = lack.wants.lstrip("".join(NAME_CHARACTERS))
            by_conda.append(conda_spec(theirs[lack.name], wanted))
        else:
            by_pip.append(lack.wants)
    lines = mending.by_conda(seen.here, dict.fromkeys(by_conda)) if by_conda else ()
    return (*lines, *([pip_in(seen.here, "install", by_pip)] if by_pip else []))


def _doubled(seen: Seen) -> Iterator[Problem]:
    """Distributions with several metadata directories. The commands remove all of them, and
    install the conda-owned package again if there is one, else the version in the inventory.
    """
    known = set[str]().union(*map(_names, seen.inventory.overwritten))
    left = {path.rpartition("/")[2] for path in seen.inventory.leftovers}
    for name in sorted(seen.doubled.keys() - known):
        directories = [entry for entry in seen.doubled[name] if entry not in left]
        if len(directories) < 2:
            continue
        ours = _bringing(name, seen.inventory)
        problem = Problem(
            "doubled",
            f"{name} is there {len(directories)} times: {', '.join(directories)}",
            (mending.uninstall(seen.here, name),) * len(directories),
            (name,),
        )
        by_conda = next((p for p in ours if p.owner in CONDA_OWNERS), None)
        if by_conda:
            yield mending.exchanged(seen, problem, by_conda)
        else:
            line = " && ".join((*problem.commands, mending.again(seen.here, name, ours)))
            yield problem.replace(commands=(line,))


def _bringing(name: str, inventory: Inventory) -> list[Package]:
    """The packages that bring the distribution ``name``."""
    return [p for p in inventory.packages if name in (normalize(p.name), *p.distributions)]


def _denied(seen: Seen) -> Iterator[Problem]:
    """Installed packages that the policy denies, for example from before there was this policy."""
    for package in deny_list.among(seen.deny, seen.inventory.packages) if seen.deny else ():
        yield Problem(
            "denied",
            f"{package.name} {package.version} is there, and the policy denies it",
            tuple(ways_back(seen.here, [package])),
            (package.name,),
        )


def _shadowed(seen: Seen) -> Iterator[Problem]:
    """Packages outside that hide the environment's own, count as its own, or are hidden."""
    found = seen.elsewhere
    if found:
        name = seen.environment.name or seen.environment.prefix
        names = tuple(dict.fromkeys(item.name for item in found))
        yield Problem("shadowed", described(found, name), without(found), names)


def _in_base(seen: Seen) -> Iterator[Problem]:
    """Packages that were put into base by hand."""
    if seen.by_hand:
        base = seen.selector[1] if seen.selector[:1] == ["-p"] else "base"
        new = free_name("from-base", seen.taken)
        verb = "was" if len(seen.by_hand) == 1 else "were"
        yield Problem(
            "in-base",
            f"{', '.join(first(seen.by_hand))} {verb} put into base, which conda itself runs in",
            (paste(["safeinstall", "rebuild", "--from", base, "--to", new]),),
            tuple(seen.by_hand),
        )


def _journal(seen: Seen) -> Iterator[Problem]:
    if seen.damages:
        more = len(seen.damages) - 1
        several = f" and {more} more" if more else ""
        command = paste(["safeinstall", "history", "verify", *seen.selector])
        yield Problem("journal", f"{seen.damages[0]}{several}", (command,))


def _rails(seen: Seen) -> Iterator[Problem]:
    """Rails that somebody has taken out or changed, or that do not say any more what they should.
    One that cannot be laid was told of when it was tried.
    """
    broken = [step for step in seen.rails if not step.holds and step.state != "refused"]
    if broken:
        name = seen.environment.name or seen.environment.prefix
        paths = tuple(dict.fromkeys(step.path for step in broken))
        states = " and ".join(dict.fromkeys(step.told for step in broken))
        text = f"what protects {name} is {states}: {', '.join(first(paths))}"
        command = paste(["safeinstall", "protect", *seen.selector])
        yield Problem("rails", text, (command,), paths)


_CHECKS: tuple[Callable[[Seen], Iterator[Problem]], ...] = (
    _overwritten,
    _written_over,
    _gone,
    left_behind.problems,
    _incomplete,
    _doubled,
    _leftovers,
    _unmet,
    _denied,
    operations.half_made,
    operations.interrupted,
    operations.outside,
    _shadowed,
    _in_base,
    operations.warned,
    _rails,
    _journal,
)
"""What finds the problems of each kind, the worst kind first."""
