"""What takes space on the disk and is needed by no environment: backups, and the tools' caches.

conda keeps in its cache what an environment has a hard link to; where one has symbolic links into
the cache, the unpacked packages are left alone.
"""

from __future__ import annotations

import functools
import os

from safeinstall import settings
from safeinstall.canonical import decode_object
from safeinstall.files import names_in
from safeinstall.probe import soft_links
from safeinstall.rebuild import backups
from safeinstall.rebuild.tools import run
from safeinstall.settings import ENVIRONMENT_DIRECTORY
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from safeinstall.probe.conda import Installation
    from safeinstall.settings import Session


# What pip removes of its cache: files that end so. It leaves what it notes beside its wheels
_PURGED = {"http": "", "http-v2": "", "wheels": ".whl"}


class Litter(Value):
    """One thing that can be removed."""

    what: str  # in words
    size: int  # bytes
    remove: Callable[[], object]  # raises OSError


def find(session: Session, installation: Installation, conda: str) -> Iterator[Litter]:
    """Backups of all environments that conda knows, then conda's cache, then pip's. ``conda`` is
    the program; ``""`` for none.
    """
    for place in dict.fromkeys(map(os.path.dirname, installation.prefixes())):
        for name in sorted(names_in(os.path.join(place, ENVIRONMENT_DIRECTORY))):
            for backup in backups.of(os.path.join(place, name)):
                size = backups.size(backup.path)
                what = f"backup of {name}, {backup.time[:16].replace('T', ' ')} UTC"
                yield Litter(what, size, functools.partial(backups.discard, backup))
    environ = {**session.environ, **settings.UNGUARDED}
    if conda:
        yield from _of_conda(conda, installation, environ)
    yield from _of_pip(installation, environ)


def _of_conda(conda: str, installation: Installation, environ: dict[str, str]) -> Iterator[Litter]:
    links = soft_links.linking(installation)
    kinds = ["--tarballs", "--index-cache", *([] if links else ["--packages"])]
    words = [conda, "clean", "--yes", *kinds]
    told = decode_object(_said([*words, "--dry-run", "--json"], environ))
    sizes = [part.get("total_size") for part in (told or {}).values() if isinstance(part, dict)]
    size = sum(found for found in sizes if isinstance(found, int))
    if told is not None and size:
        yield Litter(
            "conda's cache: what no environment has", size, functools.partial(run, words, environ)
        )


def _of_pip(installation: Installation, environ: dict[str, str]) -> Iterator[Litter]:
    pip = [os.path.join(installation.root_prefix, "bin", "python"), "-m", "pip", "cache"]
    place = os.fsdecode(_said([*pip, "dir"], environ).strip())
    if os.path.isabs(place) and os.path.isdir(place):
        size = sum(backups.size(os.path.join(place, name), end) for name, end in _PURGED.items())
        if size:
            yield Litter("pip's cache", size, functools.partial(run, [*pip, "purge"], environ))


def _said(words: Sequence[str], environ: dict[str, str]) -> bytes:
    try:
        done = run(words, environ)
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
