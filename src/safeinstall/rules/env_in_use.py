"""SI105 env-in-use: processes run out of the environment that the command changes."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.quoting import paste
from safeinstall.rules.wording import first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Facts, Process

CODE = "SI105"
NAME = "env-in-use"


def look(facts: Facts) -> Finding | None:
    """Harm, if the policy takes it for harm: what a process has loaded stays, what it imports later
    is new.
    """
    running = facts.running
    if not running:
        return None
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
