"""SI304 denied-package: the policy denies a requested package, or one of its dependencies.

The rule judges three times, because a dependency may be known late:

- the command line: pip and conda choose the newest release that a spec admits, so this release is
  judged; of conda's alternatives (``2.8|2.7``), the newest of each;
- before anything changes: conda's plan is judged, and constraints keep pip's resolver from denied
  releases (:mod:`safeinstall.rails.pip`);
- afterwards: the packages that were installed.
"""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.shown import value, values
from safeinstall.output.wording import counted, first
from safeinstall.rules.shared.remedies import here, ways_back
from safeinstall.specs import admitted, deny_list
from safeinstall.specs.deny_list import PERHAPS, SURELY
from safeinstall.specs.requirement import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Change, Facts, Level, Package, Plan
    from safeinstall.rules.evidence import Evidence

CODE = "SI304"
NAME = "denied-package"


def look(facts: Facts) -> Finding | None:
    """``block`` if the newest release that a spec admits is denied, or may be denied."""
    met = admitted.denied(facts.command, facts.sources.deny)
    if not met:
        return None
    return _finding(
        "block",
        [spec.name for spec, _, _ in met],
        _message(
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == SURELY)),
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == PERHAPS)),
        ),
        [f"{spec.raw}  {verdict} by {entry!r}" for spec, verdict, entry in met],
    )


def hold(facts: Facts) -> Sequence[str]:
    """Constraints that keep pip's resolver from denied releases, dependencies among them."""
    from safeinstall.rules.shared import pip_held

    return [name + constraint for name, constraint in pip_held.denied(facts).items()]


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """``block`` if conda is about to link a denied package, requested or as a dependency."""
    entries = deny_list.by_name(facts.sources.deny)
    met = [
        (package, verdict, entry)
        for package in plan.link
        for entry in entries.get(normalize(package.name), ())
        if (verdict := deny_list.of_release(entry, package.name, package.version))
    ]
    if not met:
        return None
    names = list(dict.fromkeys(package.name for package, _, _ in met))
    return _finding(
        "block",
        names,
        f"conda would bring {counted(names)}, which the policy denies.",
        [f"{p.name} {p.version}  {verdict} by {e!r}" for p, verdict, e in met],
    )


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``block`` for denied packages that the constraints kept out, ``warn`` for those that were
    installed because they could not be seen before.
    """
    known = {name for found in evidence.said if found.rule == CODE for name in found.packages}
    come = [p for p in brought(facts.sources.deny, evidence.brought) if p.name not in known]
    if come:
        yield _come(facts, come)
    if not (evidence.uv_failed or evidence.conflicts):
        return
    from safeinstall.rules.shared import pip_conflicts, pip_held

    if evidence.uv_failed and (kept_out := pip_held.denied(facts)):
        yield _suspected(kept_out)
    if wishes := pip_conflicts.denied(facts, evidence):
        yield _stopped(facts, wishes)


def _stopped(facts: Facts, wishes: Mapping[str, str]) -> Finding:
    """pip was stopped; ``wishes`` maps each denied name to the package that requires it."""
    from safeinstall.rules.shared import environment_file

    return _finding(
        "block",
        list(wishes),
        f"pip would have brought {counted(list(wishes))}, which the policy denies. "
        + environment_file.was_stopped(facts),
        [f"{name}  for {by or 'the command'}" for name, by in wishes.items()],
    )


def _suspected(held: Mapping[str, str]) -> Finding:
    """uv failed under constraints. Its reasons cannot be read: they are on the terminal only."""
    return _finding(
        "warn",
        list(held),
        "uv was kept from what the policy denies, and it failed. If its message names one of "
        f"these, that is why: {', '.join(first([name + c for name, c in held.items()]))}.",
    )


def _come(facts: Facts, come: Sequence[Package]) -> Finding:
    named = [f"{value(package.name)} {value(package.version)}" for package in come]
    return _finding(
        "warn",
        [package.name for package in come],
        f"{' and '.join(first(named))} has come, which the policy denies.",
        named,
    ).replace(fixes=(" && ".join(ways_back(here(facts), come)),), lead="To go back")


def _finding(
    level: Level, names: Iterable[str], message: str, evidence: Iterable[str] = ()
) -> Finding:
    packages = tuple(dict.fromkeys(names))
    return Finding(CODE, NAME, level, message, tuple(evidence), packages=packages)


def brought(deny: Iterable[str], changes: Iterable[Change]) -> list[Package]:
    """The denied packages that the changes installed, or installed in another version."""
    new = [
        change.after
        for change in changes
        if change.after and (not change.before or change.before.version != change.after.version)
    ]
    return deny_list.among(deny, new)


def _message(surely: list[str], perhaps: list[str]) -> str:
    sentences = []
    if surely:
        sentences.append(f"The policy denies {values(surely)}.")
    if perhaps:
        sentences.append(
            f"The policy denies some releases, and whether {values(perhaps)} asks for one "
            "cannot be told: name a plain version."
        )
    return " ".join(sentences)
