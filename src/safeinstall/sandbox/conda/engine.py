"""The solver and the linker: everything that needs py-rattler."""

from __future__ import annotations

import asyncio
import glob
import os
import sys
import tempfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from safeinstall.sandbox.conda import CondaError
from safeinstall.sandbox.conda.prefix import distribution
from safeinstall.sandbox.conda.records import Record, as_rattler
from safeinstall.sandbox.platforms import subdir

if TYPE_CHECKING:
    from rattler import RepoDataRecord


def rattler() -> Any:
    """The module, or a message that says how to get it."""
    try:
        import rattler as module
    except ImportError:
        raise CondaError(
            "MissingEngine",
            "the sandbox's conda needs py-rattler: "
            f"{sys.executable} -m pip install 'safeinstall[sandbox]'",
        ) from None
    return module


@dataclass(frozen=True)
class Settings:
    """What the configuration says about solving."""

    strict: bool  # only the first channel that has a package is searched for it
    add_pip: bool  # python brings pip along, as conda has it unless told otherwise
    pinned: tuple[str, ...] = ()  # specs that must hold for what is installed


@dataclass(frozen=True)
class Plan:
    """The packages that shall be there in the end, and the way to them."""

    prefix: str
    installed: dict[str, Record]
    final: list[RepoDataRecord]
    unlink: list[Record] = field(default_factory=list)
    link: list[Record] = field(default_factory=list)
    again: frozenset[str] = frozenset()  # names that are linked once more, as they are

    @property
    def empty(self) -> bool:
        """Is everything already as it shall be?"""
        return not self.unlink and not self.link


def plan(
    prefix: str,
    installed: dict[str, Record],
    channels: list[str],
    specs: list[str],
    free: set[str],
    settings: Settings,
) -> Plan:
    """Solve for ``specs``; installed packages not named in ``free`` move only if they must."""
    locked = [_prefix_record(record) for name, record in installed.items() if name not in free]
    kept = [name for name in installed if name not in free]
    try:
        final = _solve(channels, [*specs, *kept], locked, settings)
    except _unsolvable():
        # Something that is installed stands in the way: it may go.
        try:
            final = _solve(channels, specs, locked, settings)
        except _unsolvable() as error:
            raise _explain(error, channels, specs) from None
    return compare(prefix, installed, final)


def compare(prefix: str, installed: dict[str, Record], final: list[RepoDataRecord]) -> Plan:
    """What has to be unlinked and linked to get from ``installed`` to ``final``."""
    wanted = {record.name.normalized: _as_json(record) for record in final}
    moved = _minor(installed) != _minor(wanted)
    unlink, link = [], []
    for name, record in installed.items():
        if name not in wanted or _differs(record, wanted[name], moved):
            unlink.append(record)
    for name, record in wanted.items():
        if name not in installed or _differs(installed[name], record, moved):
            link.append(record)
    return Plan(prefix, installed, final, unlink, link)


def alone(what: Plan, names: set[str]) -> Plan:
    """``--no-deps``: nothing moves but the packages of these names."""
    coming = [record for record in what.final if record.name.normalized in names]
    return compare(what.prefix, what.installed, [*without(what.installed, names), *coming])


def once_more(what: Plan, names: set[str]) -> Plan:
    """``--force-reinstall``: these are unlinked and linked, even if they stay the same."""
    moving = {record["name"] for record in what.unlink}
    again = frozenset(names & set(what.installed)) - moving
    records = [_as_json(record) for record in what.final if record.name.normalized in again]
    return replace(
        what,
        unlink=[*what.unlink, *(what.installed[record["name"]] for record in records)],
        link=[*what.link, *records],
        again=again,
    )


def execute(what: Plan, packages_dir: str) -> None:
    """Unlink and link. Files that nobody known to conda owns are written over, as conda does."""
    module = rattler()
    os.makedirs(os.path.join(what.prefix, "conda-meta"), exist_ok=True)
    work = module.install(
        what.final,
        what.prefix,
        cache_dir=packages_dir,
        installed_packages=[_prefix_record(record) for record in what.installed.values()],
        reinstall_packages=set(what.again),
        show_progress=False,
        execute_link_scripts=False,
    )
    asyncio.run(work)
    tag = os.path.join(what.prefix, "CACHEDIR.TAG")
    if os.path.exists(tag):
        os.unlink(tag)


def refuse_clobbering(what: Plan) -> None:
    """For ``path_conflict: prevent``: no file that stays, whoever owns it, is written over.

    Raises:
        CondaError: a ``ClobberError`` naming the first such file.
    """
    leaving = {file for record in what.unlink for file in record["files"]}
    for record in what.link:
        for path in _paths(what.prefix, record):
            if path not in leaving and os.path.lexists(os.path.join(what.prefix, path)):
                message = (
                    f"The package '{distribution(record)}' cannot be installed due to a\n"
                    f"path collision for '{path}'.\nThis path already exists in the target prefix."
                )
                raise CondaError("ClobberError", message)


