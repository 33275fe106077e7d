"""Parse the command lines of micromamba and mamba. mamba 1 used the parser of conda."""

from __future__ import annotations

from safeinstall.argv import launch, mamba_options
from safeinstall.argv.cli11 import App, Result, read
from safeinstall.argv.readings import first_change, or_beyond
from safeinstall.argv.values import Refused
from safeinstall.model import Command, Spec, Target
from safeinstall.specs import matchspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.argv import Context

ALWAYS = ("create", "env create", "env remove", "env update")
ASKING = ("create", "env create", "install", "update", "remove")
CHANGING = frozenset((*ALWAYS, *ASKING))
# --download-only is asked for where a transaction is carried out (core/transaction.cpp in
# libmamba); the others have removed directories before, or do nothing else
TRANSACTIONS = ("install", "update", "remove")


def parse(words: tuple[str, ...], tool: str, launcher: int, context: Context) -> Command:
    """Parse as the major version that will run does. If it is unknown: as mamba 2, or as mamba 1 if
    only mamba 1 would change packages. The exact release is never known.
    """
    plain = Command(words, tool=tool, launcher=launcher)
    exact = first_change(readings(plain, context))
    return or_beyond(exact, lambda: first_change(readings(plain, context, beyond=True)))


def readings(plain: Command, context: Context, *, beyond: bool = False) -> Iterator[Command]:
    """The line parsed as mamba 2, and as mamba 1, which had the grammar of conda."""
    major = context.versions.get("mamba", "")[:1] if plain.tool == "mamba" else "2"
    if major not in ("0", "1"):
        yield parse_as(plain, context, beyond=beyond)
    if major in ("", "0", "1"):
        from safeinstall.argv import conda

        yield conda.reading(plain, context, beyond=beyond)


def is_value(path: str, left: Sequence[str]) -> bool:
    """After an unknown option of ``run``: is the next word certain to be its value? Elsewhere this
    is not needed, because CLI11 searches on for a subcommand.
    """
    return path == "run" and not launch.find(left)[0]


def rows(path: str) -> tuple[str, ...] | None:
    """The table's rows for a subcommand; None if there is no such subcommand."""
    return mamba_options.ROWS.get(path)


def parse_as(plain: Command, context: Context, *, beyond: bool) -> Command:
    """Parse by CLI11's grammar."""
    arguments = list(plain.words[plain.launcher :])
    first, unknown = verb_of(arguments)
    if first in mamba_options.OTHERS and not unknown:
        return plain.replace(verb=first)
    try:
        result = read(arguments, rows, is_value if beyond else None)
    except Refused:
        return plain.replace(verb=first, understood=False)
    if result.help or (result.on("version") and not result.on("json")):
        return plain.replace(verb=result.path)
    return meaning(plain, result, context)


def verb_of(arguments: list[str]) -> tuple[str, bool]:
    """The first subcommand, and whether unknown options precede it. The words after it are not
    parsed.
    """
    left = list(arguments)
    probe = Result()
    app = App("", lambda path: mamba_options.ROWS[""] if not path else None, probe)
    while left and app.is_option(left[0]):
        try:
            app.take(left)
        except Refused:
            return "", False
    return left[0] if left else "", bool(probe.extras)


def meaning(plain: Command, result: Result, context: Context) -> Command:
    """The :class:`Command` for a line that the tool accepts."""
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
        rc_files=tuple(result.list("rc_files")),
        flags=frozenset(result.flags),
    )
    if verb == "run":
        from safeinstall.argv.inside import containing

        if result.positionals and result.positionals[0][:1] == "-":
            return command.replace(understood=False)  # an unknown option of "run"
        return containing(command, result.positionals, result.value("cwd"), context)
    if command.files:
        from safeinstall.argv import conda_files

        command = conda_files.add(command, context, mamba=True)
    if lacks_target(command, context):
        return command
    return command.replace(mutates=changes(command, result))


def specs(verb: str, result: Result) -> tuple[Spec, ...]:
    """The packages named on the command line."""
    if verb in ASKING:
        return tuple(matchspec.parse(word) for word in result.positionals)
    return ()


def lacks_target(command: Command, context: Context) -> bool:
    """Is it a ``create`` that names no environment? mamba refuses it, whatever is active. A file
    that cannot be read may name one, and so may the variable.
    """
    unread = any(spec.kind == "file" for spec in command.specs)
    named = command.target.named or unread or context.environ.get("MAMBA_TARGET_PREFIX")
    return command.verb in ("create", "env create") and not named


def changes(command: Command, result: Result) -> bool:
    """Would the command change packages?"""
    if command.verb == "clean":
        taken = (result.on("packages") or result.on("all")) and not result.on("dry_run")
        return result.on("force_pkgs_dirs") or taken  # which knows no --dry-run
    if result.on("dry_run") or (result.on("download_only") and command.verb in TRANSACTIONS):
        return False
    said = (result.on("all"), result.value("revision"), result.passed)
    asked = bool(command.specs or command.files) or any(said)
    return command.verb in CHANGING and (command.verb in ALWAYS or asked)
