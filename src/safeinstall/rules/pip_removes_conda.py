"""SI203 pip-removes-conda: pip would uninstall a package that conda owns."""

from __future__ import annotations

from safeinstall.model import Environment, Finding
from safeinstall.output.quoting import noted, paste
from safeinstall.output.wording import counted, files, first
from safeinstall.rules.shared import conda_owned, new_environment
from safeinstall.rules.shared.remedies import conda_in, conda_install, here, pip_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import (
        Command,
        CondaDistribution,
        Facts,
        Need,
        Package,
        Shared,
    )
    from safeinstall.rules.evidence import Evidence

CODE = "SI203"
NAME = "pip-removes-conda"


def look(facts: Facts) -> Finding | None:
    """``block``: the files would be removed, but the conda-meta record would stay, so that conda
    would not install the package again.
    """
    if facts.environment.kind != "conda" and not facts.of_others:
        return None
    if facts.command.removes_by_pip:
        harm = _unseen(facts) or _uninstalled(facts) or _pulled_away(facts)
        return harm or _taken_along(facts) or _uncovered(facts) or _left_behind(facts)
    return _cleared(facts) if _clears(facts.command) else None


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``warn``: conda-owned distributions were removed, unforeseen or by an override."""
    tool, environment = facts.command.tool, facts.environment
    gone, left = evidence.removed_packages, evidence.orphaned_records
    if gone:
        names = [there.name for there in gone]
        again = _again(environment, [there.package for there in gone])
        message = f"{tool} has taken away conda's {' and '.join(first(names))}, and conda does not "
        yield _mild(f"{message}know.", "To have them back", again, names)
    if left:
        names = [name for record in left for name in record.distributions]
        again = _again(environment, left)
        message = f"{tool} has uninstalled {counted(names)}. conda's record says that "
        message += f"{_titles(left)} is there, and nothing of it is."
        yield _mild(message, "To have it back", again, names)


def _mild(message: str, lead: str, again: str, names: Sequence[str]) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=message,
        fixes=(again,),
        packages=tuple(names),
        lead=lead,
    )


def _again(environment: Environment, records: Iterable[Package]) -> str:
    """The command by which conda installs these packages again, in the recorded versions."""
    specs = dict.fromkeys(f"{record.name}={record.version}" for record in records)
    return conda_install(environment, ["--force-reinstall", *specs])


def _titles(records: Iterable[Package]) -> str:
    return " and ".join(f"{record.name} {record.version}" for record in records)


def _unseen(facts: Facts) -> Finding | None:
    """The finding for an uninstall whose list only the tool can read. It names no package, so that
    a policy exception for one package does not allow the removal of all.
    """
    there = list(_found_first(facts))
    if not facts.unseen or not there:
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"nobody can see beforehand what {' and '.join(facts.unseen)} names. conda's "
        f"{counted(there)} may be among it, and conda would not know that they are gone.",
        fixes=(
            noted(
                f"{pip_in(here(facts), 'freeze', ())} > packages.txt", "or whatever it comes from"
            ),
            pip_in(here(facts), "uninstall", ["-r", "packages.txt"]),
        ),
    )


def _uninstalled(facts: Facts) -> Finding | None:
    """The finding if a named distribution is conda-owned. Markers are ignored, as pip and uv ignore
    them on an uninstall; a distribution that shadows a conda-owned one may be removed.
    """
    theirs = _found_first(facts)
    asked = facts.command.specs
    gone = {spec.name: theirs[spec.name] for spec in asked if spec.name in theirs}
    if not gone:
        return None
    rest = [s.name if s.origin else s.raw for s in asked if s.name and s.name not in gone]
    by_pip = (pip_in(here(facts), "uninstall", rest),) if rest else ()
    return _finding(
        tuple(gone.values()),
        "pip would uninstall {what} of conda's. conda would go on believing that it is there, "
        "and would not install it again.",
        (*_instead(facts, tuple(gone.values())), *by_pip),
    )


def _found_first(facts: Facts) -> dict[str, CondaDistribution]:
    """The conda-owned distributions that pip finds before others of their names, by name."""
    own = (there for there in facts.inventory.conda_distributions if not there.shadow)
    return {there.name: there for there in (*own, *facts.of_others)}


def _pulled_away(facts: Facts) -> Finding | None:
    """The finding if conda-owned packages need a pip-owned distribution that would be removed."""
    needs = facts.still_needed
    if not needs:
        return None
    gone = tuple(dict.fromkeys(need.name for need in needs))
    needed = tuple(dict.fromkeys(need.by for need in needs))
    environment = facts.environment
    remove = conda_in(environment, "remove", needed)
    back = _back(facts, gone)
    return _told(
        gone,
        f"pip would uninstall {counted(gone)}, which packages of conda's need. conda brought them "
        "its own, and would not know that they have nothing to stand on.",
        [_needed(need) for need in needs],
        (*back, remove, new_environment.made(facts, needed)),
    )


def _taken_along(facts: Facts) -> Finding | None:
    """The finding if pip would remove files that are conda's, too, and have conda's content."""
    both = [found for found in facts.shared if found.intact]
    if not both:
        return None
    names = tuple(dict.fromkeys(found.name for found in both))
    uninstall = pip_in(here(facts), "uninstall", names)
    again = conda_install(facts.environment, ["--force-reinstall", *_owners(both)])
    return _told(
        names,
        f"pip would uninstall {counted(names)}, and with it files that packages of conda's have, "
        "too. conda would not know that they are gone.",
        [f"conda's {found.by} has {files(found.file, found.more)}, too" for found in both],
        (f'SAFEINSTALL_REASON="back to conda" {uninstall} && {again}',),
    )


def _uncovered(facts: Facts) -> Finding | None:
    """``warn``: the distribution was written over files of conda's, which will be missing then."""
    over = [found for found in facts.shared if not found.intact]
    if not over:
        return None
    again = conda_install(facts.environment, ["--force-reinstall", *_owners(over)])
    names = tuple(dict.fromkeys(found.name for found in over))
    lost = [f"{files(found.file, found.more)} of conda's {found.by}" for found in over]
    return _mild(
        f"{counted(names)} was written over {' and '.join(first(lost))}; nothing will be there "
        "then, and conda would not know.",
        "To have conda's back then",
        again,
        names,
    )


