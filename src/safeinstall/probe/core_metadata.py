"""The core metadata of an installed distribution: name, version, extras and requirements.

The only module that reads METADATA, PKG-INFO and ``requires.txt``. Its results are those of
``importlib.metadata``, which is not used because it needs ``email.parser``: importing that costs
15 ms, and a large environment has a thousand such files. Sources: the core metadata specification,
RFC 822 as ``email.feedparser`` reads it, ``importlib.metadata.Distribution``.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_bytes, read_text
from safeinstall.specs.requirement import normalize
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 26  # bytes of a file; a longer file is not read
_LINK = 1 << 14  # bytes of an .egg-link
_NAME = bytes(code for code in range(33, 127) if code != 58)  # header names: ASCII but ":"
_BLANKS = b" \t"
_WANTED = (b"name", b"version", b"requires-dist", b"provides-extra")


class Metadata(Value):
    """The headers of a metadata file. Requirements and extras are as written, but unfolded."""

    name: str = ""  # "" where there is none
    version: str = ""
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    ended: bool = False  # an empty line ends the headers, so none can have been cut off
    whole: bool = False  # there is a name, and no Requires-Dist line outside of the headers


def read(location: str) -> Metadata | None:
    """The metadata of a ``.dist-info``, ``.egg-info`` or ``.egg-link`` at this path.

    ``None`` where they are not known: a file cannot be read, is longer than :data:`LARGEST`, or is
    damaged. A distribution that is read and needs nothing has empty ``requires``.
    """
    place = _linked(location) if location.endswith(".egg-link") else location
    data = _content(place)
    if not data or len(data) > LARGEST:
        return None
    found = parse(data)
    if not found.whole or not (found.ended or _has_its_length(place, len(data))):
        return None
    return found if found.requires else _with_egg_requires(found, place)


def headers(location: str) -> Metadata:
    """The headers as far as they can be read, also of a damaged file, without ``requires.txt``."""
    place = _linked(location) if location.endswith(".egg-link") else location
    return parse(_content(place))


def file_of(location: str) -> str:
    """The path of the file from which :func:`read` takes the headers."""
    place = _linked(location) if location.endswith(".egg-link") else location
    return next(filter(os.path.isfile, _files(place)), place)


def parse(data: bytes) -> Metadata:
    """The headers up to the first empty line, or the first line that is not a header.

    A line that begins with a blank continues the line before, even if it has only blanks.
    """
    lines = _lines(data)
    end = lines.index(b"")
    found: dict[bytes, list[list[bytes]]] = {name: [] for name in _WANTED}
    value: list[bytes] = []  # of the header that a folded line belongs to
    for line in lines[:end]:
        if line[0] in _BLANKS:
            value.append(line)
            continue
        name, colon, first = line.partition(b":")
        value = [first]
        if colon and not name.translate(None, _NAME):
            known = found.get(name.lower())
            if known is not None:
                known.append(value)
        elif not line.startswith(b"From "):  # email.parser skips such a line of the mbox format
            lost = _says_more(data, len(found[b"requires-dist"]))
            return _metadata(found, ended=False, lost=lost)
    damaged = b"\0" in data and b"\0" in b"".join(lines[:end])
    return _metadata(found, ended=end < len(lines) - 1, lost=damaged)


def _lines(data: bytes) -> list[bytes]:
    """The lines without line ends, and an empty line after the last one."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.split(b"\n")
    return [*lines, b""] if lines[-1] else lines


def _says_more(data: bytes, known: int) -> bool:
    """Are there more requirements than the ``known`` ones, or NULs, which a failing disk leaves?"""
    return b"\0" in data or data.lower().count(b"requires-dist") > known


def _metadata(found: dict[bytes, list[list[bytes]]], *, ended: bool, lost: bool) -> Metadata:
    """The values of the headers. ``lost``: there may be headers that could not be read."""
    names, versions, requires, extras = (tuple(map(_text, found[name])) for name in _WANTED)
    name, version = (*names, "")[0], (*versions, "")[0]
    return Metadata(name, version, requires, extras, ended, bool(name) and not lost)


def _text(value: list[bytes]) -> str:
    """A header's value on one line."""
    if len(value) == 1:
        return value[0].strip().decode("utf-8", "surrogateescape")
    return b" ".join(filter(None, map(bytes.strip, value))).decode("utf-8", "surrogateescape")


def _files(place: str) -> tuple[str, str, str]:
    """The files that ``importlib.metadata`` tries. distutils writes ``.egg-info`` as a file."""
    return f"{place}/METADATA", f"{place}/PKG-INFO", place


def _content(place: str) -> bytes:
    return next(filter(None, (read_bytes(path, LARGEST + 1) for path in _files(place))), b"")


def _has_its_length(place: str, length: int) -> bool:
    """Has METADATA the length that RECORD lists? True where RECORD lists none."""
    record = read_bytes(f"{place}/RECORD", LARGEST) or b""
    row = record.partition(b".dist-info/METADATA,")[2].partition(b"\n")[0]
    size = row.strip().rpartition(b",")[2]
    return not size.isdigit() or length >= int(size)


def _with_egg_requires(found: Metadata, place: str) -> Metadata | None:
    """The metadata with the requirements from ``requires.txt``, where setuptools keeps them.

    ``None`` where that file exists and cannot be read.
    """
    path = f"{place}/requires.txt"
    data = read_bytes(path, LARGEST + 1)
    if data is None:
        return None if os.path.exists(path) else found
    if len(data) > LARGEST or b"\0" in data:
        return None
    text = data.decode("utf-8", "surrogateescape")
    return found.replace(requires=tuple(egg_requires(text)))


def egg_requires(text: str) -> Iterator[str]:
    """``requires.txt`` as requirements: plain ones first, then sections for extras and markers."""
    marker = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            marker = _marker(line.strip("[]"))
        elif line and not line.startswith("#"):
            space = " " if "@" in line else ""  # a URL needs a space before ";"
            yield f"{line}{space}; {marker}" if marker else line


def _marker(section: str) -> str:
    """The marker for a section named ``extra``, ``:marker`` or ``extra:marker``."""
    extra, _, marker = section.partition(":")
    if extra and marker:
        return f'({marker}) and extra == "{extra}"'
    return f'extra == "{extra}"' if extra else marker


def _linked(link: str) -> str:
    """The egg-info directory that an ``.egg-link`` of ``setup.py develop`` leads to, else the link.

    The first line of the link is the parent directory of the egg-info.
    """
    directory = read_text(link, _LINK).partition("\n")[0].strip()
    name = normalize(os.path.basename(link).removesuffix(".egg-link"))
    for entry in names_in(directory) if os.path.isabs(directory) else ():
        stem = entry.removesuffix(".egg-info")
        if stem != entry and normalize(stem.partition("-")[0]) == name:
            return os.path.join(directory, entry)
    return link
