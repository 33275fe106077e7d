"""Parse pip's command line: general options, the subcommand and its options; with the defaults from
``PIP_*`` variables and pip.conf.
"""

from __future__ import annotations

from safeinstall.argv import pip_defaults, pip_options
from safeinstall.argv.optparsing import Reading, Table, read
from safeinstall.argv.pip_checks import checks_of
from safeinstall.argv.pip_sources import Sources
from safeinstall.argv.readings import behind, never, or_beyond
from safeinstall.model import Command, Spec, Target
from safeinstall.specs import requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.argv import Context
    from safeinstall.argv.optparsing import Check

MUTATING = frozenset(("install", "uninstall"))
_LONGEST = 20  # digits of a number
NEWEST = len(pip_options.VERSIONS) - 1


def parse(words: tuple[str, ...], launcher: int, context: Context) -> Command:
    """Parse by the grammar of the pip release that will run.

    If that release is unknown or not in the option table, and the line would be refused, the line
    is parsed once more, tolerating unknown options.
    """
    plain = Command(words, tool="pip", launcher=launcher)
    known = context.versions.get("pip", "")
    exact = parse_as(plain, release(known), context) if known else parse_any(plain, context)
    return or_beyond(exact, lambda: parse_beyond(plain, known, context))


def parse_beyond(plain: Command, version: str, context: Context) -> Command:
    """Parse as a pip release newer or older than those in the table might: with unknown options."""
    oldest, newest = numbers(pip_options.VERSIONS[0]), numbers(pip_options.VERSIONS[NEWEST])
    if oldest <= numbers(version) <= newest or not MUTATING.intersection(plain.words):
        return plain
    return parse_as(plain, release(version) if version else NEWEST, context, beyond=True)


def parse_any(plain: Command, context: Context) -> Command:
    """Parse for an unknown pip release: by the newest grammar, and by older ones if only these see
    a change, so that no change goes unseen.
    """
    newest = parse_as(plain, NEWEST, context)
    if newest.mutates or not MUTATING.intersection(plain.words):
        return newest
    # An older pip refuses an unknown option, but ignores an unknown PIP_* variable such as
    # PIP_DRY_RUN
    if newest.understood and not dry_by_configuration(context):
        return newest
    for index in range(NEWEST - 1, -1, -1):
        other = parse_as(plain, index, context)
        if other.mutates:
            return other
    return newest


def dry_by_configuration(context: Context) -> bool:
    """Is ``--dry-run`` set by a variable or a configuration file?"""
    names = (*context.environ, *context.pip_config)
    return any(name.lower().replace("_", "-").endswith("dry-run") for name in names)


def release(version: str) -> int:
    """The index of the last release in the table that is not newer than ``version``."""
    wanted = numbers(version)
    found = 0
    for index, known in enumerate(pip_options.VERSIONS):
        if numbers(known)[:2] <= wanted[:2]:
            found = index
    return found


def numbers(version: str) -> list[int]:
    """``25.0.1`` → ``[25, 0, 1]``; a pre-release counts as its release."""
    parts = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > _LONGEST:
            break
        parts.append(int(digits[:9]))  # no release number is longer
    return parts


def rows(command: str, index: int) -> Iterator[str]:
    """The table's rows for a command in one release."""
    for number in pip_options.PARSERS[command].split():
        row = pip_options.ROWS[int(number)]
        _, first, last = row.rsplit(" ", 2)
        if int(first) <= index <= int(last):
            yield row


def exists(command: str, index: int) -> bool:
    """Does the release have this command?"""
    first, last = pip_options.SPANS.get(command, "1 0").split()
    return bool(command) and int(first) <= index <= int(last)


