"""The packages of the channels, from the repodata that conda, mamba and rattler keep on the disk.

Nothing is downloaded. A channel's repodata has up to 200 MB of JSON, so :func:`refresh` writes its
names and versions into our own cache while the real tool runs. In later commands :func:`offers`
finds a name there with a few reads. Where a block is about to offer something, :func:`versions`
also searches what our cache does not have yet, which takes 0.2 s for 100 MB.

Places: ``create_cache_dir`` in ``conda.gateways.repodata`` (mamba uses the same directories) and
rattler's ``default_cache_dir``. The channel of a repodata file is named in the file beside it:
``.info.json`` (conda, rattler), ``.state.json`` (mamba). Sharded repodata is not read.
"""

from __future__ import annotations

import os
import sys

from safeinstall import cache, canonical, files
from safeinstall.cache import hash_of
from safeinstall.files import close, names_in, read_bytes
from safeinstall.model import Offer
from safeinstall.probe.channels import addresses
from safeinstall.specs.addresses import channel as short_name
from safeinstall.specs.addresses import without_credentials
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from safeinstall.model import Channels
    from safeinstall.probe.conda import Installation

_FORMAT = 1
_BLOCK = 1 << 22  # bytes read at once
_LONGEST = 1 << 10  # bytes that a package's file name with its quotes may have
_LONGEST_LINE = 1 << 18  # bytes; holds tens of thousands of versions of one package
_STATES = (".info.json", ".state.json")

Places = dict[str, tuple[tuple[int, ...], str, str]]
"""Path of a repodata file → its identity by ``stat``, its channel address, our file's name."""


