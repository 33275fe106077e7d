"""SI201 conda-after-pip: conda changes an environment in which pip owns packages."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.wording import counted, few, listed
from safeinstall.rules.shared import environment_replaced
from safeinstall.rules.shared.remedies import conda_install, here, pip_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts, Plan, Resident
    from safeinstall.rules.evidence import Evidence
    from safeinstall.rules.shared.plan_harm import Harm

CODE = "SI201"
NAME = "conda-after-pip"

TABLE = ("package", "is there", "conda would", "hurt")
MOST = 10  # lines of the table; the rest in a number


def look(facts: Facts) -> Finding | None:
    """``block`` if conda's plan cannot be seen beforehand; otherwise ``look_at_plan`` judges it."""
    if environment_replaced.concerns(facts):
        return _made_anew(facts.replaced_environment or facts)
    if facts.plan_is_seen or not facts.conda_may_touch:
        return None
    foreign = facts.residents
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"conda would change {facts.environment.name}, where pip owns "
        f"{_counted(len(foreign))}. conda does not see them: it may replace what they need and "
        "write over their files. What exactly it would do cannot be found out beforehand here.",
        evidence=listed(foreign),
        fixes=_fixes(facts),
        packages=tuple(package.name for package in foreign),
    )


def explain(facts: Facts, _: Evidence) -> Iterator[Finding]:
    """``warn``: conda changed the environment, and its plan could not be judged before."""
    if not facts.conda_may_touch:
        return
    environment, foreign = facts.environment, facts.residents
    check = pip_in(here(facts), "check", ())
    yield Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"conda has changed {environment.name}, where pip owns {_counted(len(foreign))}, "
        "and what it did could not be judged before.",
        fixes=(check,),
        packages=tuple(package.name for package in foreign),
        lead="Whether they still work",
    )


def _made_anew(facts: Facts) -> Finding | None:
    """``warn`` only, as scripts replace whole environments on purpose; ``block`` where nothing is
    put in its place.
    """
    message = environment_replaced.message(facts)
    if not message:
        return None
    foreign = facts.residents
    # "conda rename" removes the environment's journal as well: list every lost package here
    most = len(foreign) if facts.command.destination else 6
    return Finding(
        rule=CODE,
        name=NAME,
        level="block" if environment_replaced.brings_nothing(facts) else "warn",
        message=message,
        evidence=listed(foreign, most),
        fixes=environment_replaced.fixes(facts),
        packages=tuple(package.name for package in foreign),
        lead="To keep it",
    )


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """``block`` if the transaction would break packages that pip owns, else ``warn``, once."""
    from safeinstall.rules.shared.plan_harm import harms

    others = plan.residents
    found = harms(facts, plan, others)
    if found:
        return _harmful(facts, found, others)
    return _without_pip(facts, plan, others) or _mild(facts, plan, others)


def _without_pip(facts: Facts, plan: Plan, others: Sequence[Resident]) -> Finding | None:
    """``warn``: conda takes pip away, by name or as a consequence, and what pip owns stays."""
    names = {resident.name for resident in others}
    gone = {package.name for package in plan.unlink} - {package.name for package in plan.link}
    if "pip" not in gone or "pip" in names:
        return None
    name = facts.environment.name
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"conda takes pip away from {name}, where pip owns {_counted(len(names))}. They "
        "stay, but nothing in there can update or remove them, and the word pip then leads to "
        "another environment.",
        evidence=listed(facts.residents),
        fixes=(conda_install(facts.environment, ["pip"], facts.command),),
        packages=tuple(sorted(names)),
        lead="To have it back",
    )


def _harmful(facts: Facts, found: Sequence[Harm], others: Sequence[Resident]) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{_act(found, facts.environment.name)} It keeps no record of these packages, "
        f"and would not know.{_unread(others)}",
        evidence=_table(found),
        fixes=_fixes(facts, found, others),
        packages=tuple(dict.fromkeys(harm.package for harm in found)),
    )


def _act(found: Sequence[Harm], environment: str) -> str:
    from safeinstall.rules.shared.plan_harm import BUILD

    if all(harm.act == BUILD for harm in found):
        return f"conda would build on what pip owns in {environment}, in versions that do not fit."
    may = "would" if any(harm.sure for harm in found) else "may"
    return f"conda {may} break what pip owns in {environment}."


def _unread(others: Sequence[Resident]) -> str:
    """A sentence on distributions with unreadable metadata: their names and the files."""
    unread = [resident for resident in others if resident.requires is None]
    if not unread:
        return ""
    names = counted([resident.name for resident in unread])
    files = " and ".join(few([resident.unread for resident in unread], 2))
    return f" What {names} needs cannot be read in {files}."


def _unseen(plan: Plan) -> str:
    """A sentence on packages that could not be looked into, as conda has not unpacked them yet."""
    needs = [package.name for package in plan.link if package.requires is None]
    files = [p.name for p in plan.link if p.files is None and p.requires is not None]
    said = f" What {counted(needs)} needs could not be looked at." if needs else ""
    return said + (f" Which files {counted(files)} writes could not be looked at." if files else "")


def _mild(facts: Facts, plan: Plan, others: Sequence[Resident]) -> Finding:
    """``warn`` when conda comes back to an environment that has been handed over to pip; later
    only where the metadata of a resident cannot be read.
    """
    names = {package.name for package in (*plan.link, *plan.unlink)}
    unread = _unread(others)
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"conda changes {_counted(len(names))} in {facts.environment.name}, which was "
        f"handed over to pip (it owns {len(others)} there). As far as was looked, none of these "
        f"breaks.{unread}{_unseen(plan)} conda first, pip last is safer.",
        fixes=_fixes(facts, (), others),
        packages=tuple(sorted(names)),
        again=CODE in facts.told and not unread,
    )


def _table(found: Sequence[Harm]) -> tuple[str, ...]:
    """One line for each harm, in aligned columns; after MOST lines the number of the rest."""
    rows = [TABLE, *((h.package, h.there, h.act, ", ".join(few(h.hurt, 3))) for h in found[:MOST])]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
        for row in rows
    ]
    rest = len(found) - MOST
    return (*lines, f"and {rest} more") if rest > 0 else tuple(lines)


def _counted(count: int) -> str:
    return f"{count} {'package' if count == 1 else 'packages'}"


def _fixes(
    facts: Facts, found: Sequence[Harm] = (), others: Sequence[Resident] = ()
) -> tuple[str, ...]:
    from safeinstall.rules.shared import remedies_for_conda

    return remedies_for_conda.fixes(facts, found, others)
