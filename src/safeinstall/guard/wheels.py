"""``safeinstall wheels REQUEST WHEEL…``: judge by its files what a waiting pip is about to install.

Called by our guest module in pip, not by users, and only where a wheel would write over a file that
is there. Exit status 0: pip may go on; 77: pip must stop.
"""

from __future__ import annotations

import os
import time

from safeinstall.errors import Blocked, UsageError
from safeinstall.guard.decide import decide
from safeinstall.guard.plan import case_of
from safeinstall.output import stderr
from safeinstall.rails import plan_request
from safeinstall.rails.rail import Answer
from safeinstall.rules import registry
from safeinstall.rules.evidence import Evidence
from safeinstall.settings import Session
from safeinstall.settings import read as read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Facts, Shared


def wheels(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Judge the wheels, show the findings, and write the answer beside the request."""
    if len(arguments) < 2:
        raise UsageError("'wheels' is for our own guest in pip; nobody has to type it")
    request = plan_request.read(arguments[0])
    settings = read_settings(environ)
    settings = settings.replace(reason=request.reason or settings.reason)
    case = case_of(request, Session(settings, environ, request.cwd))
    over = _written_over(case.facts, arguments[1:])
    if not over:
        return 0
    findings = tuple(registry.explain(case.facts, Evidence(files_to_be_written_over=over)))
    verdict, override = decide(case, findings, amid_output=True)
    stopped = verdict.decision == "block" and not override
    place = f"{arguments[0]}-{time.time_ns():020d}"
    try:
        plan_request.answer(place, Answer(findings, stopped=stopped, override=override))
    except OSError as error:  # the exit status still tells pip the decision
        stderr.note(f"the answer about pip's wheels cannot be kept: {error}")
    return Blocked.exit_code if stopped else 0


def _written_over(facts: Facts, paths: Sequence[str]) -> tuple[Shared, ...]:
    """The files of conda-owned packages that the wheels would write over, but for packages that
    the policy's exceptions name.
    """
    from safeinstall.probe import shared_files, wheel

    environment = facts.environment
    site = os.path.relpath(environment.site_packages[0], environment.prefix)
    coming = [wheel.read(path, site) for path in paths]
    found = shared_files.would_be_written_over(facts.inventory, environment, coming)
    free = facts.exempt.get("SI202", frozenset())
    return tuple(shared for shared in found if free.isdisjoint((shared.name, shared.by)))
