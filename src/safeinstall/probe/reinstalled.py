"""Has another installer replaced a conda-owned distribution by the same version?

Its metadata directory then has the name that the conda-meta record lists
(``numpy-1.26.4.dist-info``), but is younger than the record, and its files differ from those that
conda linked.
"""

from __future__ import annotations

import os

from safeinstall import canonical
from safeinstall.canonical import digest
from safeinstall.files import read_bytes, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.cache import Family


def is_younger(directory: str, written: int) -> bool:
    """Was an entry added to or removed from the directory since ``written`` (ns), the time of the
    record? conda writes the record last.

    True, too, for the same time: a file system's clock ticks every few milliseconds only.
    """
    try:
        return os.stat(directory).st_mtime_ns >= written
    except OSError:
        return False


def by_another(directory: str, record: str, family: Family) -> bool:
    """Do files in the metadata directory differ from the checksums in the conda-meta record?

    False where the record has no checksums or cannot be read.
    """
    return bool(family.parsed(directory, lambda place: _differs(place, record), about="content"))


def _differs(directory: str, record: str) -> bool:
    if read_text(f"{directory}/INSTALLER", 256).strip() == "conda":
        return False
    contents = (
        (read_bytes(f"{directory}/{name}"), sum_) for name, sum_ in _sums(record, directory)
    )
    return any(content is not None and digest(content) != sum_ for content, sum_ in contents)


def _sums(record: str, directory: str) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each file in the directory, from the conda-meta record."""
    home = f"/{os.path.basename(directory)}"
    data = (canonical.decode_object(read_bytes(record)) or {}).get("paths_data")
    paths = data.get("paths") if isinstance(data, dict) else None
    for path in paths if isinstance(paths, list) else ():
        if isinstance(path, dict):
            place, _, name = str(path.get("_path")).rpartition("/")
            sum_ = path.get("sha256_in_prefix") or path.get("sha256")
            if sum_ and place.endswith(home) and name and "\0" not in name:
                yield name, str(sum_)
