"""Policies at an address: fetched once, and kept by the SHA-256 of their content.

As the content is pinned, what is kept never gets out of date. It is read whole and compared each
time its file has changed, so that nobody can put other content in its place.
"""

from __future__ import annotations

import hashlib
import os

from safeinstall.errors import PolicyError
from safeinstall.files import read_bytes, write
from safeinstall.policy.keys import LARGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.policy.load import Address
    from safeinstall.settings import Settings

_PATIENCE = 5.0  # seconds
_AGAIN = "fetch it by: safeinstall policy update"


def file(address: Address, settings: Settings, *, may_fetch: bool) -> str:
    """The file with the content of the address; fetched if it is not there yet, and may be.

    Raises :class:`PolicyError`.
    """
    path = _place(address, settings)
    if is_kept(address, settings):
        return path
    if not may_fetch:
        raise PolicyError(f"{address.url} has not been fetched yet; {_AGAIN}")
    fetch(address, path)
    return path


def is_kept(address: Address, settings: Settings) -> bool:
    """Is the content there, and what the address names?"""
    content = read_bytes(_place(address, settings), LARGEST + 1)
    return content is not None and hashlib.sha256(content).hexdigest() == address.sha256


def _place(address: Address, settings: Settings) -> str:
    return os.path.join(settings.state_dir, "policies", f"{address.sha256}.toml")


def fetch(address: Address, path: str) -> None:
    """Fetch the content into a file. Raises :class:`PolicyError`, and then writes nothing."""
    content = _content(address.url)
    found = hashlib.sha256(content).hexdigest()
    if found != address.sha256:
        raise PolicyError(
            f"{address.url} has changed: its SHA-256 is {found}, and the policy names "
            f"{address.sha256}; look at what is there now, and then write its sum into the policy"
        )
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        write(path, content)
    except OSError as error:
        raise PolicyError(f"{address.url} cannot be kept: {error}") from None


def _content(url: str) -> bytes:
    """At most as much of it as a policy may have."""
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - "extends" takes https only
            content: bytes = answer.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # urllib's errors are OSErrors
        if isinstance(error, HTTPError):
            error.close()
        raise PolicyError(f"{url} cannot be fetched: {error}; {_AGAIN}") from None
    if len(content) > LARGEST:
        raise PolicyError(f"{url} is larger than {LARGEST >> 10} KiB, the most that is read")
    return content
