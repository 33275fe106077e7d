"""The options of ``rebuild``, the ways back, and ``backups`` and ``clean`` for what they keep."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from safeinstall.cli import options


def rebuild(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    add: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--add", help="What conda is to install besides; may be repeated."),
    ] = None,
    add_pip: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--add-pip", help="What pip is to install besides; may be repeated."),
    ] = None,
    remove: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--remove", help="A package that is not to come; may be repeated."),
    ] = None,
    channel: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--channel", "-c", help="Where conda is to look first; may be repeated."),
    ] = None,
    python: Annotated[str, typer.Option("--python", help="Another Python, such as 3.12.")] = "",
    update: Annotated[
        bool, typer.Option("--update", help="Everything in the newest version that fits.")
    ] = False,
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            help="The directory of a lock (export --format lock); with --to, a name or PATH.",
        ),
    ] = "",
    to: Annotated[
        str,
        typer.Option("--to", help="Make a new one of it; of base, of what was put there by hand."),
    ] = "",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Make an environment anew, sound: conda first, pip last. The old one is kept."""
    from safeinstall.cli import elsewhere
    from safeinstall.cli import rebuild as module
    from safeinstall.rebuild.nouns import Request
    from safeinstall.specs.requirement import normalize

    request = Request(
        conda=(*(add or ()), *([f"python={python}"] if python else [])),
        pip=tuple(add_pip or ()),
        without=frozenset(map(normalize, remove or ())),
        channels=tuple(channel or ()),
        update=update,
    )
    words, out = options.typed(), sys.stdout
    if to:
        session = options.session()
        source = elsewhere.source_of(origin, name, prefix, session)
        raise typer.Exit(
            elsewhere.rebuild(source, to, session, request, words, out, dry_run=dry_run, yes=yes)
        )
    found, session = options.in_session(name, prefix)
    raise typer.Exit(
        module.rebuild(found, session, request, words, out, lock=origin, dry_run=dry_run, yes=yes)
    )


def undo(
    operation: Annotated[
        str, typer.Argument(help="A number or an ID of the history; else the last that changed it.")
    ] = "",
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    nearest: options.Nearest = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Take an operation back: the environment is made anew without what it has changed."""
    _undo(operation, name, prefix, after=False, nearest=nearest, dry_run=dry_run, yes=yes)


def rollback(
    operation: Annotated[str, typer.Argument(help="A number or an ID of the history.")],
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    nearest: options.Nearest = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Go back to the state after an operation."""
    _undo(operation, name, prefix, after=True, nearest=nearest, dry_run=dry_run, yes=yes)


def _undo(
    operation: str,
    name: str | None,
    prefix: str | None,
    *,
    after: bool,
    nearest: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    from safeinstall.cli import undo as module

    found, session = options.in_session(name, prefix)
    raise typer.Exit(
        module.undo(
            found,
            session,
            operation,
            options.typed(),
            sys.stdout,
            after=after,
            nearest=nearest,
            dry_run=dry_run,
            yes=yes,
        )
    )


def backups(
    *,
    name: options.Name = None,
    prefix: options.Prefix = None,
    restore: Annotated[str, typer.Option("--restore", help="Put this one back, by its ID.")] = "",
    remove: Annotated[str, typer.Option("--remove", help="Remove this one, by its ID.")] = "",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """List the old environments that rebuilds have kept, put one back, or remove one."""
    from safeinstall.cli import backups as module

    found, session = options.in_session(name, prefix)
    if restore:
        raise typer.Exit(
            module.put_back(
                found, session, restore, options.typed(), sys.stdout, dry_run=dry_run, yes=yes
            )
        )
    if remove:
        raise typer.Exit(module.discard(found, session, remove, yes=yes))
    raise typer.Exit(module.backups(found, sys.stdout, as_json=json))


def clean(
    *,
    keep_backups: Annotated[
        bool, typer.Option("--keep-backups", help="Only the caches of conda and pip.")
    ] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Remove what no environment needs: backups, and the caches of conda and pip."""
    from safeinstall.cli import clean as module

    session = options.session()
    raise typer.Exit(
        module.clean(session, sys.stdout, keep_backups=keep_backups, dry_run=dry_run, yes=yes)
    )
