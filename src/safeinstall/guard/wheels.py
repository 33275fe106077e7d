"""``safeinstall wheels REQUEST WHEEL…``: judge by its files what a waiting pip is about to install.

Called by our guest module in pip, not by users, and only where a wheel would write over a file that
is there, or take the place of a release with files in packages of conda's. Exit status 0: pip may
go on; 77: pip must stop.
"""

from __future__ import annotations

import os
import time

from safeinstall.errors import UsageError
from safeinstall.guard.plan import answered, case_of
from safeinstall.rules import registry
from safeinstall.rules.evidence import Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Facts, Shared


def wheels(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Judge the wheels, show the findings, and write the answer beside the request."""
    if len(arguments) < 2:
        raise UsageError("'wheels' is for our own guest in pip; nobody has to type it")
    case = case_of(arguments[0], environ)
    over = _written_over(case.facts, arguments[1:])
    if not over:
        return 0
    findings = tuple(registry.explain(case.facts, Evidence(files_to_be_written_over=over)))
    place = f"{arguments[0]}-{time.time_ns():020d}"
    return answered(case, findings, place, "about pip's wheels")


def _written_over(facts: Facts, paths: Sequence[str]) -> tuple[Shared, ...]:
    """The files of conda-owned packages that the wheels would write over or take away, but for
    packages that the policy's exceptions name.
    """
    from safeinstall.probe import shared_files, wheel

    environment = facts.environment
    site = os.path.relpath(environment.site_packages[0], environment.prefix)
    coming = [wheel.read(path, site) for path in paths]
    found = (
        *shared_files.would_be_written_over(facts.inventory, environment, coming),
        *shared_files.would_be_taken_away(facts.inventory, environment.prefix, coming),
    )
    free = facts.exempt.get("SI202", frozenset())
    return tuple(shared for shared in found if free.isdisjoint((shared.name, shared.by)))
