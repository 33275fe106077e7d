"""Finds the package name of a local project or archive, so that ``pip install -e .`` can be judged.

Nothing is built or run: the name is read where it is in plain text, else it stays unknown.
"""

from __future__ import annotations

import os

from safeinstall.files import documents, read_bytes, read_text
from safeinstall.probe import core_metadata
from safeinstall.specs.requirement import normalize, sdist, split_extras, without_marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command, Spec


_FILES = ("path", "url")  # kinds of specs that name a file or a directory


def named(command: Command, cwd: str) -> Command:
    """The command, with the package names of paths and URLs filled in where they can be found."""
    if all(spec.name or spec.kind not in _FILES for spec in command.specs):
        return command
    return command.replace(specs=tuple(_with_name(spec, cwd) for spec in command.specs))


def _with_name(spec: Spec, cwd: str) -> Spec:
    if spec.name or spec.kind not in _FILES:
        return spec
    address = split_extras(without_marker(spec.raw))[0].partition("#")[0].partition("?")[0]
    name, version = sdist(address)
    if name or spec.kind == "url":
        return spec.replace(name=name, version=version)
    return spec.replace(name=normalize(name_of(_path(spec.raw, cwd))))


def _path(raw: str, cwd: str) -> str:
    text = split_extras(without_marker(raw))[0]
    if text.lower().startswith("file:"):
        from urllib.parse import unquote, urlsplit

        text = unquote(urlsplit(text).path)
    return os.path.join(cwd, os.path.expanduser(text))


def name_of(path: str) -> str:
    """The package name of a source directory or archive; ``""`` where it cannot be found."""
    if not os.path.isdir(path):
        stem = os.path.basename(path)
        name, dash, version = stem.rpartition("-")
        return name if dash and version[:1].isdigit() and not stem.endswith(".whl") else ""
    for look in (_pyproject, _setup_cfg, _package_info, _setup_py):
        name = look(path)
        if name:
            return name
    return ""


def _pyproject(path: str) -> str:
    table = documents.toml(read_bytes(os.path.join(path, "pyproject.toml")))
    if not table:  # if the file is invalid, the build reports it
        return ""
    tools = table.get("tool")
    poetry = tools.get("poetry") if isinstance(tools, dict) else None
    for section in (table.get("project"), poetry):
        if isinstance(section, dict) and isinstance(section.get("name"), str):
            return str(section["name"])
    return ""


def _setup_cfg(path: str) -> str:
    section = ""
    for line in read_text(os.path.join(path, "setup.cfg")).splitlines():
        key, equals, value = line.partition("=")
        if line[:1] == "[":
            section = line.strip()
        elif section == "[metadata]" and equals and key.strip() == "name":
            return value.strip()
    return ""


def _package_info(path: str) -> str:
    return core_metadata.parse(read_bytes(os.path.join(path, "PKG-INFO")) or b"").name


def _setup_py(path: str) -> str:
    """The string in ``name="thing"`` in the call of ``setup``, else anywhere in the file."""
    text = read_text(os.path.join(path, "setup.py"))
    return _assigned(text.partition("setup(")[2]) or _assigned(text)


def _assigned(text: str) -> str:
    """The first string literal that is assigned to ``name``; ``""`` for none."""
    place = text.find("name")
    while place >= 0:
        before, rest = text[place - 1 : place], text[place + 4 :].lstrip()
        value = rest[1:].lstrip()
        quote, alone = value[:1], not (before.isalnum() or before in ("_", "."))
        if alone and rest[:1] == "=" and quote in ("'", '"') and quote in value[1:]:
            return value[1:].partition(quote)[0]
        place = text.find("name", place + 1)
    return ""
