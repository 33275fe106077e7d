"""SI105 env-in-use: processes run out of the environment that is about to change."""

from __future__ import annotations

from safeinstall.model import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Process, Situation

CODE = "SI105"
NAME = "env-in-use"

_MOST = 6


def look(situation: Situation) -> Finding | None:
    """Harm, if the policy takes it for harm: what a process has loaded stays, what it imports later
    is new.
    """
    running = situation.running
    if not running:
        return None
    count = len(running)
    name = situation.environment.name or situation.environment.prefix
    who = f"{running[0].name} ({running[0].pid})" if count == 1 else f"{count} processes"
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{who} {'runs' if count == 1 else 'run'} out of {name}: old code in memory will "
        "meet new files. Start again what runs there.",
        evidence=_listed(running),
        fixes=(f"kill {' '.join(str(process.pid) for process in running[:_MOST])}",)
        if count <= _MOST
        else (),
    )


def _listed(running: tuple[Process, ...]) -> tuple[str, ...]:
    width = max(len(str(process.pid)) for process in running[:_MOST])
    lines = [f"{p.pid:>{width}}  {p.command or p.name}" for p in running[:_MOST]]
    rest = len(running) - len(lines)
    return (*lines, f"and {rest} more") if rest else tuple(lines)
