"""Lends a tool the guest that notes what it says (``guest/sitecustomize.py``), where it can be had.

pip's own ``--log`` would do, were it not that it changes what pip shows: with it pip keeps the
output of a failed build to itself, and draws progress bars in spite of ``--quiet``.
"""

from __future__ import annotations

import os

from safeinstall import settings
from safeinstall.files import resources
from safeinstall.model import CONDA_LIKE
from safeinstall.rails import pythonpath, unnamed_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command, Facts

PIP_LOG = "pip.log"
CONDA_SAID = ("conda.out", "conda.err")
"""What the guest writes into the directory it is given; as in the guest."""
_WRITTEN = {"pip": (PIP_LOG,), "conda": CONDA_SAID}

_GUEST = os.path.join(resources.PACKAGE, "rails", "guest")


def make_room(facts: Facts, directory: str) -> None:
    """Put files there for what is going to be said, by pip's own log too: as long as this process
    lives, and gone with it and the tool.
    """
    tools = (*_listeners(facts), facts.command.tool)
    for tool, names in _WRITTEN.items():
        for name in names if tool in tools else ():
            unnamed_file.put(os.path.join(directory, name))


def lend(facts: Facts, environ: Mapping[str, str], directory: str, *more: str) -> dict[str, str]:
    """The variables for the tool, with the guest in them where it is of use.

    Args:
        directory: private, where the guest writes; no longer than the tool runs.
        more: ``resolver``, if pip's guest is to note what the resolver meets.
    """
    who = _listeners(facts)
    if not who:
        return dict(environ)
    seat = f"{','.join((*who, *more))} {directory}"
    return {**pythonpath.lent(_GUEST, environ), settings.LISTEN: seat}


def is_heard(facts: Facts) -> bool:
    """Will a guest note what the tool says?"""
    return bool(_listeners(facts))


def starts_pip(command: Command) -> bool:
    """Does conda hand the ``pip:`` part of an environment file to pip here, or might it?"""
    if command.tool not in CONDA_LIKE:
        return False
    if command.verb in ("env create", "env update"):
        return True
    return bool(command.pip_specs) or (command.asks_conda and bool(command.files))


def has_heard(directory: str) -> bool:
    """Did a guest write anything down there?"""
    return any(_has_text(os.path.join(directory, name)) for name in (PIP_LOG, *CONDA_SAID))


def _has_text(path: str) -> bool:
    try:
        return os.stat(path).st_size > 0
    except OSError:
        return False


def _listeners(facts: Facts) -> tuple[str, ...]:
    command = facts.command
    too_old = facts.environment.python.startswith("2.")
    if command.tool == "pip":
        if too_old or not pythonpath.is_read(facts):
            return ()
        return ("pip", "inner") if command.target.python else ("pip",)  # "pip --python"
    conda = command.tool == "conda" and pythonpath.is_read(facts)
    started = starts_pip(command) and not too_old  # the variables come to it, whoever starts it
    return (*["conda"] * conda, *["pip", "resolver"] * started)
