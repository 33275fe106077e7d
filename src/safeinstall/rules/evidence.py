"""Evidence that becomes known while the tool runs or after it has ended."""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from safeinstall.model import (
        Change,
        CondaDistribution,
        Finding,
        Package,
        Process,
        Shared,
        Unreadable,
    )
    from safeinstall.rails.pip_log import Log
    from safeinstall.specs.tool_warnings import ToolWarning


class Evidence(Value):
    """The evidence from one source; the fields of the other sources stay empty."""

    succeeded: bool = False  # did the tool end with status 0?
    running: tuple[Process, ...] = ()  # processes of this environment, but not the tool itself
    conflicts: Log | None = None  # the log of pip's resolver, if it ran into conflicts
    uv_failed: bool = False  # uv failed under constraints, which may be the cause
    plan_not_judged: bool = False  # conda changed something, and its plan was not judged before
    replaced: tuple[Change, ...] = ()  # conda-owned packages that another installer replaced
    files_written_over: tuple[Shared, ...] = ()  # files of conda-owned packages that pip wrote over
    # files of conda-owned packages that pip is about to write over
    files_to_be_written_over: tuple[Shared, ...] = ()
    removed_packages: tuple[CondaDistribution, ...] = ()  # conda-owned distributions now missing
    # conda-meta records of packages that pip had replaced, and whose replacement was uninstalled
    orphaned_records: tuple[Package, ...] = ()
    brought: tuple[Change, ...] = ()  # the changes, if the policy denies any package
    come_by_pip: tuple[Change, ...] = ()  # the packages that pip or uv has brought
    # the changes by conda where its plan was not judged before and variants are there
    unplanned: tuple[Change, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()  # what could not be read when the rail was prepared
    warnings: tuple[ToolWarning, ...] = ()  # warnings of the tool that mean trouble
    said: tuple[Finding, ...] = ()  # the findings that the user has been shown already

    def with_unreadable(self, item: Unreadable) -> Self:
        """The same evidence, with one more item that could not be read."""
        return self.replace(unreadable=(*self.unreadable, item))
