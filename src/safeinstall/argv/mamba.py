"""The command lines of micromamba and mamba. mamba 1 was conda's own parser with another name."""

from __future__ import annotations

from safeinstall.argv import mamba_options, matchspec
from safeinstall.argv.cli11 import Result, read
from safeinstall.argv.values import Refused
from safeinstall.model import Command, Spec, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.argv import Context


ALWAYS = ("create", "env create", "env remove", "env update")
ASKING = ("create", "env create", "install", "update", "remove")
CHANGING = frozenset((*ALWAYS, *ASKING))


def parse(words: tuple[str, ...], tool: str, launcher: int, context: Context) -> Command:
    """Read as the version does that will run; where that is unknown, as mamba 2, or as mamba 1
    if only that sees a change.
    """
    plain = Command(words, tool=tool, launcher=launcher)
    version = context.versions.get("mamba", "") if tool == "mamba" else "2"
    if version[:1] in ("0", "1"):
        return as_conda(plain, context)
    second = parse_as(plain, context)
    inside = second.verb == "run" and (second.understood or second.inner is not None)
    if version or second.mutates or inside:
        return second
    first = as_conda(plain, context)
    return first if first.mutates else second


def as_conda(plain: Command, context: Context) -> Command:
    """conda's grammar, under this tool's name."""
    from safeinstall.argv import conda

    return conda.parse(plain.words, plain.launcher, context).replace(tool=plain.tool)


def rows(path: str) -> tuple[str, ...] | None:
    """One level's rows; None: there is no such subcommand."""
    return mamba_options.ROWS.get(path)


def parse_as(plain: Command, context: Context) -> Command:
    """Read with CLI11's grammar."""
    arguments = list(plain.words[plain.launcher :])
    first = verb_of(arguments)
    if first in mamba_options.OTHERS:
        return plain.replace(verb=first)
    try:
        result = read(arguments, rows)
    except Refused:
        return plain.replace(verb=first, understood=False)
    if result.help or (result.on("version") and not result.on("json")):
        return plain.replace(verb=result.path)
    return meaning(plain, result, context)


def verb_of(arguments: list[str]) -> str:
    """The subcommand, as far as it can be told without reading the rest."""
    left = list(arguments)
    probe = Result()
    from safeinstall.argv.cli11 import App

    app = App("", lambda path: mamba_options.ROWS[""] if not path else None, probe)
    while left and app.is_option(left[0]):
        try:
            app.take(left)
        except Refused:
            return ""
    return left[0] if left else ""


def meaning(plain: Command, result: Result, context: Context) -> Command:
    """Everything about a line that the tool accepts."""
    verb = next((path for path in result.paths if path in CHANGING), result.path)
    command = plain.replace(
        verb=verb,
        target=Target(
            name=result.value("name") or None,
            prefix=result.value("prefix") or None,
            root_prefix=result.value("root_prefix") or None,
        ),
        specs=specs(verb, result),
        files=tuple(result.list("files")),
        channels=tuple(result.list("channels")),
        flags=frozenset(result.flags),
    )
    if verb == "run":
        from safeinstall.argv.conda import containing

        return containing(command, result.positionals, result.value("cwd"), context)
    if command.files:
        from safeinstall.argv import conda_files

        command = conda_files.add(command, context)
    if needs_target(command):
        return command.replace(understood=False)
    return command.replace(mutates=changes(command, result))


def specs(verb: str, result: Result) -> tuple[Spec, ...]:
    """The packages named on the command line."""
    if verb in ASKING:
        return tuple(matchspec.parse(word) for word in result.positionals)
    return ()


def needs_target(command: Command) -> bool:
    """``create`` with neither a place nor a file that could name one is an error."""
    create = command.verb in ("create", "env create")
    return create and not command.target.named and not command.files


def changes(command: Command, result: Result) -> bool:
    """Would packages change?"""
    if result.on("dry_run") or result.on("download_only"):
        return False
    asked = command.specs or command.files or result.on("all") or result.value("revision")
    return command.verb in CHANGING and (command.verb in ALWAYS or bool(asked))
