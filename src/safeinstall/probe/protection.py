"""The marks by which an environment asks to be left alone, and how a command goes past them.

``conda-meta/frozen`` is CEP 22's, respected by conda since 25.5; ``EXTERNALLY-MANAGED`` in the
standard library's directory is PEP 668's, respected by pip and uv. A tool that is not told
otherwise refuses by itself, and says why.
"""

from __future__ import annotations

import os

from safeinstall.files import read_bytes, read_text
from safeinstall.model import Forced
from safeinstall.probe import unreadable
from safeinstall.probe.environment import managed_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Command, Facts
    from safeinstall.probe.conda import Installation

_ASKING = ("install", "update", "remove", "env update", "env remove")  # ask for the mark
_BLIND = ("create", "env create", "rename")  # take the environment away and never ask
_LONGEST = 1 << 14  # bytes of a mark


def forced(facts: Facts, installation: Installation, environ: Mapping[str, str]) -> Forced | None:
    """The mark that the command overrides; ``None`` where there is none, or it is respected."""
    command, environment = facts.command, facts.environment
    if command.tool == "conda":
        by = _past_frozen(command, installation, environment.prefix) if environment.frozen else ""
        mark = os.path.join(environment.prefix, "conda-meta", "frozen")
        return Forced(mark, by, frozen_reason(mark)) if by else None
    if "--break-system-packages" not in command.flags or not environment.externally_managed:
        return None
    if command.target.directed:  # into a directory of its own, where pip does not ask for the mark
        return None
    mark = managed_mark(environment.prefix, environment.kind)
    return Forced(mark, _past_managed(command, environ), managed_reason(mark))


def _past_frozen(command: Command, installation: Installation, prefix: str) -> str:
    """The option, the variable, or the file that tells conda not to care; else a command that
    never does.
    """
    if command.verb in _BLIND:
        return f"conda {command.verb}"
    if command.verb not in _ASKING:
        return ""
    if "--override-frozen" in command.flags:
        return "--override-frozen"
    from safeinstall.probe import condarc

    said = installation.environ.get("CONDA_PROTECT_FROZEN_ENVS")
    if said is not None:
        return f"CONDA_PROTECT_FROZEN_ENVS={said}" if condarc.is_false(said) else ""
    from safeinstall.model import Target

    search = installation.replace(target=Target(prefix=prefix)).search()
    if search is None:
        return ""
    files = condarc.documents(("protect_frozen_envs",), search, installation.cache_dir)
    value = condarc.single(condarc.scalars("protect_frozen_envs", files), "true")
    return "protect_frozen_envs: false in .condarc" if condarc.is_false(value) else ""


def _past_managed(command: Command, environ: Mapping[str, str]) -> str:
    """pip takes any unambiguous beginning of an option."""
    if any(word.startswith("--br") for word in command.words):
        return "--break-system-packages"
    variable = f"{'UV' if command.tool == 'uv' else 'PIP'}_BREAK_SYSTEM_PACKAGES"
    return variable if environ.get(variable) else "break-system-packages in pip.conf"


def frozen_reason(mark: str) -> str:
    """CEP 22: the file is empty, or a JSON object with a ``message``. Damage says nothing."""
    from safeinstall import canonical

    data = read_bytes(mark, _LONGEST)
    content = {} if data is not None and not data.strip() else canonical.decode_object(data)
    if content is None:
        unreadable.note("frozen", mark)
        return ""
    said = content.get("message")
    return said.strip() if isinstance(said, str) else ""


def managed_reason(mark: str) -> str:
    """PEP 668: an INI file; the message is ``Error`` in the section ``externally-managed``."""
    found: list[str] = []
    inside = reading = False
    for line in read_text(mark, _LONGEST).splitlines():
        if line.startswith("["):
            inside, reading = line.strip().lower() == "[externally-managed]", False
        elif reading and (line[:1].isspace() or not line):
            found.append(line.strip())
        elif not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            reading = inside and not found and name.strip().lower() == "error"
            found += [value.strip()] if reading else []
    return "\n".join(found).strip()