def without(installed: dict[str, Record], names: set[str]) -> list[RepoDataRecord]:
    """The installed packages except ``names``, as the goal of a plan."""
    return [_prefix_record(record) for name, record in installed.items() if name not in names]


def _solve(
    channels: list[str], specs: list[str], locked: list[RepoDataRecord], settings: Settings
) -> list[RepoDataRecord]:
    module = rattler()
    priorities = module.ChannelPriority
    solution = module.solve_with_sparse_repodata(
        [module.MatchSpec(spec) for spec in specs],
        [data for channel in channels for data in _repodata(channel)],
        locked_packages=locked,
        channel_priority=priorities.Strict if settings.strict else priorities.Disabled,
        constraints=[module.MatchSpec(spec) for spec in settings.pinned],
    )
    found = list(asyncio.run(solution))
    names = {record.name.normalized for record in found}
    if settings.add_pip and "python" in names and "pip" not in names and "pip" not in specs:
        return _solve(channels, [*specs, "pip"], locked, settings)
    return found


def _paths(prefix: str, record: Record) -> list[str]:
    """Where the files of a package go, relative to the prefix."""
    module = rattler()
    archive = record["url"].removeprefix("file://")
    paths = module.PathsJson.from_package_archive(archive).paths
    found = [str(entry.relative_path) for entry in paths]
    directories = glob.glob(os.path.join(prefix, "lib", "python3.*", "site-packages"))
    site_packages = os.path.relpath(directories[0], prefix) if directories else "site-packages"
    return [
        site_packages + path.removeprefix("site-packages")
        if path.startswith("site-packages/")
        else path
        for path in found
    ]


def _repodata(channel: str) -> list[Any]:
    module = rattler()
    if not channel.startswith("file://"):
        message = f"{channel}: the sandbox's conda reads local channels (file://) only"
        raise CondaError("UnavailableInvalidChannel", message)
    directory = channel.removeprefix("file://")
    paths = [os.path.join(directory, name, "repodata.json") for name in (subdir(), "noarch")]
    if not any(map(os.path.isfile, paths)):
        raise CondaError("UnavailableInvalidChannel", f"HTTP 404 NOT FOUND for channel {channel}")
    return [
        module.SparseRepoData(
            module.Channel(channel), os.path.basename(os.path.dirname(path)), path
        )
        for path in paths
        if os.path.isfile(path)
    ]


def _unsolvable() -> Any:
    rattler()
    from rattler.exceptions import SolverError

    return SolverError


def _explain(error: Exception, channels: list[str], specs: list[str]) -> CondaError:
    module = rattler()
    known = {
        name for channel in channels for data in _repodata(channel) for name in data.package_names()
    }
    names = {spec: module.MatchSpec(spec).name.normalized for spec in specs}
    missing = [spec for spec, name in names.items() if name not in known]
    if missing:
        listed = "\n".join(f"  - {spec}" for spec in missing)
        places = "\n".join(f"  - {channel}" for channel in channels)
        name = "PackagesNotFoundInChannelsError"
        message = (
            "The following packages are not available from current channels:\n\n"
            f"{listed}\n\nCurrent channels:\n\n{places}\n"
        )
        return CondaError(name, message, packages=missing)
    return CondaError("RattlerUnsatisfiableError", str(error), allow_retry=False)


def _prefix_record(record: Record) -> RepoDataRecord:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(as_rattler(record))
        file.flush()
        found: RepoDataRecord = rattler().PrefixRecord.from_path(file.name)
    return found


def _as_json(record: RepoDataRecord) -> Record:
    place = record.python_site_packages_path
    return {
        **({"python_site_packages_path": place} if place else {}),
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "build_number": record.build_number,
        "channel": record.channel.rstrip("/"),
        "subdir": record.subdir,
        "noarch": "python" if record.noarch.python else "",
        "depends": list(record.depends),
        "url": record.url,
        "fn": record.file_name,
        "md5": record.md5.hex() if record.md5 else "",
        "sha256": record.sha256.hex() if record.sha256 else "",
        "size": record.size,
    }


def _differs(before: Record, after: Record, python_moved: bool) -> bool:
    if distribution(before) != distribution(after) or before["sha256"] != after["sha256"]:
        return True
    return python_moved and after.get("noarch") == "python"


def _minor(records: dict[str, Record]) -> list[str]:
    return str(records.get("python", {}).get("version", "")).split(".")[:2]
