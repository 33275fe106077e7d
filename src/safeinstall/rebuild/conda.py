"""conda's part: its commands, each started unguarded, and what conda is to know of the old one."""

from __future__ import annotations

import os
import time

from safeinstall import settings
from safeinstall.canonical import decode_object
from safeinstall.errors import ToolNotFound
from safeinstall.files import names_in, read_bytes, write
from safeinstall.model import CONDA_LIKE
from safeinstall.probe import conda_history
from safeinstall.probe.place import locate
from safeinstall.protection import lifted
from safeinstall.rails import conda_plan
from safeinstall.rebuild.tools import Failed, last_of, run, text
from safeinstall.specs import addresses
from safeinstall.state.lock import explicit
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from safeinstall.model import Environment, Plan
    from safeinstall.rebuild.nouns import CondaLayer
    from safeinstall.settings import Session
    from safeinstall.state.nouns import CondaPackage

_RECORD = 1 << 26  # bytes


class Conda(Value):
    """The conda, mamba or micromamba that makes the conda layer."""

    executable: str
    environ: Mapping[str, str]
    cwd: str
    caches: tuple[str, ...] = ()  # directories of unpacked packages

    def foreseen(self, layer: CondaLayer, environment: Environment) -> Plan:
        """What conda would change in the environment for ``layer.specs``. Raises Failed."""
        words = [*self._solving(layer, environment.prefix), "--dry-run", "--json"]
        return self._plan(words, layer.pins, environment)

    def _plan(self, words: Sequence[str], pins: Sequence[str], environment: Environment) -> Plan:
        done = self._start(words, pins, CONDA_PROTECT_FROZEN_ENVS="false")  # nothing is changed
        document: dict[str, Any] = decode_object(done.stdout) or {}
        if document.get("success") is not True:
            said = str(document.get("message") or document.get("error") or text(done))
            raise Failed("conda cannot do it", last_of(said))
        if not isinstance(document.get("actions", {}), dict):
            raise Failed("conda's plan cannot be read")
        return conda_plan.from_dry_run(document, environment, self.caches)

    def foreseen_removal(self, layer: CondaLayer, environment: Environment) -> Plan:
        """What goes with ``layer.remove``. Raises Failed."""
        words = ["remove", "-p", environment.prefix, *layer.remove, "--dry-run", "--json"]
        return self._plan(words, (), environment)

    def create(self, staging: str, exact: Sequence[CondaPackage], notes: str) -> None:
        """The packages at these addresses, in a new environment. ``notes`` is a directory for the
        list of these. Raises Failed.
        """
        listed = os.path.join(notes, "conda.txt")
        write(listed, explicit(exact, for_any=True).encode())
        words = ["create", "--yes", "--quiet", "-p", staging, "--file", listed]
        if os.path.basename(self.executable) in ("conda", "mamba"):
            words.append("--no-default-packages")  # conda takes no names beside addresses
        self._run(words)

    def solve(self, layer: CondaLayer, staging: str) -> None:
        """What is asked for, by conda's own solver. Raises Failed."""
        if layer.remove:
            self._run(["remove", "--yes", "--quiet", "-p", staging, *layer.remove])
        if layer.specs or layer.update:
            self._run([*self._solving(layer, staging), "--yes", "--quiet"], layer.pins)

    def _solving(self, layer: CondaLayer, prefix: str) -> list[str]:
        words = ["update", "-p", prefix, "--all"] if layer.update else ["install", "-p", prefix]
        return [*words, *(word for c in layer.channels for word in ("-c", c)), *layer.specs]

    def _run(self, words: Sequence[str], pins: Sequence[str] = ()) -> None:
        done = self._start(words, pins)
        if done.returncode:
            raise Failed("conda could not make its part", last_of(text(done)))

    def _start(
        self, words: Sequence[str], pins: Sequence[str] = (), **more: str
    ) -> subprocess.CompletedProcess[bytes]:
        own = [self.environ.get("CONDA_PINNED_PACKAGES", "")]
        pinned = "&".join(filter(None, [*own, *pins]))  # as conda separates them
        environ = {**self.environ, **more, **settings.UNGUARDED}
        environ |= lifted.for_conda(environ)
        environ |= {"CONDA_PINNED_PACKAGES": pinned} if pinned else {}
        return run([self.executable, *words], environ, self.cwd, lends_lock=True)


def find(session: Session, caches: Sequence[str]) -> Conda:
    """The conda of CONDA_EXE or on PATH, else the mamba or micromamba of MAMBA_EXE or on PATH.
    Raises ToolNotFound.
    """
    environ, cwd = session.environ, session.cwd
    conda, *mambas = CONDA_LIKE
    for word in (environ.get("CONDA_EXE"), conda, environ.get("MAMBA_EXE"), *mambas):
        try:
            found = locate(word, environ, cwd) if word else ""
        except ToolNotFound:
            continue
        if found:
            return Conda(found, environ, cwd, tuple(caches))
    raise ToolNotFound("conda: command not found; set CONDA_EXE to the path of your conda")