class _Lines(Value):
    """A sorted file of lines ``name TAB versions``, searched without reading it whole."""

    descriptor: int
    size: int

    def find(self, name: bytes) -> bytes | None:
        """The versions in the line of a name; ``None`` where there is no such line."""
        low, high = 0, self.size
        while low < high:
            start, line = self.line_at((low + high) // 2)
            key, _, rest = line.partition(b"\t")
            if key == name:
                return rest
            if key < name:
                low = start + len(line) + 1
            else:
                high = start
        return None

    def line_at(self, offset: int) -> tuple[int, bytes]:
        """The offset of the line that contains the byte at ``offset``, and the line."""
        before = b""
        start = offset
        while start > 0 and b"\n" not in before and len(before) < _LONGEST_LINE:
            step = min(start, 512)
            start -= step
            before = os.pread(self.descriptor, step, start) + before
        cut = before.rfind(b"\n") + 1
        start += cut
        line = before[cut:]
        end = offset
        while b"\n" not in line and len(line) < _LONGEST_LINE:
            chunk = os.pread(self.descriptor, 512, end)
            if not chunk:
                break
            line += chunk
            end += len(chunk)
        return start, line.partition(b"\n")[0]


# ---- on the hot path ---------------------------------------------------------------------------


def offers(
    wanted: Mapping[str, Iterable[str]], channels: Channels, cache_dir: str, platform: str = ""
) -> tuple[Offer, ...]:
    """The packages of ``wanted`` (pip's name → possible conda names) that the channels are known to
    have. Of several channels with the package, the first one counts.
    """
    known = _known(cache_dir)
    if not known:
        return ()
    files = [
        (
            short_name(name, channels.alias),
            [f for s in _subdirs(platform) for f in known.get(a + s, ())],
        )
        for name, address in addresses(channels)
        for a in (without_credentials(address),)
    ]
    found = (_offer(name, tuple(conda), files) for name, conda in wanted.items())
    return tuple(filter(None, found))


def versions(
    names: Iterable[str],
    channels: Channels,
    cache_dir: str,
    platform: str = "",
    where: Iterable[str] = (),
) -> dict[str, list[str]] | None:
    """The versions that the channels have of each conda package, none of what no channel has;
    ``None`` unless the packages of every channel are known.

    In the directories ``where`` (see :func:`directories`), repodata that our cache does not have,
    or has from another time, is searched itself.
    """
    known, unread = _known(cache_dir), dict[str, list[str]]()
    if where:
        known, unread = _as_they_are(where, cache_dir)
    places = [
        without_credentials(address) + subdir
        for _, address in addresses(channels)
        for subdir in _subdirs(platform)
    ]
    if not places or not all(place in known or place in unread for place in places):
        return None
    files = [path for place in places for path in known.get(place, ())]
    found = {name: [v for path in files for v in _versions(path, name)] for name in names}
    for path in (path for place in places for path in unread.get(place, ())):
        for name, more in _searched(path, found).items():
            found[name] += [version for version in more if version not in found[name]]
    return found


def _as_they_are(
    where: Iterable[str], cache_dir: str
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """By the address of the channel with the platform: the files in our cache that are up to date,
    and the repodata files of which there is none.
    """
    known, unread = dict[str, list[str]](), dict[str, list[str]]()
    ours = _load(cache_dir)
    for path, address in _repodata(where):
        at = ours.get(path)
        if at and at[:2] == (_identity(path), address):
            known.setdefault(address, []).append(os.path.join(_directory(cache_dir), at[2]))
        else:
            unread.setdefault(address, []).append(path)
    for path, (_, address, name) in ours.items():
        if address not in known and address not in unread and os.path.exists(path):
            known.setdefault(address, []).append(os.path.join(_directory(cache_dir), name))
    return known, unread


def _searched(path: str, names: Iterable[str]) -> dict[str, list[str]]:
    """The versions of these packages in a repodata file, without reading what else it has."""
    import re

    rest = re.compile(rb'([^"\\-]+)-[^"\\-]+\.(?:conda|tar\.bz2)"\s*:\s*\{')
    marks = {name: f'"{name}-'.encode("utf-8", "replace") for name in names}
    found: dict[str, dict[bytes, None]] = {name: {} for name in marks}
    carried = b""
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            text = carried + block
            for name, mark in marks.items():
                at = text.find(mark)
                while at >= 0:
                    if met := rest.match(text, at + len(mark)):
                        found[name][met[1]] = None
                    at = text.find(mark, at + 1)
            carried = text[-_LONGEST:]
    return {name: [v.decode("utf-8", "replace") for v in them] for name, them in found.items()}


def _identity(path: str) -> tuple[int, ...]:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev


def _known(cache_dir: str) -> dict[str, list[str]]:
    """The files in our cache, by the address of the channel with the platform."""
    known: dict[str, list[str]] = {}
    for path, (_, address, name) in _load(cache_dir).items():
        if os.path.exists(path):
            known.setdefault(address, []).append(os.path.join(_directory(cache_dir), name))
    return known


def _offer(
    name: str, conda_names: tuple[str, ...], files: list[tuple[str, list[str]]]
) -> Offer | None:
    for conda_name in conda_names:
        for channel, paths in files:
            versions = dict.fromkeys(v for path in paths for v in _versions(path, conda_name))
            if versions:
                return Offer(name, conda_name, channel, tuple(versions))
    return None


def _versions(path: str, conda_name: str) -> list[str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return []
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.getuid():
            return []
        line = _Lines(descriptor, status.st_size).find(conda_name.encode("utf-8", "replace"))
    except OSError:
        return []
    finally:
        close(descriptor)
    return (line or b"").decode("utf-8", "replace").split(" ") if line else []


def _subdirs(platform: str) -> tuple[str, str]:
    return f"/{platform or this_platform()}", "/noarch"


def this_platform() -> str:
    """The platform's name in channels, ``linux-64``."""
    machine = os.uname().machine
    if sys.platform == "darwin":
        return "osx-arm64" if machine == "arm64" else "osx-64"
    return "linux-" + {"x86_64": "64", "i686": "32"}.get(machine, machine)


def _directory(cache_dir: str) -> str:
    return os.path.join(cache_dir, "repodata")


def _load(cache_dir: str) -> Places:
    places: Places | None = cache.load(os.path.join(_directory(cache_dir), "places"), _FORMAT)
    return places or {}


# ---- while the tool runs -----------------------------------------------------------------------


def directories(installation: Installation, prefix: str) -> list[str]:
    """The directories in which conda, mamba and rattler keep repodata; some may not exist."""
    from safeinstall.model import Target

    environ, home = installation.environ, installation.home
    packages = installation.replace(target=Target(prefix=prefix)).packages_dirs()
    caches = environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    if sys.platform == "darwin":
        caches = os.path.join(home, "Library/Caches")
    rattler = environ.get("RATTLER_CACHE_DIR") or os.path.join(caches, "rattler", "cache")
    return [*(os.path.join(path, "cache") for path in packages), os.path.join(rattler, "repodata")]


def refresh(where: Iterable[str], cache_dir: str, stop: Callable[[], bool] = lambda: False) -> int:
    """Read the changed repodata files in these directories into our cache; returns their number.

    A big channel takes a second or two. ``stop`` is called repeatedly: when it returns true, the
    other files are left for the next time. Errors in writing the cache are ignored.
    """
    before = _load(cache_dir)
    after: Places = {path: place for path, place in before.items() if os.path.exists(path)}
    read = 0
    try:
        os.makedirs(_directory(cache_dir), mode=0o700, exist_ok=True)
        for path, address in _repodata(where):
            identity = _identity(path)
            if path in after and after[path][:2] == (identity, address):
                continue
            names = _names(path, stop)
            if names is None:
                break
            name = f"{hash_of(path):016x}"
            files.write(os.path.join(_directory(cache_dir), name), _lines(names))
            after[path] = (identity, address, name)
            read += 1
        if after != before:
            cache.keep(os.path.join(_directory(cache_dir), "places"), _FORMAT, after)
            _forget(cache_dir, after)
    except OSError:
        return read
    return read


def _repodata(where: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The path of each repodata file, and the address of its channel with the platform."""
    for directory in dict.fromkeys(where):
        for name in sorted(names_in(directory)):
            if name.endswith(".json") and not name.endswith(_STATES):
                path = os.path.join(directory, name)
                address = _address(path)
                if address:
                    yield path, address


def _address(path: str) -> str:
    """The channel address in the file beside the repodata; ``""`` for none.

    For example ``https://conda.anaconda.org/conda-forge/noarch``.
    """
    for ending in _STATES:
        state = canonical.decode_object(read_bytes(path.removesuffix(".json") + ending)) or {}
        address = state.get("url")
        if isinstance(address, str):
            directory, _, last = address.rstrip("/").rpartition("/")
            whole = directory if ".json" in last else address.rstrip("/")
            return without_credentials(whole)
    return ""


def _names(path: str, stop: Callable[[], bool]) -> dict[bytes, set[bytes]] | None:
    """Package names and versions, from the file names that are the keys of repodata; ``None`` if
    ``stop`` returned true.

    The JSON is searched, not parsed: parsing 200 MB would take a gigabyte of memory.
    """
    import re

    key = re.compile(rb'"([A-Za-z0-9_.-]+)-([^"\\-]+)-[^"\\-]+\.(?:conda|tar\.bz2)"\s*:\s*\{')
    found: dict[bytes, set[bytes]] = {}
    carried = b""
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            if stop():
                return None
            text = carried + block
            for name, version in key.findall(text):
                found.setdefault(name, set()).add(version)
            carried = text[-_LONGEST:]
    return found


def _lines(names: Mapping[bytes, set[bytes]]) -> bytes:
    lines = (name + b"\t" + b" ".join(sorted(names[name])) + b"\n" for name in sorted(names))
    return b"".join(lines)


def _forget(cache_dir: str, places: Places) -> None:
    """Remove our files for repodata that does not exist any more."""
    kept = {"places", *(name for _, _, name in places.values())}
    for name in names_in(_directory(cache_dir)):
        if name not in kept and "." not in name:
            os.unlink(os.path.join(_directory(cache_dir), name))
