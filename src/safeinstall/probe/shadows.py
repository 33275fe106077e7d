"""Distributions that pip finds before those in site-packages: on PYTHONPATH and in the user site.

Both come before ``site-packages`` on ``sys.path``. So pip takes a distribution there as the
installed one and uninstalls it, even if site-packages has another one of the same name.
"""

from __future__ import annotations

import os

from safeinstall.argv import launch
from safeinstall.probe import pip_destination
from safeinstall.probe.environment import describe
from safeinstall.probe.inventory import distributions_in, exact_version, scan
from safeinstall.probe.user_site import user_site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Command, CondaDistribution, Environment, Package

_NO_ENVIRON, _NO_USER = frozenset("IE"), frozenset("Is")  # options of the interpreter


def before(
    command: Command, environment: Environment, environ: Mapping[str, str], home: str
) -> dict[str, Package]:
    """The distributions before site-packages, by name; of two with the same name, the first.

    A variable may name the environment's own site-packages: what pip finds there is its own.
    """
    found: dict[str, Package] = {}
    for place in places(command.words[1 : command.launcher], environment, environ, home):
        for distribution in distributions_in(place):
            found.setdefault(distribution.name, distribution)
    own = set(map(os.path.realpath, environment.site_packages))
    return {name: p for name, p in found.items() if os.path.realpath(_place(p)) not in own}


def of_others(found: Mapping[str, Package], cache_dir: str) -> tuple[CondaDistribution, ...]:
    """Those of them that conda has installed into another environment, where the place is its
    site-packages.
    """
    theirs: list[CondaDistribution] = []
    for place in dict.fromkeys(map(_place, found.values())):
        prefix = pip_destination.prefix_of(place)
        if prefix:
            owned = scan(describe(prefix), cache_dir).conda_distributions
            here = {there.name: there for there in owned if there.name in found}
            theirs += [
                there.replace(version=exact_version(found[name]), shadow=place, of=prefix)
                for name, there in here.items()
                if _place(found[name]) == place
            ]
    return tuple(theirs)


def _place(package: Package) -> str:
    return os.path.dirname(package.location)


def as_seen(
    found: tuple[CondaDistribution, ...], others: Mapping[str, Package]
) -> tuple[CondaDistribution, ...]:
    """The conda-owned distributions, with version and location of the ones of the same name that
    pip finds before them.
    """
    return tuple(
        there.replace(
            version=exact_version(other),
            location=other.location,
            shadow=_place(other),
        )
        if (other := others.get(there.name))
        else there
        for there in found
    )


def user_directory(environment: Environment, environ: Mapping[str, str], home: str) -> str:
    """The user site (``site.USER_SITE``), where ``--user`` installs; ``""`` if it is ignored."""
    return "" if environ.get("PYTHONNOUSERSITE") else user_place(environment, environ, home)


def user_base(environ: Mapping[str, str], home: str) -> str:
    """``site.USER_BASE``, the prefix of a user install."""
    return environ.get("PYTHONUSERBASE") or os.path.join(home, ".local")


def user_place(environment: Environment, environ: Mapping[str, str], home: str) -> str:
    """The user site, be it ignored or not."""
    base = user_base(environ, home)
    own = [os.path.basename(os.path.dirname(place)) for place in environment.site_packages[:1]]
    named = next((name for name in own if "." in name), f"python{environment.python}")
    return f"{base}/lib/{named}/site-packages"  # also "python3.13t", "pypy3.9"


def places(
    options: tuple[str, ...], environment: Environment, environ: Mapping[str, str], home: str
) -> Iterator[str]:
    """The directories before ``site-packages`` on ``sys.path``, without those of Python itself.

    ``options`` are those of the interpreter.
    """
    letters = launch.letters(options)
    if letters.isdisjoint(_NO_ENVIRON):
        yield from filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))
    else:
        environ = {**environ, "PYTHONNOUSERSITE": ""}  # -E and -I do not ignore PYTHONUSERBASE
    user = user_directory(environment, environ, home)
    if user and letters.isdisjoint(_NO_USER) and user_site(environment, environ) != "off":
        yield user