def is_cached(package: CondaPackage, caches: Iterable[str]) -> bool:
    """Has conda the package unpacked, or as an archive?"""
    archive = package.url.rpartition("/")[2]
    stem = archive.removesuffix(".conda").removesuffix(".tar.bz2")
    places = (os.path.join(cache, name) for cache in caches for name in (archive, stem))
    return bool(archive) and any(map(os.path.exists, places))


def as_asked(staging: str, old: str) -> None:
    """Write who was asked for what and since when, as conda has it in the old environment: its
    history, when it was created, and ``requested_spec`` in its records. By itself, conda would take
    each address for a request.
    """
    for name in _LIFE:
        content = read_bytes(os.path.join(old, "conda-meta", name), _RECORD)
        if content is not None:
            write(os.path.join(staging, "conda-meta", name), content, _readable)
    for name in names_in(os.path.join(staging, "conda-meta")):
        if name.endswith(".json"):
            _as_asked(os.path.join(staging, "conda-meta", name), f"{old}/conda-meta/{name}")


FROZEN = "conda-meta/frozen"
SETTINGS = ("conda-meta/pinned", "conda-meta/state", FROZEN)
"""Files of an environment that are the user's, relative to the prefix."""


def begin_history(staging: str, asked: Mapping[str, str], command: str, alias: str) -> None:
    """Write conda's history of a new environment: what is there, and of that what was ``asked``
    for, a spec by name. By itself, conda would take each address for a request.
    """
    there = _listed(staging, alias)
    lines = [_header(command), *(f"+{there[name]}" for name in sorted(there))]
    lines += [f"# update specs: {sorted(asked.values())!r}"] if asked else []
    place = os.path.join(staging, "conda-meta", "history")
    write(place, _as_text(lines), _readable)
    for name in names_in(os.path.dirname(place)):
        if name.endswith(".json"):
            spec = asked.get(name.rsplit("-", 2)[0])
            _set_requests(os.path.join(staging, "conda-meta", name), {_REQUESTS[0]: spec})


def note_change(staging: str, old: str, command: str, alias: str) -> None:
    """Write into conda's history what has come and gone without a command of conda's, and that
    nobody asks for what has gone. ``alias`` is conda's channel_alias.
    """
    after, before = (_listed(prefix, alias) for prefix in (staging, old))
    if after == before:
        return
    gone = sorted(before.keys() - after.keys())
    asked = conda_history.once_asked(conda_history.read(old))
    back = [asked[name] for name in sorted(after.keys() - before.keys()) if name in asked]
    lines = [_header(command)]
    lines += [f"-{before[name]}" for name in sorted(before) if before[name] != after.get(name)]
    lines += [f"+{after[name]}" for name in sorted(after) if after[name] != before.get(name)]
    lines += [f"# remove specs: {gone!r}"] if gone else []
    lines += [f"# update specs: {back!r}"] if back else []
    place = os.path.join(staging, "conda-meta", "history")
    write(place, (read_bytes(place, _RECORD) or b"") + _as_text(lines), _readable)


def _header(command: str) -> str:
    return time.strftime("==> %Y-%m-%d %H:%M:%S <==\n") + f"# cmd: {command}"


def _as_text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _listed(prefix: str, alias: str) -> dict[str, str]:
    """The packages with a record, by name, as conda's history writes them."""
    found = {}
    for name in names_in(os.path.join(prefix, "conda-meta")):
        if name.endswith(".json"):
            record = decode_object(read_bytes(f"{prefix}/conda-meta/{name}", _RECORD)) or {}
            channel = addresses.channel(str(record.get("channel") or ""), alias)
            place = f"{channel}/{record.get('subdir') or 'noarch'}"
            found[str(record.get("name") or name)] = f"{place}::{name.removesuffix('.json')}"
    return found


_LIFE = ("history", "created_at")
_REQUESTS = ("requested_spec", "requested_specs")


def _as_asked(place: str, former: str) -> None:
    before = decode_object(read_bytes(former, _RECORD)) or {}
    _set_requests(place, {key: before.get(key) for key in _REQUESTS})


def _set_requests(place: str, requests: Mapping[str, Any]) -> None:
    """Write into a record what conda was asked for; ``None`` for nothing."""
    import json

    record = decode_object(read_bytes(place, _RECORD))
    if record is None:
        return
    now = {key: value for key, value in record.items() if key not in _REQUESTS}
    now |= {key: value for key, value in requests.items() if value is not None}
    if now != record:
        write(place, json.dumps(now, indent=2, sort_keys=True).encode(), _readable)


def _readable(descriptor: int) -> None:
    os.fchmod(descriptor, 0o644)
