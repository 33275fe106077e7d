"""Has another installer put the same version in the place of conda's?

Its metadata directory has the name then that conda's record lists (``numpy-1.26.4.dist-info``), but
was made later than the record, and does not hold what conda linked.
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
    """Did an entry come or go after the record was written (ns)? conda writes that one last."""
    try:
        return os.stat(directory).st_mtime_ns > written
    except OSError:
        return False


def by_another(directory: str, record: str, family: Family) -> bool:
    """Is there other content in the metadata directory than conda's record at that path says?

    A record without checksums, or that cannot be read, accuses nobody.
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
    """The SHA-256 of each file in the directory, as conda linked it."""
    home = f"/{os.path.basename(directory)}"
    data = (canonical.decode_object(read_bytes(record)) or {}).get("paths_data")
    paths = data.get("paths") if isinstance(data, dict) else None
    for path in paths if isinstance(paths, list) else ():
        if isinstance(path, dict):
            place, _, name = str(path.get("_path")).rpartition("/")
            sum_ = path.get("sha256_in_prefix") or path.get("sha256")
            if sum_ and place.endswith(home) and name and "\0" not in name:
                yield name, str(sum_)
