"""Normal forms of channels and package indexes, so that two spellings can be compared. Pure."""

from __future__ import annotations

ALIAS = "https://conda.anaconda.org"
ANACONDA = "https://repo.anaconda.com/pkgs"
DEFAULTS = (f"{ANACONDA}/main", f"{ANACONDA}/r")
PYPI = "https://pypi.org/simple"

_PLATFORMS = ("linux-", "osx-", "win-", "freebsd-", "zos-", "emscripten-", "wasi-")


def channel(text: str, alias: str = ALIAS) -> str:
    """A channel's short name in conda: ``conda-forge`` for an address below ``channel_alias``,
    ``defaults`` for the channels of Anaconda, else the address without credentials and platform.
    """
    name = _without_platform(without_credentials(text).rstrip("/"))
    if name == ANACONDA or name.startswith(f"{ANACONDA}/") or name in ("pkgs/main", "pkgs/r"):
        return "defaults"
    for start in (alias.rstrip("/"), ALIAS):
        if name.startswith(f"{start}/"):
            return _without_token(name[len(start) + 1 :])
    return name


def index(text: str) -> str:
    """An index address without credentials and trailing slash, its host in lower case."""
    scheme, mark, rest = without_credentials(text.strip()).rstrip("/").partition("://")
    if not mark:
        return scheme
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"


def without_credentials(address: str) -> str:
    """``https://user:secret@host/…`` → ``https://host/…``; a channel's ``/t/TOKEN/`` is removed."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{_without_token(path)}"


def _without_token(path: str) -> str:
    if not path.startswith("t/"):
        return path
    return path[2:].partition("/")[2]


def _without_platform(name: str) -> str:
    before, slash, last = name.rpartition("/")
    return before if slash and (last == "noarch" or last.startswith(_PLATFORMS)) else name
