"""Read the files that conda commands name: environment files, package lists, explicit lists."""

from __future__ import annotations

import os

from safeinstall.files import documents
from safeinstall.model import Spec
from safeinstall.specs import matchspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.argv import Context
    from safeinstall.argv.pip_files import Found
    from safeinstall.model import Command

YAML = (".yml", ".yaml")


def readable(path: str, context: Context) -> bool:
    """Can the file be read?"""
    return contents(path, context) is not None


def contents(path: str, context: Context) -> str | None:
    """A file's text; None if the file is remote or cannot be read."""
    if "://" in path and not path.startswith("file://"):
        return None
    data = context.read(located(path, context))
    return None if data is None else data.decode("utf-8", "surrogateescape")


def located(path: str, context: Context) -> str:
    """The absolute path of a file, from the path or ``file://`` address as typed."""
    return os.path.join(context.cwd, os.path.expanduser(path.removeprefix("file://")))


def add(command: Command, context: Context, *, mamba: bool = False) -> Command:
    """The command with the specs and channels of its files, and with the environment that a file
    names, unless the command line names one. ``mamba``: as mamba 2 and micromamba do it.
    """
    for path in command.files:
        text = contents(path, context)
        if text is None:
            command = command.replace(specs=(*command.specs, Spec(path, "file")))
        elif path.endswith(YAML):
            command = from_yaml(command, path, text, context, mamba=mamba)
        else:
            command = command.replace(specs=(*command.specs, *from_list(path, text)))
    return command


def from_list(path: str, text: str) -> list[Spec]:
    """The specs of a list: one spec in each line, or ``@EXPLICIT`` and then addresses."""
    return [
        matchspec.parse(line.strip(), origin=f"{path}:{number}")
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and line.strip()[0] not in "#@"
    ]


def from_yaml(
    command: Command, path: str, text: str, context: Context, *, mamba: bool = False
) -> Command:
    """The command with ``name``, ``prefix``, ``channels`` and ``dependencies`` (and its ``pip:``
    part) of an environment file.
    """
    document = documents.yaml(text)
    if document is None:
        return command.replace(specs=(*command.specs, Spec(path, "file")))
    lines = listed(document.get("dependencies"))
    specs = [matchspec.parse(line, origin=path) for line in lines if isinstance(line, str)]
    parts = [listed(line.get("pip")) for line in lines if isinstance(line, dict)]
    lines_for_pip = [as_text(line) for part in parts for line in part]
    part = pip_part(list(filter(None, lines_for_pip)), path, context)
    by_pip = [spec.replace(installer="pip", origin=spec.origin or path) for spec in part.specs]
    command = command.replace(
        specs=(*command.specs, *specs, *by_pip),
        channels=(*command.channels, *filter(None, map(as_text, listed(document.get("channels"))))),
        indexes=(*command.indexes, *part.sources.indexes),
        asks_pypi=command.asks_pypi and part.sources.asks_pypi,
        flags=command.flags | part.flags,  # conda has none of these names
    )
    if command.target.named or not (mamba or command.verb.endswith(("create", "env update"))):
        return command
    by_prefix = not mamba and command.verb != "env update"
    return command.replace(target=command.target.replace(**place(document, by_prefix=by_prefix)))


def place(document: dict[str, Any], *, by_prefix: bool) -> dict[str, Any]:
    """The environment that the file names: by ``name``, or ``by_prefix``. mamba reads the name
    whatever is done (``env_name_hook`` in libmamba/src/api/configuration.cpp).
    """
    name, prefix = as_text(document.get("name")), as_text(document.get("prefix"))
    if name:
        return {"name": name}
    return {"prefix": prefix} if prefix and by_prefix else {}


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """A scalar as text; ``""`` for anything else: nested YAML aliases and very long numbers could
    make a text of enormous length.
    """
    if isinstance(value, int) and value.bit_length() > 1000:
        return ""
    return "" if value is None or isinstance(value, list | dict | set | tuple) else str(value)


def pip_part(lines: list[str], path: str, context: Context) -> Found:
    """What is in the ``pip:`` part. conda hands it to pip as a requirements file, which it writes
    beside the environment file.
    """
    from safeinstall.argv.pip_files import Found

    found = Found(context)
    found.text("\n".join(lines), located(path, context), path)
    return found
