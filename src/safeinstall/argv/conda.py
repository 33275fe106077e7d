"""Parse conda's command line: subcommand, environment, packages; would packages change?"""

from __future__ import annotations

from safeinstall.argv import conda_options, conda_plugins, launch
from safeinstall.argv.argparsing import Parser, read
from safeinstall.argv.argparts import Result
from safeinstall.argv.readings import first_change, or_beyond
from safeinstall.argv.values import Explained, Refused
from safeinstall.model import Command, Spec, Target
from safeinstall.specs import matchspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safeinstall.argv import Context
    from safeinstall.argv.values import IsValue

SYNONYMS = {"check": "doctor"}
GROUPS = ("", "env", "pypi", "self")


def parse(words: tuple[str, ...], launcher: int, context: Context) -> Command:
    """Parse as the conda release of the option table does.

    If that release would refuse the line, and another or an unknown release will run, the line is
    parsed once more, tolerating unknown options.
    """
    plain = Command(words, tool="conda", launcher=launcher)
    exact = reading(plain, context)
    if context.versions.get("conda") == conda_options.VERSION:
        return exact
    return or_beyond(exact, lambda: reading(plain, context, beyond=True))


def reading(plain: Command, context: Context, *, beyond: bool = False) -> Command:
    """Parse by the option table; ``beyond`` tolerates options of other conda releases."""
    return first_change(
        parse_as(plain, context, lenient=lenient, beyond=beyond) for lenient in dialects(context)
    )


def dialects(context: Context) -> tuple[bool, ...]:
    """The values of ``lenient`` to try, by the Python that runs conda. Both, if its version is
    unknown or one of those during which argparse changed.
    """
    python = version(context.versions.get("conda-python", ""))
    if python >= CHANGED:
        return (True,)
    return (False,) if python and python < CHANGING else (True, False)


def is_value(path: str, left: Sequence[str]) -> bool:
    """After an unknown option: is the next word certain to be its value?"""
    if path == "run":
        return not launch.find(left)[0]
    begun = canonical(f"{path} {left[0]}".strip())
    return path in GROUPS and begun not in (*VERBS, *GROUPS, "run")


def canonical(path: str) -> str:
    """The subcommand that an alias or a synonym means (``upgrade`` → ``update``)."""
    found = rows(path) or [""]
    path = found[0][1:] if found[0][:1] == "=" else path
    return SYNONYMS.get(path, path)


CHANGING = (3, 12)
CHANGED = (3, 13, 1)


def version(text: str) -> tuple[int, ...]:
    """``3.11.7`` as numbers; ``3.11`` without a patch number means the last patch release."""
    digits = (part for part in text.split(".") if part.isascii() and part.isdigit())
    parts = tuple(int(part[:9]) for part in digits)
    return (*parts, 99) if len(parts) == 2 else parts


def parse_as(plain: Command, context: Context, *, lenient: bool, beyond: bool) -> Command:
    """Parse by the rules of one argparse, new (``lenient``) or old."""
    value = is_value if beyond else None
    arguments = list(plain.words[plain.launcher :])
    if not arguments or arguments[0] in ("-V", "--version"):
        return plain
    if arguments[0].strip().startswith("shell."):
        return plain.replace(verb="shell")
    try:
        pre_parse(arguments, value, lenient=lenient)
        result = read(arguments, rows, lenient=lenient, is_value=value)
    except Explained:
        return plain.replace(verb=verb_of(arguments))
    except Refused:
        return plain.replace(verb=verb_of(arguments), understood=False)
    return meaning(plain, result, context)


def rows(path: str) -> list[str] | None:
    """The table's rows for a subcommand; None if there is no such subcommand."""
    numbers = conda_options.PARSERS.get(path)
    if numbers is None:
        return conda_plugins.rows(path)
    return [conda_options.ROWS[int(number)] for number in numbers.split()]


