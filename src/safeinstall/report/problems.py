"""The problems of an environment, and the commands that solve them. Pure.

A kind of problem is one function of what was seen, listed in :data:`_CHECKS`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safeinstall import argv
from safeinstall.journal.select import handles
from safeinstall.model import CONDA_LIKE, CONDA_OWNERS
from safeinstall.output.quoting import noted, paste, without_note
from safeinstall.output.shown import is_command
from safeinstall.output.wording import counted, files, first
from safeinstall.policy.rule_table import TABLE
from safeinstall.probe.soundness import Soundness
from safeinstall.rules.shared.conda_owned import conda_spec
from safeinstall.rules.shared.elsewhere import described, without
from safeinstall.rules.shared.new_environment import free_name
from safeinstall.rules.shared.remedies import Here, conda_install, conda_selector, pip_in, ways_back
from safeinstall.specs import deny_list, impostors
from safeinstall.specs.requirement import NAME_CHARACTERS, normalize
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from safeinstall.journal.read import Damage
    from safeinstall.model import Elsewhere, Environment, Inventory, Json, Package, Shared
    from safeinstall.probe.soundness import Lack
    from safeinstall.protection.nouns import Step

# The rule about the warnings of tools.
_TOOL_WARNED = next(rule.code for rule in TABLE if "warnings" in rule.explain)
_LEAVING = next(rule.code for rule in TABLE if rule.look == "leaves_environment")
_UNFINISHED = ("failed", "blocked")
_NOTHING = argv.Context({}, "/", lambda _: None, {})  # to parse what was typed, and nothing else
_NAMING = frozenset(("--name", "--prefix", "--yes"))
_NEWEST = 3  # operations of one kind that are listed
_MOST_UNMET = 5  # packages with requirements that are not met
_LOOKED_UP = (
    *("following dependency conflicts", "which is incompatible", "not installed."),
    *("Ignoring invalid distribution", "site-packages/~"),
    *("due to invalid metadata entry", "No metadata found in"),
)


class Problem(Value):
    """A problem of an environment, and the commands that solve it, in their order."""

    kind: str  # one of KINDS
    message: str
    commands: tuple[str, ...]
    names: tuple[str, ...] = ()  # of packages, or IDs of operations


KINDS = (
    "overwritten",
    "gone",
    "incomplete",
    "doubled",
    "leftover",
    "unmet",
    "denied",
    "half-made",
    "interrupted",
    "outside",
    "shadowed",
    "in-base",
    "warned",
    "rails",
    "journal",
)
"""The kinds of problems, the worst first."""


class Seen(Value):
    """What was read of an environment, for the functions that look for problems."""

    environment: Environment
    inventory: Inventory
    python: str = ""  # the prefix of the environment that the word "python" leads to in the shell
    doubled: Mapping[str, Sequence[str]] = {}  # metadata directories, by distribution
    # conda-owned packages and others over each other's files
    written_over: Sequence[Shared] = ()
    newest: Sequence[Json] = ()  # the latest operations, newest first
    damages: Sequence[Damage] = ()  # of the journal
    selector: Sequence[str] = ()  # the options that name the environment in safeinstall commands
    deny: Sequence[str] = ()  # the policy's list
    elsewhere: Sequence[Elsewhere] = ()  # packages outside that Python finds, or would find
    # IDs of operations whose records somebody else may have written: their commands are no advice
    strange: Collection[str] = ()
    soundness: Soundness = Soundness()
    by_hand: Sequence[str] = ()  # packages that were put into base, and can do without it
    taken: Collection[str] = ()  # names of environments
    rails: Sequence[Step] = ()  # that protect the environment

    @property
    def here(self) -> Here:
        """Where the commands are to be pasted."""
        return Here(self.environment, self.python)


def problems(seen: Seen) -> tuple[Problem, ...]:
    """The problems that were seen, the worst first."""
    found = (problem for check in _CHECKS for problem in check(seen))
    return tuple(p.replace(commands=tuple(filter(is_command, p.commands))) for p in found)


def _overwritten(seen: Seen) -> Iterator[Problem]:
    for package in seen.inventory.overwritten:
        yield _replaced(seen.here, package, seen.inventory)


def _replaced(here: Here, package: Package, inventory: Inventory) -> Problem:
    names = _names(package)
    others = inventory.not_owned_by(*CONDA_OWNERS)
    there = next((other for other in others if other.name in names), None)
    instead = f"{there.owner}'s {there.version}" if there else "another one"
    return Problem(
        "overwritten",
        f"{package.name}: conda's record says {package.version}, what is there is {instead}",
        (_uninstall(here, there.name if there else names[0]), _relink(here, package)),
        (package.name,),
    )


def _written_over(seen: Seen) -> Iterator[Problem]:
    """Conda-owned packages and pip-owned ones of another name over each other's files. What is
    there under one name several times is told of as that.
    """
    condas = {package.name: package for package in seen.inventory.owned_by(*CONDA_OWNERS)}
    owners = {p.name: p.owner for p in seen.inventory.not_owned_by(*CONDA_OWNERS)}
    for shared in (each for each in seen.written_over if each.name not in seen.doubled):
        theirs, what = f"{owners[shared.name]}'s {shared.name}", files(shared.file, shared.more)
        above, below = ("conda's", theirs) if shared.intact else (theirs, "conda's")
        yield Problem(
            "overwritten",
            f"{shared.by}: {above} lies over {below} ({what})",
            (_uninstall(seen.here, shared.name), _relink(seen.here, condas[shared.by])),
            (shared.by,),
        )


def _leftovers(seen: Seen) -> Iterator[Problem]:
    """Directories of metadata in which METADATA is missing, and what pip renames to ``~NAME``."""
    for path in seen.inventory.leftovers:
        what = path.rpartition("/")[2]
        more = "" if what.startswith("~") else "; pip may say that it is installed"
        yield Problem(
            "leftover",
            f"{what} is left of a distribution that is gone{more}",
            (paste(["rm", "-r", path]),),
            (what,),
        )


def _names(package: Package) -> tuple[str, ...]:
    """pip's names for the distributions in a conda package."""
    return package.distributions or (normalize(package.name),)


