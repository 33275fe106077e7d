"""The commands that mend a package: taken away, brought again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.model import CONDA_OWNERS
from safeinstall.rules.shared.remedies import conda_install, pip_in, rebuilt
from safeinstall.state import past, requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Package
    from safeinstall.report.problems.nouns import Problem, Seen
    from safeinstall.rules.shared.remedies import Here


def exchanged(seen: Seen, problem: Problem, again: Package) -> Problem:
    """The problem, with one line: its commands take away, then conda brings the package again.

    Made anew, the environment loses nothing on the way: that alone where conda would change more
    than this package. Where neither can be, there is nothing to offer.
    """
    environment, here = seen.environment, seen.here
    anew = (rebuilt(environment, "install", ()),) if seen.can_be_rebuilt else ()
    if environment.frozen or seen.soundness.leaning:
        return problem.replace(commands=anew)
    line = " && ".join((*problem.commands, *relink(here, again)))
    return problem.replace(commands=(line,), otherwise=anew)


def anew(here: Here, package: Package) -> tuple[str, ...]:
    """The command that writes all files of a package once more, where that can be had again."""
    if package.owner in CONDA_OWNERS:
        return relink(here, package)
    spec = f"{package.name}=={package.version}"
    again = pip_in(here, "install", ["--force-reinstall", "--no-deps", spec])
    return () if package.source else (again,)


def again(here: Here, name: str, ours: Sequence[Package]) -> str:
    """The command by which pip installs the distribution again, from where it came."""
    line = requirement.exact(past.distribution(ours[-1])) if ours else name
    return pip_in(here, "install", line.split(" ", 1) if line[0] == "-" else [line])


def uninstall(here: Here, name: str) -> str:
    """An uninstall command, with an override reason: the guard would block it if a conda-owned
    package needs the distribution or has the same files.
    """
    return f'SAFEINSTALL_REASON="to mend it" {pip_in(here, "uninstall", [name])}'


def relink(here: Here, package: Package) -> tuple[str, ...]:
    """The command by which conda writes the package once more."""
    return by_conda(here, ["--force-reinstall", f"{package.name}={package.version}"])


def by_conda(here: Here, words: Iterable[str]) -> tuple[str, ...]:
    """By conda, or by a rebuild where conda would change more than it is asked for. Where somebody
    else has frozen the environment, conda refuses: no command.
    """
    if here.anew:
        return (rebuilt(here.environment, "install", words),)
    if here.environment.frozen and not here.environment.frozen_by_us:
        return ()
    return (conda_install(here.environment, words),)
