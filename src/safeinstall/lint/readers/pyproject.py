"""The tables of pyproject.toml that make conda environments: of pixi and of conda-lock.

https://pixi.sh/latest/reference/pixi_manifest/ and https://conda.github.io/conda-lock/src_pyproject/
"""

from __future__ import annotations

import tomllib

from safeinstall.lint.nouns import Document, Entry
from safeinstall.lint.readers.listed import document
from safeinstall.lint.source import Fault, Span
from safeinstall.model import Command, Spec
from safeinstall.policy.places import Places
from safeinstall.specs import matchspec, requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.source import Source
    from safeinstall.policy.places import Path

_VCS = ("git", "hg", "svn")


def read(source: Source, beside: Read) -> Document:
    """The document; without a stage where there is no such table. Raises :class:`Fault`."""
    try:
        content = tomllib.loads(source.text)
    except RecursionError as error:
        raise Fault("no TOML that can be read: it is nested too deeply") from error
    except ValueError as error:
        said, _, place = str(error).rpartition(" (at line ")
        line = place.partition(",")[0]
        offset = source.offset(int(line)) if line.isdigit() else 0
        raise Fault(f"no valid TOML: {said or place}", offset) from error
    tool = content.get("tool")
    found = list(_found(tool)) if isinstance(tool, dict) else []
    if not isinstance(tool, dict) or not found:
        return Document(source, (), beside)
    places = Places(source.text)
    entries = tuple(_entry(text, part, places, path, source) for text, part, _, path in found)
    specs = tuple(spec for _, _, spec, _ in found if spec is not None)
    channels = tuple(text for text, part, _, _ in found if part == "channels")
    pixi = "pixi" in tool
    command = Command(
        ("conda", "env", "create"),
        tool="conda",
        verb="env create",
        mutates=True,
        specs=specs,
        channels=channels,
        flags=frozenset(("--strict-channel-priority",) if pixi else ()),
    )
    return document(source, command, entries, beside)


def _entry(text: str, part: str, places: Places, path: Path, source: Source) -> Entry:
    start = places.keys.get(path, places.values.get(path, 0))
    end = source.text.find("\n", start)
    line = source.text[start : end if end >= 0 else len(source.text)]
    return Entry(text, Span(start, start + len(line.rstrip())), part)


def _found(tool: dict[str, Any]) -> Iterator[tuple[str, str, Spec | None, Path]]:
    """Each channel and each package: text, part, spec and path of its key."""
    for head in ("project", "workspace"):
        yield from _channels(tool, ("pixi", head, "channels"))
    yield from _channels(tool, ("conda-lock", "channels"))
    for path in (("pixi", "dependencies"), ("conda-lock", "dependencies")):
        for name, wanted in _table(tool, path).items():
            version = wanted if isinstance(wanted, str) else ""
            text = f"{name} {version}".strip()
            spec = matchspec.parse(f"{name}{'' if version == '*' else version}")
            yield text, "conda", spec.replace(origin="pyproject.toml"), ("tool", *path, name)
    path = ("pixi", "pypi-dependencies")
    for name, wanted in _table(tool, path).items():
        text, spec = _of_pip(name, wanted)
        yield text, "pip", spec, ("tool", *path, name)


def _of_pip(name: str, wanted: Any) -> tuple[str, Spec]:
    raw = name
    if isinstance(wanted, str):
        raw = name if wanted == "*" else f"{name}{wanted}"
    elif isinstance(wanted, dict):
        system = next((key for key in _VCS if key in wanted), "")
        revision = wanted.get("rev") or wanted.get("tag") or wanted.get("branch") or ""
        if system:
            at = f"@{revision}" if revision else ""
            raw = f"{name} @ {system}+{wanted[system]}{at}"
    spec = requirement.parse(raw, origin="pyproject.toml")
    return raw, spec.replace(installer="pip")


def _channels(tool: dict[str, Any], path: Path) -> Iterator[tuple[str, str, None, Path]]:
    *above, last = path
    listed = _table(tool, tuple(above)).get(str(last))
    for number, item in enumerate(listed if isinstance(listed, list) else []):
        name = item.get("channel", "") if isinstance(item, dict) else item
        if isinstance(name, str) and name:
            yield name, "channels", None, ("tool", *path, number)


def _table(tool: dict[str, Any], path: Path) -> dict[str, Any]:
    at: Any = tool
    for key in path:
        at = at.get(key) if isinstance(at, dict) else None
    return at if isinstance(at, dict) else {}
