"""SI202 pip-over-conda: pip would replace a conda-owned package.

Conflicts through dependencies are left to pip's resolver, which runs under constraints that pin
conda-owned versions. ``look`` reports what the command line alone makes certain, and what no
constraint can stop.
"""

from __future__ import annotations

from safeinstall.argv.typed import short_words, words_of
from safeinstall.model import CONDA_LIKE, CONDA_OWNERS, Environment, Finding
from safeinstall.output.quoting import paste
from safeinstall.output.wording import counted, files, first
from safeinstall.rules.shared import conda_owned, pip_settings
from safeinstall.rules.shared.remedies import (
    Here,
    conda_in,
    conda_install,
    here,
    pip_in,
    pip_install,
)
from safeinstall.specs import lookalikes
from safeinstall.specs.cuda import PIP_STACKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import CondaDistribution, Facts, Shared, Spec
    from safeinstall.rules.evidence import Evidence
    from safeinstall.rules.shared.environment_file import Clash
    from safeinstall.rules.shared.pip_conflicts import Objection

CODE = "SI202"
NAME = "pip-over-conda"

INSTALLERS = frozenset(("pip", "setuptools", "wheel"))
"""What is upgraded before anything else by habit, and does as well in the version that is there."""


def look(facts: Facts) -> Finding | None:
    """``block`` if pip would replace conda-owned files; ``warn`` if ``--upgrade`` will do nothing,
    because the constraints pin the package. That is natural for what installs: pip itself, …
    """
    command, environment = facts.command, facts.environment
    if command.asks_pip and facts.foreign_prefix:
        return _intrusion(facts)
    if command.tool in CONDA_LIKE:
        from safeinstall.rules.shared import environment_file

        found = environment_file.clashes(facts)
        return _in_one_file(facts, found) if found else None
    if not command.asks_pip or not (environment.kind == "conda" or facts.of_others):
        return None
    if not conda_owned.changes_environment(command, environment):
        return None
    theirs = conda_owned.owned(facts)
    met = [(spec, theirs[spec.name]) for spec in command.specs if spec.name in theirs]
    harmed = [(s, there, how) for s, there in met if (how := conda_owned.replaces(s, there, facts))]
    harmed += _doubles(facts, theirs)
    if harmed:
        return _harm(facts, harmed)
    met = [(spec, there) for spec, there in met if not there.of]  # not this conda's to update
    return _mistaken(facts, met) or _passed_over(facts, met)


def _doubles(
    facts: Facts, theirs: Mapping[str, CondaDistribution]
) -> list[tuple[Spec, CondaDistribution, str]]:
    """Specs that have the files of a conda-owned distribution under another name."""
    command = facts.command
    named = {spec.name: spec for spec in command.specs if not conda_owned.is_conditional(spec)}
    new = named.keys() - theirs.keys() - PIP_STACKS.keys()  # SI204 reports GPU stacks
    if not new or conda_owned.installs_outside(command, facts.environment):
        return []
    theirs = {name: there for name, there in theirs.items() if not there.of}
    found = lookalikes.doubles(theirs, facts.names_seen, conda_owned.modules(facts))
    return [
        (named[name], mine, f"has what {name} brings, and would be written over")
        for name, mine in found.items()
        if name in new
    ]


def _harm(facts: Facts, harmed: Sequence[tuple[Spec, CondaDistribution, str]]) -> Finding:
    from safeinstall.rules.shared import remedies_for_pip

    lines = [
        f"{conda_owned.described(there)}: {how}{f' ({spec.origin})' if spec.origin else ''}"
        for spec, there, how in harmed
    ]
    met = [(spec, there) for spec, there, _ in harmed]
    return _finding(
        "block",
        tuple(there for _, there, _ in harmed),
        "pip would replace {what}, and conda would not know: what it built on them breaks, and "
        "its next change mixes both versions.",
        lines,
        remedies_for_pip.foreseen(facts, met),
    )


def _intrusion(facts: Facts) -> Finding:
    """The finding for ``--target`` or ``--prefix`` into another conda environment: pip does not
    look at the packages there.
    """
    there, command = facts.foreign_prefix, facts.command
    if not command.target.directed:
        return _led_astray(facts)
    option = "--prefix" if command.target.scheme_prefix else "--target"
    if facts.typed:  # conda, which will start this pip
        fix = pip_settings.without(paste(short_words(facts.typed)), facts)
    else:
        fix = pip_install(Here(Environment(there, "conda")), words_of(command))
    return _into_another(
        facts,
        f"{pip_settings.setting(option, facts)} leads this pip into another environment, "
        f"{there}. It sees nothing of what conda has put there, and writes over it.",
        (fix,),
    )


