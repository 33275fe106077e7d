"""SI301 conda-has-it: pip is asked for a package that a channel of this environment has."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, Finding
from safeinstall.output.shown import value
from safeinstall.rules.shared.remedies import by_conda_then, conda_install
from safeinstall.specs.translation import as_conda
from safeinstall.specs.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts, Offer, Spec

CODE = "SI301"
NAME = "conda-has-it"


def look(facts: Facts) -> Finding | None:
    """``block`` for compiled, numeric and GPU packages and for ``prefer_conda``, else ``warn``.

    No finding if the environment contains packages that are not conda-owned: an environment that
    was handed over to pip is not handed back to conda.
    """
    if not facts.offers:
        return None
    offers = {offer.name: offer for offer in facts.offers}
    met = [(s, offers[s.name]) for s in facts.wanted_by_name if s.name in offers]
    here = {package.name for package in facts.inventory.owned_by(*CONDA_OWNERS)}
    met = [
        (s, offer) for s, offer in met if offer.conda_name not in here and _has_version(offer, s)
    ]
    if not met:
        return None
    heavy = [pair for pair in met if _is_heavy(pair[1], facts)]
    light = [pair for pair in met if pair not in heavy]
    return _finding(facts, heavy + light, harm=bool(heavy))


def _has_version(offer: Offer, spec: Spec) -> bool:
    """Does the channel have a version that the spec admits? True if that cannot be told."""
    if not offer.versions or not spec.version:
        return True
    return any(satisfies(version, spec.version) is not False for version in offer.versions)


def _is_heavy(offer: Offer, facts: Facts) -> bool:
    from safeinstall.specs.conda_names import COMPILED

    preferred = facts.sources.prefer_conda
    return offer.name in COMPILED or offer.name in preferred or offer.conda_name in preferred


def _finding(facts: Facts, met: list[tuple[Spec, Offer]], *, harm: bool) -> Finding:
    words = list(
        dict.fromkeys(offer.conda_name + (as_conda(spec.version) or "") for spec, offer in met)
    )
    names = [offer.conda_name for _, offer in met]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    fix = conda_install(facts.environment, words)
    return Finding(
        rule=CODE,
        name=NAME,
        level="block" if harm else "warn",
        message=f"{value(met[0][1].channel)} has {shown}: conda first, pip last.",
        evidence=tuple(
            f"{value(spec.raw)}  is {o.conda_name} in {value(o.channel)}" for spec, o in met
        ),
        fixes=(fix, *_rest(facts, [spec for spec, _ in met])),
        packages=tuple(spec.name for spec, _ in met),
        lead="To have it from conda",
        afterwards=by_conda_then(facts, [spec.name for spec, _ in met], words),
    )


def _rest(facts: Facts, met: list[Spec]) -> tuple[str, ...]:
    """The pip command for the remaining specs; empty if some come from a requirements file."""
    from safeinstall.argv.typed import words_of
    from safeinstall.rules.shared.remedies import here, pip_install

    left = [spec for spec in facts.command.specs if spec not in met]
    if not left or any(spec.origin for spec in facts.command.specs):
        return ()
    return (pip_install(here(facts), words_of(facts.command, left)),)
