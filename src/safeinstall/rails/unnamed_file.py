"""Files without a name, for what a tool says: that may hold secrets, and pip's log does.

Such a file lives in memory, as long as a process has it open, and nothing of it is left where all
are killed. A link leads to it for the tool and those that it starts. Where there are no such files
(they are Linux's) the link is left out, and an ordinary file takes its place.
"""

from __future__ import annotations

import os


def put(path: str) -> None:
    """Let ``path`` lead to an empty file of this process, unless something is there already."""
    if not hasattr(os, "memfd_create") or os.path.lexists(path):
        return
    try:
        descriptor = os.memfd_create(os.path.basename(path), os.MFD_CLOEXEC)
        os.symlink(f"/proc/{os.getpid()}/fd/{descriptor}", path)
        if not os.path.exists(path):  # there is no /proc
            os.unlink(path)
    except OSError:
        return
