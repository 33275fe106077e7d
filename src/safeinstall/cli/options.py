"""The options that several commands have, and what these commands get from them."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Optional

import typer

from safeinstall.settings import Session, Settings
from safeinstall.settings import read as read_settings

# typer evaluates annotations at run time, and handles Optional on every supported Python
# ruff: noqa: UP045

Name = Annotated[Optional[str], typer.Option("--name", "-n", help="The environment's name.")]
Prefix = Annotated[Optional[str], typer.Option("--prefix", "-p", help="Its directory.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Nearest = Annotated[
    bool, typer.Option("--nearest", help="Take what is nearest to what can no longer be had.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def chosen(name: str | None, prefix: str | None) -> tuple[str, Settings, list[str]]:
    """The prefix of the environment, the settings, and the options by which it was named."""
    from safeinstall.probe import chosen as places

    settings = read_settings(os.environ)
    found = places.prefix(name, prefix, settings, os.environ)
    return found, settings, ["-n", name] if name else ["-p", prefix] if prefix else []


def session() -> Session:
    """The session of this command."""
    return Session(read_settings(os.environ), os.environ, os.getcwd())


def in_session(name: str | None, prefix: str | None) -> tuple[str, Session]:
    """The prefix of the environment, and the session of this command."""
    found, settings, _ = chosen(name, prefix)
    return found, Session(settings, os.environ, os.getcwd())


def typed() -> tuple[str, ...]:
    """The command, for the journal."""
    return ("safeinstall", *sys.argv[1:])
