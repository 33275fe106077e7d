"""Files in memory for the output of a tool, which may contain secrets, as pip's log does.

A memory file exists as long as a process has it open, so nothing is left if all processes are
killed. A symbolic link gives it a path for the tool and its children. Only Linux has memory files;
elsewhere no link is made, and the tool creates an ordinary file at that path.
"""

from __future__ import annotations

import os


def put(path: str) -> None:
    """Make ``path`` a link to an empty memory file of this process, unless the path exists."""
    if not hasattr(os, "memfd_create") or os.path.lexists(path):
        return
    try:
        descriptor = os.memfd_create(os.path.basename(path), os.MFD_CLOEXEC)
        os.symlink(f"/proc/{os.getpid()}/fd/{descriptor}", path)
        if not os.path.exists(path):  # there is no /proc
            os.unlink(path)
    except OSError:
        return
