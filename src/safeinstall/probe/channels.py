"""The channels that conda would take packages from, in the order that conda uses.

Source: ``channels``, ``default_channels``, ``channel_alias``, ``custom_channels`` and
``custom_multichannels`` in ``conda.base.context``; ``Channel.from_value`` in
``conda.models.channel``. A conda before 25.9 that has no channels configured adds ``defaults``,
also after the channels of ``-c``; mamba 2 adds ``conda-forge`` (``Context`` in
libmamba/include/mamba/core/context.hpp).
"""

from __future__ import annotations

import os

from safeinstall.files import names_in
from safeinstall.model import Channels, Target
from safeinstall.probe import condarc
from safeinstall.specs.addresses import ALIAS, DEFAULTS
from safeinstall.specs.versions import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Command
    from safeinstall.probe.conda import Installation
    from safeinstall.probe.condarc import Documents

_KEYS = ("channel",)  # a part of the names of all settings that are read here
VARIABLE = "CONDA_CHANNELS"
PRIORITIES = {"true": "flexible", "false": "disabled", "1": "flexible", "0": "disabled"}


def effective(command: Command, installation: Installation, prefix: str) -> Channels:
    """The channels for this command in ``prefix``; for a pip command, the configured ones.

    ``installation`` is the conda whose settings apply.
    """
    search = installation.replace(target=Target(prefix=prefix)).search()
    assert search is not None
    environ = installation.environ
    files = condarc.documents(_KEYS, search, installation.cache_dir)
    configured = _configured(files, environ.get(VARIABLE, ""))
    priority = condarc.scalars("channel_priority", files)
    alias = condarc.scalars("channel_alias", files)
    of = "MAMBA" if installation.mamba else "CONDA"
    for setting, found in (("CHANNEL_PRIORITY", priority), ("CHANNEL_ALIAS", alias)):
        if environ.get(variable := f"{of}_{setting}"):
            found.append(condarc.Setting((environ[variable],)))
    return Channels(
        names=_names(command, condarc.merge(configured) or _implicit(installation)),
        origins=tuple((item, setting.file) for setting in configured for item in setting.items),
        priority=_priority(condarc.single(priority, "flexible")),
        alias=condarc.single(alias, ALIAS),
        groups=tuple(_groups(files).items()),
        custom=tuple(
            (name, address)
            for name, address in condarc.mapping("custom_channels", files).items()
            if isinstance(address, str)
        ),
    )


def _groups(files: Documents) -> dict[str, tuple[str, ...]]:
    """The multichannels, by name. A custom multichannel named ``defaults`` overrides the setting
    ``default_channels``.
    """
    defaults = condarc.listed(("default_channels",), files)
    found = {"defaults": tuple(condarc.merge(defaults)) if defaults else DEFAULTS}
    for name, members in condarc.mapping("custom_multichannels", files).items():
        if isinstance(members, list):
            found[name] = tuple(item for item in members if isinstance(item, str))
    return found


def _configured(files: Documents, said: str) -> list[condarc.Setting]:
    found = condarc.listed(("channels", "channel"), files)
    if said:
        items = tuple(filter(None, (item.strip() for item in said.split(","))))
        found.append(condarc.Setting(items, file=VARIABLE))
    return found


def _names(command: Command, configured: list[str]) -> tuple[str, ...]:
    """The channels that the command names, then the configured ones, unless an option excludes
    those.
    """
    given = [name for name in command.channels if name != "nodefaults"]
    alone = "--override-channels" in command.flags or "nodefaults" in command.channels
    return tuple(dict.fromkeys(given if alone else [*given, *configured]))


def _implicit(installation: Installation) -> list[str]:
    """``defaults``, if the installed conda is older than 25.9; else nothing. mamba's own one."""
    if installation.mamba:
        return ["conda-forge"]
    meta = os.path.join(installation.conda_prefix or installation.root_prefix, "conda-meta")
    for name in names_in(meta):
        version = name.removeprefix("conda-").split("-")[0].split(".")
        release = numbers(".".join(version[:2]))
        if name.startswith("conda-") and release and len(release) > 1:
            return ["defaults"] if release < (25, 9) else []
    return []


def _priority(text: str) -> str:
    lower = text.lower()
    return PRIORITIES.get(lower, lower)


def addresses(channels: Channels) -> list[tuple[str, str]]:
    """Each channel's name with its address, without the platform directory."""
    found = []
    for name in channels.names:
        found += [(name, address(member, channels)) for member in channels.members(name)]
    return found


def address(name: str, channels: Channels) -> str:
    """The address of a channel: from a URL, a path, ``custom_channels``, or the channel alias."""
    if "://" in name:
        return name.rstrip("/")
    if name.startswith(("/", "./", "../", "~")):
        return "file://" + os.path.abspath(os.path.expanduser(name))
    for own, base in channels.custom:
        if name == own or name.startswith(f"{own}/"):
            return f"{base.rstrip('/')}/{name}"
    return f"{channels.alias.rstrip('/')}/{name}"
