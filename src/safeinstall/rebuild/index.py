"""Asks pip which file of the index it would install (``pip install --report``)."""

from __future__ import annotations

import os
from shlex import split

from safeinstall.canonical import decode_object
from safeinstall.probe.distribution import sha256
from safeinstall.protection import lifted
from safeinstall.rebuild.pip import words_of
from safeinstall.rebuild.tools import apart, run
from safeinstall.specs.requirement import normalize
from safeinstall.state.lock import Archive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any


def archives(
    prefix: str, root_prefix: str, lines: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Archive]:
    """By normalized name, for the Python of the prefix. What pip does not find is left out."""
    if not lines:
        return {}
    try:
        known = {**environ, **lifted.for_pip(prefix, environ)}
        return _archives(words_of(prefix, root_prefix, environ), lines, known)
    except OSError:  # neither the environment nor base has a Python that starts
        return {}


def _archives(
    pip: Sequence[str], lines: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Archive]:
    """If pip does not find all, each line is asked alone."""
    document = _report(pip, lines, environ)
    if document is None and len(lines) > 1:
        found: dict[str, Archive] = {}
        for line in lines:
            found |= _archives(pip, [line], environ)
        return found
    return dict(_read(document or {}))


def version(pip: Sequence[str], line: str, environ: Mapping[str, str]) -> str | None:
    """The version that a line of a requirements file brings; ``None`` if pip does not find it.
    ``pip`` are the words that start a pip.
    """
    words = split(line) if line.startswith("-") else [line]
    installed = (_report(pip, words, environ) or {}).get("install") or ()
    return next((str(item["metadata"]["version"]) for item in installed), None)


def _report(
    pip: Sequence[str], lines: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Any] | None:
    words = [*pip, "install", "--dry-run", "--ignore-installed", "--no-deps"]
    done = run([*words, "--no-input", "--quiet", "--report", "-", *lines], apart(environ))
    return decode_object(done.stdout) if done.returncode == 0 else None


def _read(document: Mapping[str, Any]) -> Iterator[tuple[str, Archive]]:
    for item in document.get("install") or ():
        name = normalize(str(item["metadata"]["name"]))
        url = str(item["download_info"]["url"])
        info = item["download_info"].get("archive_info") or {}
        digest = str((info.get("hashes") or {}).get("sha256") or "")
        if not digest and url.startswith("file://"):  # pip does not hash what is on this machine
            digest = sha256(_path(url))
        if digest:
            yield name, Archive(url, digest)


def _path(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    return os.path.normpath(unquote(urlsplit(url).path))
