"""The options of ``safeinstall door`` and of its sub-commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from safeinstall.cli import options

app = typer.Typer(
    help="Let pip and conda of an environment come to the guard, whoever starts them.",
    no_args_is_help=False,
)
All = Annotated[bool, typer.Option("--all", help="Every environment that is known.")]


@app.callback(invoke_without_command=True)
def doors(context: typer.Context) -> None:
    """Without a command: list them."""
    if context.invoked_subcommand is None:
        door_list()


@app.command("list")
def door_list(*, json: options.Json = False) -> None:
    """List the environments that are known, and where a door is open."""
    from safeinstall.cli import door as module

    raise typer.Exit(module.listing(options.session(), sys.stdout, as_json=json))


@app.command("open")
def door_open(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    every: All = False,
) -> None:
    """Open the door of an environment, and begin its journal."""
    from safeinstall.cli import door as module

    session = options.session()
    chosen = (
        module.fit(session) if every else [module.chosen(options.chosen(name, prefix)[0], session)]
    )
    raise typer.Exit(module.opened(chosen, session, sys.stdout))


@app.command("close")
def door_close(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    every: All = False,
) -> None:
    """Take the door of an environment out, without a trace."""
    from safeinstall.cli import door as module

    session = options.session()
    chosen = (
        module.every(session)
        if every
        else [module.chosen(options.chosen(name, prefix)[0], session)]
    )
    raise typer.Exit(module.closed(chosen, sys.stdout))
