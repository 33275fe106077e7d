"""One file a rule. A rule looks at the facts and makes at most one statement about it; pure.

A finding's level says how bad it is: ``block`` for harm, ``warn`` for something milder. What the
policy makes of either is decided in :mod:`safeinstall.policy.judge`.
"""

from __future__ import annotations

from safeinstall.errors import NO_FAULT_OF_DATA
from safeinstall.model import CONDA_LIKE, Unreadable
from safeinstall.rules import base_env, drift, wrong_env_pip
from safeinstall.specs import cuda
from safeinstall.specs.asked import asks_pip, pip_specs, removes_by_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from safeinstall.model import Facts, Finding


def _later(module: str, applies: Callable[[Facts], bool]) -> Callable[[Facts], Finding | None]:
    """A rule that most commands do without: it is imported where it applies."""

    def look(facts: Facts) -> Finding | None:
        if not applies(facts):
            return None
        rule = __import__(f"safeinstall.rules.{module}", fromlist=("look",))
        finding: Finding | None = rule.look(facts)
        return finding

    return look


def _leaves(facts: Facts) -> bool:
    """Might pip put something outside of the environment?"""
    target = facts.command.target
    return target.user or target.directed or facts.user_site == "fallback"


def _is_forced(facts: Facts) -> bool:
    return facts.forced is not None or facts.displaced is not None


def _not_by_name(facts: Facts) -> bool:
    return any(spec.editable or spec.kind in ("vcs", "path") for spec in facts.command.specs)


def _brings_by_pip(facts: Facts) -> bool:
    return asks_pip(facts.command) or bool(pip_specs(facts.command))


def _takes_away(facts: Facts) -> bool:
    """uv also does so with what it was not asked for."""
    return removes_by_pip(facts.command) or facts.command.tool == "uv"


def _on_gpus(facts: Facts) -> bool:
    return any(cuda.may_mean(spec.name, spec.version) for spec in facts.command.specs)


REGISTRY: dict[str, Callable[[Facts], Finding | None]] = {
    wrong_env_pip.CODE: wrong_env_pip.look,
    base_env.CODE: base_env.look,
    "SI103": _later("outside_env", _leaves),
    "SI104": _later("rail_overridden", _is_forced),
    "SI105": _later("env_in_use", lambda facts: bool(facts.running)),
    "SI201": _later("conda_after_pip", lambda facts: facts.command.tool in CONDA_LIKE),
    "SI202": _later("pip_over_conda", _brings_by_pip),
    "SI203": _later("pip_removes_conda", _takes_away),
    "SI204": _later("two_runtimes", _on_gpus),
    drift.CODE: drift.look,
    "SI301": _later("conda_has_it", lambda facts: bool(facts.offers)),
    "SI302": _later("channel", lambda facts: facts.channels is not None),
    "SI303": _later("index", lambda facts: facts.sources.indexes is not None),
    "SI304": _later("denied_package", lambda facts: bool(facts.sources.deny)),
    "SI305": _later("moving_source", _not_by_name),
    "SI402": _later("tool_warned", lambda _: False),  # heard while the tool runs
    "SI403": _later("held_back", lambda _: False),  # found by pip's rail, while pip runs
    "SI404": _later("unreadable", lambda facts: bool(facts.unreadable)),  # the last: see look
}
"""Every rule by its code, in the order in which findings are shown."""


def look(facts: Facts) -> Iterator[Finding]:
    """What the rules have to say about the facts.

    A rule that fails leaves the others their say, and counts as evidence that was not there.
    """
    for code, rule in REGISTRY.items():
        try:
            finding = rule(facts)
        except NO_FAULT_OF_DATA:
            raise
        except Exception as error:
            failed = Unreadable(f"rule {code}", facts.environment.prefix, _why(error))
            facts = facts.replace(unreadable=(*facts.unreadable, failed))
            continue
        if finding is not None:
            yield finding


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
