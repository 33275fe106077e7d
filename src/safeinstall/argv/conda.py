"""conda's command line: which subcommand, on which environment, and would it change packages?"""

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
    """Read as the conda of the table does. Of a line that it would refuse, where that is not the
    conda which runs or nobody knows, all that can be known.
    """
    plain = Command(words, tool="conda", launcher=launcher)
    exact = reading(plain, context)
    if context.versions.get("conda") == conda_options.VERSION:
        return exact
    return or_beyond(exact, lambda: reading(plain, context, beyond=True))


def reading(plain: Command, context: Context, *, beyond: bool = False) -> Command:
    """Read as the table has it, or as a conda of another release might."""
    return first_change(
        parse_as(plain, context, lenient=lenient, beyond=beyond) for lenient in dialects(context)
    )


def dialects(context: Context) -> tuple[bool, ...]:
    """Whether the argparse of conda's Python is lenient. Where that Python is unknown, or one of
    the releases in which argparse changed, it may be either.
    """
    python = version(context.versions.get("conda-python", ""))
    if python >= CHANGED:
        return (True,)
    return (False,) if python and python < CHANGING else (True, False)


def is_value(path: str, left: Sequence[str]) -> bool:
    """Behind an unknown option: can the next word only be its value?"""
    if path == "run":
        return not launch.find(left)[0]
    begun = canonical(f"{path} {left[0]}".strip())
    return path in GROUPS and begun not in (*VERBS, *GROUPS, "run")


def canonical(path: str) -> str:
    """The subcommand that another name stands for."""
    found = rows(path) or [""]
    path = found[0][1:] if found[0][:1] == "=" else path
    return SYNONYMS.get(path, path)


CHANGING = (3, 12)
CHANGED = (3, 13, 1)


def version(text: str) -> tuple[int, ...]:
    """``3.11.7`` as numbers; of a release without a patch number the last one is meant."""
    digits = (part for part in text.split(".") if part.isascii() and part.isdigit())
    parts = tuple(int(part[:9]) for part in digits)
    return (*parts, 99) if len(parts) == 2 else parts


def parse_as(plain: Command, context: Context, *, lenient: bool, beyond: bool) -> Command:
    """Read with one dialect."""
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
    """A parser's rows; None: there is no such parser."""
    numbers = conda_options.PARSERS.get(path)
    if numbers is None:
        return conda_plugins.rows(path)
    return [conda_options.ROWS[int(number)] for number in numbers.split()]


def pre_parse(arguments: list[str], value: IsValue | None, *, lenient: bool) -> None:
    """conda looks for ``--json``, ``-v`` and so on first, in all words up to ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    Parser("pre", rows, Result(value), lenient=lenient).parse(arguments[:end])


def verb_of(arguments: list[str]) -> str:
    """The subcommand that a refused or explained line begins with."""
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
    """Everything about a command that conda accepts."""
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
    """``conda run …``: what it runs decides."""
    words = result.list("executable_call")
    if words[:1] == ["--"]:
        words = words[1:]
    from safeinstall.argv.inside import containing

    return containing(command, words, result.value("cwd"), context)


# ---- what each verb needs to change something --------------------------------------------------


def refused(command: Command, result: Result) -> Command:
    """conda accepts the words and then finds something missing, unless an option that we do not
    know has said it.
    """
    mutates = bool(result.passed) and not harmless(result)
    return command.replace(understood=False, mutates=mutates)


def harmless(result: Result) -> bool:
    """Was only a look asked for? ``--download-only`` fills the cache, no environment."""
    return result.on("dry_run") or result.on("download_only")


def packages(result: Result, dest: str = "packages") -> tuple[Spec, ...]:
    """The packages named on the command line, also those behind an unknown option."""
    more = (word for word in result.extras if word[:1] != "-")
    return tuple(matchspec.parse(word) for word in (*result.list(dest), *more))


def with_files(command: Command, context: Context) -> Command:
    """Add what the command's files ask for."""
    if not command.files:
        return command
    from safeinstall.argv import conda_files

    return conda_files.add(command, context)


def install(command: Command, result: Result, context: Context) -> Command:
    """``install``: packages, files or a revision, the last one alone."""
    revision = result.value("revision")
    asked = bool(result.list("packages") or command.files)
    if bool(revision) == asked or (revision and not integer(revision)):
        return refused(command.replace(specs=packages(result)), result)
    command = command.replace(specs=packages(result), mutates=not harmless(result))
    return with_files(command, context)


def integer(text: str) -> bool:
    """Is it a revision's number?"""
    try:
        int(text)
    except ValueError:
        return False
    return True


def update(command: Command, result: Result, context: Context) -> Command:
    """``update``: packages, files, or everything."""
    everything = result.value("update_modifier") or context.environ.get("CONDA_UPDATE_MODIFIER")
    if not (result.list("packages") or command.files or everything in EVERYTHING):
        return refused(command, result)
    command = command.replace(specs=packages(result), mutates=not harmless(result))
    return with_files(command, context)


EVERYTHING = ("--update-all", "update_all")


def remove(command: Command, result: Result, _: Context) -> Command:
    """``remove``: packages, or the whole environment."""
    if not (result.on("all") or result.list("package_names")):
        return refused(command, result)
    return command.replace(specs=packages(result, "package_names"), mutates=not harmless(result))


def create(command: Command, result: Result, context: Context) -> Command:
    """``create`` and ``env create``: where to is said by an option or by the file."""
    if result.value("clone") and (result.list("file") or result.list("packages")):
        return refused(command, result)
    if command.verb == "env create" and "file" not in result.values:
        command = command.replace(files=("environment.yml",))
    command = with_files(command.replace(specs=packages(result)), context)
    if command.target.named:
        return command.replace(mutates=not harmless(result))
    from safeinstall.argv import conda_files

    unknown = len(command.files) == 1 and not conda_files.readable(command.files[0], context)
    return command.replace(mutates=unknown and not harmless(result), understood=unknown)


def rename(command: Command, result: Result, context: Context) -> Command:
    """``rename``: what is in the place is in the way, unless told to take it away; ``--force`` was
    the option for it before conda 25.
    """
    if result.on("yes") or "--force" in result.passed:
        command = command.replace(destination=result.value("destination") or "")
    return changes(command, result, context)


def env_update(command: Command, _: Result, context: Context) -> Command:
    """``env update``: there is always a file, and no dry run."""
    files = command.files or ("environment.yml",)
    return with_files(command.replace(files=files, mutates=True), context)


def changes(command: Command, result: Result, _: Context) -> Command:
    """A verb that needs nothing more."""
    return command.replace(mutates=not harmless(result))


def doctor(command: Command, result: Result, _: Context) -> Command:
    """``doctor`` only looks, ``doctor --fix`` reinstalls."""
    return command.replace(mutates=result.on("fix") and not harmless(result))


def plugin(command: Command, result: Result, _: Context) -> Command:
    """A plugin's own ``install`` and the like; the packages are its positional."""
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
    **dict.fromkeys(conda_plugins.MUTATING, plugin),
}
