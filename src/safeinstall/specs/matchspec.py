"""Parse a conda spec: ``channel::name=1.2=build``, a URL, a package file."""

from __future__ import annotations

from safeinstall.model import Spec
from safeinstall.specs.addresses import without_platform

PACKAGE = (".conda", ".tar.bz2")


def parse(raw: str, *, origin: str = "") -> Spec:
    """Parse one spec; an invalid one keeps the parts that can be recognised."""
    text = raw.partition("#")[0].strip() if not raw.startswith("#") else raw
    if text.endswith(PACKAGE):
        return from_file(raw, text, origin)
    text, options = brackets(text)
    channel, name, version = plain(text)
    channel = without_platform(options.get("channel", channel))
    name = options.get("name", name) if name in ("", "*") else name
    return Spec(
        raw,
        name=name.lower(),
        version=options.get("version", version),
        channel=channel,
        origin=origin,
    )


def from_file(raw: str, text: str, origin: str) -> Spec:
    """The spec for the URL or path of a package file, by the file's name."""
    address = text.partition("#")[0]
    kind = "url" if "://" in address and not address.startswith("file:") else "path"
    file = address.rpartition("/")[2]
    for ending in PACKAGE:
        file = file.removesuffix(ending)
    parts = file.rsplit("-", 2)
    if len(parts) != 3:
        return Spec(raw, kind, origin=origin)
    name, version, build = parts
    channel = without_platform(address.rpartition("/")[0]) if "://" in address else ""
    return Spec(
        raw,
        kind,
        name=name.lower(),
        version=f"={version}={build}",
        channel=channel,
        origin=origin,
    )


def brackets(text: str) -> tuple[str, dict[str, str]]:
    """``name[version='>=1',channel=c]`` → ``name`` and the keys and values in the brackets."""
    start = text.find("[")
    if start < 0 or text[-1:] != "]":
        return text, {}
    found: dict[str, str] = {}
    for item in outside_quotes(text[start + 1 : -1]):
        key, _, value = item.partition("=")
        found[key.strip()] = value.strip().strip("'\"")
    return text[:start].strip(), found


def outside_quotes(text: str) -> list[str]:
    """Split at commas and spaces that are not quoted."""
    items = [""]
    quote = ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in ", ":
            items.append("")
            continue
        items[-1] += letter
    return [item for item in items if item]


def plain(text: str) -> tuple[str, str, str]:
    """Channel, name and version of a spec without brackets."""
    channel = ""
    parts = text.rsplit(":", 2)  # channel:namespace:name; the namespace is nearly always empty
    if len(parts) == 3 and "/" not in parts[2]:
        channel, _, text = parts
    end = 0
    while end < len(text) and text[end] not in " =<>!~(":
        end += 1
    return channel, text[:end].strip(), text[end:].strip()
