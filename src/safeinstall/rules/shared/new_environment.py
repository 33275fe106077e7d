"""The command lines that make a new environment which can take the place of the present one.

conda first, pip last: conda gets what it is asked for now and what it was asked for here, with pip;
pip in the new environment gets what it is asked for now and what it was asked for here. Names only:
with the versions of here, it would be this environment once more, with the same conflict.
"""

from __future__ import annotations

from safeinstall.argv.typed import NARROW, by_settings, words_of
from safeinstall.model import PIP_LIKE
from safeinstall.output.quoting import noted, paste
from safeinstall.output.wording import counted
from safeinstall.rules.shared.remedies import by_conda, here, pip_of_new, typed_channels
from safeinstall.specs import lookalikes, matchspec
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import as_one_for_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from safeinstall.model import Command, Facts

MOST = 12  # names in one command; more are for a file
_REINSTALLING = frozenset(("--force-reinstall", "--ignore-installed", "--reinstall"))


def made(
    facts: Facts,
    conda: Sequence[str] = (),
    without: Collection[str] = (),
    pip: Sequence[str] = (),
) -> str:
    """The lines as one, joined by ``&&``; ``""`` where pip itself would be in the way of it.

    Args:
        conda: what conda is to install, in its words.
        without: names of packages that are not to come. What needs them of conda's comes from pip
            then, where that knows it by the same name.
        pip: names that pip is to install beside what it is asked for.
    """
    asked, without = facts.asked.conda, {*without, *_written_over(facts)}
    if not all(_fits(name, facts, without) for name in ("python", "pip") if name in asked):
        return ""
    names = {matchspec.parse(word).name for word in conda}
    known = {"python", "pip", *names}
    old = [name for name in asked if name not in known and _fits(name, facts, without)]
    left = [name for name in asked if name not in known and name not in old]
    first = [] if "python" in names else [_python(facts)]
    first += [] if "pip" in names else ["pip"]
    create = _created(facts, [*first, *old[:MOST]], list(conda))
    again = [*pip, *_from_pip(facts, set(left) - set(without))]
    held = list(_held(facts, conda))
    then = _then(facts, {*names, *old}, without, again, len(old) - MOST, held)
    return f"{create}{then}"


def of_files(facts: Facts, wanted: Sequence[str]) -> str:
    """The lines where conda is asked for package files, which it only takes without other specs,
    and without what they need. A list that has a Python is a whole environment: it comes first.
    """
    command, asked = facts.command, facts.asked.conda
    name, names = name_of(facts), {spec.name for spec in command.specs}
    without = _written_over(facts)
    known = {"python", "pip", *names}
    old = [each for each in asked if each not in known and _fits(each, facts, without)]
    by_python = [] if "python" in names else [_python(facts)]
    before = [*by_python, *([] if "pip" in names else ["pip"]), *old[:MOST]]
    lent = _lent(facts, before)
    if by_python:
        lines = [by_conda("create", ["-n", name, *lent, *before], command)]
        lines += [by_conda("install", ["-n", name, *wanted], command)]
    else:
        lines = [by_conda("create", ["-n", name, *wanted], command)]
        lines += [by_conda("install", ["-n", name, *lent, *before], command)] if before else []
    left = {each for each in asked if each not in known and each not in old}
    theirs = {package.name for package in facts.residents}
    again = [*(each for each in names if each in theirs), *_from_pip(facts, left - without)]
    then = _then(facts, {*names, *old}, without, sorted(again), len(old) - MOST, ())
    return " && ".join(lines) + then


def alone(facts: Facts, without: Collection[str] = (), pip: Sequence[str] = ()) -> tuple[str, ...]:
    """The line for what only pip is asked for, if there is one."""
    line = made(facts, without=without, pip=pip)
    return (line,) if line else ()


def filled(facts: Facts, create: str) -> str:
    """The line ``create``, which makes the environment by conda, and then pip's part."""
    return create + _then(facts, {spec.name for spec in facts.command.conda_specs}, (), (), 0, ())


def name_of(facts: Facts) -> str:
    """The name of the new environment: ``NAME-new``, with a number if there is one already."""
    return free_name(f"{facts.environment.name or 'new'}-new", facts.taken_names)


def of_its_own(facts: Facts) -> str:
    """The line that makes an environment of nothing but what is asked for, with its name."""
    command = facts.command
    named = (spec.name for spec in command.specs if spec.name and not spec.origin)
    name = free_name(next(named, "new"), facts.taken_names)
    if command.asks_conda:
        return by_conda("create", ["-n", name, *channels(command), *for_conda(command)], command)
    create = by_conda("create", ["-n", name, "python", "pip"], command)
    return f"{create} && {paste([*pip_of_new(here(facts), name), 'install', *words_of(command)])}"


def for_conda(command: Command) -> list[str]:
    """The specs and the spec files of a conda command, as typed."""
    words = [spec.raw for spec in command.specs if not spec.origin and spec.kind != "file"]
    return [*words, *(word for file in command.files for word in ("--file", file))]


def free_name(first: str, taken: Collection[str]) -> str:
    """The name ``first``, with a number if it is taken."""
    name, number = first, 1
    while name in taken:
        number += 1
        name = f"{first}{number}"
    return name


def channels(command: Command) -> Iterator[str]:
    """The options for channels on the command line of a conda."""
    if "--override-channels" in command.flags:
        yield "--override-channels"
    for channel in typed_channels(command):
        yield from ("-c", channel)


