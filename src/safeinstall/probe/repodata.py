"""What the channels have, from the repodata that conda, mamba and rattler keep on the disk.

Nothing is downloaded. A channel's repodata has up to 200 MB of JSON, so :func:`refresh` writes its
names and versions into our own cache while the real tool runs; :func:`offers` finds a name there
with a few reads, the next time.

Places: ``create_cache_dir`` in ``conda.gateways.repodata`` (mamba uses the same directories) and
rattler's ``default_cache_dir``. Which channel a file is of stands in the file beside it:
``.info.json`` (conda, rattler), ``.state.json`` (mamba). Sharded repodata is not read.
"""

from __future__ import annotations

import os
import sys

from safeinstall import cache, canonical, files
from safeinstall.cache import hash_of
from safeinstall.files import close, names_in, read_bytes
from safeinstall.model import Offer
from safeinstall.probe import condarc
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
_LONGEST_LINE = 1 << 18  # bytes; a hundred thousand versions of one package
_STATES = (".info.json", ".state.json")

Places = dict[str, tuple[tuple[int, ...], str, str]]
"""By a repodata file's path: what stat says of it, the address it is of, our file's name."""


class _Lines(Value):
    """A sorted file of lines ``name TAB versions``, searched where it lies."""

    descriptor: int
    size: int

    def find(self, name: bytes) -> bytes | None:
        """The versions behind a name."""
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
        """The line that the byte at ``offset`` belongs to, and where it starts."""
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
    """Which of ``wanted`` (pip's name: what conda may call it) the channels have, as far as known.

    A name is looked for in the channels in their order; the first one that has it counts.
    """
    places = _load(cache_dir)
    if not places:
        return ()
    known: dict[str, list[str]] = {}
    for path, (_, address, name) in places.items():
        if os.path.exists(path):
            known.setdefault(address, []).append(os.path.join(_directory(cache_dir), name))
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
    """Where conda, mamba and rattler keep repodata here; not all of them need exist."""
    from safeinstall.model import Target

    environ, home = installation.environ, installation.home
    search = installation.replace(target=Target(prefix=prefix)).search()
    assert search is not None
    found = condarc.settings(("pkgs_dirs",), search, installation.cache_dir)
    said = environ.get("CONDA_PKGS_DIRS", "")
    if said:
        found.append(condarc.Setting(tuple(filter(None, map(str.strip, said.split(","))))))
    own = [os.path.join(installation.root_prefix, "pkgs"), "~/.conda/pkgs"]
    packages = [installation.expand(path) for path in condarc.merge(found) or own]
    caches = environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    if sys.platform == "darwin":
        caches = os.path.join(home, "Library/Caches")
    rattler = environ.get("RATTLER_CACHE_DIR") or os.path.join(caches, "rattler", "cache")
    return [*(os.path.join(path, "cache") for path in packages), os.path.join(rattler, "repodata")]


def refresh(where: Iterable[str], cache_dir: str, stop: Callable[[], bool] = lambda: False) -> int:
    """List anew what has changed in these directories; answers how many files were read.

    A big channel takes a second or two. ``stop`` is asked now and then: where it says so, the rest
    is left for the next time. A cache that cannot be written is as good as none.
    """
    before = _load(cache_dir)
    after: Places = {path: place for path, place in before.items() if os.path.exists(path)}
    read = 0
    try:
        os.makedirs(_directory(cache_dir), mode=0o700, exist_ok=True)
        for path, address in _repodata(where):
            status = os.stat(path)
            identity = (status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
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
    """Each repodata file with the address it is of."""
    for directory in dict.fromkeys(where):
        for name in sorted(names_in(directory)):
            if name.endswith(".json") and not name.endswith(_STATES):
                path = os.path.join(directory, name)
                address = _address(path)
                if address:
                    yield path, address


def _address(path: str) -> str:
    """``https://conda.anaconda.org/conda-forge/noarch``, from the file beside the repodata."""
    for ending in _STATES:
        state = canonical.decode_object(read_bytes(path.removesuffix(".json") + ending)) or {}
        address = state.get("url")
        if isinstance(address, str):
            directory, _, last = address.rstrip("/").rpartition("/")
            whole = directory if ".json" in last else address.rstrip("/")
            return without_credentials(whole)
    return ""


def _names(path: str, stop: Callable[[], bool]) -> dict[bytes, set[bytes]] | None:
    """Names and versions, from the file names that are keys; ``None`` if told to stop.

    Found without parsing: 200 MB of JSON would take a gigabyte of memory.
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
    """Our lists of repodata that is no longer there."""
    kept = {"places", *(name for _, _, name in places.values())}
    for name in names_in(_directory(cache_dir)):
        if name not in kept and "." not in name:
            os.unlink(os.path.join(_directory(cache_dir), name))
