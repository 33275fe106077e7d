"""What pip finds without a network: a directory of wheels, a git repository, a local project."""

from __future__ import annotations

import importlib.resources
import os
import subprocess

from safeinstall.sandbox.packages import TRANSFORMERS_REQUIRES, wheels

_PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
version = "{version}"
dependencies = {requires}
"""


def write_wheels(directory: str) -> None:
    """Fill a directory for ``pip install --no-index --find-links``."""
    os.makedirs(directory, exist_ok=True)
    for distribution in wheels():
        name, data = distribution.wheel()
        with open(os.path.join(directory, name), "wb") as file:
            file.write(data)


def write_project(directory: str, name: str, version: str, requires: tuple[str, ...] = ()) -> None:
    """A project pip can build and install, editable too, with no build requirement at all."""
    os.makedirs(os.path.join(directory, "src", name), exist_ok=True)
    backend = importlib.resources.files(__package__) / "content" / "backend.py.in"
    files = {
        "pyproject.toml": _PROJECT.format(name=name, version=version, requires=list(requires)),
        "backend.py": backend.read_text(encoding="utf-8"),
        f"src/{name}/__init__.py": f'__version__ = "{version}"\n',
    }
    for path, text in files.items():
        with open(os.path.join(directory, path), "w", encoding="utf-8") as file:
            file.write(text)


def write_repository(directory: str) -> None:
    """``transformers`` as a git repository with the branch ``main`` and the tag ``v4.35.2``."""
    for version, tag in (("4.35.2", "v4.35.2"), ("4.36.0.dev0", "")):
        write_project(directory, "transformers", version, TRANSFORMERS_REQUIRES)
        _git(directory, "init", "-q", "-b", "main")
        _git(directory, "add", ".")
        _git(directory, "commit", "-q", "-m", f"transformers {version}")
        if tag:
            _git(directory, "tag", tag)


def _git(directory: str, *arguments: str) -> None:
    moment = "2023-11-14T00:00:00+0000"
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    identity = ["-c", "user.name=Sandbox", "-c", "user.email=sandbox@example.invalid"]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", *identity, "-C", directory, *arguments]
    subprocess.run(command, check=True, capture_output=True, env=inherited | own | dates)
