"""The staging prefix, the mark that tells of it, and what is done about a rebuild that was killed.

The staging prefix lies beside the environment and its path has the same length in bytes, so that
it can be replaced by the final one in any file. It differs in one character only: what has to be
quoted in one has to be quoted in the other.

The mark is a file beside the mirror of the journal. It is written before anything else and removed
last. What is written on the way lies beside the backups. The directories are told by their inode
numbers, which an exchange of names does not change: whichever step a kill has hit, :func:`finish`
knows whether the old environment is still in place (then the new one is removed) or the new one is
(then the old one becomes the backup).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat

from safeinstall.canonical import decode_object, encode
from safeinstall.errors import SafeinstallError
from safeinstall.files import names_in, read_bytes, write
from safeinstall.journal import places
from safeinstall.rebuild import exchange
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.settings import Settings

_PLAIN = "_-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Characters that need no quoting in a shell or an address, those first that few names have."""

_LIMIT = 1 << 16


class Mark(Value):
    """A rebuild that has begun."""

    op: str
    prefix: str  # real path
    staging: str
    backup: str
    new: int = 0  # the inode of the new environment, once its directory is there
    kept: bool = False  # is the new environment a backup, which stays if it is not put in place?
    source: str = ""  # the environment that it is made of, where it takes nobody's place

    @property
    def notes(self) -> str:
        """A directory for files that are needed on the way, on the disk of the environment."""
        return f"{self.backup}.tmp"


def path_for(prefix: str) -> str:
    """A path beside ``prefix`` that is not taken, with the same length in bytes.

    Raises SafeinstallError if there is none.
    """
    above, name = os.path.split(prefix)
    taken = names_in(above)
    for candidate in _alike(name):
        # What begins with the staging path must not exist: it would be taken for the staging path
        if not any(other.startswith(candidate) for other in taken):
            return os.path.join(above, candidate)
    raise SafeinstallError(f"there is no free name of this length beside {prefix}")


def _alike(name: str) -> Iterator[str]:
    """Names of the same length that differ in one character, the best first."""
    plain = [at for at in range(len(name)) if name[at] in _PLAIN]
    others = [at for at in range(len(name)) if name[at] not in _PLAIN]
    for at in (*reversed(plain), *reversed(others)):
        for other in _PLAIN if at in plain else _near(name[at]):
            found = name[:at] + other + name[at + 1 :]
            if found not in (name, ".", ".."):
                yield found


def _near(character: str) -> Iterator[str]:
    """Letters and digits that take as many bytes."""
    size = len(os.fsencode(character))
    if size == 1:
        yield from _PLAIN
    for bit in range(1, 16):
        found = chr(ord(character) ^ bit)
        if found.isalnum() and len(os.fsencode(found)) == size:
            yield found


def backups_of(prefix: str) -> str:
    """The directory of the environment's backups. conda does not look into it for environments."""
    above, name = os.path.split(os.path.realpath(prefix))
    place = os.path.join(above, ENVIRONMENT_DIRECTORY)
    with contextlib.suppress(OSError):
        if os.lstat(place).st_uid != os.getuid():  # another user's, who shares the directory
            place += f"-{os.getuid()}"
    return os.path.join(place, name)


def begin(op: str, prefix: str, settings: Settings, source: str = "") -> Mark:
    """Make the staging prefix, an empty directory that nobody else may enter, and mark it. With
    ``source`` there is nothing at ``prefix``.

    Raises SafeinstallError if it cannot be made.
    """
    prefix = os.path.realpath(prefix)
    if os.path.ismount(prefix):
        raise SafeinstallError(f"{prefix} is a mount point, and cannot be exchanged")
    backup = os.path.join(backups_of(prefix), op)
    mark = Mark(op, prefix, path_for(prefix), backup, source=source)
    try:
        os.makedirs(os.path.dirname(prefix), exist_ok=True)  # the first environment of this user
        _write(mark, settings)
        for directory in (
            os.path.dirname(os.path.dirname(mark.backup)),
            os.path.dirname(mark.backup),
        ):
            _make_private(directory)
        os.mkdir(mark.notes, 0o700)
        os.mkdir(mark.staging, 0o700)
        mark = mark.replace(new=_inode(mark.staging))
        _write(mark, settings)
    except OSError as error:
        with contextlib.suppress(OSError):
            finish(mark, settings.home)
        forget(mark, settings)
        raise SafeinstallError(f"there is no place beside {prefix}: {error}") from error
    return mark


def begin_with(op: str, prefix: str, backup: str, settings: Settings) -> Mark:
    """As :func:`begin`, for a backup that is to be put back. Raises OSError."""
    place = os.path.join(backups_of(prefix), op)
    mark = Mark(op, prefix, backup, place, _inode(backup), kept=True)
    _write(mark, settings)
    return mark


