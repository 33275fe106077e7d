"""A rebuild of a state that the environment had: what of it can be had again, and from where."""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object
from safeinstall.files import names_in, read_bytes
from safeinstall.model import CONDA_OWNERS, Resident
from safeinstall.probe import conda_history, inventory
from safeinstall.probe.environment import describe
from safeinstall.protection import lifted
from safeinstall.rebuild import index, pip, situation
from safeinstall.rebuild.foresee import Wish
from safeinstall.rebuild.layers import Candidate
from safeinstall.rebuild.nouns import CondaLayer, Request
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.tools import Failed
from safeinstall.specs.origin import is_alike
from safeinstall.specs.versions import meets
from safeinstall.state import requirement
from safeinstall.state.lock import in_order
from safeinstall.state.nouns import CondaPackage, State
from safeinstall.state.past import distribution, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Package, Spec
    from safeinstall.probe.soundness import Lack
    from safeinstall.rebuild.backups import Backup
    from safeinstall.settings import Session
    from safeinstall.state.past import Past

_RECORD = 1 << 26  # bytes


class Undo(Rebuild):
    """Makes the environment as it was, for a caller that holds its lock."""

    def __init__(
        self,
        prefix: str,
        session: Session,
        target: Past,
        asked: Mapping[str, Spec],
        backups: Sequence[Backup],
        *,
        nearest: bool,
    ) -> None:
        self.target = target
        self.backups = backups
        self.nearest = nearest
        super().__init__(prefix, session, Request(), asked)

    def wished(self, request: Request) -> Wish:
        """Raises Failed with the list of what can no longer be had, unless ``nearest``."""
        exact, far = self._conda_part()
        there, missing = chosen(map(_exact, self.target.pip), self._whole())
        again = [to_install(p, requirement.exact(distribution(p))) for p in missing]
        versions = self._versions_of(again)
        gone = [c for c in again if not _comes_again(c, versions)]
        specs = tuple(far)
        unsolved = specs if specs and not self._can_solve(specs) else ()
        lost = [*unsolved, *(c.exact for c in gone)]
        if lost and not self.nearest:
            raise Failed(
                f"can no longer be had: {', '.join(lost)}; --nearest takes what is nearest to it"
            )
        return Wish(
            in_order(exact),
            (*there, *(c for c in again if c not in gone)),
            request.replace(
                conda=tuple(package.name for package in far.values()) if unsolved else specs,
                pip=tuple(c.exact if versions[c] else c.package.name for c in gone),
                exact=not lost,
            ),
        )

    def was_so(self, lack: Lack) -> bool:
        """Had the state that is gone back to the same lack?"""
        versions: dict[str, set[str]] = {}
        for package in self.target.packages:
            for name in (package.name, *names_of(package)):
                versions.setdefault(name, set()).add(package.version)
        there = versions.get(lack.name, {""})
        return lack.by in versions and lack.there in there

    # ---- conda's -------------------------------------------------------------------------------

    def _conda_part(self) -> tuple[list[CondaPackage], dict[str, Package]]:
        """The packages with their addresses, and the others by their specs."""
        exact, far = [], {}
        channels = conda_history.channels(conda_history.read(self.prefix))
        for package in self.target.conda:
            found = self._of_conda(package)
            if found:
                exact.append(found)
                continue
            build = f"={package.build}" if package.build else ""
            channel = channels.get((package.name, package.version, package.build), "")
            spec = f"{package.name}={package.version}{build}"
            far[f"{channel}::{spec}" if channel else spec] = package
        return exact, far

    def _can_solve(self, specs: Sequence[str]) -> bool:
        """Do the channels have them?"""
        try:
            self.tool.foreseen(CondaLayer(specs=tuple(specs)), self.now.environment)
        except Failed:
            return False
        return True

    def _of_conda(self, package: Package) -> CondaPackage | None:
        """From the records of the environment and its backups, or conda's cache."""
        for path in self._records(package):
            record = decode_object(read_bytes(path, _RECORD)) or {}
            if record.get("url"):
                return _as_package(record)
        return None

    def _records(self, package: Package) -> Iterator[str]:
        stem = f"{package.name}-{package.version}-{package.build}"
        for prefix in (self.prefix, *(backup.path for backup in self.backups)):
            meta = os.path.join(prefix, "conda-meta")
            names = [f"{stem}.json"] if package.build else names_in(meta)
            yield from (os.path.join(meta, n) for n in names if n.startswith(stem))
        for cache in self.tool.caches:
            yield os.path.join(cache, stem, "info", "repodata_record.json")

    # ---- pip's ---------------------------------------------------------------------------------

    def _whole(self) -> Iterator[Candidate]:
        yield from (candidate for candidate in self.now.candidates if candidate.whole)
        for backup in self.backups:
            environment = describe(backup.path).replace(python=self.now.environment.python)
            there = inventory.scan(environment)
            known = State(environment.name, environment.python)
            condas = situation.condas_files(environment, there)
            of_pip = there.not_owned_by(*CONDA_OWNERS)
            found = situation.candidates(environment, there, of_pip, known, condas)
            yield from (candidate for candidate in found if candidate.whole)

    def _versions_of(self, again: Iterable[Candidate]) -> dict[Candidate, str | None]:
        """The version that pip finds of each; ``None`` for none."""
        root, environ = self.now.installation.root_prefix, dict(self.session.environ)
        environ |= lifted.for_pip(self.prefix, environ)
        words = pip.words_of(self.prefix, root, environ)
        condas = {name for package in self.target.conda for name in names_of(package)}
        return {
            c: c.package.version  # where conda's takes its place, it need not come
            if c.package.name in condas
            else index.version(words, c.exact, environ)
            for c in again
        }


def _comes_again(candidate: Candidate, versions: Mapping[Candidate, str | None]) -> bool:
    """Does pip bring it as it was? A directory may have another version by now, and it may not be
    known where it came from.
    """
    found, package = versions[candidate], candidate.package
    known = not package.source or distribution(package).origin is not None
    return known and found is not None and meets(found, f"=={package.version}")


def chosen(
    wanted: Iterable[Package], every: Iterable[Candidate]
) -> tuple[list[Candidate], list[Package]]:
    """Those whose files are there, in their version and from where they came, and those that pip
    has to bring.
    """
    left = {(package.name, package.version): package for package in wanted}
    found = []
    for candidate in every:
        package = _exact(candidate.package)
        key = package.name, package.version
        if key in left and is_alike(package, left[key]):
            found.append(candidate)
            del left[key]
        if not left:
            break
    return found, list(left.values())


def _exact(package: Package) -> Package:
    """With its version as its metadata has it."""
    version = inventory.exact_version(package) if package.location else package.version
    return package.replace(version=version, location="")


def to_install(package: Package, line: str) -> Candidate:
    """One whose files are nowhere: pip installs it, by this line of a requirements file."""
    return Candidate(
        package=package,
        resident=Resident(package.name, package.version, package.owner, requires=None),
        whole=False,
        exact=line,
        loose=line,
        requested=package.requested is not False,
    )


def _as_package(record: Mapping[str, object]) -> CondaPackage:
    depends = record.get("depends")
    return CondaPackage(
        name=str(record.get("name", "")),
        version=str(record.get("version", "")),
        build=str(record.get("build", "")),
        url=str(record.get("url", "")),
        md5=str(record.get("md5") or ""),
        depends=tuple(str(text).partition(" ")[0] for text in depends)
        if isinstance(depends, list)
        else (),
    )
