"""The notebook from whose cell a command was started: is there one, and what can be typed there?"""

from __future__ import annotations

import os
import sys

from safeinstall.files import read_bytes
from safeinstall.files.resources import MAIN
from safeinstall.journal import process
from safeinstall.probe.place import conda_installation
from safeinstall.probe.tool import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.settings import Session

# jupyter_client sets the first for the kernels that it starts, Jupyter's server the second
_JUPYTER = ("JPY_PARENT_PID", "JPY_SESSION_NAME")
_INLINE = "inline"  # in MPLBACKEND: ipykernel sets it, unless the user has chosen another
_PORT = b'"shell_port"'  # in a connection file
_SMALL = 4096  # bytes


def is_around(environ: Mapping[str, str]) -> bool:
    """Was this process started from a cell, by whatever way?"""
    return (
        any(environ.get(variable) for variable in _JUPYTER)
        or _INLINE in environ.get("MPLBACKEND", "")
        or any(map(_is_kernel, process.ancestors(os.getpid())))
    )


def _is_kernel(pid: int) -> bool:
    """Was the process started with a connection file, as kernels of every language are? Not known
    without ``/proc``.
    """
    words = (read_bytes(f"/proc/{pid}/cmdline") or b"").split(b"\0")
    files = (word.rpartition(b"=")[2] for word in words if word.endswith(b".json"))
    return any(_PORT in (read_bytes(os.fsdecode(file), _SMALL) or b"") for file in files)


def programs(session: Session) -> dict[str, tuple[str, ...]]:
    """The words that start safeinstall and conda where PATH does not lead to them: a kernel may
    have been started without any environment being active.
    """
    root = conda_installation(session).root_prefix
    found = {"safeinstall": _safeinstall(), "conda": (os.path.join(root, "bin", "conda"),)}
    return {
        name: words
        for name, words in found.items()
        if os.path.isfile(words[0]) and which(name, session.environ, session.cwd) is None
    }


def _safeinstall() -> tuple[str, ...]:
    program = os.path.join(os.path.dirname(sys.executable), "safeinstall")
    return (program,) if os.path.isfile(program) else (sys.executable, "-I", "-S", MAIN)
