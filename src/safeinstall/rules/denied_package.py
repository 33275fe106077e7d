"""SI304 denied-package: the policy denies what is asked for, or what comes with it.

Three looks, as a name may come up late. At the words: the newest release that the request admits
is what pip and conda go for, so that is the one that is judged; of conda's alternatives
(``2.8|2.7``), that of each. At what the tool is about to do: conda's plan is judged, pip's resolver
is held by constraints (:mod:`safeinstall.rails.pip`). At what has come in the end.
"""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, Finding
from safeinstall.rules.remedies import conda_in, pip_in
from safeinstall.rules.wording import counted, first
from safeinstall.shown import value, values
from safeinstall.specs import deny_list
from safeinstall.specs.asked import conda_specs, pip_specs
from safeinstall.specs.deny_list import PERHAPS, SURELY
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import as_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Change, Environment, Facts, Package, Plan, Spec

CODE = "SI304"
NAME = "denied-package"


def look(facts: Facts) -> Finding | None:
    """Harm: somebody has decided that this shall not be installed."""
    deny = facts.sources.deny
    if not deny:
        return None
    entries = deny_list.by_name(deny)
    met = [
        (spec, verdict, entry)
        for spec, wanted in _asked(facts)
        for entry in entries.get(normalize(spec.name), ())
        if (verdict := deny_list.of_request(entry, spec.name, wanted))
    ]
    if not met:
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=_message(
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == SURELY)),
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == PERHAPS)),
        ),
        evidence=tuple(f"{spec.raw}  {verdict} by {entry!r}" for spec, verdict, entry in met),
        packages=tuple(dict.fromkeys(spec.name for spec, _, _ in met)),
    )


def look_at_plan(facts: Facts, plan: Plan) -> Finding | None:
    """Harm: what conda is about to link, be it asked for or needed by what is."""
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
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"conda would bring {counted(names)}, which the policy denies.",
        evidence=tuple(f"{p.name} {p.version}  {verdict} by {e!r}" for p, verdict, e in met),
        packages=tuple(names),
    )


def stopped(wishes: Mapping[str, str]) -> Finding:
    """What pip was kept from; ``wishes`` are who asked for it, by the denied name."""
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"pip would have brought {counted(list(wishes))}, which the policy denies. It "
        "was stopped before it changed anything.",
        evidence=tuple(f"{name}  for {by or 'the command'}" for name, by in wishes.items()),
        packages=tuple(wishes),
    )


def suspected(held: Mapping[str, str]) -> Finding:
    """uv has failed under constraints; its reasons are on the terminal, and nowhere else."""
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message="uv was kept from what the policy denies, and it failed. If its message names one "
        f"of these, that is why: {', '.join(first([name + c for name, c in held.items()]))}.",
        packages=tuple(held),
    )


def happened(facts: Facts, come: Sequence[Package]) -> Finding:
    """It has come all the same: nobody could see it before."""
    named = [f"{value(package.name)} {value(package.version)}" for package in come]
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"{' and '.join(first(named))} has come, which the policy denies. To go back: "
        f"{' && '.join(ways_back(facts.environment, come))}",
        evidence=tuple(named),
        packages=tuple(package.name for package in come),
    )


def ways_back(environment: Environment, come: Iterable[Package]) -> list[str]:
    """The commands that take them out, each with the tool that has brought them."""
    come = tuple(come)
    by_conda = [p.name for p in come if p.owner in CONDA_OWNERS]
    by_pip = [p.name for p in come if p.owner not in CONDA_OWNERS]
    lines = []
    if by_conda:
        lines.append(conda_in(environment, "remove", by_conda))
    if by_pip:
        lines.append(pip_in(environment, "uninstall", by_pip))
    return lines


def denied(deny: Iterable[str], packages: Iterable[Package]) -> list[Package]:
    """Those of the packages that are surely denied."""
    entries = deny_list.by_name(deny)
    return [
        package
        for package in packages
        if any(
            deny_list.of_release(entry, package.name, package.version) == SURELY
            for entry in entries.get(normalize(package.name), ())
        )
    ]


def brought(deny: Iterable[str], changes: Iterable[Change]) -> list[Package]:
    """What is denied and was not there before in this version."""
    new = [
        change.after
        for change in changes
        if change.after and (not change.before or change.before.version != change.after.version)
    ]
    return denied(deny, new)


def told(findings: Iterable[Finding]) -> set[str]:
    """The names that the user has been told of."""
    return {name for found in findings if found.rule == CODE for name in found.packages}


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


def _asked(facts: Facts) -> Iterator[tuple[Spec, tuple[str, ...] | None]]:
    """Named packages, each with the alternatives of its constraint as pip writes them; ``None``
    where it cannot be written so. Of a source whose version is not known before it is built, pip
    will tell: where only some releases are denied, it is left to the constraints.
    """
    for spec in pip_specs(facts.command):
        if spec.name:
            is_source = spec.kind != "name" and not spec.version
            yield spec, () if is_source else (spec.version,)
    for spec in conda_specs(facts.command):
        if spec.name:
            yield spec, as_pip(spec.version)
