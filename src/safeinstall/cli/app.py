"""The typer application: every command with its options, each calling one small module."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Optional

import typer

from safeinstall import __version__
from safeinstall.cli import fast, history_commands
from safeinstall.cli.policy import commands as policy_commands
from safeinstall.errors import UsageError
from safeinstall.settings import Session, Settings
from safeinstall.settings import read as read_settings

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


Nearest = Annotated[
    bool, typer.Option("--nearest", help="Take what is nearest to what can no longer be had.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command()
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
    yes: Yes = False,
) -> None:
    """Guard your shell, and pip and conda wherever they are started; or take it out again."""
    from safeinstall.cli import setup as module

    wish = module.Wish(
        shell, remove, dry_run, yes, shims, not no_doors, agents, system, words=_typed()
    )
    raise typer.Exit(module.setup(wish, _session(), sys.stdout))


@app.command()
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the world to look around.")] = False,
) -> None:
    """Play the story of a broken environment in a throw-away world."""
    from safeinstall.cli.demo import demo as play

    raise typer.Exit(play(keep=keep))


@app.command()
def rule(
    code: Annotated[
        str, typer.Argument(help="A rule's code, such as SI201; without one, all are listed.")
    ] = "",
    *,
    json: history_commands.Json = False,
) -> None:
    """Print a rule's page: what it sees, why it hurts, what to do instead. Or list all rules."""
    if not code:
        from safeinstall.cli.policy import show

        raise typer.Exit(show.rules(_session(), sys.stdout, json=json))
    if json:
        raise UsageError("--json is for the list of rules; leave the code out")
    from safeinstall.cli import rule as module

    raise typer.Exit(module.rule(code, sys.stdout))


