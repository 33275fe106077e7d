"""The problems that operations have left: by what the journal says of the newest. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safeinstall import argv
from safeinstall.journal.select import handles
from safeinstall.model import CONDA_LIKE
from safeinstall.output.quoting import noted, paste, without_note
from safeinstall.output.wording import counted
from safeinstall.policy.rule_table import TABLE
from safeinstall.report.problems.nouns import Problem, Seen
from safeinstall.rules.shared.remedies import conda_selector, pip_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Environment, Json

# The rule about the warnings of tools.
_TOOL_WARNED = next(rule.code for rule in TABLE if "warnings" in rule.explain)
_LEAVING = next(rule.code for rule in TABLE if rule.look == "leaves_environment")
_UNFINISHED = ("failed", "blocked")
_NOTHING = argv.Context({}, "/", lambda _: None, {})  # to parse what was typed, and nothing else
_NAMING = frozenset(("--name", "--prefix", "--yes"))
_NEWEST = 3  # operations of one kind that are listed
_LOOKED_UP = (
    *("following dependency conflicts", "which is incompatible", "not installed."),
    *("Ignoring invalid distribution", "site-packages/~"),
    *("due to invalid metadata entry", "No metadata found in"),
)


def interrupted(seen: Seen) -> Iterator[Problem]:
    """Interrupted operations whose command was not successful later on."""
    names = handles(seen.newest)
    found, done = [], list[object]()
    for item in seen.newest:
        if item["status"] == "done":
            done.append(_request(item["argv"]))
        elif item["status"] == "interrupted" and _request(item["argv"]) not in done:
            found.append(item)
    for item in found[:_NEWEST]:
        command = paste(_short(item["argv"]))
        yield Problem(
            "interrupted",
            f"interrupted, and not repeated since: {command}",
            (
                _show(names[item["op"]], seen.selector),
                *(() if item["op"] in seen.strange else (_for_here(command, seen),)),
            ),
            (str(item["op"]),),
        )


def half_made(seen: Seen) -> Iterator[Problem]:
    """Operations that failed, or were stopped, when they had changed something, such as an
    ``env create`` whose ``pip:`` part failed; if nothing was changed later on.
    """
    names = handles(seen.newest)
    done: list[list[str]] = []
    found = []
    for item in seen.newest:
        words = _short(item["argv"])
        if item["status"] == "done" and item["changes"]:
            break
        if item["status"] == "done":
            done.append(words)
        elif item["status"] in _UNFINISHED and item["changes"]:
            finish = _finishing(words, seen.environment)
            if words not in done and finish not in done:
                found.append((item, finish))
    for item, finish in found[:_NEWEST]:
        stopped = item["status"] == "blocked"
        said = [finding for finding in item["findings"] if finding.get("level") == "block"]
        advice = [fix for finding in said for fix in finding.get("fixes") or ()]
        known = item["op"] not in seen.strange
        offered = advice if stopped and advice else [paste(finish)]
        yield Problem(
            "half-made",
            f"half made: {counted([change['name'] for change in item['changes']])} changed before "
            f"this {'was stopped' if stopped else 'failed'}: {paste(_short(item['argv']))}",
            (
                _show(names[item["op"]], seen.selector),
                *(_for_here(line, seen) for line in (offered if known else ())),
            ),
            (str(item["op"]),),
        )


def _finishing(words: list[str], environment: Environment) -> list[str]:
    """The command that does what is left: the same, but an environment is not created twice."""
    command = argv.parse(words, _NOTHING) if words else None
    if command is None or command.verb not in ("create", "env create") or not command.files:
        return words
    files = [word for file in command.files for word in ("-f", file)]
    return [words[0], "env", "update", *conda_selector(environment), *files]


def outside(seen: Seen) -> Iterator[Problem]:
    """Operations by which pip installed outside of the environment, without an option that says
    so: a variable, a pip.conf, or a site-packages that cannot be written.
    """
    names = handles(seen.newest)
    found = [
        (item, finding)
        for item in seen.newest
        for finding in item["findings"]
        if finding.get("rule") == _LEAVING and item["status"] in ("done", "failed")
    ]
    meant = [(i, f) for i, f in found if not _names_a_place(_short(i["argv"]))]
    for item, finding in meant[:_NEWEST]:
        yield Problem(
            "outside",
            f"on {str(item['time'])[:10]} pip installed outside: {finding.get('message')}",
            (_show(names[item["op"]], seen.selector),),
            (str(item["op"]),),
        )


def _names_a_place(words: list[str]) -> bool:
    """Does an option of pip on the command line say where to install?"""
    command = argv.parse(words, _NOTHING)
    target = (command.inner or command).target
    return target.user or target.directed


def warned(seen: Seen) -> Iterator[Problem]:
    """Operations of which the tool warned, where no other kind of problem looks that up."""
    names = handles(seen.newest)
    told = [item for item in seen.newest if any(map(_is_open, item["warnings"]))]
    for item in told[:_NEWEST]:
        show = _show(names[item["op"]], seen.selector)
        found = _warning(item, show, known=item["op"] not in seen.strange)
        yield found.replace(commands=tuple(_for_here(line, seen) for line in found.commands))


def _is_open(line: object) -> bool:
    """Is it no warning about requirements, metadata or leftovers? These are looked up."""
    return not any(part in str(line) for part in _LOOKED_UP)


def _warning(item: Json, show: str, *, known: bool) -> Problem:
    """A warning of the tool, with the message of the rule's finding about it, if there is one."""
    said = {finding.get("rule"): finding for finding in item["findings"]}.get(_TOOL_WARNED, {})
    message = str(said.get("message") or item["warnings"][0]).partition(" Run: ")[0]
    tool, day = (item["tool"] or {}).get("name"), str(item["time"])[:10]
    return Problem(
        "warned",
        f"{tool} warned on {day}: {message}",
        (show, *(said.get("fixes") or () if known else ())),
        (str(item["op"]),),
    )


def _request(words: list[str]) -> object:
    """What is asked for, however the environment is named; an unknown command as it is."""
    typed = argv.parse(words, _NOTHING) if words else None
    command = typed and (typed.inner or typed)
    if command is None or not (command.specs or command.files):
        return words
    specs = tuple(spec.raw for spec in command.specs)
    return command.tool, command.verb, specs, command.files, command.flags - _NAMING


def _for_here(line: str, seen: Seen) -> str:
    """The line of the journal's. It was typed, or offered, where the environment was active: where
    another one may be, each of its commands that names none is made one for this environment.
    """
    if not seen.selector:
        return line
    command, note = without_note(line)
    return noted(" && ".join(_named(part, seen) for part in command.split(" && ")), note)


def _named(part: str, seen: Seen) -> str:
    try:
        words = shlex.split(part)
    except ValueError:  # the "&&" was in quotes
        return part
    command = argv.parse(words, _NOTHING) if words else None
    if command is None or command.target.named or "/" in words[0]:
        return part
    if command.tool == "pip":
        options = words[command.launcher : command.verb_at - 1]
        return pip_in(seen.here, command.verb, [*options, *words[command.verb_at :]])
    if command.tool in CONDA_LIKE and command.verb in ("install", "update", "remove"):
        return paste([*words, *conda_selector(seen.environment)])
    return part


def _show(name: str, selector: Sequence[str]) -> str:
    return paste(["safeinstall", "history", "show", name, *selector])


def _short(argv: Sequence[str]) -> list[str]:
    return [argv[0].rpartition("/")[2] or argv[0], *argv[1:]] if argv else []
