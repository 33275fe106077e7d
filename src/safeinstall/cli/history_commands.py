"""The options of ``safeinstall history`` and of its sub-commands."""

from __future__ import annotations

import datetime
import os
import sys
from typing import Annotated, Optional

import typer

from safeinstall import settings
from safeinstall.cli import environment
from safeinstall.cli import history as module
from safeinstall.errors import UsageError
from safeinstall.journal.read import known
from safeinstall.journal.select import Filter, instant

# typer reads annotations at run time, and knows Optional on every Python we support
# ruff: noqa: UP045

app = typer.Typer(help="What was done, by whom, and what it changed.", invoke_without_command=True)

Name = Annotated[Optional[str], typer.Option("--name", "-n", help="The environment's name.")]
Prefix = Annotated[Optional[str], typer.Option("--prefix", "-p", help="Its directory.")]
All = Annotated[bool, typer.Option("--all", help="All environments, also those that are gone.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _prefixes(name: str | None, prefix: str | None, *, everywhere: bool) -> list[str] | None:
    if everywhere:
        return None
    configuration = settings.read(os.environ)
    found = environment.prefix(name, prefix, configuration, os.environ)
    if name is not None and not os.path.exists(found):
        gone = [item.prefix for item in known(configuration.state_dir) if item.name == name]
        return gone or [found]
    return [found]


@app.callback()
def listing(
    context: typer.Context,
    *,
    name: Name = None,
    prefix: Prefix = None,
    everywhere: All = False,
    limit: Annotated[int, typer.Option(help="How many; 0 for all.", min=0)] = 20,
    json: Json = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    package: Annotated[str, typer.Option(help="A package, or a pattern like 'torch*'.")] = "",
    tool: Annotated[str, typer.Option(help="pip, conda, …")] = "",
    verdict: Annotated[str, typer.Option(help="allow, warn or block.")] = "",
    status: Annotated[str, typer.Option(help="done, failed, blocked, interrupted, …")] = "",
    actor: Annotated[str, typer.Option(help="A user, an agent or a CI.")] = "",
    since: Annotated[str, typer.Option(help="2026-11-01, or an age such as 2h, 3d.")] = "",
    until: Annotated[str, typer.Option(help="As --since.")] = "",
) -> None:
    """List the operations in an environment; by default in the active one."""
    if context.invoked_subcommand is not None:
        context.obj = (name, prefix, everywhere)
        return
    forms = [form for form, on in (("json", json), ("jsonl", jsonl), ("csv", csv)) if on]
    if len(forms) > 1:
        raise UsageError("give one of --json, --jsonl and --csv")
    now = datetime.datetime.now(datetime.UTC)
    chosen = Filter(
        package=package,
        tool=tool,
        verdict=verdict,
        status=status,
        actor=actor,
        since=instant(since, now) if since else "",
        until=instant(until, now) if until else "",
    )
    module.history_list(
        _prefixes(name, prefix, everywhere=everywhere),
        settings.read(os.environ),
        os.environ,
        sys.stdout,
        limit=limit or None,
        form=forms[0] if forms else "table",
        chosen=chosen,
    )


def _chosen(
    context: typer.Context, name: str | None, prefix: str | None, *, everywhere: bool
) -> list[str] | None:
    """The options may stand before the sub-command or behind it."""
    outer_name, outer_prefix, outer_all = context.obj
    return _prefixes(name or outer_name, prefix or outer_prefix, everywhere=everywhere or outer_all)


@app.command()
def show(
    context: typer.Context,
    operation: Annotated[str, typer.Argument(help="last, last-1 …, or the beginning of an ID.")],
    *,
    name: Name = None,
    prefix: Prefix = None,
    everywhere: All = False,
    json: Json = False,
) -> None:
    """Tell the whole story of one operation."""
    module.history_show(
        operation,
        _chosen(context, name, prefix, everywhere=everywhere),
        settings.read(os.environ),
        os.environ,
        sys.stdout,
        as_json=json,
    )


@app.command()
def diff(
    context: typer.Context,
    span: Annotated[str, typer.Argument(help="A..B: what changed after A, up to and with B.")],
    *,
    name: Name = None,
    prefix: Prefix = None,
    json: Json = False,
) -> None:
    """Compare two states of an environment."""
    module.history_diff(
        span,
        _chosen(context, name, prefix, everywhere=False),
        settings.read(os.environ),
        os.environ,
        sys.stdout,
        as_json=json,
    )


@app.command()
def verify(
    context: typer.Context,
    *,
    name: Name = None,
    prefix: Prefix = None,
    everywhere: All = False,
    json: Json = False,
) -> None:
    """Check that every record is as it was written. Exit status 1 where one is not."""
    chosen = _chosen(context, name, prefix, everywhere=everywhere)
    configuration = settings.read(os.environ)
    raise typer.Exit(module.history_verify(chosen, configuration, sys.stdout, as_json=json))