def _created(facts: Facts, old: list[str], new: list[str]) -> str:
    """conda's part. Where ``old`` comes from channels in which conda would not look by itself,
    ``new`` is installed in a second step, without these: with them, another priority would hold.
    """
    command = facts.typed or facts.command
    name, lent = ["-n", name_of(facts)], _lent(facts, old)
    if not lent:
        return by_conda("create", [*name, *channels(command), *old, *new], command)
    create = by_conda("create", [*name, *lent, *old], command)
    if not new:
        return create
    return f"{create} && {by_conda('install', [*name, *channels(command), *new], command)}"


def _lent(facts: Facts, old: Iterable[str]) -> list[str]:
    """The options for channels from which these came, and in which conda would not look."""
    known = facts.asked.channels
    others = dict.fromkeys(known[package] for package in old if package in known)
    return [word for channel in others for word in ("-c", channel)]


def _python(facts: Facts) -> str:
    version = facts.environment.python
    return f"python={version}" if version else "python"


def _fits(name: str, facts: Facts, without: Collection[str]) -> bool:
    return facts.asked.conda[name].isdisjoint(without)


def _then(
    facts: Facts,
    by_conda: Iterable[str],
    without: Collection[str],
    again: Iterable[str],
    more: int,
    held: Sequence[str],
) -> str:
    """pip's part, and a note on what has no place in the line. ``held``: what pip has to leave as
    conda has made it.
    """
    command = facts.command
    done = lookalikes.with_same_files({normalize(pip_name(name)) for name in by_conda})
    known = {"pip", *without, *done}
    named = {spec.name for spec in command.specs if command.tool in PIP_LIKE}
    named |= {spec.name for spec in command.pip_specs}
    others = [package for package in facts.asked.pip if package.name not in known | named]
    names = [package.name for package in others if not package.source]
    names += [name for name in dict.fromkeys(again) if name not in named]
    typed = _typed(facts) if any(spec.name not in done for spec in command.specs) else ()
    typed = typed if command.asks_pip else ()
    pip = [*pip_of_new(here(facts), name_of(facts)), "install"]
    rest = [*names[:MOST], *held] if names else []
    words, apart = [*typed, *names[:MOST]] if typed else words_of(command, (), rest), ""
    if typed and names and (options := _for_named_only(command)):
        words = list(typed)
        apart = f" && {_without(options, command)}{paste([*pip, *words_of(command, (), rest)])}"
    line = f" && {paste([*pip, *words])}{apart}" if words else ""
    said = ["then pip, last"] if facts.residents and not words else []
    by_hand = [package.name for package in others if package.source]
    said += [f"and {counted(by_hand)}, from where it came"] if by_hand else []
    if more > 0:
        said.append(f"and {more} more of conda's: conda env export --from-history")
    if len(names) > MOST:
        said.append(f"and {len(names) - MOST} more of pip's: pip list --not-required")
    return noted(line, "; ".join(said))


def _for_named_only(command: Command) -> list[str]:
    """The options under which pip may not be asked for more than what the user has named: the rest
    would come without what it needs, or be refused for the lack of a sum.
    """
    return [option for option in NARROW if option in command.flags]


def _without(options: Iterable[str], command: Command) -> str:
    """The variables that take back those of the options that no word of the command gives."""
    given = [option for option in options if option not in command.words]
    return "".join(f"PIP_{option[2:].upper().replace('-', '_')}=0 " for option in given)


def _held(facts: Facts, conda: Iterable[str]) -> Iterator[str]:
    """The versions that conda is asked for, in pip's words. Else pip would take another one for
    what it is to install again, and write it over conda's.
    """
    theirs = {there.package.name: there.name for there in facts.inventory.conda_distributions}
    theirs |= {spec.name: spec.name for spec in facts.command.specs if facts.command.asks_pip}
    for spec in map(matchspec.parse, conda):
        constraint = as_one_for_pip(spec.version) if spec.version else None
        if spec.name in theirs and constraint:
            yield theirs[spec.name] + constraint


def _written_over(facts: Facts) -> set[str]:
    """The conda packages with files that pip's packages here have as well. Only one of both fits
    into the new environment, and pip's was the last to come.
    """
    found = facts.inventory
    owned, modules = (
        {there.name: there for there in them}
        for them in (found.conda_distributions, found.conda_modules)
    )
    doubles = lookalikes.doubles(owned, (), modules)
    return {doubles[p.name].package.name for p in facts.residents if p.name in doubles}


def _from_pip(facts: Facts, left: Collection[str]) -> Iterator[str]:
    """The distributions of conda packages that are left out, where pip knows these by name."""
    for found in facts.inventory.conda_distributions:
        if found.package.name in left and found.name == normalize(found.package.name):
            yield found.name


def _typed(facts: Facts) -> list[str]:
    """What pip is asked for, with its options where these mean the same in another environment."""
    command = facts.command
    if facts.typed is not None:  # conda started this pip, with a file of its own
        return [spec.raw for spec in command.specs]
    target = command.target
    user = target.user or "--user" in command.flags  # into its own user site: as without it
    bound = target.directed or user or target.named or target.system
    if bound or not _REINSTALLING.isdisjoint(command.flags):
        return words_of(command)
    return [*command.words[command.verb_at :], *by_settings(command)]
