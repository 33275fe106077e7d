"""The options of ``safeinstall history`` and of its sub-commands."""

from __future__ import annotations

import datetime
import os
import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from safeinstall.cli import environments, graph
from safeinstall.cli import history as module
from safeinstall.cli.options import Json, Name, Prefix
from safeinstall.errors import UsageError
from safeinstall.journal import select
from safeinstall.journal.operations import STATUSES
from safeinstall.journal.read import known
from safeinstall.journal.select import OVERRIDDEN, TOOLS, VERDICTS, Filter
from safeinstall.journal.when import EXAMPLES
from safeinstall.policy.rule_table import BY_CODE
from safeinstall.probe import chosen
from safeinstall.settings import read as read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

# typer evaluates annotations at run time, and handles Optional on every supported Python
# ruff: noqa: UP045

app = typer.Typer(help="What was done, by whom, and what it changed.", invoke_without_command=True)

All = Annotated[bool, typer.Option("--all", help="All environments, also those that are gone.")]
NoPager = Annotated[bool, typer.Option("--no-pager", help="Print it all at once.")]


def _words(name: str, text: str, *known: str) -> tuple[str, ...]:
    """The comma-separated values of an option. With ``known``, other values are refused."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    if not known:
        return found
    found = tuple(word.lower() if known[0].islower() else word.upper() for word in found)
    for word in found:
        if word not in known:
            message = f"{word!r} is none; known are {', '.join(known)}"
            raise typer.BadParameter(message, param_hint=f"--{name}")
    return found


def _instant(name: str, text: str, read: Callable[[str, datetime.datetime], str]) -> str:
    try:
        return read(text, datetime.datetime.now(datetime.UTC)) if text else ""
    except UsageError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{name}") from error


def _prefixes(name: str | None, prefix: str | None, *, everywhere: bool) -> list[str] | None:
    if everywhere:
        return None
    settings = read_settings(os.environ)
    found = chosen.prefix(name, prefix, settings, os.environ)
    if os.path.exists(found):
        return [found]
    wanted = known(settings.state_dir)
    gone = [item.prefix for item in wanted if found == item.prefix or name == item.name]
    if not gone:
        raise environments.not_there(found, settings, os.environ, name)
    return gone


@app.callback()
def listing(
    context: typer.Context,
    *,
    name: Name = None,
    prefix: Prefix = None,
    everywhere: All = False,
    limit: Annotated[
        Optional[int],
        typer.Option(
            help=f"How many: 20, in a picture {graph.MOST}; 0 for all.", min=0, max=sys.maxsize
        ),
    ] = None,
    in_lanes: Annotated[bool, typer.Option("--graph", help="On a time line, by owner.")] = False,
    svg: Annotated[str, typer.Option(help="The time line as a picture; - for stdout.")] = "",
    json: Json = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    package: Annotated[str, typer.Option(help="A package, or a pattern like 'torch*'.")] = "",
    tool: Annotated[str, typer.Option(help=", ".join(TOOLS))] = "",
    verdict: Annotated[str, typer.Option(help=", ".join(VERDICTS))] = "",
    status: Annotated[str, typer.Option(help=", ".join((*STATUSES, OVERRIDDEN)))] = "",
    actor: Annotated[str, typer.Option(help="person, agent, ci, or a name of one.")] = "",
    rule: Annotated[str, typer.Option(help="A rule that fired, such as SI201.")] = "",
    since: Annotated[str, typer.Option(help=f"Such as {EXAMPLES}, 'last monday', 3d.")] = "",
    until: Annotated[str, typer.Option(help="As --since; a day or a week is taken in.")] = "",
    overridden: Annotated[
        bool, typer.Option("--overridden", help="What went on past a block, for a reason.")
    ] = False,
    no_pager: NoPager = False,
) -> None:
    """List the operations in an environment, newest first; by default in the active one.

    Filters take several values, separated by commas, and must all be met.
    """
    if context.invoked_subcommand is not None:
        context.obj = (name, prefix, everywhere)
        return
    drawn = in_lanes or bool(svg)
    forms = [form for form, on in (("json", json), ("jsonl", jsonl), ("csv", csv)) if on]
    if len(forms) + drawn > 1:
        raise UsageError("give one of --json, --jsonl, --csv, and --graph or --svg")
    wanted = _words("status", status, *STATUSES, OVERRIDDEN)
    chosen = Filter(
        package=_words("package", package),
        tool=_words("tool", tool, *TOOLS),
        verdict=_words("verdict", verdict, *VERDICTS),
        status=tuple(word for word in wanted if word != OVERRIDDEN),
        actor=_words("actor", actor),
        rule=_words("rule", rule, *BY_CODE),
        since=_instant("since", since, select.since),
        until=_instant("until", until, select.until),
        overridden=overridden or OVERRIDDEN in wanted,
    )
    prefixes = _prefixes(name, prefix, everywhere=everywhere)
    settings, usual = read_settings(os.environ), graph.MOST if drawn else 20
    most = usual if limit is None else limit or None
    if drawn:
        graph.history_graph(
            prefixes,
            settings,
            os.environ,
            sys.stdout,
            limit=most,
            chosen=chosen,
            svg_file=svg,
            terminal=in_lanes,
            pager=not no_pager,
        )
        return
    module.history_list(
        prefixes,
        settings,
        os.environ,
        sys.stdout,
        limit=most,
        form=forms[0] if forms else "table",
        chosen=chosen,
        pager=not no_pager,
    )


def _chosen(
    context: typer.Context, name: str | None, prefix: str | None, *, everywhere: bool
) -> list[str] | None:
    """The prefixes to use; the options may come before the sub-command or behind it."""
    outer_name, outer_prefix, outer_all = context.obj
    return _prefixes(name or outer_name, prefix or outer_prefix, everywhere=everywhere or outer_all)


@app.command()
def show(
    context: typer.Context,
    operation: Annotated[
        str, typer.Argument(help="last, last-1 …, a number, or the beginning or end of an ID.")
    ],
    *,
    name: Name = None,
    prefix: Prefix = None,
    everywhere: All = False,
    json: Json = False,
    no_pager: NoPager = False,
) -> None:
    """Tell the whole story of one operation."""
    module.history_show(
        operation,
        _chosen(context, name, prefix, everywhere=everywhere),
        read_settings(os.environ),
        os.environ,
        sys.stdout,
        as_json=json,
        pager=not no_pager,
    )


@app.command()
def diff(
    context: typer.Context,
    span: Annotated[
        str,
        typer.Argument(help="A..B: what changed after A, up to and with B. baseline.. for all."),
    ],
    *,
    name: Name = None,
    prefix: Prefix = None,
    json: Json = False,
    no_pager: NoPager = False,
) -> None:
    """Compare two states of an environment."""
    module.history_diff(
        span,
        _chosen(context, name, prefix, everywhere=False),
        read_settings(os.environ),
        os.environ,
        sys.stdout,
        as_json=json,
        pager=not no_pager,
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
    settings = read_settings(os.environ)
    raise typer.Exit(module.history_verify(chosen, settings, sys.stdout, as_json=json))