def swap(mark: Mark) -> None:
    """Put the new environment in its place, in one step where the system can do that. Raises
    OSError; what was there is in place then.
    """
    if not _is_new(mark.staging, mark):
        raise OSError(f"{mark.staging} is not the directory that was made")
    os.sync()  # a power failure must not leave the new one in place with empty files
    if mark.source:
        os.rename(mark.staging, mark.prefix)  # fails where somebody else has made one by now
        return
    try:
        if exchange.exchange(mark.staging, mark.prefix):
            return
    except OSError as error:
        if error.errno == errno.EXDEV:  # overlayfs renames no directory of a lower layer
            said = "this file system cannot exchange directories; is it a layer of an image?"
            raise OSError(said) from error
        raise
    os.rename(mark.prefix, mark.backup)
    os.rename(mark.staging, mark.prefix)


def finish(mark: Mark, home: str) -> bool:
    """Put away what a rebuild has left but for its mark; True if the new environment is in place.

    Does the same as often as it is called: after each step, or after a kill. Raises OSError.
    """
    done, waiting = (_is_new(path, mark) for path in (mark.prefix, mark.staging))
    if waiting and not os.path.lexists(mark.prefix) and os.path.lexists(mark.backup):
        os.rename(mark.staging, mark.prefix)  # killed between two renames
        done, waiting = True, False
    if done and os.path.lexists(mark.staging):
        os.rename(mark.staging, mark.backup)
    elif waiting and not mark.kept:
        remove(mark.staging)
    elif not mark.new and not mark.kept and os.path.isdir(mark.staging):
        os.rmdir(mark.staging)  # killed before its inode was kept
    if os.path.isdir(mark.notes):
        remove(mark.notes)
    of_this = os.path.dirname(mark.backup)
    with contextlib.suppress(OSError):  # another backup is in it, or it was never made
        os.rmdir(of_this)
        os.rmdir(os.path.dirname(of_this))
    _relist(mark, home, done=done)
    return done


def forget(mark: Mark, settings: Settings) -> None:
    """Remove the mark: nothing is left to be done."""
    for place in _places(mark, settings):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place)


def left(prefix: str, settings: Settings) -> Mark | None:
    """The mark of a rebuild of this environment, or out of it, that was killed. For a caller that
    holds the environment's lock.
    """
    document = decode_object(read_bytes(places.rebuild_mark(prefix, settings.state_dir), _LIMIT))
    try:
        return Mark(**document) if document else None
    except TypeError:  # of another release
        return None


def remove(directory: str) -> None:
    """Remove a directory and all in it, also what is read-only. Raises OSError."""
    os.chmod(directory, stat.S_IRWXU)
    for above, names, _ in os.walk(directory):
        for path in (os.path.join(above, name) for name in names):
            if not os.path.islink(path) and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                os.chmod(path, stat.S_IRWXU)
    shutil.rmtree(directory)


def _relist(mark: Mark, home: str, *, done: bool) -> None:
    """Take the staging prefix out of conda's list of environments; a new environment stands in its
    line.
    """
    listed = os.path.realpath(os.path.join(home, ".conda", "environments.txt"))
    text = read_bytes(listed) or b""
    lines = text.splitlines(keepends=True)
    new = os.fsencode(mark.prefix) + b"\n" if done and mark.source else b""
    staging = os.fsencode(mark.staging)
    kept = [new if line.strip() == staging else line for line in lines]
    if kept != lines:
        mode = stat.S_IMODE(os.stat(listed).st_mode)
        write(listed, b"".join(kept), lambda descriptor: os.fchmod(descriptor, mode))


def _make_private(directory: str) -> None:
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        status = os.lstat(directory)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise


def _is_new(path: str, mark: Mark) -> bool:
    """Is it the directory of the new environment?"""
    return mark.new != 0 and _inode(path) == mark.new


def _inode(path: str) -> int:
    try:
        return os.lstat(path).st_ino
    except OSError:
        return 0


def _write(mark: Mark, settings: Settings) -> None:
    """Where the next command looks, be it about the new environment or the one it is made of."""
    for place in _places(mark, settings):
        os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
        write(place, encode(_as_json(mark)))


def _places(mark: Mark, settings: Settings) -> list[str]:
    prefixes = filter(None, (mark.prefix, mark.source))
    return [places.rebuild_mark(prefix, settings.state_dir) for prefix in prefixes]


def _as_json(mark: Mark) -> dict[str, object]:
    names = ("op", "prefix", "staging", "backup", "new", "kept", "source")
    return {name: getattr(mark, name) for name in names}
