"""Normal forms of channels and package indexes, so that two spellings can be compared. Pure."""

from __future__ import annotations

ALIAS = "https://conda.anaconda.org"
ANACONDA = "https://repo.anaconda.com/pkgs"
DEFAULTS = (f"{ANACONDA}/main", f"{ANACONDA}/r")
PYPI = "https://pypi.org/simple"

_MIRRORED = ("http://conda.anaconda.org", "https://anaconda.org", "http://anaconda.org")
_PORTS = {"http": ":80", "https": ":443"}
_PLATFORMS = ("linux-", "osx-", "win-", "freebsd-", "zos-", "emscripten-", "wasi-")


def channel(text: str, alias: str = ALIAS) -> str:
    """A channel's short name in conda: ``conda-forge`` for an address below ``channel_alias``,
    ``defaults`` for the channels of Anaconda, else the address without credentials and platform.
    """
    name = without_platform(plain(without_credentials(text)).rstrip("/"))
    for host in _MIRRORED:
        if name.startswith(f"{host}/"):
            name = f"{ALIAS}/{name[len(host) + 1 :]}"
    if name == ANACONDA or name.startswith(f"{ANACONDA}/") or name in ("pkgs/main", "pkgs/r"):
        return "defaults"
    for start in (alias.rstrip("/"), ALIAS):
        if name.startswith(f"{start}/"):
            return _without_token(name[len(start) + 1 :])
    return name


def index(text: str) -> str:
    """An index address without credentials and trailing slash, in its :func:`plain` form."""
    return plain(without_credentials(text.strip())).rstrip("/")


def plain(address: str) -> str:
    """An address with scheme and host in lower case, without the scheme's own port, and without
    ``.`` and ``..`` in its path (RFC 3986, 6.2.2), which servers and tools resolve. A name of
    several parts is treated as a path; paths on this machine stay as they are.
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address if address[:1] in ("/", ".", "~") else _resolved(address)
    scheme = scheme.lower()
    host, slash, path = rest.partition("/")
    host = host.lower().removesuffix(_PORTS.get(scheme, ""))
    return f"{scheme}://{host}{slash}{_resolved(path)}"


def _resolved(path: str) -> str:
    """The path without its dot segments; ``%2e`` is a dot, too."""
    parts: list[str] = []
    for part in path.split("/"):
        dots = part.lower().replace("%2e", ".")
        if dots == "..":
            del parts[-1:]
        elif dots != ".":
            parts.append(part)
    return "/".join(parts)


def without_credentials(address: str) -> str:
    """``https://user:secret@host/…`` → ``https://host/…``; a channel's ``/t/TOKEN/`` is removed."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{_without_token(path)}"


def without_platform(name: str) -> str:
    """``conda-forge/linux-64`` → ``conda-forge``."""
    before, slash, last = name.rpartition("/")
    return before if slash and (last == "noarch" or last.startswith(_PLATFORMS)) else name


def _without_token(path: str) -> str:
    if not path.startswith("t/"):
        return path
    return path[2:].partition("/")[2]
