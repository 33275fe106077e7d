"""``safeinstall policy check``: all that is wrong with policy files."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from safeinstall.cli.policy.printed import as_json
from safeinstall.errors import PolicyError
from safeinstall.output import sarif
from safeinstall.output.github import annotation
from safeinstall.output.sarif import Place, Result, Rule
from safeinstall.output.shown import one_line
from safeinstall.policy import load
from safeinstall.report.policy import faults
from safeinstall.report.policy.faults import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from safeinstall.report.policy.faults import Remark
    from safeinstall.settings import Session

_RULES = {
    ERROR: Rule("policy-invalid", "The policy file cannot be used"),
    WARNING: Rule("policy-without-effect", "The entry has no effect in this file"),
}


def check(
    files: Sequence[str], session: Session, out: TextIO, *, form: str = "text", kind: str = ""
) -> int:
    """Print every error in the files and in those that they extend, and entries without effect,
    each file for itself; without ``files``, of those that count together in the working directory.
    ``kind`` is the layer as which they are looked at; by default that of their place.

    Returns 0, or 78 if there is an error.
    """
    settings, today = session.settings, time.strftime("%Y-%m-%d")
    named = [[(kind or load.kind_of(file, settings), file)] for file in files]
    groups = named or [load.files(settings, session.cwd)]
    each = (faults.remarks(group, settings, today) for group in groups)
    found = faults.ordered(remark for remarks in each for remark in remarks)
    if form == "json":
        as_json(faults.document(found), out)
    elif form == "sarif":
        json.dump(_sarif(found), out, indent=2)
        out.write("\n")
    elif form == "github":
        for remark in found:
            text = one_line(remark.fault.reason)
            out.write(f"{annotation(remark.level, _place(remark), text)}\n")
    else:
        _as_text(found, sum(map(len, groups)), out)
    wrong = any(remark.level == ERROR for remark in found)
    return PolicyError.exit_code if wrong else 0


def _as_text(found: Iterable[Remark], number: int, out: TextIO) -> None:
    found = list(found)
    for remark in found:
        out.write(f"{one_line(str(remark))}\n")
    if not found:
        out.write(f"{number} file{'s' * (number != 1)} checked, nothing is wrong\n")


def _sarif(found: Iterable[Remark]) -> object:
    results = (
        Result(_RULES[remark.level].id, remark.level, one_line(remark.fault.reason), _place(remark))
        for remark in found
    )
    return sarif.document(list(_RULES.values()), results)


def _place(remark: Remark) -> Place:
    fault = remark.fault
    return Place(fault.file, fault.line, fault.column)
