"""Whether a tool can keep to the age that the policy asks of releases, and what it is told."""

from __future__ import annotations

import time

from safeinstall.model import AgeLimit
from safeinstall.probe import conda, pip
from safeinstall.specs import release_age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command
    from safeinstall.probe.place import Place


_BLIND = "--isolated"  # pip reads no variable then


def limit(command: Command, place: Place, minutes: int) -> AgeLimit:
    """How this command meets an age of so many minutes."""
    version = _version(command, place)
    now = time.time()
    instant = release_age.cutoff(minutes, now)
    known = release_age.knows(command.tool, version)
    return AgeLimit(known, version, _loosened(command, instant, now))


def _loosened(command: Command, instant: str, now: float) -> str:
    """What in the command, or in its settings, would let younger releases in; ``""``: nothing."""
    said = command.cutoff if _is_typed(command) else ""
    within = bool(said) and release_age.is_within(said, instant, now)
    if said and not within:
        return said
    if command.tool == "pip" and _BLIND in command.words and not within:
        return _BLIND
    return command.exempt_from_cutoff


def told(
    environ: Mapping[str, str], minutes: int, command: Command | None = None
) -> dict[str, str]:
    """The variables with those that keep all tools to an age of so many minutes. What is stricter
    already, by a variable or by the command and its configuration files, stays as it is.
    """
    now = time.time()
    instant = release_age.cutoff(minutes, now)
    found = dict(environ)
    for tool, means in release_age.MEANS.items():
        own = command.cutoff if command and command.tool == tool else ""
        said = (own, environ.get(means.variable, ""))
        if not any(each and release_age.is_within(each, instant, now) for each in said):
            found[means.variable] = instant
    return found


def _is_typed(command: Command) -> bool:
    """Is it typed, not set by a variable or a file? Only what is typed overrides our variables."""
    said = command.cutoff
    return any(word == said or word.endswith(f"={said}") for word in command.words)


def _version(command: Command, place: Place) -> str:
    environ, cwd = place.environ, place.cwd
    if command.tool == "pip":
        return pip.version_of((), place.executable, environ, environ.get("HOME", ""), cwd)
    if command.tool == "conda":
        return conda.version_of(place.executable, environ, cwd)
    return ""
