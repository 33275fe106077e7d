"""uv's configuration files, as far as ``uv pip`` is led elsewhere by them, merged as uv does.

Order and places: ``FilesystemOptions`` in crates/uv-settings of uv 0.13. The project's file counts
more than the user's, that more than the machine's, key by key; lists are joined. A file that is
named stands alone. What stands in ``[pip]`` counts more than the same above it.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import documents, read_bytes, upward

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_PIP = {
    "python": str,
    "target": str,
    "prefix": str,
    "system": bool,
    "break-system-packages": bool,
}
_BOTH = {"reinstall": bool, "reinstall-package": list, "upgrade": bool}
_PROJECT = "pyproject.toml"


def read(
    directory: str, named: str, environ: Mapping[str, str], home: str, cache_dir: str
) -> dict[str, Any]:
    """Values by key. ``directory`` is where uv looks for a project; ``named`` a file, or ``""``."""
    merged: dict[str, Any] = {}
    for path in [named] if named else files(directory, environ, home, cache_dir):
        merged = _over(_file(path, cache_dir).get("uv") or {}, merged)
    pip: dict[str, Any] = merged.pop("pip", {})
    return _over(pip, merged)


def files(directory: str, environ: Mapping[str, str], home: str, cache_dir: str) -> Iterator[str]:
    """The files that count, lowest priority first."""
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
    """Where uv begins to look: at the root of the workspace, where it is in one; what lies below
    that is not read.
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
    from fnmatch import fnmatchcase  # only in workspaces

    parts, patterns = path.split("/"), pattern.strip("/").removeprefix("./").split("/")
    if "**" in patterns:
        return fnmatchcase(path, pattern)
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _file(path: str, cache_dir: str) -> dict[str, Any]:
    """What counts of one file: ``uv``, uv's settings or None, and ``project``, is it one's?

    Empty where there is none, or none that can be read: uv itself says so.
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
    """Only what is asked for here: other keys may hold secrets, or dates."""
    found = _typed(table, {**_BOTH, "managed": bool})
    pip, workspace = table.get("pip"), table.get("workspace")
    if isinstance(pip, dict):
        found["pip"] = _typed(pip, {**_PIP, **_BOTH})
    if isinstance(workspace, dict):
        known = _typed(workspace, {"members": list, "exclude": list})
        found["workspace"] = {"members": [], "exclude": [], **known}
    return found


def _typed(table: Mapping[str, Any], types: Mapping[str, type]) -> dict[str, Any]:
    found = {key: table[key] for key in types if isinstance(table.get(key), types[key])}
    return {
        key: [item for item in value if isinstance(item, str)] if isinstance(value, list) else value
        for key, value in found.items()
    }
