"""What the policy makes of findings in files: the only place where the linter asks it."""

from __future__ import annotations

import time

from safeinstall.model import Environment
from safeinstall.policy import Circumstances, load
from safeinstall.policy import judge as policy_judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.lint.nouns import Told
    from safeinstall.model import Sources
    from safeinstall.policy.merge import Policy
    from safeinstall.settings import Settings


def policy_of(settings: Settings, cwd: str) -> Policy:
    """The policy that applies in the directory. Raises PolicyError for an invalid file."""
    return load.load(settings, cwd)


def sources_of(policy: Policy) -> Sources:
    """The policy's lists of channels, indexes and packages."""
    return policy.sources


def judged(found: Iterable[Told], policy: Policy, actors: frozenset[str]) -> list[Told]:
    """The findings with the levels of the policy, without those that it switches off or excepts.
    What it says of an environment goes by the name or the path that the file gives it; ``actors``
    are those who act here.
    """
    today = time.strftime("%Y-%m-%d")
    policies: dict[str, Policy] = {}  # by environment: to merge one takes as long as to judge many
    kept = []
    for told in found:
        place = told.environment
        environment = Environment(place, "conda", place.rpartition("/")[2])
        if place not in policies:
            policies[place] = policy.within(Circumstances(environment.name, place, actors))
        verdict = policy_judge.judge([told.finding], policies[place], environment, today)
        kept += [told.replace(finding=finding) for finding in verdict.findings]
    return kept
