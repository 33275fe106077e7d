"""Going on all the same: a reason from the environment, or typed at the terminal."""

from __future__ import annotations

import os
import sys

from safeinstall.journal.actor import machine
from safeinstall.probe import condarc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command, Verdict
    from safeinstall.settings import Settings

QUESTION = "  Type a reason to go on all the same, or press Enter to stop: "

# Said once for all: nobody is to be asked. pip's own variables and files are in the flags already.
_YES = ("CONDA_ALWAYS_YES", "CONDA_YES", "MAMBA_ALWAYS_YES")


def reason_for(
    verdict: Verdict, configuration: Settings, command: Command, environ: Mapping[str, str]
) -> str:
    """Why a blocked command shall run; ``""`` if it shall not."""
    if not verdict.overridable:
        return ""
    return configuration.reason or ("" if _is_unattended(command, environ) else _ask())


def _is_unattended(command: Command, environ: Mapping[str, str]) -> bool:
    """Has a terminal, perhaps, but nobody who answers? A question would wait for ever."""
    inner = command.inner.flags if command.inner else frozenset()
    return (
        not {"--yes", "--no-input"}.isdisjoint(command.flags | inner)
        or not all(condarc.is_false(environ.get(variable, "")) for variable in _YES)
        or machine(environ) is not None
    )


def _ask() -> str:
    """Ask where somebody sits at the terminal: stdin and stderr are both that person's."""
    try:
        if not (os.isatty(0) and os.isatty(2)):
            return ""
        sys.stderr.write(QUESTION)
        sys.stderr.flush()
        return os.fsdecode(_line()).strip()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return ""
    except OSError:
        return ""


def _line() -> bytes:
    """One line from the terminal, and no byte more: the rest of the input is the tool's."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n", b"\r"):
        line += byte
    return line
