"""Where a distribution came from, by the data of PEP 610 (direct_url.json): as the text that a
requirement has behind ``name @``, and which of two of one version it is. Pure.
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.canonical import decode, decode_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from packaging.direct_url import DirectUrl

    from safeinstall.model import Package

_SHORT = 12  # characters of a commit or a hash


def parse(said: str) -> DirectUrl | None:
    """What the text of direct_url.json tells; ``None`` for no text. Raises ValueError if it is not
    what PEP 610 has.
    """
    if not said:
        return None
    site_packages.enable()
    from packaging.direct_url import DirectUrl, DirectUrlValidationError

    try:
        return DirectUrl.from_dict(decode(said.encode()))
    except (AttributeError, DirectUrlValidationError) as error:
        raise ValueError(str(error)) from error


def text(direct_url: Mapping[str, Any]) -> str:
    """``git+https://host/repo@COMMIT``, ``https://host/x-1.0-py3-none-any.whl#sha256=…``,
    ``file:///directory``; ``""`` where there is no address.
    """
    url, vcs = direct_url.get("url"), direct_url.get("vcs_info")
    if not isinstance(url, str):
        return ""
    if isinstance(vcs, dict):
        url = f"{vcs.get('vcs')}+{url}@{vcs.get('commit_id')}"
    fragment = "&".join(_fragment(direct_url))
    return f"{url}#{fragment}" if fragment else url


def _fragment(direct_url: Mapping[str, Any]) -> Iterator[str]:
    kind, digest = _hash(direct_url)
    if digest:
        yield f"{kind}={digest}"
    if direct_url.get("subdirectory"):
        yield f"subdirectory={direct_url['subdirectory']}"


def _hash(direct_url: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and the value of an archive's hash; ``""`` twice for none."""
    archive = direct_url.get("archive_info")
    if not isinstance(archive, dict):
        return "", ""
    hashes = archive.get("hashes")
    if isinstance(hashes, dict) and hashes:
        kind = "sha256" if "sha256" in hashes else next(iter(hashes))
        return str(kind), str(hashes[kind])
    kind, _, digest = str(archive.get("hash") or "").partition("=")  # of pip before 23.1
    return kind, digest


def where(origin: str) -> str:
    """The origin of a package as a text that tells it from others; ``""`` for none."""
    found = _data(origin)
    return f"editable {text(found)}" if _is_editable(found) else text(found)


def is_alike(package: Package, other: Package) -> bool:
    """Have they, as far as that is known, the same build and the same origin? Records of the
    journal and conda's specs need not tell them.
    """
    known = all(item.origin or not item.source for item in (package, other))
    return len({package.build, other.build} - {""}) <= 1 and (
        not known or package.origin == other.origin or where(package.origin) == where(other.origin)
    )


def exactly(package: Package) -> str:
    """The version with what tells it from another of the same number: conda's build, else the
    commit, the hash or the address that a distribution came from.
    """
    if package.build:
        return f"{package.version} {package.build}"
    return f"{package.version} ({_short(package.origin) or package.source or 'from an index'})"


def moves(package: Package) -> bool:
    """May it be another one whenever it is fetched? So are copies of a directory, and what is of an
    address without a hash.
    """
    found = _data(package.origin)
    same = isinstance(found.get("vcs_info"), dict) or _hash(found)[1] or _is_editable(found)
    return bool(found) and not same


def _short(origin: str) -> str:
    """The commit, or the hash, in a few characters; else the address."""
    found = _data(origin)
    vcs, (kind, digest) = found.get("vcs_info"), _hash(found)
    if isinstance(vcs, dict):
        return f"{vcs.get('vcs')} {str(vcs.get('commit_id'))[:_SHORT]}"
    return f"{kind} {digest[:_SHORT]}" if digest else where(origin)


def _is_editable(direct_url: Mapping[str, Any]) -> bool:
    info = direct_url.get("dir_info")
    return isinstance(info, dict) and bool(info.get("editable"))


def _data(origin: str) -> dict[str, Any]:
    return (decode_object(origin.encode()) or {}) if origin else {}