def _led_astray(facts: Facts) -> Finding:
    """The finding for a user install where the user's directory is another conda environment."""
    there, words = facts.foreign_prefix, words_of(facts.command)
    fixes: tuple[str, ...] = ()
    if facts.typed:
        fixes = (paste(short_words(facts.typed)),)
    else:
        both = here(facts), Here(Environment(there, "conda"))
        fixes = tuple([pip_install(which, words) for which in both])
    return _into_another(
        facts,
        f"the user's directory is another environment, {there}. A user install replaces what "
        "conda has put there, and conda would not know.",
        tuple(pip_settings.without(fix, facts) for fix in fixes),
    )


def _into_another(facts: Facts, message: str, fixes: tuple[str, ...]) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=message,
        evidence=(f"this pip belongs to {facts.environment.prefix}",),
        fixes=fixes,
    )


def _in_one_file(facts: Facts, found: Sequence[Clash]) -> Finding:
    from safeinstall.rules.shared import environment_file

    brought = [clash.instead for clash in found if clash.instead]
    dropped = [clash.spec.name for clash in found if not clash.instead]
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message="what the file asks pip for would take the place of what conda brings, and conda "
        "would not know.",
        evidence=tuple(f"{clash.spec.origin}: {clash.why}" for clash in found),
        fixes=(environment_file.edited(facts, brought, dropped, made=False),),
        packages=tuple(dict.fromkeys(clash.spec.name for clash in found)),
    )


def _mistaken(facts: Facts, met: Sequence[tuple[Spec, CondaDistribution]]) -> Finding | None:
    """``warn`` if pip takes a private copy of conda's for the package, and does nothing."""
    apart = [(spec, there) for spec, there in met if there.package.name != there.name]
    if not apart:
        return None
    from safeinstall.specs.conda_names import PRIVATE_COPIES

    here = {package.name for package in facts.inventory.packages}
    copies = [
        (spec, there)
        for spec, there in apart
        if (true := PRIVATE_COPIES.get(there.package.name)) and true not in here
    ]
    if not copies:
        return None
    wanted = [conda_owned.conda_spec(there, spec.version) for spec, there in copies]
    return _finding(
        "warn",
        tuple(there for _, there in copies),
        "pip is asked for {what}, and will say that this is satisfied. It is a private copy of "
        "conda's, which is imported by another name.",
        [f"{spec.raw}  is not {conda_owned.described(there)}" for spec, there in copies],
        conda_owned.conda_first(facts, wanted),
    )


def _passed_over(facts: Facts, met: Sequence[tuple[Spec, CondaDistribution]]) -> Finding | None:
    kept = tuple(
        there
        for spec, there in met
        if not (conda_owned.is_conditional(spec) or spec.name in INSTALLERS)
    )
    if "--upgrade" not in facts.command.flags or not kept:
        return None
    update = conda_in(facts.environment, "update", [there.package.name for there in kept])
    return _finding(
        "warn",
        kept,
        "pip is asked to upgrade {what}. It is held to the version that is there, and will say "
        "that this is satisfied.",
        [conda_owned.described(there) for there in kept],
        (update,),
    )


