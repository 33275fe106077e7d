"""Parse a pip requirement: a name, a URL, a VCS address, a path.

The rules are those of pip's ``req/constructors.py``. pip checks on the disk whether a word is a
directory; here, the spelling of the word decides, as in pip if there is no such directory.
"""

from __future__ import annotations

from safeinstall.model import Spec

VCS = ("git", "hg", "svn", "bzr")
PLAIN_SCHEMES = ("http", "https", "file", "ftp", "ssh", "sftp", *VCS)
VCS_SCHEMES = {
    "bzr": ("http", "https", "ssh", "sftp", "ftp", "lp", "file"),
    "git": ("http", "https", "ssh", "git", "file"),
    "hg": ("file", "http", "https", "ssh", "static-http"),
    "svn": ("ssh", "http", "https", "svn", "file"),
}
ARCHIVES = (
    *(".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def normalize(name: str) -> str:
    """A distribution's name, normalized by PEP 503: lower case, runs of ``-_.`` are one ``-``."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def is_url(text: str) -> bool:
    """Does the text start with a URL scheme that pip knows?"""
    scheme, colon, _ = text.partition(":")
    system, plus, transport = scheme.lower().partition("+")
    known = VCS_SCHEMES.get(system, ()) if plus else PLAIN_SCHEMES
    return bool(colon) and (transport if plus else system) in known


def parse(raw: str, *, editable: bool = False, origin: str = "") -> Spec:
    """Parse one requirement; an invalid one keeps the parts that can be recognised."""
    text = without_marker(raw)
    if is_url(text):
        return from_url(raw, text, editable, origin)
    path, extras = split_extras(text)
    if not editable and not looks_like_path(path, text):
        return from_name(raw, text, editable, origin)
    if editable and " @ " in text.replace("@", " @ ", 1) and is_url(text.partition("@")[2].strip()):
        return from_name(raw, text, editable, origin)
    name, version = wheel(path)
    return Spec(
        raw,
        "path",
        name=name,
        version=version,
        extras=extras,
        editable=editable,
        origin=origin,
    )


def without_marker(raw: str) -> str:
    """Cut the environment marker off; in a URL only ``; `` starts one."""
    return raw.partition("; " if is_url(raw) else ";")[0].strip()


def looks_like_path(path: str, text: str) -> bool:
    """Does the word have a slash, a leading dot, or the name of an archive?"""
    before, at, _ = text.partition("@")
    if at and "/" not in before and before[:1] != ".":
        return False
    return "/" in text or text[:1] == "." or is_archive(path)


def is_archive(path: str) -> bool:
    """Does the path end like an archive that pip can unpack?"""
    lower = path.lower()
    return any(lower.endswith(ending) for ending in ARCHIVES)


def from_url(raw: str, text: str, editable: bool, origin: str) -> Spec:
    """The spec for ``git+https://…#egg=name``, ``https://…/name-1.0.tar.gz``, ``file:…``."""
    scheme = text.partition(":")[0].lower()
    kind = "vcs" if scheme.partition("+")[0] in VCS else "path" if scheme == "file" else "url"
    path, _, fragment = text.partition("#")
    name, version = wheel(path.partition("?")[0])
    extras: tuple[str, ...] = ()
    for item in fragment.split("&"):
        key, _, value = item.partition("=")
        if key == "egg" and not name:
            name, extras = split_extras(value)
            name = normalize(name)
    if editable and scheme == "file":
        extras = extras or split_extras(text)[1]
    return Spec(
        raw, kind, name=name, version=version, extras=extras, editable=editable, origin=origin
    )


def from_name(raw: str, text: str, editable: bool, origin: str) -> Spec:
    """The spec for ``name[extra]>=1``, ``name (>=1)``, ``name @ https://…`` (PEP 508)."""
    end = 0
    while end < len(text) and text[end] in NAME_CHARACTERS:
        end += 1
    name, rest = text[:end], text[end:].strip()
    extras: tuple[str, ...] = ()
    if rest[:1] == "[":
        inside, _, rest = rest[1:].partition("]")
        extras = names(inside)
    rest = rest.strip()
    if rest[:1] == "@":
        found = from_url(raw, rest[1:].strip(), editable, origin)
        return found.replace(name=normalize(name), extras=extras)
    if rest[:1] == "(" and rest[-1:] == ")":
        rest = rest[1:-1]
    return Spec(
        raw,
        name=normalize(name),
        version=rest.strip(),
        extras=extras,
        editable=editable,
        origin=origin,
    )


def split_extras(text: str) -> tuple[str, tuple[str, ...]]:
    """``path[extra]`` → ``path`` and the extras."""
    if text[-1:] != "]":
        return text, ()
    before, bracket, inside = text[:-1].rpartition("[")
    return (before.rstrip(), names(inside)) if bracket and before and inside else (text, ())


def names(inside: str) -> tuple[str, ...]:
    """The extras between two brackets."""
    return tuple(normalize(item.strip()) for item in inside.split(",") if item.strip())


def sdist(path: str) -> tuple[str, str]:
    """Name and pinned version from a source distribution's file name (PEP 625, and older forms):
    ``six-1.16.0.tar.gz``. Both empty for any other file name. pip itself reads the metadata.
    """
    file = path.rpartition("/")[2]
    ending = next((end for end in ARCHIVES if file.lower().endswith(end)), "")
    name, dash, version = file[: len(file) - len(ending)].rpartition("-")
    plain = name and NAME_CHARACTERS.issuperset(name) and version[:1].isdigit()
    if not (dash and plain) or ending in ("", ".whl"):
        return "", ""
    return normalize(name), "==" + version.replace("%2B", "+")


def wheel(path: str) -> tuple[str, str]:
    """Name and pinned version from a wheel's file name (PEP 427); both empty for any other."""
    file = path.rpartition("/")[2]
    parts = file[:-4].split("-")
    if not file.endswith(".whl") or len(parts) not in (5, 6):
        return "", ""
    return normalize(parts[0]), "==" + parts[1].replace("_", "-").replace("%2B", "+")