def pre_parse(arguments: list[str], value: IsValue | None, *, lenient: bool) -> None:
    """Parse ``--json``, ``-v`` and the like as conda does first, in all words up to ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    Parser("pre", rows, Result(value), lenient=lenient).parse(arguments[:end])


def verb_of(arguments: list[str]) -> str:
    """The subcommand at the start of a line that was not parsed completely."""
    path = ""
    for word in arguments:
        following = f"{path} {word}".strip()
        if word[:1] == "-":
            continue
        if rows(following) is None:
            break
        path = canonical(following)
    return path


def meaning(plain: Command, result: Result, context: Context) -> Command:
    """The :class:`Command` for a line that conda accepts."""
    verb = SYNONYMS.get(result.path, result.path)
    command = plain.replace(
        verb=verb,
        target=Target(name=result.value("name") or None, prefix=result.value("prefix") or None),
        files=tuple(result.list("file")),
        channels=tuple(result.list("channel")),
        flags=frozenset(result.flags),
    )
    if verb == "run":
        return run(command, result, context)
    judge = VERBS.get(verb)
    if judge is None:
        return command.replace(understood=verb in conda_options.PARSERS)
    return judge(command, result, context)


def run(command: Command, result: Result, context: Context) -> Command:
    """``conda run …``: the command in it decides whether packages change."""
    words = result.list("executable_call")
    if words[:1] == ["--"]:
        words = words[1:]
    from safeinstall.argv.inside import containing

    return containing(command, words, result.value("cwd"), context)


# ---- for each verb: which arguments it requires, and whether packages change -------------------


def refused(command: Command, result: Result) -> Command:
    """The command if a required argument is missing. It may still change packages if an unknown
    option was given, which may stand for that argument.
    """
    mutates = bool(result.passed) and not harmless(result)
    return command.replace(understood=False, mutates=mutates)


def harmless(result: Result) -> bool:
    """Does ``--dry-run`` prevent a change?"""
    return result.on("dry_run")


def only_fetches(command: Command, result: Result) -> bool:
    """Does ``--download-only`` prevent a change? conda asks for it only where it has solved:
    package files and ``@EXPLICIT`` lists are linked all the same, and ``create`` has removed what
    was there before (``handle_txn`` in ``conda.cli.install``, ``conda.cli.main_create``).
    """
    return result.on("download_only") and all(spec.kind == "name" for spec in command.specs)


def packages(result: Result, dest: str = "packages") -> tuple[Spec, ...]:
    """The packages named on the command line, also those after an unknown option."""
    more = (word for word in result.extras if word[:1] != "-")
    return tuple(matchspec.parse(word) for word in (*result.list(dest), *more))


def with_files(command: Command, context: Context) -> Command:
    """The command with the specs and channels of its files."""
    if not command.files:
        return command
    from safeinstall.argv import conda_files

    return conda_files.add(command, context)


def install(command: Command, result: Result, context: Context) -> Command:
    """``install``: requires packages or files, or else a revision."""
    revision = result.value("revision")
    asked = bool(result.list("packages") or command.files)
    if bool(revision) == asked or (revision and not integer(revision)):
        return refused(command.replace(specs=packages(result)), result)
    return solved(command, result, context)


def solved(command: Command, result: Result, context: Context) -> Command:
    """``install`` and ``update``: of packages, also of those in files."""
    command = with_files(command.replace(specs=packages(result)), context)
    return command.replace(mutates=not (harmless(result) or only_fetches(command, result)))


def integer(text: str) -> bool:
    """Is the text an integer, as the number of a revision must be?"""
    try:
        int(text)
    except ValueError:
        return False
    return True


def update(command: Command, result: Result, context: Context) -> Command:
    """``update``: requires packages, files, or ``--all``."""
    everything = result.value("update_modifier") or context.environ.get("CONDA_UPDATE_MODIFIER")
    if not (result.list("packages") or command.files or everything in EVERYTHING):
        return refused(command, result)
    return solved(command, result, context)


EVERYTHING = ("--update-all", "update_all")


def remove(command: Command, result: Result, _: Context) -> Command:
    """``remove``: requires packages, or ``--all`` for the whole environment."""
    if not (result.on("all") or result.list("package_names")):
        return refused(command, result)
    return command.replace(specs=packages(result, "package_names"), mutates=not harmless(result))


def create(command: Command, result: Result, context: Context) -> Command:
    """``create`` and ``env create``: an option or the file names the new environment."""
    if result.value("clone") and (result.list("file") or result.list("packages")):
        return refused(command, result)
    if command.verb == "env create" and "file" not in result.values:
        command = command.replace(files=("environment.yml",))
    command = with_files(command.replace(specs=packages(result)), context)
    if command.target.named:
        return command.replace(mutates=not harmless(result))
    if not command.files and (harmless(result) or result.on("download_only")):
        return command  # conda chooses a temporary directory
    from safeinstall.argv import conda_files

    unknown = len(command.files) == 1 and not conda_files.readable(command.files[0], context)
    return command.replace(mutates=unknown and not harmless(result), understood=unknown)


def rename(command: Command, result: Result, context: Context) -> Command:
    """``rename``: replaces an environment at the destination only with ``--yes``, or with
    ``--force`` before conda 25.
    """
    to = result.value("destination") or ""
    command = command.replace(renamed_to=to)
    if result.on("yes") or "--force" in result.passed:
        command = command.replace(destination=to)
    return changes(command, result, context)


def env_update(command: Command, _: Result, context: Context) -> Command:
    """``env update``: reads ``environment.yml`` by default, and has no ``--dry-run``."""
    files = command.files or ("environment.yml",)
    return with_files(command.replace(files=files, mutates=True), context)


def changes(command: Command, result: Result, _: Context) -> Command:
    """Any verb that requires no further argument."""
    return command.replace(mutates=not harmless(result))


def doctor(command: Command, result: Result, _: Context) -> Command:
    """``doctor``: changes packages only with ``--fix``, which reinstalls them."""
    return command.replace(mutates=result.on("fix") and not harmless(result))


def clean(command: Command, result: Result, _: Context) -> Command:
    """``clean``: takes packages out of the cache, where environments may have links to them."""
    taken = result.on("packages") or result.on("all") or result.on("force_pkgs_dirs")
    return command.replace(mutates=taken and not harmless(result))


def plugin(command: Command, result: Result, _: Context) -> Command:
    """A subcommand of a plugin that changes packages; the positional names the packages."""
    return command.replace(specs=packages(result), mutates=not harmless(result))


VERBS: dict[str, Callable[[Command, Result, Context], Command]] = {
    "install": install,
    "update": update,
    "remove": remove,
    "create": create,
    "rename": rename,
    "env create": create,
    "env update": env_update,
    "env remove": changes,
    "doctor": doctor,
    "clean": clean,
    **dict.fromkeys(conda_plugins.MUTATING, plugin),
}
