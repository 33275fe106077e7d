"""Parse uv's command line: ``uv pip install``, ``uninstall`` and ``sync``, and a ``uv sync`` into
another environment than the project's ``.venv``. Other subcommands are only recognised.
"""

from __future__ import annotations

import os

from safeinstall.argv import uv_options
from safeinstall.argv.clap import Level, Result
from safeinstall.argv.pip_defaults import FALSE
from safeinstall.argv.pip_sources import UvSources
from safeinstall.argv.readings import behind, never, or_beyond
from safeinstall.argv.values import Explained, Refused
from safeinstall.model import Command, Spec, Target
from safeinstall.specs import requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from safeinstall.argv import Context
    from safeinstall.argv.values import IsValue


EXACT = (None, None, None)
# "run" and "tool" start another command, which may be pip
BEYOND = (behind("pip", "run", "tool"), behind(*uv_options.VERBS), never)


def parse(words: tuple[str, ...], launcher: int, context: Context) -> Command:
    """Parse a uv command. The version of uv is not known, and there are releases every week, so a
    refused line is parsed once more, tolerating unknown options.
    """
    plain = Command(words, tool="uv", launcher=launcher)
    return or_beyond(parse_as(plain, context, EXACT), lambda: parse_as(plain, context, BEYOND))


def parse_as(plain: Command, context: Context, places: tuple[IsValue | None, ...]) -> Command:
    """Parse by the option table; ``BEYOND`` tolerates options of other uv releases."""
    words, levels = plain.words, tuple(map(Result, places))
    verb = ""
    try:
        verb, left = Level(uv_options.TOP).command(words[plain.launcher :], levels[0])
        if verb == "sync":
            return project_sync(plain.replace(verb=verb), frozenset(left), context.environ)
        if verb != "pip":
            return plain.replace(verb=verb)
        below, left = Level(uv_options.PIP).command(left, levels[1])
        verb = f"pip {below}".strip()
        plain = plain.replace(verb_at=len(words) - len(left))
        if below not in uv_options.VERBS:
            return plain.replace(verb=verb)
        Level(uv_options.VERBS[below]).everything(left, levels[2])
        result = settle(below, levels)
    except Explained:
        return plain.replace(verb=verb)
    except Refused:
        return plain.replace(verb=verb, understood=False)
    return meaning(plain.replace(verb=verb), result, context)


def project_sync(plain: Command, given: frozenset[str], environ: Mapping[str, str]) -> Command:
    """``uv sync``, which mutates if its target is another environment than the project's ``.venv``.

    Words that look like options are options, because no value may begin with a dash.
    """
    active = environ.get("VIRTUAL_ENV") if "--active" in given else None
    place = active or environ.get("UV_PROJECT_ENVIRONMENT")
    elsewhere = any(word.partition("=")[0] == "--script" for word in given)
    if not place or elsewhere or not given.isdisjoint(("--dry-run", "--check", "-h", "--help")):
        return plain
    return plain.replace(
        mutates=True, target=Target(python=place), flags=given & {"--active", "--inexact"}
    )


def settle(verb: str, levels: tuple[Result, ...]) -> Result:
    """Merge the levels of the line; an option after the subcommand overrides one before it.

    Raises :class:`Refused` where clap reports an error at the end: options that exclude each other
    at one level, a missing argument.
    """
    whole = Result()
    for level in levels:
        for one, other in uv_options.CONFLICTS:
            if one in level.values and other in level.values:
                raise Refused(f"{level.given[one].name} cannot be used with {other}")
        whole.values.update(level.values)
        whole.given.update(level.given)
        whole.rest += level.rest
    sources = ("requirements", "editable", "group") if verb != "sync" else ()
    if not whole.rest and not any(map(whole.list, sources)) and not levels[-1].passed:
        raise Refused("a required argument is missing")
    if any(name in whole.values for name in uv_options.UNSUPPORTED):
        raise Refused("an option of pip's that uv knows and does not support")
    return whole


def meaning(plain: Command, result: Result, context: Context) -> Command:
    """The :class:`Command` for a line that uv accepts."""
    environ = context.environ
    directory = result.value("directory") or environ.get("UV_WORKING_DIR")
    if directory:
        context = context.replace(cwd=os.path.join(context.cwd, directory))
    config = configuration(result, context)
    harmless = "dry_run" in result.values or "check" in result.values
    indexes = looking(result, environ, config)
    wanted = specs(plain.verb, result, context, indexes)
    return plain.replace(
        mutates=not harmless,
        target=target(result, environ, config),
        specs=wanted,
        files=(*sources(plain.verb, result), *result.list("constraints")),
        indexes=() if indexes.no_index else tuple(indexes.indexes),
        asks_pypi=indexes.asks_pypi and not indexes.no_index,
        flags=flags(plain.verb, result, environ, config),
        reinstalls=reinstalls(plain.verb, result, config),
        cutoff=result.value("exclude_newer") or "",
        exempt_from_cutoff=exempt_from_cutoff(result, environ, config),
    )