def parse_as(plain: Command, index: int, context: Context, *, beyond: bool = False) -> Command:
    """Parse by the grammar of one release; ``beyond`` tolerates options of other releases."""
    arguments = list(plain.words[plain.launcher :])
    if "PIP_AUTO_COMPLETE" in context.environ:  # pip prints completions and leaves
        return plain
    checks = checks_of(index)
    main = Reading(behind(*MUTATING) if beyond else None)
    general = Table(rows("", index))
    pip_defaults.apply(main, general, "global", context, checks, isolated=False)
    read(arguments, general, checks, interspersed=False, reading=main)
    if main.error:
        return plain.replace(understood=False)
    if main.help or not main.rest or main.on("version"):
        return plain
    command = main.rest[0]
    if not exists(command, index):
        return plain.replace(understood=False)
    for word in (*main.passed, command):
        arguments.remove(word)  # as pip does: the first word that is equal, wherever it is
    found = plain.replace(verb=command, verb_at=len(plain.words) - len(main.rest) + 1)
    return subcommand(found, arguments, index, main, checks, context)


def subcommand(
    plain: Command,
    arguments: list[str],
    index: int,
    main: Reading,
    checks: Mapping[str, Check],
    context: Context,
) -> Command:
    """Parse the words of a subcommand; the command with its meaning."""
    python = None if "_PIP_RUNNING_IN_SUBPROCESS" in context.environ else main.value("python")
    reading = Reading(never if main.is_value else None)
    table = Table(rows(plain.verb, index))
    isolated = is_isolated(plain)
    pip_defaults.apply(reading, table, plain.verb, context, checks, isolated=isolated)
    if not reading.error:
        read(arguments, table, checks, reading=reading)
    if reading.help:
        return plain
    if reading.error or misplaced_python(reading, python, context):
        return plain.replace(understood=False)
    if plain.verb not in MUTATING:
        return plain
    return meaning(plain, reading, python or None, context)


def is_isolated(command: Command) -> bool:
    """Does pip do without the user's configuration? It looks for the word, wherever it stands."""
    return "--isolated" in command.words[command.launcher :]


def misplaced_python(reading: Reading, python: str | None, context: Context) -> bool:
    """Is ``--python`` given after the subcommand? pip refuses that, except in the pip process that
    ``--python`` starts.
    """
    inside = python or "_PIP_RUNNING_IN_SUBPROCESS" in context.environ
    return bool(reading.value("python")) and not inside


def meaning(plain: Command, reading: Reading, python: str | None, context: Context) -> Command:
    """The :class:`Command` for an ``install`` or ``uninstall`` that pip accepts."""
    asked = reading.rest or any(map(reading.list, ASKING)) or reading.passed
    files = (*reading.list("requirements"), *reading.list("constraints"))
    specs, sources, more = wanted(reading, context)
    return plain.replace(
        mutates=bool(asked) and not reading.on("dry_run"),
        target=Target(
            python=python,
            user=reading.on("use_user_site"),
            directory=reading.value("target_dir") or None,
            scheme_prefix=reading.value("prefix_path") or None,
            root=reading.value("root_path") or None,
        ),
        specs=specs,
        files=files,
        indexes=tuple(sources.indexes),
        asks_pypi=sources.asks_pypi,
        flags=flags(reading) | more,
        log=reading.value("log") or "",
        cutoff=reading.value("uploaded_prior_to") or "",
    )


ASKING = ("requirements", "editables", "dependency_groups", "requirements_from_scripts")


def wanted(reading: Reading, context: Context) -> tuple[tuple[Spec, ...], Sources, set[str]]:
    """The specs and the indexes, from the command line and from files, and the files' options."""
    specs = [requirement.parse(word) for word in reading.rest]
    specs += [requirement.parse(word, editable=True) for word in reading.list("editables")]
    sources = Sources()
    sources.take(reading)
    if not any(map(reading.list, ("constraints", "requirements", *ASKING[2:]))):
        return tuple(specs), sources, set()
    from safeinstall.argv import pip_files

    found = pip_files.found_in(reading, context, sources)
    return (*specs, *found.specs), sources, found.flags


def flags(reading: Reading) -> frozenset[str]:
    """The canonical names of the options in effect, from words, variables and configuration."""
    names = []
    for dest, option in reading.given.items():
        off = option.action == "store_false"
        switch = off or option.action == "store_true"
        if not switch or reading.on(dest) != off:
            names.append(option.name)
    return frozenset(names)
