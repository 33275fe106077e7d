"""The options of ``safeinstall policy`` and of its sub-commands."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Optional

import typer

from safeinstall.cli.options import Json, Name, Prefix
from safeinstall.policy import ACTORS, MACHINE, PROJECT, USER
from safeinstall.policy.tighten import minutes
from safeinstall.settings import Session
from safeinstall.settings import read as read_settings

# typer evaluates annotations at run time, and handles Optional on every supported Python
# ruff: noqa: UP045

KINDS = (MACHINE, USER, PROJECT)
_DAY = 24 * 60  # minutes

app = typer.Typer(
    help="What the policy says, where it says so, and how it judges.", no_args_is_help=True
)

Acting = Annotated[str, typer.Option("--as", help=f"For {' or '.join(ACTORS)}.")]
Layer = Annotated[
    str, typer.Option("--as", help=f"As this layer's file: {', '.join(KINDS)}; else by its place.")
]


def _session() -> Session:
    return Session(read_settings(os.environ), os.environ, os.getcwd())


def _one_of(option: str, word: str, *known: str) -> str:
    if word and word not in known:
        told = f"{word!r} is none; known are {', '.join(known)}"
        raise typer.BadParameter(told, param_hint=option)
    return word


@app.command()
def show(
    *,
    origin: Annotated[
        bool, typer.Option("--origin", help="All values, with their places and what lost.")
    ] = False,
    json: Json = False,
    name: Name = None,
    prefix: Prefix = None,
    acting: Acting = "",
) -> None:
    """Show the values that hold in an environment, by default in the active one."""
    from safeinstall.cli.policy import show as module
    from safeinstall.cli.policy import surroundings
    from safeinstall.probe import chosen

    session = _session()
    if name is None and prefix is None:
        found = surroundings.active(session)
    else:
        found = chosen.prefix(name, prefix, session.settings, session.environ)
    actor = _one_of("--as", acting, *ACTORS)
    raise typer.Exit(module.show(found, session, sys.stdout, actor=actor, origin=origin, json=json))


@app.command()
def explain(
    words: Annotated[list[str], typer.Argument(metavar="-- TOOL [ARGUMENT…]", show_default=False)],
    *,
    json: Json = False,
) -> None:
    """Tell how the verdict on a command comes about. Nothing is run; exits as check does."""
    from safeinstall.cli.policy import explain as module

    raise typer.Exit(module.explain(words, _session(), sys.stdout, json=json))


@app.command()
def check(
    files: Annotated[
        Optional[list[str]],
        typer.Argument(help="Policy files, or a pyproject.toml; else those that count here."),
    ] = None,
    *,
    form: Annotated[str, typer.Option("--format", help="text, json, sarif, github.")] = "text",
    layer: Layer = "",
) -> None:
    """Check policy files: every error, and what has no effect. Exit status 78 for an error."""
    from safeinstall.cli.policy import check as module
    from safeinstall.report.policy.faults import FORMS

    _one_of("--format", form, *FORMS)
    kind = _one_of("--as", layer, *KINDS)
    raise typer.Exit(module.check(files or (), _session(), sys.stdout, form=form, kind=kind))


@app.command("test")
def judge_cases(
    file: Annotated[str, typer.Argument(help="A file with [[cases]]; see docs/policy.md.")],
    *,
    policy: Annotated[
        str, typer.Option("--policy", help="The policy, in place of the one that FILE names.")
    ] = "",
    layer: Layer = "",
) -> None:
    """Judge cases in described environments. Exit status 1 if one is not as expected."""
    from safeinstall.cli.policy import cases as module

    kind = _one_of("--as", layer, *KINDS)
    raise typer.Exit(module.judge_all(file, _session(), sys.stdout, policy_file=policy, kind=kind))


@app.command()
def exceptions(
    *,
    within: Annotated[
        str, typer.Option("--expiring-in", help="Only those that end within 30d, 2w, …")
    ] = "",
    json: Json = False,
) -> None:
    """List the exceptions: days left, owner, and when a record has last used each."""
    from safeinstall.cli.policy import exceptions as module

    length = minutes(within) if within else None
    if within and length is None:
        told = f"{within!r} is no length of time; write it as 30d or 2w"
        raise typer.BadParameter(told, param_hint="--expiring-in")
    days = None if length is None else length / _DAY
    raise typer.Exit(module.listing(_session(), sys.stdout, days=days, json=json))


@app.command()
def init(
    *,
    profile: Annotated[
        str, typer.Option("--profile", help="data-science, gpu-server or ci.")
    ] = "data-science",
    user: Annotated[bool, typer.Option("--user", help="With --write: your own file.")] = False,
    machine: Annotated[
        bool, typer.Option("--machine", help="With --write: for all users.")
    ] = False,
    project: Annotated[
        bool, typer.Option("--project", help="With --write: safeinstall.toml here.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Create the file; never over one that is there.")
    ] = False,
) -> None:
    """Print a commented policy to begin with, or create the file."""
    from safeinstall.cli.policy import init as module
    from safeinstall.policy.profiles import PROFILES

    _one_of("--profile", profile, *PROFILES)
    said = [kind for kind, on in zip(KINDS, (machine, user, project), strict=True) if on]
    if len(said) > 1:
        raise typer.BadParameter("give one of --user, --machine and --project")
    kind = said[0] if said else ""
    raise typer.Exit(module.init(profile, _session(), sys.stdout, kind=kind, write=write))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a policy file, for editors."""
    from safeinstall.cli.policy import schema as module

    raise typer.Exit(module.schema(sys.stdout))


@app.command()
def update() -> None:
    """Fetch the policies that the files here extend by their addresses."""
    from safeinstall.cli.policy import update as module

    raise typer.Exit(module.update(_session(), sys.stdout))
