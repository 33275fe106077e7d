"""A way into a world for people: a file to source in bash or zsh."""

from __future__ import annotations

import importlib.resources
import os
import shlex
import sys

import safeinstall
from safeinstall.sandbox.world import World


def guard() -> tuple[str, str]:
    """The interpreter and the file that start safeinstall, however it was installed."""
    package = os.path.dirname(os.path.abspath(safeinstall.__file__))
    return sys.executable, os.path.join(package, "__main__.py")


def write_entrance(world: World) -> str:
    """Write the file and return its path."""
    python, main = guard()
    variables = world.environ() | {
        "SAFEINSTALL_WORLD_HOOK": os.path.join(world.root, "etc", "profile.d", "conda.sh"),
        "SAFEINSTALL_WORLD_MAIN": main,
        "SAFEINSTALL_WORLD_PYTHON": python,
    }
    del variables["CONDA_SHLVL"]
    exports = "".join(f"export {name}={shlex.quote(text)}\n" for name, text in variables.items())
    template = importlib.resources.files(__package__) / "content" / "enter.sh"
    path = os.path.join(world.directory, "enter.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write(exports + template.read_text(encoding="utf-8"))
    return path