def _gone(seen: Seen) -> Iterator[Problem]:
    for package in seen.inventory.gone:
        yield Problem(
            "gone",
            f"{package.name}: conda's record says {package.version}, nothing of it is there",
            (_relink(seen.here, package),),
            (package.name,),
        )


def _incomplete(seen: Seen) -> Iterator[Problem]:
    """Packages of which files are gone. What did not come from an index cannot be had again."""
    for loss in seen.soundness.losses:
        package, more = loss.package, len(loss.files) - 1
        several = f" and {more} more of its files are" if more else " is"
        yield Problem(
            "incomplete",
            f"{package.name} {package.version}: {loss.files[0]}{several} gone",
            anew(seen.here, package),
            (package.name,),
        )
    for package in seen.soundness.unread:
        yield Problem(
            "incomplete",
            f"{package.name} {package.version}: its metadata cannot be read, so pip may not see it",
            anew(seen.here, package),
            (package.name,),
        )


def anew(here: Here, package: Package) -> tuple[str, ...]:
    """The command that writes all files of a package once more, where that can be had again."""
    if package.owner in CONDA_OWNERS:
        return (_relink(here, package),)
    spec = f"{package.name}=={package.version}"
    again = pip_in(here, "install", ["--force-reinstall", "--no-deps", spec])
    return () if package.source else (again,)


def _unmet(seen: Seen) -> Iterator[Problem]:
    """Requirements that are not met, one problem for each package that has some."""
    lacks: dict[str, list[Lack]] = {}
    for lack in seen.soundness.lacks:
        if not impostors.of(lack.name, seen.environment.python):  # nothing of it is of use
            lacks.setdefault(lack.by, []).append(lack)
    for by, found in list(lacks.items())[:_MOST_UNMET]:
        needs = (f"{lack.wants} (here is {lack.there or 'none'})" for lack in found)
        yield Problem("unmet", f"{by} needs {', '.join(needs)}", _meeting(seen, found), (by,))
    rest = list(lacks)[_MOST_UNMET:]
    if rest:
        check = pip_in(seen.here, "check", ())
        yield Problem(
            "unmet", f"{len(rest)} more packages need what is not there", (check,), (*rest,)
        )


def _meeting(seen: Seen, lacks: Sequence[Lack]) -> tuple[str, ...]:
    """The commands that bring what is required: by conda what is its, by pip the rest. None for
    what other problems bring back: packages that are overwritten or gone.
    """
    theirs = {found.name: found for found in seen.inventory.conda_distributions}
    fallen = (*seen.inventory.overwritten, *seen.inventory.gone)
    known = set[str]().union(*map(_names, fallen))
    by_conda, by_pip = list[str](), list[str]()
    for lack in (lack for lack in lacks if lack.name not in known):
        if lack.conda:
            by_conda.append(lack.name)
        elif lack.name in theirs:
            wanted = lack.wants.lstrip("".join(NAME_CHARACTERS))
            by_conda.append(conda_spec(theirs[lack.name], wanted))
        else:
            by_pip.append(lack.wants)
    lines = [conda_install(seen.environment, dict.fromkeys(by_conda))] if by_conda else []
    return (*lines, *([pip_in(seen.here, "install", by_pip)] if by_pip else []))


