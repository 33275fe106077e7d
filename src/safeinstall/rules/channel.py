"""SI302 channel: packages from a channel that is not allowed, or from two incompatible ones."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.output.quoting import paste
from safeinstall.output.shown import value, values
from safeinstall.specs import addresses
from safeinstall.specs.admitted import is_channel_allowed, is_channel_denied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Channels, Command, Facts, Level

CODE = "SI302"
NAME = "channel"

FORGE = "conda-forge"


def look(facts: Facts) -> Finding | None:
    """``block`` for a channel or a channel priority that is not allowed, or for two channels whose
    packages do not fit together; ``warn`` if the channel priority lets the newest version decide
    between channels.
    """
    channels = facts.channels
    if channels is None or not facts.command.asks_conda:
        return None
    names = _names(facts, channels)
    return (
        _not_allowed(facts, channels, names)
        or _denied(facts, channels, names)
        or _too_loose(facts, channels, names)
        or _mixed(facts, channels, names)
        or _not_strict(facts, channels, names)
    )


def _is_explicit(facts: Facts) -> bool:
    """Are all specs addresses of package files? Then conda does not read the channels."""
    specs = facts.command.conda_specs
    return bool(specs) and all(spec.kind in ("url", "path") for spec in specs)


def _names(facts: Facts, channels: Channels) -> dict[str, str]:
    """The channels in use: conda's short name of each, and the word that names it as typed or
    configured.
    """
    words = [spec.channel for spec in facts.command.conda_specs if spec.channel]
    found: dict[str, str] = {}
    for word in words if _is_explicit(facts) else (*words, *channels.names):
        for member in channels.members(word):
            found.setdefault(addresses.channel(member, channels.alias), word)
    return found


def _not_allowed(facts: Facts, channels: Channels, names: dict[str, str]) -> Finding | None:
    allowed = facts.sources.channels
    if allowed is None:
        return None
    forms = (allowed, channels.alias, channels.custom)
    strange = [name for name in names if not is_channel_allowed(name, *forms)]
    if not strange:
        return None
    one = len(strange) == 1
    return _finding(
        "block",
        f"The policy does not allow the channel{'' if one else 's'} {values(strange)}; "
        f"allowed {'is' if len(allowed) == 1 else 'are'} {values(allowed) or 'none'}.",
        _whence(strange, names, facts),
        _with_channels(facts, _advisable(facts, channels, allowed)),
    )


def _denied(facts: Facts, channels: Channels, names: dict[str, str]) -> Finding | None:
    entries = facts.sources.deny_channels
    denied = [name for name in names if is_channel_denied(name, entries, channels.alias)]
    if not denied:
        return None
    words = [names[name] for name in denied]
    return _finding(
        "block",
        f"The policy denies the channel{'' if len(denied) == 1 else 's'} {values(denied)}.",
        _whence(denied, names, facts),
        (*_with_others(facts, channels, words), *_unconfigured(words, channels)),
    )


def _with_others(facts: Facts, channels: Channels, words: list[str]) -> tuple[str, ...]:
    """The command with the other channels in use alone; empty if there are none, or if a spec or a
    file names one of those in ``words``.
    """
    command = facts.command
    others = [name for name in channels.names if name not in words]
    if not (others and _takes_channels(command)):
        return ()
    kept = list(command.words[command.launcher :])
    for word in words:
        before, kept = kept, _without_channel(kept, word)
        if kept == before and (word in command.channels or word not in channels.names):
            return ()
    if all(word in command.channels for word in words):
        return (paste([command.tool, *kept]),)
    more = [part for name in others if name not in command.channels for part in ("-c", name)]
    return (paste([command.tool, *kept, "--override-channels", *more]),)


def _too_loose(facts: Facts, channels: Channels, names: dict[str, str]) -> Finding | None:
    wanted = facts.sources.channel_priority
    order = ("disabled", "flexible", "strict")
    if not wanted or len(names) < 2 or channels.priority not in order:
        return None
    if order.index(channels.priority) >= order.index(wanted):
        return None
    return _finding(
        "block",
        f"The policy asks for channel_priority {wanted}, and conda's is {channels.priority}.",
        (f"channels: {values(channels.names)}",),
        (f"conda config --set channel_priority {wanted}",),
    )


def _whence(found: list[str], names: dict[str, str], facts: Facts) -> tuple[str, ...]:
    return tuple(f"{value(name)}  from {_where(names[name], facts)}" for name in found)


def _where(word: str, facts: Facts) -> str:
    if any(spec.channel == word for spec in facts.command.specs):
        return "the spec"
    return "the command" if word in facts.command.channels else "conda's configuration"


def _mixed(facts: Facts, channels: Channels, names: dict[str, str]) -> Finding | None:
    if "defaults" not in names or FORGE not in names:
        return None
    brought = _that_bring("defaults", facts, channels)
    return _finding(
        "warn" if channels.priority == "strict" else "block",
        "Packages would come from defaults and conda-forge both. They are built against different "
        "libraries, and mixed ones fail to load.",
        (
            f"channels: {values(channels.names)}",
            f"channel_priority: {channels.priority}",
            *(
                f"{value(word)}  from {where}"
                for word in brought
                for where in _origins(word, facts)
            ),
        ),
        (*_from_forge_alone(facts, brought), *_unconfigured(brought, channels)),
    )


def _that_bring(name: str, facts: Facts, channels: Channels) -> list[str]:
    """The words, typed or configured, that name this channel or a multichannel with it."""
    words = [spec.channel for spec in facts.command.conda_specs if spec.channel]
    return [
        word
        for word in dict.fromkeys((*words, *channels.names))
        if any(addresses.channel(m, channels.alias) == name for m in channels.members(word))
    ]


def _origins(word: str, facts: Facts) -> list[str]:
    """Every place that names the channel by this word: spec, command, configuration files."""
    command, channels = facts.command, facts.channels
    typed = [] if word not in command.channels else [_by_option(word, facts)]
    spec = ["the spec"] if any(spec.channel == word for spec in command.specs) else []
    known = [file for name, file in channels.origins if name == word] if channels else []
    return [*spec, *typed, *known] or ["conda itself"]


def _by_option(word: str, facts: Facts) -> str:
    typed = _without_channel(facts.command.words, word) != list(facts.command.words)
    return "the command" if typed else " and ".join(facts.command.files)


def _from_forge_alone(facts: Facts, words: list[str]) -> tuple[str, ...]:
    """The command with conda-forge alone instead of the channels in ``words``; empty if a spec or
    a file names them.
    """
    command = facts.command
    if not _takes_channels(command) or any(spec.channel in words for spec in command.specs):
        return ()
    kept = list(command.words[command.launcher :])
    for word in words:
        before, kept = kept, _without_channel(kept, word)
        if word in command.channels and kept == before:
            return ()
    named = any(addresses.channel(word) == FORGE for word in command.channels)
    more = [] if "--override-channels" in command.flags else ["--override-channels"]
    return (paste([command.tool, *kept, *more, *([] if named else ["-c", FORGE])]),)


def _takes_channels(command: Command) -> bool:
    """Does the command have the option ``-c``? ``conda env create`` and ``env update`` do not."""
    return not command.verb.startswith("env ")


def _without_channel(words: Sequence[str], channel: str) -> list[str]:
    """The words without ``-c CHANNEL``, ``-cCHANNEL``, ``--channel CHANNEL``…"""
    kept: list[str] = []
    for word in words:
        if word == channel and kept[-1:] in (["-c"], ["--channel"]):
            kept.pop()
        elif word not in (f"-c{channel}", f"--channel={channel}"):
            kept.append(word)
    return kept


def _unconfigured(words: list[str], channels: Channels) -> tuple[str, ...]:
    """The commands that remove these channels from conda's configuration for good."""
    found = []
    for word, place in channels.origins:
        if word in words and os.path.isabs(place):
            found.append(paste(["conda", "config", "--file", place, "--remove", "channels", word]))
        elif word in words:
            found.append(f"unset {place}")
    return tuple(dict.fromkeys(found))


