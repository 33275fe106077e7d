"""What guards the tools that a shell finds here and now: each is tried, and nothing is changed."""

from __future__ import annotations

import os
import subprocess

from safeinstall import settings
from safeinstall.door import files, knock
from safeinstall.probe.environment import describe
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.tool import interpreter_of, is_our_shim, search
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Environment
    from safeinstall.settings import Session

TOOLS = ("pip", "pip3", "conda", "mamba", "micromamba", "uv")
_PATIENCE = 20  # seconds


class Guarded(Value):
    """A tool on PATH."""

    tool: str
    path: str
    prefix: str  # of its Python; "" for a tool that is none
    by: str  # "door", "shim" or ""


def look(session: Session) -> Iterator[Guarded]:
    """The tools that are here, with what answers when they are started by their path."""
    environ, cwd = session.environ, session.cwd
    for tool in TOOLS:
        path = search(tool, environ, cwd, lambda _: True)
        if path is None:
            continue
        interpreter = interpreter_of(path, environ, cwd)
        prefix = (interpreter and prefix_of(interpreter, environ)) or ""
        by = "shim" if is_our_shim(path) else "door" if answers(path, session) else ""
        yield Guarded(tool, path, prefix, by)


def answers(program: str, session: Session) -> bool:
    """Does a door answer in place of the program? Without a door it is told to install nothing,
    which it refuses.
    """
    environ = {**session.environ, settings.DOOR: knock.WHO}
    environ.pop(settings.OPERATION, None)
    try:
        done = subprocess.run(
            [program, "install"],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return os.path.basename(os.fsdecode(done.stdout)) == files.MODULE


def wrong(environment: Environment, session: Session) -> str:
    """What is wrong with the door of the environment; ``""`` also if it has none."""
    if not files.was_open(environment.prefix):
        return ""
    if files.state(environment) != "open":
        return "is of another safeinstall, or of another Python"
    pip = os.path.join(environment.prefix, "bin", "pip")
    return "is not read" if os.path.exists(pip) and not answers(pip, session) else ""


def mends(found: Guarded) -> tuple[str, list[str]]:
    """Why nothing guards the tool wherever it is started, and the words of the command that changes
    it; no words if nothing does.
    """
    if found.by:
        return "", []
    if not found.prefix:
        return "no Python runs it", ["safeinstall", "setup", "--shims"]
    environment = describe(found.prefix)
    if why := files.refusal(environment):
        return f"{found.prefix} {why}", []
    if files.state(environment) == "open":
        return "its door is not read: is site switched off, or is the program started by -S?", []
    return "no door", ["safeinstall", "door", "open", "-p", found.prefix]
