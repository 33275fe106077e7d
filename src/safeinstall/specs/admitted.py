"""What the policy's lists say of the channels, indexes and packages that a command names. Pure."""

from __future__ import annotations

from safeinstall.specs import addresses, deny_list
from safeinstall.specs.patterns import matches_one
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import as_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.model import Command, Sources, Spec


def names_nothing_else(command: Command, sources: Sources, alias: str = addresses.ALIAS) -> bool:
    """Is every channel, index and package that the command's own words name admitted?"""
    typed = [name for name in command.channels if any(name in word for word in command.words)]
    named = {*typed, *(spec.channel for spec in command.conda_specs if spec.channel)}
    indexes = [each for each in command.indexes if any(each in word for word in command.words)]
    known = None if sources.indexes is None else [addresses.index(each) for each in sources.indexes]
    return (
        all(is_channel_allowed(name, sources.channels, alias) for name in named)
        and not any(is_channel_denied(name, sources.deny_channels, alias) for name in named)
        and (known is None or all(is_known_index(addresses.index(i), known) for i in indexes))
        and not any(verdict == deny_list.SURELY for _, verdict, _ in denied(command, sources.deny))
    )


def is_channel_allowed(name: str, allowed: Iterable[str] | None, alias: str) -> bool:
    """Is the channel, in any spelling, one of the allowed? ``None`` allows all."""
    if allowed is None:
        return True
    known = {addresses.channel(each, form) for each in allowed for form in (alias, addresses.ALIAS)}
    return addresses.channel(name, alias) in known


def is_channel_denied(name: str, entries: Iterable[str], alias: str) -> bool:
    """Is the channel one of the denied? An entry may be a pattern: ``*`` stands for any text."""
    short = addresses.channel(name, alias)
    return matches_one(short, (addresses.channel(entry, alias) for entry in entries))


def is_known_index(place: str, known: Iterable[str]) -> bool:
    """Is the place one of the indexes, or a package below one or on the same host? All are in the
    form of :func:`addresses.index`.
    """
    for index in known:
        scheme, _, rest = index.partition("://")
        if place == index or place.startswith(f"{index}/"):
            return True
        host = rest.partition("/")[0]
        if place.endswith((".whl", ".gz", ".zip")) and place.startswith(f"{scheme}://{host}/"):
            return True
    return False


def denied(command: Command, deny: Iterable[str]) -> list[tuple[Spec, str, str]]:
    """The specs whose newest admitted release is denied, or may be: spec, verdict (of
    :mod:`deny_list`) and entry.
    """
    entries = deny_list.by_name(deny)
    return [
        (spec, verdict, entry)
        for spec, wanted in (_asked(command) if entries else ())
        for entry in entries.get(normalize(spec.name), ())
        if (verdict := deny_list.of_request(entry, spec.name, wanted))
    ]


def _asked(command: Command) -> Iterator[tuple[Spec, tuple[str, ...] | None]]:
    """Named specs, each with the alternatives of its constraint in pip's syntax; ``None`` if that
    syntax has no equivalent. A source whose version is not known before it is built has no
    alternatives: unless all releases are denied, pip's constraints decide about it.
    """
    for spec in command.pip_specs:
        if spec.name:
            is_source = spec.kind != "name" and not spec.version
            yield spec, () if is_source else (spec.version,)
    for spec in command.conda_specs:
        if spec.name:
            yield spec, as_pip(spec.version)
