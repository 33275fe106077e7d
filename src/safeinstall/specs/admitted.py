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
        and (known is None or all(is_below_one(addresses.index(i), known) for i in indexes))
        and not any(verdict == deny_list.SURELY for _, verdict, _ in denied(command, sources.deny))
    )


def is_channel_allowed(
    name: str, allowed: Iterable[str] | None, alias: str, custom: Iterable[tuple[str, str]] = ()
) -> bool:
    """Is the channel, in any spelling, one of the allowed? ``None`` allows all. A name stands for
    whatever conda takes it for; an address for itself, wherever ``alias`` (``channel_alias``) and
    ``custom`` (``custom_channels``) lead to.
    """
    if allowed is None:
        return True
    short, place = addresses.channel(name, alias), _place(name, alias, dict(custom))
    for each in allowed:
        if "://" in each:
            if place == addresses.channel(each, ""):
                return True
        elif short in (addresses.channel(each, alias), addresses.channel(each)):
            return True
    return False


def _place(name: str, alias: str, custom: dict[str, str]) -> str:
    """Where conda looks for a channel, in a form that can be compared."""
    if "://" in name:
        return addresses.channel(name, "")
    first = name.partition("/")[0]
    base = custom.get(name) or custom.get(first) or alias
    return addresses.channel(f"{base.rstrip('/')}/{name}", "")


def is_channel_denied(name: str, entries: Iterable[str], alias: str) -> bool:
    """Is the channel one of the denied? An entry may be a pattern: ``*`` stands for any text."""
    short = addresses.channel(name, alias).lower()
    forms = (addresses.channel(entry, alias).lower() for entry in entries)
    return matches_one(short, (form + more for form in forms for more in ("", "/label/*")))


def is_below_one(place: str, known: Iterable[str]) -> bool:
    """Is the place one of the indexes, or below one? All are in the form of
    :func:`addresses.index`.
    """
    return any(place == index or place.startswith(f"{index}/") for index in known)


def is_package_of(place: str, known: Iterable[str]) -> bool:
    """Is the address of a package below one of the indexes, or on the host of one?"""
    known = list(known)
    hosts = ("/".join(index.split("/")[:3]) for index in known)
    is_file = place.endswith((".whl", ".gz", ".zip"))
    return is_below_one(place, known) or (is_file and is_below_one(place, hosts))


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
