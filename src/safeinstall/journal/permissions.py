"""Owner and mode of our files and directories: a shared environment's group may use them, else
only the owner.
"""

from __future__ import annotations

import os
import stat

from safeinstall.files import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.journal.places import Place


def make(path: str, root: str) -> None:
    """Create a directory, and its parents, too, unless there is a ``root``, which must exist."""
    parent = os.path.dirname(path)
    if not root and parent != path and not os.path.lexists(parent):
        make(parent, root)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    above = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        hand_over(path, os.fstat(above), 0o700)
        os.fsync(above)
    finally:
        close(above)


def share(place: Place, directory: int | str, fd: int) -> None:
    """Set owner and mode of a new file and of its directory."""
    if not place.root:
        return hand_over(fd, os.stat(directory), 0o600)
    above = os.stat(place.root)
    inherited = above.st_mode & stat.S_ISGID
    group = 0o060 if above.st_mode & stat.S_IWGRP else 0o040 if inherited else 0
    # The directory may have been created by something else, with a mode that does not share it.
    hand_over(directory, above, 0o700 | group | (0o010 if group else 0) | inherited)
    return hand_over(fd, above, 0o600 | group)


def hand_over(item: int | str, above: os.stat_result, mode: int) -> None:
    """Set the mode, without regard to the umask, and the owner or group of the parent directory.

    ``sudo conda install`` must not leave a journal that the environment's owner cannot write; in a
    shared environment the group must match.
    """
    try:
        if os.geteuid() == 0 and above.st_uid != 0:
            os.chown(item, above.st_uid, above.st_gid)
        elif mode & 0o060:
            os.chown(item, -1, above.st_gid)
        os.chmod(item, mode)
    except PermissionError:
        pass  # another user has created it at the same moment, and sets the mode, too
