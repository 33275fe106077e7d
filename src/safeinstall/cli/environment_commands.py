"""The options of ``adopt``, ``status``, ``doctor`` and ``export``: one environment, as it is."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from safeinstall.cli import options


def adopt(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
) -> None:
    """Keep what is in an environment now, as the beginning of its journal."""
    from safeinstall.cli import adopt as module

    found, session = options.in_session(name, prefix)
    raise typer.Exit(module.adopt(found, session, sys.stdout))


def status(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    json: options.Json = False,
) -> None:
    """One environment at a glance: who owns what, what happened last, what is wrong."""
    from safeinstall.cli import status as module

    chosen, settings, selector = options.chosen(name, prefix)
    module.status(chosen, settings, os.environ, sys.stdout, selector=selector, as_json=json)


def doctor(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    json: options.Json = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make it anew where that mends it, and look again.")
    ] = False,
    yes: options.Yes = False,
) -> None:
    """Look at every file of an environment: what is wrong, and what mends it."""
    from safeinstall.cli import doctor as module

    chosen, settings, selector = options.chosen(name, prefix)
    raise typer.Exit(
        module.doctor(
            chosen,
            settings,
            os.environ,
            sys.stdout,
            selector=selector,
            as_json=json,
            fix=fix,
            words=options.typed(),
            yes=yes,
        )
    )


def export(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    form: Annotated[
        str,
        typer.Option(
            "--format", help="environment.yml, requirements for pip, lock, or dockerfile."
        ),
    ] = "environment.yml",
    output: Annotated[
        str, typer.Option("--output", "-o", help="The file; - for stdout. Of a lock, a directory.")
    ] = "-",
    from_requests: Annotated[
        bool, typer.Option("--from-requests", help="What was asked for, for other platforms.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 if it cannot be had elsewhere.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", help="As it was after this operation of its history.")
    ] = "",
) -> None:
    """Write the file that makes an environment anew: conda first, pip last."""
    from safeinstall.cli import export as module
    from safeinstall.state.export import EVERY

    if form not in EVERY:
        known = ", ".join(EVERY)
        raise typer.BadParameter(f"{form!r} is none; known are {known}", param_hint="--format")
    found, session = options.in_session(name, prefix)
    raise typer.Exit(
        module.export(
            found,
            session,
            sys.stdout,
            form=form,
            file=output,
            requests=from_requests,
            strict=strict,
            at=at,
        )
    )