def exempt_from_cutoff(
    result: Result, environ: Mapping[str, str], config: Mapping[str, Any]
) -> str:
    """What takes packages out of the limit that ``--exclude-newer`` sets: an option, a variable or
    a setting in a file; ``""`` for nothing.
    """
    if result.value("exclude_newer_package"):
        return "--exclude-newer-package"
    if environ.get("UV_EXCLUDE_NEWER_PACKAGE"):
        return "UV_EXCLUDE_NEWER_PACKAGE"
    return "exclude-newer-package in uv's configuration" * bool(config.get("exclude-newer-package"))


def configuration(result: Result, context: Context) -> Mapping[str, Any]:
    """The settings in uv's configuration files. ``--no-config`` and ``--isolated`` switch them off,
    but not a file that ``--config-file`` names.
    """
    named = result.value("config_file") or context.environ.get("UV_CONFIG_FILE")
    off = "isolated" in result.values or switched(
        "no_config", "UV_NO_CONFIG", result, context.environ, {}
    )
    if context.uv_config is None or (off and not named):
        return {}
    project = result.value("project") or context.environ.get("UV_PROJECT") or ""
    place = os.path.normpath(os.path.join(context.cwd, project))
    return context.uv_config(place, os.path.join(context.cwd, named) if named else "")


def target(result: Result, environ: Mapping[str, str], config: Mapping[str, Any]) -> Target:
    """The target environment. Options override variables, variables override files.

    ``target`` overrides ``prefix``, even if it comes from a file and ``prefix`` from an option.
    """
    directory = result.value("target") or config.get("target")
    prefix = result.value("prefix") or config.get("prefix")
    return Target(
        python=result.value("python") or environ.get("UV_PYTHON") or config.get("python"),
        directory=directory,
        scheme_prefix=None if directory else prefix,
        system=switched("system", "UV_SYSTEM_PYTHON", result, environ, config),
    )


def switched(
    dest: str,
    variable: str,
    result: Result,
    environ: Mapping[str, str],
    config: Mapping[str, Any],
) -> bool:
    """Is a switch on? The last option decides, else the variable, else the configuration file."""
    names = [name for name in result.values if name in (dest, "no_" + dest)]
    if names:
        return names[-1] == dest
    value = environ.get(variable, "").lower()
    return (bool(value) and value not in FALSE) or config.get(dest.replace("_", "-")) is True


def sources(verb: str, result: Result) -> list[str]:
    """The requirements files: for ``sync``, all arguments are such files."""
    return result.rest if verb == "pip sync" else result.list("requirements")


def specs(verb: str, result: Result, context: Context, indexes: UvSources) -> tuple[Spec, ...]:
    """The specs, from the command line and from files; the files' indexes go into ``indexes``."""
    named = [] if verb == "pip sync" else [requirement.parse(word) for word in result.rest]
    named += [requirement.parse(word, editable=True) for word in result.list("editable")]
    files, held = sources(verb, result), holding(result, context.environ)
    if files or held or result.list("group"):
        from safeinstall.argv.pip_files import Found

        found = Found(context, indexes)
        for path in files:
            if path == "-":
                found.requirements("/dev/stdin", path)
            elif path.endswith((".txt", ".in")) and "://" not in path:
                found.requirements(found.absolute(path), path)
            else:
                found.specs.append(Spec(path, "file"))
        for path in held:
            found.constraints(found.located(path))
        for group in result.list("group"):
            found.group(group)
        named += found.specs
    return tuple(named)


def holding(result: Result, environ: Mapping[str, str]) -> list[str]:
    """The files with constraints and overrides."""
    constraints = result.list("constraints") or environ.get("UV_CONSTRAINT", "").split()
    return constraints + (result.list("overrides") or environ.get("UV_OVERRIDE", "").split())


def looking(result: Result, environ: Mapping[str, str], config: Mapping[str, Any]) -> UvSources:
    """Where uv looks by its command line, its variables and its configuration files."""

    def given(dest: str) -> list[str]:
        items = result.list(dest) or environ.get("UV_" + dest.upper(), "").split()
        return list(map(without_name, items))

    found = UvSources()
    found.no_index = "no_index" in result.values or bool(config.get("no-index"))
    found.add(
        given("default_index") + given("index_url"), given("index") + given("extra_index_url")
    )
    found.add([config.get("default-index", "")], config.get("indexes", ()))
    return found


def without_name(index: str) -> str:
    """The address in ``--index name=https://…``."""
    name, _, address = index.partition("=")
    return address if address and ":" not in name else index


def flags(
    verb: str, result: Result, environ: Mapping[str, str], config: Mapping[str, Any]
) -> frozenset[str]:
    """The canonical names of the options in effect."""
    names = {option.name for option in result.given.values()}
    for dest, variable in uv_options.SWITCHES[verb]:
        name = "--" + dest.replace("_", "-")
        names.discard(name)
        if switched(dest, variable, result, environ, config):
            names.add(name)
    return frozenset(names)


def reinstalls(verb: str, result: Result, config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names given by ``--reinstall-package`` or in a configuration file. ``--no-reinstall``
    switches off all of them, ``reinstall = false`` in the file those of the file.
    """
    if verb == "pip uninstall" or "no_reinstall" in result.values:
        return ()
    by_file = config.get("reinstall-package", []) if config.get("reinstall") is not False else []
    named = (*result.list("reinstall_package"), *by_file)
    return tuple(map(requirement.normalize, named))