def _not_strict(facts: Facts, channels: Channels, names: dict[str, str]) -> Finding | None:
    if channels.priority == "strict" or len(names) < 2 or facts.command.tool != "conda":
        return None
    return _finding(
        "warn",
        f"channel_priority is {channels.priority}: a package may come from any of {len(names)} "
        "channels, and builds that do not fit may meet.",
        (f"channels: {values(channels.names)}",),
        ("conda config --set channel_priority strict",),
    )


def _finding(
    level: Level, message: str, evidence: tuple[str, ...], fixes: tuple[str, ...]
) -> Finding:
    return Finding(CODE, NAME, level, message, evidence, fixes)


def _advisable(facts: Facts, channels: Channels, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The allowed channels that advice may name. If the list comes from a project's policy file,
    only well-known ones and those in conda's configuration.
    """
    if "channels" not in facts.sources.by_project:
        return allowed
    known = {FORGE, "defaults", *(name for name, _ in channels.origins)}
    return tuple(name for name in allowed if name in known)


def _with_channels(facts: Facts, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The command with ``--override-channels`` and the allowed channels; empty if it names channels
    already or has no such option.
    """
    command = facts.command
    if command.channels or any(spec.channel for spec in command.specs) or not allowed:
        return ()
    if not _takes_channels(command):
        return ()
    given = [word for name in allowed for word in ("-c", name)]
    words = list(command.words)
    return (paste([command.tool, *words[command.launcher :], "--override-channels", *given]),)
