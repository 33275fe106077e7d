"""The options of ``rule``, ``lint`` and ``demo``, which show what the rules say."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from safeinstall.cli import options
from safeinstall.errors import UsageError


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the world to look around.")] = False,
) -> None:
    """Play the story of a broken environment in a throw-away world."""
    from safeinstall.cli.demo import demo as play

    raise typer.Exit(play(keep=keep))


def rule(
    code: Annotated[
        str, typer.Argument(help="A rule's code, such as SI201; without one, all are listed.")
    ] = "",
    *,
    json: options.Json = False,
) -> None:
    """Print a rule's page: what it sees, why it hurts, what to do instead. Or list all rules."""
    if not code:
        from safeinstall.cli.policy import show

        raise typer.Exit(show.rules(options.session(), sys.stdout, json=json))
    if json:
        raise UsageError("--json is for the list of rules; leave the code out")
    from safeinstall.cli import rule as module

    raise typer.Exit(module.rule(code, sys.stdout))


def lint(
    paths: Annotated[list[str], typer.Argument(help="Files and directories; - for stdin.")],
    *,
    json: options.Json = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="SARIF 2.1.0.")] = False,
    github: Annotated[bool, typer.Option("--github", help="Annotations of Actions.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Show what is safe to fix, as a diff.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: write it.")] = False,
    name: Annotated[str, typer.Option("--stdin-name", help="The file that stdin stands for.")] = "",
) -> None:
    """Judge Dockerfiles, scripts, workflows and environment files by their text."""
    from safeinstall.cli import lint as module

    wished = [form for form, on in (("json", json), ("sarif", sarif), ("github", github)) if on]
    if len(wished) > 1 or (wished and fix) or (yes and not fix):
        raise UsageError("take one of --json, --sarif, --github and --fix; --yes goes with --fix")
    wish = module.Wish((*wished, "text")[0], fix, yes, name)
    raise typer.Exit(module.lint(paths, options.session(), sys.stdout, wish))
