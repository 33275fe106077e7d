"""One file a rule. A rule looks at a situation and makes at most one statement about it; pure.

A finding's level says how bad it is: ``block`` for harm, ``warn`` for something milder. What the
policy makes of either is decided in :mod:`safeinstall.policy.judge`.
"""

from __future__ import annotations

from safeinstall.rules import (
    base_env,
    channel,
    conda_after_pip,
    conda_has_it,
    denied_package,
    drift,
    env_in_use,
    index,
    moving_source,
    outside_env,
    two_runtimes,
    wrong_env_pip,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from safeinstall.model import Finding, Situation

REGISTRY: dict[str, Callable[[Situation], Finding | None]] = {
    base_env.CODE: base_env.look,
    wrong_env_pip.CODE: wrong_env_pip.look,
    outside_env.CODE: outside_env.look,
    env_in_use.CODE: env_in_use.look,
    conda_after_pip.CODE: conda_after_pip.look,
    two_runtimes.CODE: two_runtimes.look,
    drift.CODE: drift.look,
    conda_has_it.CODE: conda_has_it.look,
    channel.CODE: channel.look,
    index.CODE: index.look,
    denied_package.CODE: denied_package.look,
    moving_source.CODE: moving_source.look,
}
"""Every rule by its code, in the order in which findings are shown."""


def look(situation: Situation) -> Iterator[Finding]:
    """What the rules have to say about the situation."""
    for rule in REGISTRY.values():
        finding = rule(situation)
        if finding is not None:
            yield finding