def _doubled(seen: Seen) -> Iterator[Problem]:
    """Distributions with several metadata directories. The commands remove all of them, and
    install the conda-owned package again if there is one, else the version in the inventory.
    """
    known = set[str]().union(*map(_names, seen.inventory.overwritten))
    left = {path.rpartition("/")[2] for path in seen.inventory.leftovers}
    for name in sorted(seen.doubled.keys() - known):
        directories = [entry for entry in seen.doubled[name] if entry not in left]
        if len(directories) < 2:
            continue
        ours = _bringing(name, seen.inventory)
        uninstall = _uninstall(seen.here, name)
        yield Problem(
            "doubled",
            f"{name} is there {len(directories)} times: {', '.join(directories)}",
            (" && ".join([uninstall] * len(directories)), _again(seen.here, name, ours)),
            (name,),
        )


def _bringing(name: str, inventory: Inventory) -> list[Package]:
    """The packages that bring the distribution ``name``."""
    return [p for p in inventory.packages if name in (normalize(p.name), *p.distributions)]


def _again(here: Here, name: str, ours: Sequence[Package]) -> str:
    """The command that installs the distribution again, by conda if one of the packages is its."""
    by_conda = next((p for p in ours if p.owner in CONDA_OWNERS), None)
    if by_conda:
        return _relink(here, by_conda)
    return pip_in(here, "install", [f"{name}=={ours[-1].version}" if ours else name])


def _denied(seen: Seen) -> Iterator[Problem]:
    """Installed packages that the policy denies, for example from before there was this policy."""
    for package in deny_list.among(seen.deny, seen.inventory.packages) if seen.deny else ():
        yield Problem(
            "denied",
            f"{package.name} {package.version} is there, and the policy denies it",
            tuple(ways_back(seen.here, [package])),
            (package.name,),
        )


def _interrupted(seen: Seen) -> Iterator[Problem]:
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


def _half_made(seen: Seen) -> Iterator[Problem]:
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


def _outside(seen: Seen) -> Iterator[Problem]:
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


def _shadowed(seen: Seen) -> Iterator[Problem]:
    """Packages outside that hide the environment's own, count as its own, or are hidden."""
    found = seen.elsewhere
    if found:
        name = seen.environment.name or seen.environment.prefix
        names = tuple(dict.fromkeys(item.name for item in found))
        yield Problem("shadowed", described(found, name), without(found), names)


def _in_base(seen: Seen) -> Iterator[Problem]:
    """Packages that were put into base by hand."""
    if seen.by_hand:
        base = seen.selector[1] if seen.selector[:1] == ["-p"] else "base"
        new = free_name("from-base", seen.taken)
        verb = "was" if len(seen.by_hand) == 1 else "were"
        yield Problem(
            "in-base",
            f"{', '.join(first(seen.by_hand))} {verb} put into base, which conda itself runs in",
            (paste(["safeinstall", "rebuild", "--from", base, "--to", new]),),
            tuple(seen.by_hand),
        )


def _warned(seen: Seen) -> Iterator[Problem]:
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


def _journal(seen: Seen) -> Iterator[Problem]:
    if seen.damages:
        more = len(seen.damages) - 1
        several = f" and {more} more" if more else ""
        command = paste(["safeinstall", "history", "verify", *seen.selector])
        yield Problem("journal", f"{seen.damages[0]}{several}", (command,))


def _rails(seen: Seen) -> Iterator[Problem]:
    """Rails that somebody has taken out or changed, or that do not say any more what they should.
    One that cannot be laid was told of when it was tried.
    """
    broken = [step for step in seen.rails if not step.holds and step.state != "refused"]
    if broken:
        name = seen.environment.name or seen.environment.prefix
        paths = tuple(dict.fromkeys(step.path for step in broken))
        states = " and ".join(dict.fromkeys(step.told for step in broken))
        text = f"what protects {name} is {states}: {', '.join(first(paths))}"
        command = paste(["safeinstall", "protect", *seen.selector])
        yield Problem("rails", text, (command,), paths)


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


def _uninstall(here: Here, name: str) -> str:
    """An uninstall command, with an override reason: the guard would block it if a conda-owned
    package needs the distribution or has the same files.
    """
    return f'SAFEINSTALL_REASON="to mend it" {pip_in(here, "uninstall", [name])}'


def _relink(here: Here, package: Package) -> str:
    words = ["--force-reinstall", f"{package.name}={package.version}"]
    return conda_install(here.environment, words)


def _short(argv: Sequence[str]) -> list[str]:
    return [argv[0].rpartition("/")[2] or argv[0], *argv[1:]] if argv else []


_CHECKS: tuple[Callable[[Seen], Iterator[Problem]], ...] = (
    _overwritten,
    _written_over,
    _gone,
    _incomplete,
    _doubled,
    _leftovers,
    _unmet,
    _denied,
    _half_made,
    _interrupted,
    _outside,
    _shadowed,
    _in_base,
    _warned,
    _rails,
    _journal,
)
"""What finds the problems of each kind, the worst kind first."""
