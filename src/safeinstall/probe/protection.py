"""The marks that protect an environment from changes, and how a command overrides them.

``conda-meta/frozen`` (CEP 22) is respected by conda since 25.5; ``EXTERNALLY-MANAGED`` in the
standard library's directory (PEP 668), by pip and uv. Without an override the tool refuses by
itself, and shows the reason.
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

_ASKING = ("install", "update", "remove", "env update", "env remove")  # respect conda-meta/frozen
_BLIND = ("create", "env create", "rename")  # replace or move the environment, frozen or not
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
    if command.target.directed:  # with --target, --prefix or --root pip does not check the mark
        return None
    mark = managed_mark(environment.prefix, environment.kind)
    return Forced(mark, _past_managed(command, environ), managed_reason(mark))


def _past_frozen(command: Command, installation: Installation, prefix: str) -> str:
    """The option, variable or setting that makes conda ignore ``frozen``, or the verb, if conda
    does not check it for that verb; ``""`` where conda respects the mark.
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
    """The option, variable or file that sets ``--break-system-packages``.

    pip accepts any unambiguous prefix of an option's name.
    """
    if any(word.startswith("--br") for word in command.words):
        return "--break-system-packages"
    variable = f"{'UV' if command.tool == 'uv' else 'PIP'}_BREAK_SYSTEM_PACKAGES"
    return variable if environ.get(variable) else "break-system-packages in pip.conf"


def frozen_reason(mark: str) -> str:
    """The ``message`` of ``conda-meta/frozen``; ``""`` for none, or if the file is damaged.

    CEP 22: the file is empty, or a JSON object.
    """
    from safeinstall import canonical

    data = read_bytes(mark, _LONGEST)
    content = {} if data is not None and not data.strip() else canonical.decode_object(data)
    if content is None:
        unreadable.note("frozen", mark)
        return ""
    said = content.get("message")
    return said.strip() if isinstance(said, str) else ""


def managed_reason(mark: str) -> str:
    """The message in EXTERNALLY-MANAGED. PEP 668: an INI file; the message is ``Error`` in the
    section ``externally-managed``.
    """
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
