"""The typer application, put together of the commands, which are in modules of their kind."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from safeinstall import __version__
from safeinstall.cli import (
    door_commands,
    environment_commands,
    fast,
    history_commands,
    rebuild_commands,
    rule_commands,
    setup_commands,
)
from safeinstall.cli.policy import commands as policy_commands
from safeinstall.errors import UsageError

app = typer.Typer(
    name="safeinstall",
    help="A guard in front of conda install and pip install that knows what both of them own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WRONG_USE = 2  # of typer's


def run_app() -> int:
    """Run a command that need not be fast. Returns the exit status: 64 for wrong use, of which
    typer has told.
    """
    try:
        app(prog_name="safeinstall")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
        return UsageError.exit_code if status == _WRONG_USE else status
    return 0


def _hot_command(name: str, text: str) -> None:
    allowed = {"allow_extra_args": True, "ignore_unknown_options": True}

    @app.command(name, help=text, context_settings=allowed)
    def command(context: typer.Context) -> None:
        raise typer.Exit(fast.COMMANDS[name](context.args, os.environ))


# cli.fast runs these commands without importing this module; here they are only for the help.
for _name, _text in fast.HELP.items():
    _hot_command(_name, _text)


@app.callback(invoke_without_command=True)
def top(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Serve the options that belong to no command."""
    if version:
        typer.echo(f"safeinstall {__version__}")
        raise typer.Exit


for _command in (  # as the help lists them
    setup_commands.setup,
    rule_commands.demo,
    rule_commands.rule,
    rule_commands.lint,
    environment_commands.adopt,
    environment_commands.status,
    environment_commands.doctor,
    environment_commands.export,
    rebuild_commands.rebuild,
    rebuild_commands.undo,
    rebuild_commands.rollback,
    rebuild_commands.backups,
    setup_commands.protect,
    setup_commands.unprotect,
    rebuild_commands.clean,
):
    app.command()(_command)

app.add_typer(door_commands.app, name="door")
app.add_typer(history_commands.app, name="history")
app.add_typer(policy_commands.app, name="policy")
