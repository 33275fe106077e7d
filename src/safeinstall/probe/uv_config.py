"""uv's configuration files, merged as uv merges them; only settings that affect ``uv pip``.

Order and places: ``FilesystemOptions`` in crates/uv-settings of uv 0.13. For each key, the file of
the project overrides the user's file, and the user's file overrides the machine's; lists are
joined. If a file is named explicitly, only that file is read. A key in ``[pip]`` overrides the same
key at the top level.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import documents, read_bytes, upward
from safeinstall.specs.addresses import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

_PIP = {
    "python": str,
    "target": str,
    "prefix": str,
    "system": bool,
    "break-system-packages": bool,
}
_BOTH = {"reinstall": bool, "reinstall-package": list, "upgrade": bool}
_EXEMPT = "exclude-newer-package"  # only whether there is one, as its dates do not keep in a cache
_PROJECT = "pyproject.toml"


def read(
    directory: str, named: str, environ: Mapping[str, str], home: str, cache_dir: str
) -> dict[str, Any]:
    """Values by key. ``directory``: where uv looks for a project; ``named``: the only file to read,
    or ``""``.
    """
    merged: dict[str, Any] = {}
    for path in [named] if named else files(directory, environ, home, cache_dir):
        merged = _over(_file(path, cache_dir).get("uv") or {}, merged)
    pip: dict[str, Any] = merged.pop("pip", {})
    return _over(pip, merged)


def files(directory: str, environ: Mapping[str, str], home: str, cache_dir: str) -> Iterator[str]:
    """The files that uv reads, lowest priority first."""
    machine = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    places = [os.path.join(place, "uv", "uv.toml") for place in machine] + ["/etc/uv/uv.toml"]
    yield from list(filter(os.path.isfile, places))[:1]
    yield os.path.join(environ.get("XDG_CONFIG_HOME") or f"{home}/.config", "uv", "uv.toml")
    for place in upward(_root(directory, cache_dir)):
        for path in (os.path.join(place, "uv.toml"), os.path.join(place, _PROJECT)):
            if _file(path, cache_dir).get("uv") is not None:
                yield path
                return


def _over(high: Mapping[str, Any], low: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**low, **high}
    for key in low.keys() & high.keys():
        if isinstance(high[key], list):
            merged[key] = [*high[key], *low[key]]
        elif isinstance(high[key], dict):
            merged[key] = _over(high[key], low[key])
    return merged


def _root(directory: str, cache_dir: str) -> str:
    """The directory in which uv begins to look for a file: the root of the workspace that contains
    ``directory``, else the nearest project, else ``directory`` itself.
    """
    projects = [place for place in upward(directory) if os.path.isfile(f"{place}/{_PROJECT}")]
    if not projects:
        return directory
    nearest, *above = projects
    found = _file(f"{nearest}/{_PROJECT}", cache_dir)
    uv = found.get("uv") or {}
    if uv.get("managed") is False or not (found.get("project") or "workspace" in uv):
        return directory
    if "workspace" not in uv:
        for place in above:
            space = (_file(f"{place}/{_PROJECT}", cache_dir).get("uv") or {}).get("workspace")
            if space is not None:
                return place if _is_member(os.path.relpath(nearest, place), space) else nearest
    return nearest


def _is_member(path: str, workspace: Mapping[str, list[str]]) -> bool:
    included, excluded = workspace["members"], workspace["exclude"]
    return any(_fits(path, pattern) for pattern in included) and not any(
        _fits(path, pattern) for pattern in excluded
    )


def _fits(path: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # used in workspaces only

    parts, patterns = path.split("/"), pattern.strip("/").removeprefix("./").split("/")
    if "**" in patterns:
        return fnmatchcase(path, pattern)
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _file(path: str, cache_dir: str) -> dict[str, Any]:
    """The relevant content of a file: ``uv``, its uv settings or None, and ``project``, whether it
    has a ``[project]`` table.

    Empty where the file does not exist or cannot be parsed, which uv itself reports.
    """
    if not os.path.isfile(path):
        return {}
    found: dict[str, Any] = cache.parsed(path, _parse, cache_dir)
    return found


def _parse(path: str) -> dict[str, Any]:
    data = documents.toml(read_bytes(path))
    if data is None:
        return {}
    if os.path.basename(path) != _PROJECT:
        return {"uv": _settings(data), "project": False}
    tool = data.get("tool")
    uv = tool.get("uv") if isinstance(tool, dict) else None
    return {"uv": _settings(uv) if isinstance(uv, dict) else None, "project": "project" in data}


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are used here. The others are dropped, because they may hold secrets or
    dates, which must not get into the cache.
    """
    found = _typed(table, {**_BOTH, "managed": bool}) | _indexes(table)
    pip, workspace = table.get("pip"), table.get("workspace")
    if isinstance(pip, dict):
        found["pip"] = _typed(pip, {**_PIP, **_BOTH}) | _indexes(pip)
    if any(_EXEMPT in each for each in (table, pip) if isinstance(each, dict)):
        found[_EXEMPT] = True
    if isinstance(workspace, dict):
        known = _typed(workspace, {"members": list, "exclude": list})
        found["workspace"] = {"members": [], "exclude": [], **known}
    return found


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    """``default-index``, in place of PyPI, and ``indexes``, which uv asks besides; those for named
    packages (``explicit``) are left out.
    """
    listed = table.get("index")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    asked = [row for row in rows if row.get("explicit") is not True]
    mains = [row.get("url") for row in asked if row.get("default") is True]
    more = [row.get("url") for row in asked if row.get("default") is not True]
    also = table.get("extra-index-url")
    found = {
        "default-index": next(_addresses([*mains, table.get("index-url")]), ""),
        "indexes": list(_addresses([*more, *(also if isinstance(also, list) else ())])),
        "no-index": table.get("no-index") is True,
    }
    return {key: value for key, value in found.items() if value}


def _addresses(values: Iterable[Any]) -> Iterator[str]:
    return (without_credentials(value) for value in values if value and isinstance(value, str))


def _typed(table: Mapping[str, Any], types: Mapping[str, type]) -> dict[str, Any]:
    found = {key: table[key] for key in types if isinstance(table.get(key), types[key])}
    return {
        key: [item for item in value if isinstance(item, str)] if isinstance(value, list) else value
        for key, value in found.items()
    }
