"""The files that conda commands name: environment files, package lists, explicit lists."""

from __future__ import annotations

import os

from safeinstall.files import documents
from safeinstall.model import Spec
from safeinstall.specs import matchspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.argv import Context
    from safeinstall.model import Command

YAML = (".yml", ".yaml")


def readable(path: str, context: Context) -> bool:
    """Can its contents be known?"""
    return contents(path, context) is not None


def contents(path: str, context: Context) -> str | None:
    """A file's text; None where it is not here or not to be read."""
    if "://" in path and not path.startswith("file://"):
        return None
    data = context.read(located(path, context))
    return None if data is None else data.decode("utf-8", "surrogateescape")


def located(path: str, context: Context) -> str:
    """Where a file is, from the way in which it was typed."""
    return os.path.join(context.cwd, os.path.expanduser(path.removeprefix("file://")))


def add(command: Command, context: Context) -> Command:
    """The command with the specs, channels and, where none was given, the name of its files."""
    for path in command.files:
        text = contents(path, context)
        if text is None:
            command = command.replace(specs=(*command.specs, Spec(path, "file")))
        elif path.endswith(YAML):
            command = from_yaml(command, path, text, context)
        else:
            command = command.replace(specs=(*command.specs, *from_list(path, text)))
    return command


def from_list(path: str, text: str) -> list[Spec]:
    """One spec a line, or ``@EXPLICIT`` and then addresses."""
    return [
        matchspec.parse(line.strip(), origin=f"{path}:{number}")
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and line.strip()[0] not in "#@"
    ]


def from_yaml(command: Command, path: str, text: str, context: Context) -> Command:
    """``name``, ``prefix``, ``channels`` and ``dependencies`` with its ``pip`` part."""
    document = documents.yaml(text)
    if document is None:
        return command.replace(specs=(*command.specs, Spec(path, "file")))
    lines = listed(document.get("dependencies"))
    specs = [matchspec.parse(line, origin=path) for line in lines if isinstance(line, str)]
    parts = [listed(line.get("pip")) for line in lines if isinstance(line, dict)]
    lines_for_pip = [as_text(line) for part in parts for line in part]
    by_pip, indexes = pip_part(list(filter(None, lines_for_pip)), path, context)
    command = command.replace(
        specs=(*command.specs, *specs, *by_pip),
        channels=(*command.channels, *filter(None, map(as_text, listed(document.get("channels"))))),
        indexes=(*command.indexes, *indexes),
    )
    if command.target.named or not command.verb.endswith(("create", "env update")):
        return command
    return command.replace(target=command.target.replace(**place(command, document)))


def place(command: Command, document: dict[str, Any]) -> dict[str, Any]:
    """Where the file says the environment is; ``env update`` looks at the name alone."""
    name, prefix = as_text(document.get("name")), as_text(document.get("prefix"))
    if name:
        return {"name": name}
    return {"prefix": prefix} if prefix and command.verb != "env update" else {}


def listed(value: Any) -> list[Any]:
    """A list, whatever stands there."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """A scalar as text; ``""`` for anything else. What aliases make of lists in lists may be
    endless as text, and so may a number.
    """
    if isinstance(value, int) and value.bit_length() > 1000:
        return ""
    return "" if value is None or isinstance(value, list | dict | set | tuple) else str(value)


def pip_part(lines: list[str], path: str, context: Context) -> tuple[list[Spec], list[str]]:
    """The specs and indexes of ``pip:``, which conda hands to pip as a requirements file that it
    writes beside its own.
    """
    if not lines:
        return [], []
    from safeinstall.argv import pip_files

    found = pip_files.Found(context)
    found.text("\n".join(lines), located(path, context), path)
    specs = [spec.replace(installer="pip", origin=spec.origin or path) for spec in found.specs]
    return specs, found.indexes
