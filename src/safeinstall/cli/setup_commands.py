"""The options of ``setup``, ``protect`` and ``unprotect``: the guard and its rails put in place."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from safeinstall.cli import options


def setup(
    shell: Annotated[Optional[str], typer.Argument(help="bash, zsh, …; else $SHELL.")] = None,  # noqa: UP045
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take it out without a trace.")] = False,
    no_doors: Annotated[bool, typer.Option("--no-doors", help="Only the shell.")] = False,
    shims: Annotated[
        bool, typer.Option("--shims", help="Guard uv and mamba in scripts, by PATH.")
    ] = False,
    system: Annotated[
        bool, typer.Option("--system", help="For all users of this machine; as root.")
    ] = False,
    agents: Annotated[
        bool, typer.Option("--agents", help="Only the hooks of the coding agents you have.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, write nothing.")] = False,
    yes: options.Yes = False,
) -> None:
    """Guard your shell, and pip and conda wherever they are started; or take it out again."""
    from safeinstall.cli import setup as module

    wish = module.Wish(
        shell, remove, dry_run, yes, shims, not no_doors, agents, system, words=options.typed()
    )
    raise typer.Exit(module.setup(wish, options.session(), sys.stdout))


def protect(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Freeze it for conda once pip owns something in it.")
    ] = False,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Put rails into an environment that hold without the guard."""
    from safeinstall.cli import protect as module

    found, _, selector = options.chosen(name, prefix)
    wish = module.Wish(
        options.typed(), tuple(selector), freeze=freeze, dry_run=dry_run, as_json=json
    )
    raise typer.Exit(module.protect(found, options.session(), wish, sys.stdout))


def unprotect(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also files that were changed since.")
    ] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Take these rails out of an environment; each file is as it was before."""
    from safeinstall.cli import protect as module

    found, _, selector = options.chosen(name, prefix)
    wish = module.Wish(
        options.typed(), tuple(selector), force=force, dry_run=dry_run, yes=yes, as_json=json
    )
    raise typer.Exit(module.unprotect(found, options.session(), wish, sys.stdout))