@app.command()
def lint(
    paths: Annotated[list[str], typer.Argument(help="Files and directories; - for stdin.")],
    *,
    json: history_commands.Json = False,
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
    raise typer.Exit(module.lint(paths, _session(), sys.stdout, wish))


def _chosen(name: str | None, prefix: str | None) -> tuple[str, Settings, list[str]]:
    """The prefix of the environment, the settings, and the options by which it was named."""
    from safeinstall.probe import chosen

    settings = read_settings(os.environ)
    found = chosen.prefix(name, prefix, settings, os.environ)
    return found, settings, ["-n", name] if name else ["-p", prefix] if prefix else []


def _session() -> Session:
    return Session(read_settings(os.environ), os.environ, os.getcwd())


def _in_session(name: str | None, prefix: str | None) -> tuple[str, Session]:
    """The prefix of the environment, and the session of this command."""
    found, settings, _ = _chosen(name, prefix)
    return found, Session(settings, os.environ, os.getcwd())


def _typed() -> tuple[str, ...]:
    """The command, for the journal."""
    return ("safeinstall", *sys.argv[1:])


@app.command()
def adopt(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
) -> None:
    """Keep what is in an environment now, as the beginning of its journal."""
    from safeinstall.cli import adopt as module

    found, session = _in_session(name, prefix)
    raise typer.Exit(module.adopt(found, session, sys.stdout))


@app.command()
def status(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    json: history_commands.Json = False,
) -> None:
    """One environment at a glance: who owns what, what happened last, what is wrong."""
    from safeinstall.cli import status as module

    chosen, settings, selector = _chosen(name, prefix)
    module.status(chosen, settings, os.environ, sys.stdout, selector=selector, as_json=json)


@app.command()
def doctor(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    json: history_commands.Json = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make it anew where that mends it, and look again.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Look at every file of an environment: what is wrong, and what mends it."""
    from safeinstall.cli import doctor as module

    chosen, settings, selector = _chosen(name, prefix)
    raise typer.Exit(
        module.doctor(
            chosen,
            settings,
            os.environ,
            sys.stdout,
            selector=selector,
            as_json=json,
            fix=fix,
            words=_typed(),
            yes=yes,
        )
    )


@app.command()
def export(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
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
    found, session = _in_session(name, prefix)
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


@app.command()
def rebuild(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
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
    dry_run: DryRun = False,
    yes: Yes = False,
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
    words, out = _typed(), sys.stdout
    if to:
        session = Session(read_settings(os.environ), os.environ, os.getcwd())
        source = elsewhere.source_of(origin, name, prefix, session)
        raise typer.Exit(
            elsewhere.rebuild(source, to, session, request, words, out, dry_run=dry_run, yes=yes)
        )
    found, session = _in_session(name, prefix)
    raise typer.Exit(
        module.rebuild(found, session, request, words, out, lock=origin, dry_run=dry_run, yes=yes)
    )


@app.command()
def undo(
    operation: Annotated[
        str, typer.Argument(help="A number or an ID of the history; else the last that changed it.")
    ] = "",
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    nearest: Nearest = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Take an operation back: the environment is made anew without what it has changed."""
    _undo(operation, name, prefix, after=False, nearest=nearest, dry_run=dry_run, yes=yes)


@app.command()
def rollback(
    operation: Annotated[str, typer.Argument(help="A number or an ID of the history.")],
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    nearest: Nearest = False,
    dry_run: DryRun = False,
    yes: Yes = False,
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

    found, session = _in_session(name, prefix)
    raise typer.Exit(
        module.undo(
            found,
            session,
            operation,
            _typed(),
            sys.stdout,
            after=after,
            nearest=nearest,
            dry_run=dry_run,
            yes=yes,
        )
    )


@app.command()
def backups(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    restore: Annotated[str, typer.Option("--restore", help="Put this one back, by its ID.")] = "",
    remove: Annotated[str, typer.Option("--remove", help="Remove this one, by its ID.")] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    json: history_commands.Json = False,
) -> None:
    """List the old environments that rebuilds have kept, put one back, or remove one."""
    from safeinstall.cli import backups as module

    found, session = _in_session(name, prefix)
    if restore:
        raise typer.Exit(
            module.put_back(found, session, restore, _typed(), sys.stdout, dry_run=dry_run, yes=yes)
        )
    if remove:
        raise typer.Exit(module.discard(found, session, remove, yes=yes))
    raise typer.Exit(module.backups(found, sys.stdout, as_json=json))


@app.command()
def protect(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Freeze it for conda once pip owns something in it.")
    ] = False,
    dry_run: DryRun = False,
    json: history_commands.Json = False,
) -> None:
    """Put rails into an environment that hold without the guard."""
    from safeinstall.cli import protect as module

    found, _, selector = _chosen(name, prefix)
    wish = module.Wish(_typed(), tuple(selector), freeze=freeze, dry_run=dry_run, as_json=json)
    raise typer.Exit(module.protect(found, _session(), wish, sys.stdout))


@app.command()
def unprotect(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also files that were changed since.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: history_commands.Json = False,
) -> None:
    """Take these rails out of an environment; each file is as it was before."""
    from safeinstall.cli import protect as module

    found, _, selector = _chosen(name, prefix)
    wish = module.Wish(
        _typed(), tuple(selector), force=force, dry_run=dry_run, yes=yes, as_json=json
    )
    raise typer.Exit(module.unprotect(found, _session(), wish, sys.stdout))


@app.command()
def clean(
    *,
    keep_backups: Annotated[
        bool, typer.Option("--keep-backups", help="Only the caches of conda and pip.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove what no environment needs: backups, and the caches of conda and pip."""
    from safeinstall.cli import clean as module

    session = _session()
    raise typer.Exit(
        module.clean(session, sys.stdout, keep_backups=keep_backups, dry_run=dry_run, yes=yes)
    )


door = typer.Typer(
    help="Let pip and conda of an environment come to the guard, whoever starts them.",
    no_args_is_help=False,
)
All = Annotated[bool, typer.Option("--all", help="Every environment that is known.")]


@door.callback(invoke_without_command=True)
def doors(context: typer.Context) -> None:
    """Without a command: list them."""
    if context.invoked_subcommand is None:
        door_list()


@door.command("list")
def door_list(*, json: history_commands.Json = False) -> None:
    """List the environments that are known, and where a door is open."""
    from safeinstall.cli import door as module

    raise typer.Exit(module.listing(_session(), sys.stdout, as_json=json))


@door.command("open")
def door_open(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    every: All = False,
) -> None:
    """Open the door of an environment, and begin its journal."""
    from safeinstall.cli import door as module

    session = _session()
    chosen = module.fit(session) if every else [module.chosen(_chosen(name, prefix)[0], session)]
    raise typer.Exit(module.opened(chosen, session, sys.stdout))


@door.command("close")
def door_close(
    *,
    name: history_commands.Name = None,
    prefix: history_commands.Prefix = None,
    every: All = False,
) -> None:
    """Take the door of an environment out, without a trace."""
    from safeinstall.cli import door as module

    session = _session()
    chosen = module.every(session) if every else [module.chosen(_chosen(name, prefix)[0], session)]
    raise typer.Exit(module.closed(chosen, sys.stdout))


app.add_typer(door, name="door")
app.add_typer(history_commands.app, name="history")
app.add_typer(policy_commands.app, name="policy")
