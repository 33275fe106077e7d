"""What a coding agent asks before it runs a shell command: would the guard stop it?

The agent waits for the answer before every command, so most of them are answered by a look at the
bytes. It is stopped by nothing but a block: what is not understood, is let through, and is guarded
when it runs.
"""

from __future__ import annotations

import os

from safeinstall import canonical
from safeinstall.errors import SafeinstallError
from safeinstall.specs.agent_hooks import HOOKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.settings import Session
    from safeinstall.specs.agent_hooks import Hooked

STOPPED = 2
_TOOLS = ("pip", "conda", "mamba", "uv")
_DIRECTORIES = ("dir_path", "directory", "workdir")  # of the shell tool's arguments, by agent


def answer(agent: str, question: bytes, session: Session) -> tuple[int, str, str]:
    """The exit status, and what belongs on stdout and on stderr."""
    hooked = HOOKED.get(agent)
    if hooked is None or not any(tool.encode() in question for tool in _TOOLS):
        return 0, "", ""
    asked = _asked(question, hooked, session)
    told = _first_block(*asked) if asked else ""
    if not told:
        return 0, "", ""
    if hooked.answer == "stderr":
        return STOPPED, "", told
    return 0, canonical.encode(_as_json(hooked, told)).decode() + "\n", ""


def _as_json(hooked: Hooked, told: str) -> dict[str, Any]:
    if hooked.answer == "cursor":
        user = told.partition("\n")[0]
        return {"permission": "deny", "user_message": user, "agent_message": told}
    return {"permissionDecision": "deny", "permissionDecisionReason": told}


def _asked(question: bytes, hooked: Hooked, session: Session) -> tuple[str, Session] | None:
    """The shell text, and the session it will run in; ``None`` if it is about something else."""
    said = canonical.decode_object(question) or {}
    arguments = said.get("tool_input", said.get("toolArgs", said))
    if isinstance(arguments, str):  # Copilot: JSON in JSON
        arguments = canonical.decode_object(os.fsencode(arguments))
    if (
        said.get("hook_event_name", hooked.event) != hooked.event
        or said.get("tool_name", said.get("toolName", "")) != hooked.tool
        or not isinstance(arguments, dict)
        or not isinstance(text := arguments.get("command"), str)
    ):
        return None
    places = [said.get("cwd"), *map(arguments.get, _DIRECTORIES)]
    cwd = os.path.join(session.cwd, *(place for place in places if isinstance(place, str)))
    return text, session.replace(cwd=os.path.normpath(cwd))


def _first_block(text: str, session: Session) -> str:
    if not any(tool in text for tool in _TOOLS):  # it was in the name of a directory
        return ""
    from safeinstall.guard import shell_commands

    found = shell_commands.commands(text, session)
    return next(filter(None, (_block(words, its) for words, its in found)), "")


def _block(words: list[str], session: Session) -> str:
    """What an agent is told about a block; ``""`` where the command may run, or would fail."""
    from safeinstall.guard import pasting
    from safeinstall.guard.assess import assess, is_stopped
    from safeinstall.guard.words import is_ours, understand
    from safeinstall.probe import place as places
    from safeinstall.render import plain

    if not session.settings.enabled:
        return ""
    try:
        command, executable = understand(words, session)
        if not is_ours(command):
            return ""
        assessed = assess(places.find(command, executable, session), session, dry_run=True)
    except SafeinstallError:  # of the tool or the policy: it is told where the command runs
        return ""
    if not is_stopped(assessed):
        return ""
    typed = assessed.case.facts.typed or assessed.case.facts.command
    return plain.for_agent(assessed.verdict, typed, pasting.place(session)) + "\n"
