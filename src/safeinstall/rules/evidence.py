"""What became known while the tool ran, or after it has ended, for the rules to explain."""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from safeinstall.model import (
        Change,
        CondaDistribution,
        Finding,
        Need,
        Package,
        Process,
        Unreadable,
    )
    from safeinstall.rails.pip_log import Log
    from safeinstall.specs.tool_warnings import ToolWarning


class Evidence(Value):
    """Whatever one source tells; the other fields stay empty."""

    succeeded: bool = False  # did the tool end with status 0?
    running: tuple[Process, ...] = ()  # other people's processes out of this environment
    conflicts: Log | None = None  # what pip's resolver noted, where it met conflicts
    uv_failed: bool = False  # uv failed, and was held by constraints that it may not have met
    unjudged: bool = False  # conda has changed something, and nobody has seen its plan
    replaced: tuple[Change, ...] = ()  # conda-owned packages in whose place another's stand now
    written_over: tuple[Need, ...] = ()  # files of conda packages that came once more by pip
    taken_away: tuple[CondaDistribution, ...] = ()  # conda-owned, and not there any more
    left_behind: tuple[Package, ...] = ()  # conda's records of what pip owned, and took away
    brought: tuple[Change, ...] = ()  # what has changed, where the policy denies any package
    unreadable: tuple[Unreadable, ...] = ()  # what kept us from laying a rail
    warnings: tuple[ToolWarning, ...] = ()  # the tool's own, as far as they mean trouble
    said: tuple[Finding, ...] = ()  # the findings that the user has been shown by now

    def doubting(self, item: Unreadable) -> Self:
        """The same evidence, and what it could not be explained by."""
        return self.replace(unreadable=(*self.unreadable, item))
