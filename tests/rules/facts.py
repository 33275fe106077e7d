"""Facts for the rules, from a command line and a table of packages."""

from __future__ import annotations

from typing import Any

from safeinstall import argv
from safeinstall.model import Environment, Facts, Inventory, Package

ENVIRONMENT = Environment(
    "/opt/conda/envs/nlp",
    "conda",
    name="nlp",
    by_name=True,
    python="3.11",
    site_packages=("/nowhere",),
)
CONTEXT = argv.Context({}, "/home/ann", lambda _: None, {})


def packages(*rows: str) -> Inventory:
    """Rows like ``conda pytorch 2.0.1 py311_cuda11.8_0``."""
    found = []
    for row in rows:
        owner, name, version, *build = row.split()
        found.append(Package(name, version, owner, build=build[0] if build else ""))
    return Inventory(tuple(found))


def facts_of(line: str, *rows: str, files: dict[str, str] | None = None, **more: Any) -> Facts:
    """The line typed in the environment ``nlp`` that holds these packages."""
    texts = files or {}

    def read(path: str) -> bytes | None:
        text = texts.get(path.removeprefix("/home/ann/"))
        return None if text is None else text.encode()

    command = argv.parse(line.split(), CONTEXT.replace(read=read))
    assert command.mutates, command
    known = {"environment": ENVIRONMENT, "python_prefix": ENVIRONMENT.prefix}
    fields = {**known, "inventory": packages(*rows), **more}
    return Facts(command, "/opt/conda/envs/nlp/bin/pip", **fields)
