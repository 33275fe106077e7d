"""Our hook in the configuration files of coding agents: put in, and taken out without a trace."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from safeinstall.errors import RcFileError
from safeinstall.files import resources
from safeinstall.integration import json_text
from safeinstall.output.quoting import quote
from safeinstall.output.shown import printable
from safeinstall.specs.agent_hooks import HOOKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.specs.agent_hooks import Hooked

_MARK = " hook --for "
_VERSION = {"version": 1}
_MADE = '{ "hooks": { '  # how a file begins that was made for our hook


def installed(environ: Mapping[str, str], home: str) -> list[tuple[str, str]]:
    """The agents that this user has, by name, and the file of each for our hook."""
    found = ((name, directory(hooked, environ, home)) for name, hooked in HOOKED.items())
    return [(name, os.path.join(d, HOOKED[name].file)) for name, d in found if os.path.isdir(d)]


def directory(hooked: Hooked, environ: Mapping[str, str], home: str) -> str:
    """Where the agent has its configuration."""
    return environ.get(hooked.variable) or os.path.join(home, hooked.directory)


def add(name: str, file: str, content: bytes | None) -> bytes:
    """The content of the agent's file with our hook in it, as it is now.

    Raises RcFileError where the file is not what it must be.
    """
    hooked, ours = HOOKED[name], entry(name)
    path = ("hooks", hooked.event)
    if content is None or not content.strip():
        return _made_for(path, ours, version=hooked.version).encode()
    text = _checked(name, file, content)
    mine = [(child, value) for child, value in json_text.elements(text, path) if is_ours(value)]
    if not mine:
        return json_text.add(text, path, ours).encode()
    child, value = mine[0]
    return content if value == ours else json_text.replace(text, child, ours).encode()


def remove(name: str, file: str, content: bytes) -> bytes | None:
    """The content of the agent's file without our hook; ``None`` if the file was made for it.

    Raises RcFileError where it is there, in a file that is no JSON.
    """
    if _MARK.encode() not in content:
        return content
    text = _checked(name, file, content)
    left = json_text.remove(text, ("hooks", HOOKED[name].event), is_ours)
    made = text.startswith(_MADE) and json.loads(left) in ({}, _VERSION)
    return None if made else left.encode()


def by_hand(name: str) -> str:
    """The lines to put into the agent's file by hand."""
    return json.dumps({"hooks": {HOOKED[name].event: [entry(name)]}}, indent=2)


def entry(name: str, python: str = sys.executable, main: str = resources.MAIN) -> dict[str, Any]:
    """Our hook, in the agent's own form."""
    hooked, command = HOOKED[name], _command(name, python, main)
    if hooked.answer == "copilot":
        return {
            "type": "command",
            "matcher": hooked.tool,
            "bash": command,
            "timeoutSec": hooked.timeout,
        }
    hook: dict[str, Any] = {"command": command, "timeout": hooked.timeout}
    if not hooked.grouped:
        return hook
    return {"matcher": hooked.tool, "hooks": [{"type": "command", **hook}]}


def _command(name: str, python: str, main: str) -> str:
    """The shell command of the hook. Where safeinstall is gone, it does nothing: Python itself ends
    with 2, which stops the agent, if it does not find its file. What answers in JSON has no other
    status than 0, as Copilot takes any other for a block.
    """
    start = f"{quote(python)} -I -S {quote(main)}{_MARK}{name}"
    there = f"[ -x {quote(python)} ] && [ -f {quote(main)} ] || exit 0"
    return f"{there}; {start}" + ("" if HOOKED[name].answer == "stderr" else " || exit 0")


def _made_for(path: tuple[str, ...], ours: dict[str, Any], *, version: bool) -> str:
    text = json_text.made(path, ours)
    return text.removesuffix(" }") + (', "version": 1 }\n' if version else " }\n")


def is_ours(value: Any) -> bool:
    """Is this entry of a list of hooks ours, of whatever release, and nothing else in it?"""
    inside = value.get("hooks") if isinstance(value, dict) else None
    alone = not isinstance(inside, list) or len(inside) == 1
    return alone and any("safeinstall" in text and _MARK in text for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from _texts(one)


def _checked(name: str, file: str, content: bytes) -> str:
    """The content as text. Raises RcFileError where our hook cannot be put into it."""
    event = HOOKED[name].event
    try:
        text = content.decode()
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RcFileError(f"{printable(file)} {_why(error, content)}") from error
    hooks = value.get("hooks", {}) if isinstance(value, dict) else None
    if not isinstance(hooks, dict) or not isinstance(hooks.get(event, []), list):
        raise RcFileError(f"{printable(file)} is no object in which hooks.{event} is a list")
    return text


def _why(error: Exception, content: bytes) -> str:
    if b"//" in content or b"/*" in content:
        return "is no plain JSON: it seems to have comments"
    line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return f"is not valid JSON{line}"
