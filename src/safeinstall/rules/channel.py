"""SI302 channel: packages from a channel that is not allowed, or from two that do not fit."""

from __future__ import annotations

from safeinstall import addresses
from safeinstall.model import Finding
from safeinstall.quoting import paste
from safeinstall.rules.commands import asks_conda, conda_specs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Channels, Level, Situation

CODE = "SI302"
NAME = "channel"

FORGE = "conda-forge"


def look(situation: Situation) -> Finding | None:
    """Harm: a channel that is not allowed, two whose packages do not fit; milder: which one a
    package comes from is left to its version.
    """
    channels = situation.channels
    if channels is None or not asks_conda(situation.command):
        return None
    names = _names(situation, channels)
    return (
        _not_allowed(situation, channels, names)
        or _mixed(situation, channels, names)
        or _not_strict(situation, channels, names)
    )


def _is_explicit(situation: Situation) -> bool:
    """Nothing but packages by their addresses: the configured channels are not asked."""
    specs = conda_specs(situation.command)
    return bool(specs) and all(spec.kind in ("url", "path") for spec in specs)


def _names(situation: Situation, channels: Channels) -> dict[str, str]:
    """The channels as conda calls them for short, each with the word that brought it."""
    words = [spec.channel for spec in conda_specs(situation.command) if spec.channel]
    found: dict[str, str] = {}
    for word in words if _is_explicit(situation) else (*words, *channels.names):
        for member in channels.members(word):
            found.setdefault(addresses.channel(member, channels.alias), word)
    return found


def _not_allowed(situation: Situation, channels: Channels, names: dict[str, str]) -> Finding | None:
    allowed = situation.sources.channels
    if allowed is None:
        return None
    known = {addresses.channel(name, channels.alias) for name in allowed}
    known |= {addresses.channel(name) for name in allowed}
    strange = [name for name in names if name not in known]
    if not strange:
        return None
    one = len(strange) == 1
    return _finding(
        "block",
        f"The policy does not allow the channel{'' if one else 's'} {', '.join(strange)}; "
        f"allowed {'is' if len(allowed) == 1 else 'are'} {', '.join(allowed) or 'none'}.",
        tuple(f"{name}  from {_where(names[name], situation)}" for name in strange),
        _with_channels(situation, allowed),
    )


def _where(word: str, situation: Situation) -> str:
    if any(spec.channel == word for spec in situation.command.specs):
        return "the spec"
    return "the command" if word in situation.command.channels else "conda's configuration"


def _mixed(situation: Situation, channels: Channels, names: dict[str, str]) -> Finding | None:
    if "defaults" not in names or FORGE not in names:
        return None
    return _finding(
        "warn" if channels.priority == "strict" else "block",
        "Packages would come from defaults and conda-forge both. They are built against different "
        "libraries, and mixed ones fail to load.",
        (f"channels: {', '.join(channels.names)}", f"channel_priority: {channels.priority}"),
        (*_with_channels(situation, (FORGE,)), "conda config --remove channels defaults"),
    )


def _not_strict(situation: Situation, channels: Channels, names: dict[str, str]) -> Finding | None:
    if channels.priority == "strict" or len(names) < 2 or situation.command.tool != "conda":
        return None
    return _finding(
        "warn",
        f"channel_priority is {channels.priority}: a package may come from any of {len(names)} "
        "channels, and builds that do not fit may meet.",
        (f"channels: {', '.join(channels.names)}",),
        ("conda config --set channel_priority strict",),
    )


def _finding(
    level: Level, message: str, evidence: tuple[str, ...], fixes: tuple[str, ...]
) -> Finding:
    return Finding(CODE, NAME, level, message, evidence, fixes)


def _with_channels(situation: Situation, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The command as it is, held to these channels: only where it can simply be added."""
    command = situation.command
    if command.channels or any(spec.channel for spec in command.specs) or not allowed:
        return ()
    given = [word for name in allowed for word in ("-c", name)]
    words = list(command.words)
    return (paste([command.tool, *words[command.launcher :], "--override-channels", *given]),)
