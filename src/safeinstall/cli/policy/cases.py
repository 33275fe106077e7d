"""``safeinstall policy test``: does a policy judge as a file of cases expects?"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from safeinstall.errors import PolicyError, UsageError
from safeinstall.guard import imagined
from safeinstall.output.shown import one_line
from safeinstall.policy import load
from safeinstall.policy.layer import Fault, examine
from safeinstall.report.policy import cases, explained

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.policy.merge import Policy
    from safeinstall.report.policy.cases import Case
    from safeinstall.settings import Session

_NO_POLICY = 'the cases name no policy; add policy = "safeinstall.toml", or use --policy'
_FOREIGN = "no command of pip, conda, mamba or uv that they would understand"


def judge_all(
    file: str, session: Session, out: TextIO, *, policy_file: str = "", kind: str = ""
) -> int:
    """Judge each case in the file, and print those that are not judged as they expect. The policy
    is ``policy_file``, or the one that the file names, as a file of the layer ``kind``.

    Returns 0, 1 if a case fails, or 78 if the file of cases is invalid. Raises PolicyError for an
    invalid policy.
    """
    found, faults = examine(file, cases.DOCUMENT)
    listed = [] if faults else cases.read(found)
    faults += tuple(_fault(case, file) for case in listed if imagined.parsed(case.command) is None)
    for fault in faults:
        out.write(f"{one_line(str(fault))}\n")
    if faults:
        return PolicyError.exit_code
    named = found["content"].get("policy", "")
    path = policy_file or (os.path.join(os.path.dirname(file), named) if named else "")
    if not path:
        raise UsageError(f"{file}: {_NO_POLICY}")
    layer = kind or load.kind_of(path, session.settings)
    policy = load.merged([(layer, path)], session.settings, fetching=True)
    today = str(found["content"].get("today", time.strftime("%Y-%m-%d")))
    failures = [failure for case in listed for failure in _failure(case, policy, today, file)]
    for failure in failures:
        out.write(f"{one_line(failure)}\n")
    passed = len(listed) - len(failures)
    out.write(f"{passed} of {len(listed)} case{'s' * (len(listed) != 1)} as expected\n")
    return int(bool(failures))


def _fault(case: Case, file: str) -> Fault:
    return Fault(file, f"command: {_FOREIGN}", *case.place)


def _failure(case: Case, policy: Policy, today: str, file: str) -> list[str]:
    command = imagined.parsed(case.command)
    assert command is not None
    judged = imagined.judged(command, case.environment, case.actor, policy, today)
    said = cases.failure(case, judged.verdict)
    if not said:
        return []
    rules = explained.asked(judged.answers, judged.policy, judged.environment, today)
    title = f"{case.about}: " if case.about else ""
    why = cases.reasons(judged.verdict, rules)
    return [str(Fault(file, f"{title}{case.command}: {said}: {why}", *case.place))]
