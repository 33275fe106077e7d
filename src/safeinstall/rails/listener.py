"""Lends a tool the guest module that notes its output (``guest/sitecustomize.py``), if possible.

pip's option ``--log`` is not used, because it changes what pip shows: with it pip hides the output
of a failed build, and draws progress bars in spite of ``--quiet``.
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

INNER = "inner"
"""Asks the guest to hear the pip that ``pip --python`` starts, not the one that starts it."""
PIP_LOG = "pip.log"
CONDA_SAID = ("conda.out", "conda.err")
"""The files that the guest writes into its directory; the same names stand in the guest."""
_WRITTEN = {"pip": (PIP_LOG,), "conda": CONDA_SAID}

_GUEST = os.path.join(resources.PACKAGE, "rails", "guest")


def make_room(facts: Facts, directory: str) -> None:
    """Create the memory files for the notes of the guest, or for the log of ``pip --log``.

    They exist as long as this process or the tool runs.
    """
    tools = (*_listeners(facts), facts.command.tool)
    for tool, names in _WRITTEN.items():
        for name in names if tool in tools else ():
            unnamed_file.put(os.path.join(directory, name))


def lend(facts: Facts, environ: Mapping[str, str], directory: str, *more: str) -> dict[str, str]:
    """The environment variables for the tool, with the guest added where it can listen.

    Args:
        directory: a private directory, in which the guest writes while the tool runs.
        more: ``resolver``, if the guest is to note the conflicts of pip's resolver; ``INNER``.
    """
    who = _listeners(facts)
    if not who:
        return dict(environ)
    seat = f"{','.join((*who, *more))} {directory}"
    return {**pythonpath.lent(_GUEST, environ), settings.LISTEN: seat}


def is_heard(facts: Facts) -> bool:
    """Will the guest note the output of the tool?"""
    return bool(_listeners(facts))


def starts_pip(command: Command) -> bool:
    """Might this conda command start pip, for the ``pip:`` part of an environment file?"""
    if command.tool not in CONDA_LIKE:
        return False
    if command.verb in ("env create", "env update"):
        return True
    return bool(command.pip_specs) or (command.asks_conda and bool(command.files))


def has_heard(directory: str) -> bool:
    """Did the guest write any notes into the directory?"""
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
        return ("pip", INNER) if command.target.python else ("pip",)
    conda = command.tool == "conda" and pythonpath.is_read(facts)
    # A pip that conda starts inherits the variables, also from mamba and micromamba.
    started = starts_pip(command) and not too_old
    return (*["conda"] * conda, *["pip", "resolver"] * started)