def _owners(shared: Iterable[Shared]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.by for found in shared))


def _back(facts: Facts, names: Iterable[str]) -> tuple[str, ...]:
    """The command that uninstalls the pip-owned distributions and lets conda install the recorded
    versions again; empty if no conda-meta record has them.
    """
    records = _replaced(facts, names)
    if not records:
        return ()
    environment = facts.environment
    theirs = {package.name for package in facts.residents}
    going = [name for record in records for name in record.distributions if name in theirs]
    uninstall = pip_in(here(facts), "uninstall", going)
    again = _again(environment, records)
    return (f'SAFEINSTALL_REASON="back to conda" {uninstall} && {again}',)


def _replaced(facts: Facts, names: Iterable[str]) -> list[Package]:
    """The conda-meta records whose files were replaced by distributions of these names."""
    asked = frozenset(names)
    overwritten = facts.inventory.overwritten
    return [record for record in overwritten if not asked.isdisjoint(record.distributions)]


def _left_behind(facts: Facts) -> Finding | None:
    """``warn``: no conda-owned package needs the distribution, but its conda-meta record stays."""
    names = [spec.name for spec in facts.command.specs]
    records = _replaced(facts, names)
    if not records:
        return None
    going = [name for record in records for name in record.distributions if name in names]
    again = _again(facts.environment, records)
    return _mild(
        f"conda's record of {_titles(records)} stays where {facts.command.tool} uninstalls "
        f"{counted(going)}, and conda would not install it again.",
        "To have it back then",
        again,
        going,
    )


def _needed(need: Need) -> str:
    if need.unread:
        return f"conda's {need.by} may need {need.name}{need.wants}: {need.unread} cannot be read"
    return f"conda's {need.by} needs {need.name}{need.wants}"


def _clears(command: Command) -> bool:
    if command.tool != "uv":
        return False
    exact = command.verb == "pip install" and "--exact" in command.flags
    project = command.verb == "sync" and "--inexact" not in command.flags
    return exact or project or command.verb == "pip sync"


def _cleared(facts: Facts) -> Finding | None:
    """The finding if uv would remove conda-owned distributions that no requirement names."""
    command = facts.command
    if not conda_owned.changes_environment(command, facts.environment):
        return None
    kept = {spec.name for spec in command.specs}
    gone = tuple(d for d in facts.inventory.conda_distributions if d.name not in kept)
    if not gone:
        return None
    option = "--exact" if command.verb == "pip install" else f"uv {command.verb}"
    return _finding(
        gone,
        f"{option} removes what the requirements do not lead to, {{what}} of conda's.",
        _spared(command),
    )


def _spared(command: Command) -> tuple[str, ...]:
    """The command that installs the same packages, and removes none from this environment."""
    if command.verb == "pip sync":
        files = [word for file in command.files for word in ("-r", file)]
        return (paste(["uv", "pip", "install", *files]),)
    if command.verb == "sync":
        words = [word for word in command.words if word != "--active"]
        own = paste(["env", "-u", "UV_PROJECT_ENVIRONMENT", *words])
        return (noted(own, "into the project's own .venv"),)
    return ()


def _finding(gone: tuple[CondaDistribution, ...], message: str, fixes: tuple[str, ...]) -> Finding:
    names = tuple(there.name for there in gone)
    lines = [conda_owned.described(there) for there in gone]
    return _told(names, message.format(what=counted(names)), lines, fixes)


def _told(
    names: tuple[str, ...], message: str, lines: list[str], fixes: tuple[str, ...]
) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=message,
        evidence=first(lines),
        fixes=fixes,
        packages=names,
    )


def _instead(facts: Facts, gone: tuple[CondaDistribution, ...]) -> tuple[str, ...]:
    """The commands to remove the packages by conda. If there are two distributions of one name,
    neither tool can remove only its own: pip removes both, and conda installs its one again.
    """
    elsewhere = sorted({there.of for there in gone if there.of})
    if elsewhere:
        own = {there.name: there for there in facts.inventory.conda_distributions}
        here_too = tuple(own[there.name] for there in gone if there.name in own)
        return (
            *(_instead(facts, here_too) if here_too else ()),
            *(_from_another(prefix, gone) for prefix in elsewhere),
        )
    packages = sorted({there.package.name for there in gone})
    twins = sorted(there.name for there in gone if there.twin)
    if not twins:
        return (conda_in(facts.environment, "remove", packages),)
    uninstall = pip_in(here(facts), "uninstall", twins)
    return (
        noted(f"SAFEINSTALL_REASON='two of one name' {uninstall}", "once for each"),
        conda_install(facts.environment, ["--force-reinstall", *packages]),
    )


def _from_another(prefix: str, gone: Iterable[CondaDistribution]) -> str:
    packages = sorted({there.package.name for there in gone if there.of == prefix})
    return conda_in(Environment(prefix, "conda"), "remove", packages)
