"""The local channels and wheels, built once for an interpreter and kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass

from safeinstall import settings
from safeinstall.sandbox import SandboxError
from safeinstall.sandbox.archive import Package, write, write_repodata
from safeinstall.sandbox.interpreter import Interpreter, find_interpreters, python_packages
from safeinstall.sandbox.packages import CONDA_FORGE, PYTORCH, conda_packages
from safeinstall.sandbox.platforms import subdir
from safeinstall.sandbox.wheels import write_repository, write_wheels

CACHE = "SAFEINSTALL_SANDBOX_CACHE"
"""Where to keep what the sandbox builds, in place of the user's cache directory."""

_KEEP_UNUSED = 7 * 86400.0
_OLD_FORMAT = ("six-1.15.0-pyhd8ed1ab_0",)


@dataclass(frozen=True, slots=True)
class Store:
    """A directory with everything a world needs that no world changes."""

    root: str

    @property
    def channels(self) -> str:
        """The directory that holds the channels ``conda-forge`` and ``pytorch``."""
        return os.path.join(self.root, "channels")

    @property
    def wheels(self) -> str:
        """A directory for pip's ``--find-links``."""
        return os.path.join(self.root, "wheels")

    @property
    def repository(self) -> str:
        """The git repository of ``transformers``."""
        return os.path.join(self.root, "transformers")

    @property
    def packages(self) -> str:
        """The cache of unpacked conda packages that all worlds share."""
        return os.path.join(self.root, "pkgs")


def open_store() -> Store:
    """The store for the running interpreter, built now if need be; safe to call in parallel."""
    import filelock

    cache = _cache_directory()
    interpreters = find_interpreters()
    store = Store(os.path.join(cache, _key(interpreters)))
    with filelock.FileLock(f"{store.root}.lock"):
        if not os.path.exists(store.root):
            _remove_unused(cache)
            _build(store, interpreters)
    os.utime(store.root)
    return store


def write_channel(directory: str, packages: list[Package]) -> None:
    """Make a local channel of ``packages``; earlier ones in ``directory`` stay."""
    for package in packages:
        write(package, subdir(), directory, old_format=package.stem in _OLD_FORMAT)
    write_repodata(directory, ("noarch", subdir()))


def _cache_directory() -> str:
    chosen = os.environ.get(CACHE)
    usual = os.path.join(settings.read(os.environ).cache_dir, "sandbox")
    temporary = os.path.join(tempfile.gettempdir(), f"safeinstall-sandbox-{os.getuid()}")
    for directory in [chosen] if chosen else [usual, temporary]:
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
        except OSError:
            continue
        # What is in there will be run: a directory that somebody else has laid out will not do.
        if os.access(directory, os.W_OK) and os.stat(directory).st_uid == os.getuid():
            return directory
    raise SandboxError(f"no directory of yours can be written for the sandbox's cache; set {CACHE}")


def _key(interpreters: list[Interpreter]) -> str:
    digest = hashlib.sha256()
    here = os.path.dirname(os.path.abspath(__file__))
    names = ("archive", "channel", "distribution", "interpreter", "packages", "wheels")
    content = sorted(os.listdir(os.path.join(here, "content")))
    for path in [f"{name}.py" for name in names] + [f"content/{name}" for name in content]:
        if path.endswith((".py", ".in")):
            with open(os.path.join(here, path), "rb") as file:
                digest.update(file.read())
    for interpreter in interpreters:
        digest.update(repr((interpreter, os.stat(interpreter.executable).st_mtime)).encode())
    return digest.hexdigest()[:16]


def _remove_unused(cache: str) -> None:
    for name in os.listdir(cache):
        path = os.path.join(cache, name)
        if len(name) == 16 and os.path.getmtime(path) < time.time() - _KEEP_UNUSED:
            shutil.rmtree(path, ignore_errors=True)


def _build(store: Store, interpreters: list[Interpreter]) -> None:
    building = Store(f"{store.root}.building")
    shutil.rmtree(building.root, ignore_errors=True)
    pythons = tuple(interpreter.minor for interpreter in interpreters)
    forge = list(conda_packages(CONDA_FORGE, pythons))
    for interpreter, builds in zip(interpreters, (2, 1), strict=False):
        forge += python_packages(interpreter, builds)
    write_channel(os.path.join(building.channels, "conda-forge"), forge)
    write_channel(
        os.path.join(building.channels, "pytorch"), list(conda_packages(PYTORCH, pythons))
    )
    write_wheels(building.wheels)
    write_repository(building.repository)
    os.rename(building.root, store.root)
