"""SI404 unreadable-evidence: a file or a fact that the rules need cannot be read."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.output.quoting import paste, quote
from safeinstall.rules.shared.remedies import conda_install, here, pip_install

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Facts, Plan, Unreadable
    from safeinstall.rules.evidence import Evidence

CODE = "SI404"
NAME = "unreadable-evidence"

_MOST = 3
_DAMAGED = {
    "conda-record": "is no record that conda could read; the package in it counts as conda-owned",
    "conda-meta": "cannot be listed; what conda has installed counts as conda-owned",
    "leftover": "is left of a distribution that is gone; pip may say that it is installed",
    "record-file": "does not list all files of its package",
    "journal": "has lost records since the last command",
    "frozen": "cannot be read; the environment counts as frozen",
    "condarc": "cannot be read; conda goes on without it",
    "pyvenv": "cannot be read; the environment counts as a virtual environment",
}
"""The message for a damaged file, by its kind. Any other kind is a bug in reading it."""


def look(facts: Facts) -> Finding:
    """``block``: the other rules had to judge without knowing everything that they need."""
    return _finding(facts, facts.unreadable)


def look_at_plan(facts: Facts, _: Plan) -> Finding:
    """``block``, for items that could not be read when conda's plan was judged."""
    return _finding(facts, facts.unreadable)


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``block``, for items that could not be read when the rail was prepared."""
    yield _finding(facts, evidence.unreadable)


def _finding(facts: Facts, found: Sequence[Unreadable]) -> Finding:
    told = [_told(item) for item in found]
    more = f" and {len(told) - _MOST} more" if len(told) > _MOST else ""
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{'; '.join(told[:_MOST])}{more}. The command was judged by what is known.",
        evidence=tuple(told),
        fixes=tuple(dict.fromkeys(_fixes(facts, found))),
    )


def _told(item: Unreadable) -> str:
    if item.kind in _DAMAGED:
        return f"{item.path} {_DAMAGED[item.kind]}"
    return f"could not be read: {item.kind} ({item.path}): {item.why}; please report this"


def _fixes(facts: Facts, found: Iterable[Unreadable]) -> Iterable[str]:
    """The commands that repair the damaged files."""
    prefix = facts.environment.prefix
    for item in found:
        if item.kind == "conda-record":
            name, version, build = os.path.basename(item.path)[:-5].rsplit("-", 2)
            words = ["--force-reinstall", f"{name}={version}={build}"]
            away = paste(["mv", item.path, f"{item.path}.damaged"])
            # The package counts as pip's until then, so conda's change may be blocked
            again = f'SAFEINSTALL_REASON="to mend it" {conda_install(facts.environment, words)}'
            yield f"{away} && {again}"
        elif item.kind == "record-file":
            stem = os.path.basename(os.path.dirname(item.path)).removesuffix(".dist-info")
            spec = stem.replace("-", "==", 1)
            words = ["--ignore-installed", "--no-deps", spec]
            yield pip_install(here(facts), words)
        elif item.kind == "leftover":
            yield paste(["rm", "-r", item.path])
        elif item.kind == "journal":
            yield paste(["safeinstall", "history", "verify", "-p", prefix])
        elif item.kind == "frozen":
            yield f"echo '{{}}' > {quote(item.path)}"
        elif item.kind == "condarc":
            yield "conda config --validate"
        elif item.kind == "pyvenv":
            yield paste(["python3", "-m", "venv", prefix])
        elif item.kind == "conda-meta":
            yield paste(["chmod", "u+rwx", item.path])
