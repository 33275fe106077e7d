"""Owner, group and mode of the new environment's directories and files are those of the old one."""

from __future__ import annotations

import contextlib
import os
import stat


def as_before(old: str, new: str) -> None:
    """What has several hard links is conda's cache's as well, and is left as it is. What this user
    may not give to others stays this user's.
    """
    for directory, names, files in os.walk(new):
        inside = os.path.relpath(directory, new)
        former = os.path.normpath(os.path.join(old, inside))
        _same(former, directory)
        for name in (*files, *(n for n in names if os.path.islink(os.path.join(directory, n)))):
            _same(os.path.join(former, name), os.path.join(directory, name))


def _same(old: str, new: str) -> None:
    status = os.lstat(new)
    is_directory = stat.S_ISDIR(status.st_mode)
    if status.st_nlink > 1 and not is_directory:
        return
    try:
        before = os.lstat(old)
    except OSError:  # it is new: as the directory in which it is
        before = os.stat(os.path.dirname(new))
    if (before.st_uid, before.st_gid) != (status.st_uid, status.st_gid):
        with contextlib.suppress(PermissionError):
            os.chown(new, before.st_uid, before.st_gid, follow_symlinks=False)
    if is_directory and stat.S_ISDIR(before.st_mode):
        os.chmod(new, stat.S_IMODE(before.st_mode))
