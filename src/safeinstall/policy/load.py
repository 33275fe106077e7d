"""Find the policy files that apply in a directory, with those that they extend, and merge them."""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.errors import PolicyError, SafeinstallError, described
from safeinstall.files import is_below, names_in, upward
from safeinstall.policy import MACHINE, PROJECT, USER, Layer, Lost
from safeinstall.policy.merge import Policy, merge
from safeinstall.settings import PROJECT_POLICY, PYPROJECT
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from safeinstall.policy.places import Path
    from safeinstall.settings import Settings

DEEPEST = 5
"""Files that extend one another."""

MOST = 20
"""Files that one policy is made of."""

TOO_DEEP = (
    f"extends goes round in a circle, through more than {DEEPEST} files one after the other, or "
    f"through more than {MOST} in all"
)
FROM_FILES = "a project's file can only extend files in its own directory or below it"
FROM_ADDRESSES = "what was fetched can only extend addresses"
_NOT_FETCHED = "not there yet; a project's file is extended from an address after: {}"
_MISSING = "not there yet; fetch it by: {}"
UPDATE = "safeinstall policy update"


class Address(Value):
    """A policy at an address, with the SHA-256 of its content in hexadecimal."""

    url: str
    sha256: str


def load(settings: Settings, cwd: str) -> Policy:
    """The policy that applies in ``cwd``. Raises :class:`PolicyError` for an invalid file."""
    return merged(files(settings, cwd), settings)


def kind_of(path: str, settings: Settings) -> str:
    """The layer to which a file belongs by its place; the machine's, where most keys count, if
    nothing reads a policy from that place.
    """
    whole = os.path.abspath(path)
    if whole == os.path.abspath(settings.user_policy):
        return USER
    return PROJECT if os.path.basename(whole) in (PROJECT_POLICY, PYPROJECT) else MACHINE


def update(settings: Settings, cwd: str) -> list[tuple[Address, bool]]:
    """Fetch the policies at addresses that apply in ``cwd``, also those of a project's file.

    Returns each address, and whether it was fetched now. Raises :class:`PolicyError` where one
    cannot be fetched.
    """
    found = _Layers(settings, fetching=True)
    for kind, path in files(settings, cwd):
        found.add(kind, path)
    return list(found.addresses.items())


def merged(
    layers: Iterable[tuple[str, str]], settings: Settings, *, fetching: bool | None = None
) -> Policy:
    """The policy of these files, as (kind, path), with those that they extend. ``fetching``: may
    what is at an address be fetched? By default it may, if no project's file names it; what may not
    is left out. Raises :class:`PolicyError`.
    """
    found = _Layers(settings, fetching=fetching)
    for kind, path in layers:
        found.add(kind, path)
    policy = merge(found.layers)
    return policy.replace(dropped=(*policy.dropped, *found.dropped))


def files(settings: Settings, cwd: str) -> list[tuple[str, str]]:
    """The policy files that exist, as (kind, path), in the order machine, user, project, without
    those that they extend.

    ``SAFEINSTALL_POLICY`` names a file that replaces the user's file, and that must exist.
    """
    found = []
    if os.path.lexists(settings.system_policy):
        found.append((MACHINE, settings.system_policy))
    more = sorted(name for name in names_in(settings.system_policies) if name.endswith(".toml"))
    found += [(MACHINE, os.path.join(settings.system_policies, name)) for name in more]
    if settings.policy_file or os.path.lexists(settings.user_policy):
        found.append((USER, os.path.join(cwd, settings.user_policy)))
    return [*found, *((PROJECT, path) for path in _of_project(settings, cwd))]


def _of_project(settings: Settings, cwd: str) -> list[str]:
    """The policy files in the nearest directory that has any: the directory itself, or above."""
    for directory in upward(cwd):
        own, shared = (os.path.join(directory, name) for name in (PROJECT_POLICY, PYPROJECT))
        found = [own] if os.path.lexists(own) and _is_trusted(own, cwd) else []
        trusted = os.path.lexists(shared) and _is_trusted(shared, cwd)
        if trusted and _read(shared, settings)["content"]:
            found.insert(0, shared)
        if found or os.path.lexists(own):
            return found
    return []


