"""Was a command started from the cell of a notebook?"""

from __future__ import annotations

import os

from safeinstall.files import read_bytes
from safeinstall.journal import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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
