"""SI105 env-in-use: processes run out of the environment that the command changes."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.quoting import paste
from safeinstall.output.wording import first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Facts, Process
    from safeinstall.rules.evidence import Evidence

CODE = "SI105"
NAME = "env-in-use"


def look(facts: Facts) -> Finding | None:
    """``block``, as a running process keeps the old code that it has loaded, and imports new code
    later. The presets lower this to ``warn`` or ``off``.
    """
    return _finding(facts, facts.running) if facts.running else None


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``block``, about the processes that were found while the tool ran (see :func:`look`)."""
    yield _finding(facts, evidence.running)


def _finding(facts: Facts, running: Sequence[Process]) -> Finding:
    count = len(running)
    name = facts.environment.name or facts.environment.prefix
    who = f"{running[0].name} ({running[0].pid})" if count == 1 else f"{count} processes"
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{who} {'runs' if count == 1 else 'run'} out of {name}: old code in memory will "
        "meet new files. Start again what runs there.",
        evidence=first(_lines(running)),
        fixes=(paste(["ps", "-f", "-p", ",".join(str(process.pid) for process in running)]),),
    )


def _lines(running: Sequence[Process]) -> list[str]:
    width = max(len(str(process.pid)) for process in running)
    return [f"{p.pid:>{width}}  {p.command or p.name}" for p in running]
