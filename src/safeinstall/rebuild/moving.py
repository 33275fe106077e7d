"""Files moved to a prefix of another length: its path is written anew into what is text.

A program or a library with the path in it cannot be moved so; what has one is to be told by
:func:`bound` before. Byte code has the path of its source in it, and is compiled once more.
"""

from __future__ import annotations

import mmap
import os
import re

from safeinstall.files import read_text, write
from safeinstall.probe import direct_url
from safeinstall.rebuild.tools import apart, run
from safeinstall.rebuild.transplant import Copier
from safeinstall.state.requirement import local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Package, Resident

_WHEEL = 1 << 16  # bytes of a file WHEEL
_SHEBANG = 127  # bytes that Linux reads of the first line, without its end
_FOR_ANY = ("manylinux", "musllinux")
# /opt/conda is no part of /opt/conda-old, and other environments below it stay where they are
_BEHIND = rb"(?![\w.+-]|/envs/|/pkgs/)"


class Mover(Copier):
    """Copies files, with the path ``source`` replaced by the path of the target."""

    def __init__(self, target: str, source: str) -> None:
        super().__init__(target)
        self._old = _pattern(source)
        self._new = os.fsencode(target)
        self._to_compile: list[str] = []

    def complete(self, python: str, environ: Mapping[str, str]) -> None:
        """Compile what was compiled before."""
        self.final.clear()  # in all of them the path of the target is to be replaced
        if self._to_compile and os.path.exists(python):
            words = [python, "-m", "compileall", "-q", "-i", "-"]
            listed = "\n".join(self._to_compile).encode("utf-8", "surrogateescape")
            run(words, apart(environ), self.target, listed)

    def _copy(self, source: str, target: str) -> None:
        if os.path.exists(_source_of(source)):
            self._to_compile.append(_source_of(target))
            return
        if os.path.islink(source):
            led = self._old.sub(lambda _: self._new, os.fsencode(os.readlink(source)))
            os.symlink(os.fsdecode(led), target)
            return
        super()._copy(source, target)
        if _has_path(source, self._old) == "text":
            self._rewrite(target)

    def _rewrite(self, path: str) -> None:
        with open(path, "rb") as file:
            content = self._old.sub(lambda _: self._new, file.read())
        first, end, rest = content.partition(b"\n")
        if first.startswith(b"#!") and self._new in first:
            content = _shebang(first) + end + rest
        status = os.stat(path)
        write(path, content, lambda descriptor: os.fchmod(descriptor, status.st_mode & 0o7777))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def is_fixed(path: str, prefix: str) -> bool:
    """Is it no text, and has the prefix in it? Raises OSError."""
    return _has_path(path, _pattern(prefix)) == "binary"


def _pattern(prefix: str) -> re.Pattern[bytes]:
    return re.compile(re.escape(os.fsencode(prefix)) + _BEHIND)


def _has_path(path: str, pattern: re.Pattern[bytes]) -> str:
    """``text`` or ``binary`` where the file has the pattern in it; else ``""``. Raises OSError."""
    if not os.path.isfile(path) or not os.path.getsize(path):
        return ""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if not pattern.search(content):
            return ""
        return "text" if content.find(b"\0") < 0 else "binary"


def bound(package: Package, resident: Resident, prefix: str) -> str:
    """The file for which the distribution cannot be moved out of the prefix, relative to it.

    What an editable install is of may lie within the prefix itself, and stays there. Wheels that
    were built for any Linux know no prefix; what they name of somebody else's is left alone.
    """
    if package.location.endswith(".egg-link") or _is_below(package.location, prefix):
        return os.path.relpath(package.location, prefix)
    if any(tag in read_text(f"{package.location}/WHEEL", _WHEEL) for tag in _FOR_ANY):
        return ""
    paths = (path for path in resident.files if is_fixed(os.path.join(prefix, path), prefix))
    return next(paths, "")


def _is_below(location: str, prefix: str) -> bool:
    try:
        origin = direct_url.read(location)
    except ValueError:
        return False
    editable = origin is not None and origin.dir_info is not None and origin.dir_info.editable
    return bool(origin and editable and local_path(origin).startswith(f"{prefix}/"))


def _source_of(path: str) -> str:
    """``a/__pycache__/b.cpython-311.pyc`` → ``a/b.py``; ``""`` for what is no byte code."""
    above, name = os.path.split(path)
    if os.path.basename(above) != "__pycache__" or not name.endswith(".pyc"):
        return ""
    return os.path.join(os.path.dirname(above), f"{name.partition('.')[0]}.py")


def _shebang(line: bytes) -> bytes:
    """A first line that the kernel reads, also where the path is long or has blanks: as pip does,
    by a shell. The line must not end with a line break.
    """
    words = line[2:].strip()
    program = os.path.basename(words.partition(b" -")[0])
    if not program.startswith(b"python") or (len(line) <= _SHEBANG and b" " not in words):
        return line
    interpreter, blank, options = words.partition(b" -")
    more = blank + options
    return b"#!/bin/sh\n'''exec' \"" + interpreter + b'"' + more + b" \"$0\" \"$@\"\n' '''"