def hold(facts: Facts) -> Sequence[str]:
    """Constraints by which pip's resolver can neither replace conda-owned distributions, nor write
    over their files under another name, nor move a pip-owned package to a version that conda-owned
    packages reject.
    """
    from safeinstall.rules.shared import pip_constraints, pip_held

    protected = pip_held.owned(facts)
    again = pip_constraints.written_again(facts, protected)
    near = pip_held.looked_at(facts, protected)
    return [
        *pip_constraints.lines(near, again, arbitrary=facts.command.tool == "pip"),
        *(f"{name}=={pip_constraints.NOWHERE}" for name in pip_held.doubles(facts, protected)),
        *pip_constraints.needed_lines(pip_held.needed(facts, protected)),
    ]


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``block`` where the constraints stopped pip; ``warn`` where conda-owned packages were
    replaced, which could not be seen before.
    """
    if evidence.files_to_be_written_over:
        yield _intended(facts, evidence.files_to_be_written_over)
    if evidence.replaced or evidence.files_written_over:
        yield _happened(facts, evidence)
    if not (evidence.uv_failed or evidence.conflicts):
        return
    from safeinstall.rules.shared import pip_conflicts, pip_held

    if evidence.uv_failed and (pip_held.owned(facts) or pip_held.barred(facts)):
        yield _suspected(facts)
    if found := pip_conflicts.objections(facts, evidence):
        yield stopped(facts, found)


def stopped(facts: Facts, objections: Sequence[Objection]) -> Finding:
    """The finding where the constraints stopped pip, from the conflicts that pip logged."""
    from safeinstall.rules.shared import environment_file, remedies_for_pip

    lost = "" if not all(o.stays for o in objections) else "what is needed by "
    return _finding(
        "block",
        tuple({o.there.name: o.there for o in objections}.values()),
        f"pip would have replaced {lost}{{what}}. {environment_file.was_stopped(facts)}",
        [_line(objection) for objection in objections],
        (
            *remedies_for_pip.refused(facts.as_typed, objections),
            *environment_file.taken_back(facts),
        ),
    )


def _intended(facts: Facts, found: Sequence[Shared]) -> Finding:
    """The finding where pip is about to install wheels with files of conda-owned packages."""
    from safeinstall.rules.shared import new_environment

    names = list(dict.fromkeys(shared.by for shared in found))
    acts = {False: "write over", True: "take away"}
    lines = [
        f"{s.name} would {acts[s.intact]} {files(s.file, s.more)} of conda's {s.by}" for s in found
    ]
    act = " or ".join(acts[intact] for intact in sorted({shared.intact for shared in found}))
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"pip would {act} files of conda's {counted(names)}, and conda would not "
        "know. Nothing has been installed yet.",
        evidence=first(lines),
        fixes=(*_put_right(facts, found), *new_environment.alone(facts, names)),
        packages=tuple(names),
    )


def _put_right(facts: Facts, found: Iterable[Shared]) -> Iterator[str]:
    """The command by which conda brings back metadata of its packages that pip does not see: it
    would install another release of the same name.
    """
    there = (*facts.inventory.owned_by(*CONDA_OWNERS), *facts.inventory.gone)
    known = {package.name: package for package in there}
    lost = {s.by for s in found if s.by in known and s.name in known[s.by].distributions}
    if lost:
        yield conda_install(facts.environment, ["--force-reinstall", *sorted(lost)])


def _happened(facts: Facts, evidence: Evidence) -> Finding:
    """The finding after conda-owned packages were replaced, or their files written over."""
    environment = facts.environment
    replaced = [
        (c.name, c.name, f"{c.name} ({c.before.version})") for c in evidence.replaced if c.before
    ]
    written = [
        (shared.name, shared.by, f"{files(shared.file, shared.more)} of {shared.by}")
        for shared in evidence.files_written_over
    ]
    pips, condas, lost = zip(*replaced, *written, strict=True)
    uninstall = pip_in(here(facts), "uninstall", dict.fromkeys(pips))
    again = conda_install(environment, ["--force-reinstall", *dict.fromkeys(condas)])
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip has put its own in the place of conda's {' and '.join(first(lost))}, and "
        "conda does not know.",
        fixes=(f'SAFEINSTALL_REASON="back to conda" {uninstall} && {again}',),
        packages=tuple(dict.fromkeys(pips)),
        lead="To go back",
    )


def _suspected(facts: Facts) -> Finding:
    """uv failed under constraints. Its reasons cannot be read: they are on the terminal only."""
    command = facts.command
    if not command.flags.isdisjoint(("--reinstall", "--reinstall-package")):
        fix = paste(short_words(command.replace(words=(*command.words, "--no-reinstall"))))
        return Finding(
            rule=CODE,
            name=NAME,
            level="warn",
            message="uv was held to what conda owns here, which it must not install again, and it "
            "failed.",
            fixes=(fix,),
            lead="Run",
        )
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message="uv was held to the versions of what conda owns here, and it failed. If its "
        "message names one of these packages with '==', it is conda's turn: conda install it in "
        "the version that is wanted, then run this once more. What it names with '==0+' has the "
        "files of one of conda's, which will do: what needs the other goes into an environment of "
        "its own.",
    )


def _finding(
    level: str,
    theirs: Sequence[CondaDistribution],
    message: str,
    lines: Sequence[str],
    fixes: tuple[str, ...],
) -> Finding:
    names = list(dict.fromkeys(there.name for there in theirs))
    what = counted(names)
    warns = level == "warn"
    said = message.format(what=f"{what}, which conda owns" if warns else f"conda's {what}")
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn" if warns else "block",
        message=said,
        evidence=first(lines),
        fixes=fixes,
        packages=tuple(names),
        lead="Run",
    )


def _line(objection: Objection) -> str:
    if objection.needs:
        return f"{conda_owned.described(objection.there)} needs {objection.needs}, and has to stay"
    there, by = objection.there, objection.by or "the command"
    if objection.double:
        same = f"{by} needs {objection.double}, which has the same files"
        return f"{conda_owned.described(there)}: {same}"
    becomes = f" would have become {objection.becomes}" if objection.becomes else ""
    if objection.becomes == there.version:
        becomes = " would have been installed again"
    return f"{conda_owned.described(there)}{becomes}: {by} needs {there.name}{objection.wants}"
