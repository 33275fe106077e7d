"""``conda env create``, ``update`` and ``remove``: environment files, their pip section too."""

from __future__ import annotations

import os
import subprocess
import tempfile
from argparse import Namespace
from typing import Any

from safeinstall.sandbox.conda import CondaError, change
from safeinstall.sandbox.conda.context import Context, is_environment


def create(context: Context, options: Namespace) -> int:
    """``conda env create -f FILE``: asks nothing, refuses a prefix that exists."""
    document = _read(options)
    _choose(options, document)
    prefix = context.target(options)
    if is_environment(prefix):
        raise CondaError("CondaValueError", f"prefix already exists: {prefix}")
    return _apply(context, options, document, change.create)


def update(context: Context, options: Namespace) -> int:
    """``conda env update -f FILE``: an environment that is not there is created."""
    document = _read(options)
    if not options.name and not options.prefix and document.get("name"):
        options.name = document["name"]
    if not is_environment(context.target(options)):
        return _apply(context, options, document, change.create)
    change.refuse_frozen(context, options, context.target(options))
    options.command = "install"
    return _apply(context, options, document, change.install)


def remove(context: Context, options: Namespace) -> int:
    """``conda env remove``."""
    prefix = context.existing_target(options)
    change.refuse_frozen(context, options, prefix)
    return change.remove_environment(context, options, prefix)


def _read(options: Namespace) -> dict[str, Any]:
    import yaml

    try:
        with open(options.file, encoding="utf-8") as file:
            document = yaml.safe_load(file)
    except OSError:
        message = f"'{os.path.abspath(options.file)}' file not found"
        raise CondaError("EnvironmentFileNotFound", message) from None
    return document if isinstance(document, dict) else {}


def _choose(options: Namespace, document: dict[str, Any]) -> None:
    if options.name or options.prefix:
        return
    options.prefix, options.name = document.get("prefix"), document.get("name")
    if options.name:
        options.prefix = None
    if not options.name and not options.prefix:
        raise CondaError("SpecNotFound", "Name required: -n NAME, or a name: in the file")


def _apply(context: Context, options: Namespace, document: dict[str, Any], action: Any) -> int:
    dependencies = document.get("dependencies") or []
    options.yes, options.file, options.all = True, [], False
    options.channel = [*(options.channel or []), *(document.get("channels") or [])]
    if "nodefaults" in options.channel:
        options.channel.remove("nodefaults")
    options.packages = [item for item in dependencies if isinstance(item, str)]
    status: int = action(context, options) if options.packages else 0
    for item in dependencies:
        if isinstance(item, dict) and item.get("pip") and not status:
            status = _pip(context.target(options), item["pip"])
    return status


def _pip(prefix: str, lines: list[str]) -> int:
    """conda starts the environment's own pip; no shell function sees it."""
    with tempfile.NamedTemporaryFile("w", suffix=".requirements.txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        command = ["-m", "pip", "install", "-U", "-r", file.name, "--exists-action=b"]
        done = subprocess.run([f"{prefix}/bin/python", *command], check=False)
    if done.returncode:
        raise CondaError("CondaEnvException", "Pip failed")
    return 0
