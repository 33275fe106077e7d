"""pip's configuration files, merged as pip merges them.

Order and places, from ``iter_config_files`` and ``get_configuration_files`` in
``pip._internal.configuration``: the files of the machine, of the user, of the environment
(``PREFIX/pip.conf``), then the file that ``PIP_CONFIG_FILE`` names. If that file exists, the user's
files are not read; if it is ``/dev/null``, no file is read. A pip that is ``isolated``
(``--isolated``) reads neither the user's files nor any ``PIP_*`` variable with an option.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import documents, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def read(
    prefix: str, environ: Mapping[str, str], home: str, cache_dir: str, *, isolated: bool = False
) -> dict[str, str]:
    """Values by ``section.option``, names in lower case with ``-``, as pip normalizes them."""
    values: dict[str, str] = {}
    for path in files(prefix, environ, home, isolated=isolated):
        values |= of_file(path, cache_dir)
    return values


def of_file(path: str, cache_dir: str) -> dict[str, str]:
    """The values of one file; none where it is not there."""
    return dict(cache.parsed(path, _parse, cache_dir)) if os.path.isfile(path) else {}


def set_by(
    option: str,
    prefix: str,
    environ: Mapping[str, str],
    home: str,
    cache_dir: str,
    *,
    isolated: bool = False,
) -> str:
    """What sets an option (``target``) of ``pip install``: a variable's name, or a file's path.

    ``""`` where nothing does. pip follows the last one; an empty value counts as none.
    """
    variable = "PIP_" + option.upper().replace("-", "_")
    if environ.get(variable) and not isolated:
        return variable
    found = ""
    for path in files(prefix, environ, home, isolated=isolated):
        values = of_file(path, cache_dir)
        if values.get(f"global.{option}") or values.get(f"install.{option}"):
            found = path
    return found


def files(
    prefix: str, environ: Mapping[str, str], home: str, *, isolated: bool = False
) -> Iterator[str]:
    """The paths of the files that pip would look for, lowest priority first."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    yield from _machine(environ)
    if not (isolated or (named and os.path.exists(named))):
        config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        yield os.path.join(home, ".pip", "pip.conf")
        yield os.path.join(config, "pip", "pip.conf")
        yield os.path.join(home, "Library/Application Support/pip/pip.conf")  # macOS
    if prefix:
        yield os.path.join(prefix, "pip.conf")
    if named:
        yield named


def _machine(environ: Mapping[str, str]) -> Iterator[str]:
    yield "/Library/Application Support/pip/pip.conf"  # macOS
    for directory in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield os.path.join(directory, "pip", "pip.conf")
    yield "/etc/pip.conf"


def _parse(path: str) -> dict[str, str]:
    return normalized(documents.ini(read_bytes(path)) or {})  # pip reports errors


def normalized(values: Mapping[str, str]) -> dict[str, str]:
    """The values of an INI file with the names of options as pip compares them."""
    found: dict[str, str] = {}
    for name, value in values.items():
        section, _, option = name.rpartition(".")
        found[f"{section}.{option.replace('_', '-').removeprefix('--')}"] = value
    return found


CONSTRAINT = "install.constraint"
_FOR_ALL = "global.constraint"


def constraints(values: Mapping[str, str]) -> list[str]:
    """The constraints files of ``pip install`` by these values, as they are written."""
    return (values.get(CONSTRAINT) or values.get(_FOR_ALL) or "").split()
