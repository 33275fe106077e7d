"""SI306 impostor: pip is asked for a name that is not what it seems, or that Python has itself."""

from __future__ import annotations

from safeinstall.argv.typed import words_of
from safeinstall.model import Finding
from safeinstall.output.quoting import noted
from safeinstall.output.shown import value, values
from safeinstall.output.wording import counted, first
from safeinstall.rules.shared import environment_file
from safeinstall.rules.shared.remedies import here, pip_install, ways_back
from safeinstall.specs import impostors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Facts, Spec
    from safeinstall.rules.evidence import Evidence

CODE = "SI306"
NAME = "impostor"


def look(facts: Facts) -> Finding | None:
    """``block`` if the command names one."""
    python = facts.environment.python
    found = {spec: impostors.of(spec.name, python) for spec in facts.impostors}
    lines = [f"{value(spec.raw)}  {met.why}" for spec, met in found.items() if met]
    if not lines:
        return None
    names = list(dict.fromkeys(spec.name for spec in found))
    what = "is" if len(names) == 1 else "are"
    fixes = _fixes(facts)
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{values(names)} on PyPI {what} not what to install: "
        f"{lines[0].partition('  ')[2]}." + ("" if fixes else " Nothing is needed in its place."),
        evidence=first(lines),
        fixes=fixes,
        packages=tuple(names),
    )


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``warn`` about those that have come as a dependency."""
    python = facts.environment.python
    said = {name for found in evidence.said if found.rule == CODE for name in found.packages}
    come = [
        (change.after, met)
        for change in evidence.come_by_pip
        if change.after and change.name not in said and (met := impostors.of(change.name, python))
    ]
    if not come:
        return
    names = [package.name for package, _ in come]
    back = " && ".join(ways_back(here(facts), [package for package, _ in come]))
    yield Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{counted(names)} from PyPI has come as a dependency, and is of no use here: "
        f"{come[0][1].why}.",
        evidence=first([f"{value(package.name)}  {met.why}" for package, met in come]),
        fixes=(back,),
        packages=tuple(names),
        lead="Run",
    )


def _fixes(facts: Facts) -> tuple[str, ...]:
    """The command with what is meant, or without what is not needed; the one that updates conda."""
    command, bad = facts.command, facts.impostors
    right = ("conda update -n base conda",) if any(s.name == "conda" for s in bad) else ()
    if not command.asks_pip:
        return (environment_file.edited(facts, (), [spec.raw for spec in bad], made=False), *right)
    instead = [meant for spec in bad if (meant := _meant(spec))]
    files = [spec.origin.rpartition(":")[0] for spec in bad if spec.origin]
    words = words_of(command, [spec for spec in command.specs if spec not in bad], instead)
    if not words:
        return right
    change = f"without {' and '.join(s.name for s in bad)} in {files[0]}" if files else ""
    return (noted(pip_install(here(facts), words), change), *right)


def _meant(spec: Spec) -> str:
    found = impostors.of(spec.name, "")
    return found.instead if found else ""