class _Layers:
    """The layers of policy files. A file comes after those that it extends, and so counts more."""

    def __init__(self, settings: Settings, *, fetching: bool | None = None) -> None:
        self.settings = settings
        self.fetching = fetching  # None: what a machine's or user's file names, no project's
        self.addresses: dict[Address, bool] = {}  # while fetching: was it fetched now?
        self.layers: list[Layer] = []
        self.dropped: list[Lost] = []

    def add(self, kind: str, path: str) -> None:
        self._add(Layer(kind, path, **_read(path, self.settings)), ())

    def _add(self, layer: Layer, above: tuple[Layer, ...]) -> None:
        above = (*above, layer)
        for place, base in bases(layer):
            found = self._base(layer, base, place)
            if found is None:
                continue
            circle = found.path in (each.path for each in above)
            if circle or len(above) > DEEPEST or len(self.layers) > MOST:
                raise PolicyError(f"{layer.source(place)}: {TOO_DEEP}")
            self._add(found, above)
        self.layers.append(layer)

    def _base(self, layer: Layer, base: str | Address, place: Path) -> Layer | None:
        """The layer that is extended; ``None`` where it does not count."""
        if isinstance(base, str):
            if why := refusal(layer, base):
                raise PolicyError(f"{layer.source(place)}: {why}")
            file = beside(layer, base)
            return Layer(layer.kind, file, **_read(file, self.settings), via=layer.path)
        from safeinstall.policy import fetched  # rarely needed

        may_fetch = layer.kind != PROJECT if self.fetching is None else self.fetching
        if self.fetching:
            self.addresses.setdefault(base, not fetched.is_kept(base, self.settings))
        try:
            file = fetched.file(base, self.settings, may_fetch=may_fetch)
        except PolicyError as error:
            if may_fetch:
                raise PolicyError(f"{layer.source(place)}: {error}") from None
            why = (_NOT_FETCHED if layer.kind == PROJECT else _MISSING).format(UPDATE)
            self.dropped.append(Lost("extends", base.url, layer.source(place), why))
            return None
        return Layer(layer.kind, base.url, **_read(file, self.settings), via=layer.path)


def refusal(layer: Layer, file: str) -> str:
    """Why the layer may not extend this file; ``""`` if it may. What was fetched may come from
    anywhere, so it names no file of this machine; a project's only one that lies below its own.
    """
    if "://" in layer.path:
        return FROM_ADDRESSES
    own = os.path.dirname(layer.path)
    foreign = file.startswith("~") or not is_below(beside(layer, file), own)
    return FROM_FILES if layer.kind == PROJECT and foreign else ""


def beside(layer: Layer, file: str) -> str:
    """The path of a file that a layer extends."""
    directory = os.path.dirname(layer.path)
    return os.path.normpath(os.path.join(directory, os.path.expanduser(file)))


def bases(layer: Layer) -> Iterator[tuple[Path, str | Address]]:
    """What a layer extends, with the path of each entry."""
    said = layer.content.get("extends", ())
    each = enumerate(said) if isinstance(said, (list, tuple)) else [(None, said)]
    for at, base in each:
        path: Path = ("extends",) if at is None else ("extends", at)
        yield path, Address(**base) if isinstance(base, dict) else base


def _read(path: str, settings: Settings) -> dict[str, Any]:
    try:
        found: dict[str, Any] = cache.parsed(path, _parse, settings.cache_dir)
    except SafeinstallError:
        raise
    except Exception as error:  # a bug of ours must not make a policy count as none
        raise PolicyError(f"{path}: cannot be understood: {described(error)}") from error
    return found


def _parse(path: str) -> dict[str, Any]:
    from safeinstall.policy import layer  # imported late: most machines have no policy file, and
    # the cache has the content of an unchanged one

    return layer.read(path)


def _is_trusted(path: str, cwd: str) -> bool:
    """Does the file belong to the user, to root, or to the owner of ``cwd``? In /tmp, a file could
    belong to anybody.
    """
    try:
        return os.lstat(path).st_uid in (os.getuid(), 0, os.stat(cwd).st_uid)
    except OSError:
        return True  # reading the file will report the error
