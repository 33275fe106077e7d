"""What pip finds before an environment's own packages: PYTHONPATH and the user's own directory.

Both stand before ``site-packages`` on ``sys.path``. A distribution there is the one that pip calls
installed, satisfied or in the way, and the one that it takes away, whatever lies behind it.
"""

from __future__ import annotations

import os

from safeinstall.argv import launch
from safeinstall.probe.inventory import distributions_in, exact_version
from safeinstall.probe.user_site import user_site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.model import Command, CondaDistribution, Environment, Package

_NO_ENVIRON, _NO_USER = frozenset("IE"), frozenset("Is")  # options of the interpreter


def before(
    command: Command, environment: Environment, environ: Mapping[str, str], home: str
) -> dict[str, Package]:
    """What pip finds there, by name; of two with one name, the first."""
    found: dict[str, Package] = {}
    for place in places(command.words[1 : command.launcher], environment, environ, home):
        for distribution in distributions_in(place):
            found.setdefault(distribution.name, distribution)
    return found


def as_seen(
    found: tuple[CondaDistribution, ...], others: Mapping[str, Package]
) -> tuple[CondaDistribution, ...]:
    """conda's distributions, with version and place of what pip finds under their names."""
    return tuple(
        there.replace(
            version=exact_version(other),
            location=other.location,
            shadow=os.path.dirname(other.location),
        )
        if (other := others.get(there.name))
        else there
        for there in found
    )


def user_directory(environment: Environment, environ: Mapping[str, str], home: str) -> str:
    """Where ``--user`` puts packages (``site.USER_SITE``); nowhere, if that is not looked at."""
    if environ.get("PYTHONNOUSERSITE"):
        return ""
    base = environ.get("PYTHONUSERBASE") or os.path.join(home, ".local")
    return f"{base}/lib/python{environment.python}/site-packages"


def places(
    options: tuple[str, ...], environment: Environment, environ: Mapping[str, str], home: str
) -> Iterator[str]:
    """What stands before ``site-packages`` on ``sys.path``; ``options`` are the interpreter's."""
    letters = launch.letters(options)
    if letters.isdisjoint(_NO_ENVIRON):
        yield from filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))
    else:
        environ = {**environ, "PYTHONNOUSERSITE": ""}  # PYTHONUSERBASE counts all the same
    user = user_directory(environment, environ, home)
    if user and letters.isdisjoint(_NO_USER) and user_site(environment, environ) != "off":
        yield user
