"""Where a distribution came from, as one text: what a requirement has behind ``name @``. Pure.

It tells two installations of one version apart: ``git+https://host/repo@COMMIT``,
``https://host/x-1.0-py3-none-any.whl#sha256=…``, ``file:///directory``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_SHORT = 12  # characters of a commit or a hash


def text(direct_url: Mapping[str, Any]) -> str:
    """The data of PEP 610 as a text; ``""`` where it has no address."""
    url, vcs = direct_url.get("url"), direct_url.get("vcs_info")
    if not isinstance(url, str):
        return ""
    if isinstance(vcs, dict):
        url = f"{vcs.get('vcs')}+{url}@{vcs.get('commit_id')}"
    fragment = "&".join(_fragment(direct_url))
    return f"{url}#{fragment}" if fragment else url


def _fragment(direct_url: Mapping[str, Any]) -> Iterator[str]:
    archive = direct_url.get("archive_info")
    if isinstance(archive, dict):
        hashes = archive.get("hashes")
        if isinstance(hashes, dict) and hashes:
            kind = "sha256" if "sha256" in hashes else next(iter(hashes))
            yield f"{kind}={hashes[kind]}"
        elif archive.get("hash"):  # of pip before 23.1
            yield str(archive["hash"])
    if direct_url.get("subdirectory"):
        yield f"subdirectory={direct_url['subdirectory']}"


def direct_url(origin: str, *, editable: bool = False) -> dict[str, Any]:
    """The data of PEP 610 for a result of :func:`text`."""
    url, _, fragment = origin.partition("#")
    said = dict(item.split("=", 1) for item in fragment.split("&") if "=" in item)
    below = said.pop("subdirectory", "")
    found: dict[str, Any] = {"subdirectory": below} if below else {}
    vcs, plus, rest = url.partition("+")
    if plus and vcs.isalpha():
        url, _, commit = rest.rpartition("@")
        return {**found, "url": url, "vcs_info": {"vcs": vcs, "commit_id": commit}}
    if not said and url.startswith("file:"):
        return {**found, "url": url, "dir_info": {"editable": True} if editable else {}}
    return {**found, "url": url, "archive_info": {"hashes": said} if said else {}}


def is_exact(origin: str) -> bool:
    """Is it the same whenever it is fetched? Not a directory, nor an address without a hash."""
    return short(origin) != origin.partition("#")[0]


def short(origin: str) -> str:
    """The commit, or the hash, in a few characters; else the text itself."""
    url, _, fragment = origin.partition("#")
    kind, is_hash, value = fragment.partition("&")[0].partition("=")
    if is_hash and kind != "subdirectory":
        return f"{kind} {value[:_SHORT]}"
    vcs, plus, rest = url.partition("+")
    if plus and vcs.isalpha():
        return f"{vcs} {rest.rpartition('@')[2][:_SHORT]}"
    return url


def exactly(version: str, build: str, origin: str) -> str:
    """The version with what tells it from another of the same number: conda's build, else the
    commit, the hash or the address that a distribution came from; ``""`` stands for the index.
    """
    return f"{version} {build}" if build else f"{version} ({short(origin) or 'from an index'})"
