"""A rebuild of a state that the environment had: what of it can be had again, and from where."""

from __future__ import annotations

import os
import shlex

from safeinstall.canonical import decode_object
from safeinstall.files import names_in, read_bytes
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from safeinstall.rebuild import pip, situation
from safeinstall.rebuild.foresee import Wish
from safeinstall.rebuild.nouns import CondaLayer, Request
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.tools import Failed, apart, run
from safeinstall.specs.origin import is_exact
from safeinstall.state import requirement
from safeinstall.state.lock import in_order
from safeinstall.state.nouns import CondaPackage, State
from safeinstall.state.past import distribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Package, Spec
    from safeinstall.rebuild.backups import Backup
    from safeinstall.rebuild.layers import Candidate
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
        candidates, missing = chosen(self.target.pip, self._whole())
        lines, gone = self._pip_part(missing)
        unsolved = far if far and not self._can_solve(far) else []
        lost = [*unsolved, *gone]
        if lost and not self.nearest:
            raise Failed(
                f"can no longer be had: {', '.join(lost)}; --nearest takes what is nearest to it"
            )
        specs = [spec.partition("=")[0] for spec in far] if unsolved else far
        return Wish(
            in_order(exact),
            tuple(candidates),
            request.replace(conda=tuple(specs), pip=tuple(lines)),
        )

    # ---- conda's -------------------------------------------------------------------------------

    def _conda_part(self) -> tuple[list[CondaPackage], list[str]]:
        """The packages with their addresses, and the specs of those without one."""
        exact, far = [], []
        for package in self.target.conda:
            found = self._of_conda(package)
            if found:
                exact.append(found)
            else:
                build = f"={package.build}" if package.build else ""
                far.append(f"{package.name}={package.version}{build}")
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
            found = situation.candidates(environment, there, known, condas)
            yield from (candidate for candidate in found if candidate.whole)

    def _pip_part(self, missing: Iterable[Package]) -> tuple[list[str], list[str]]:
        """The lines by which pip brings them, or what is nearest to them, and the lines of those
        that it cannot bring as they were: a directory may have changed since.
        """
        lines, lost = [], []
        for package in missing:
            line = requirement.exact(distribution(package))
            found = self._has(line)
            same = not package.origin or is_exact(package.origin) or package.source == "editable"
            lines.append(line if found else package.name)
            lost += [] if found and same else [line]
        return lines, lost

    def _has(self, line: str) -> bool:
        """Would pip find it?"""
        root, environ = self.now.installation.root_prefix, self.session.environ
        words = [*pip.words_of(self.prefix, root, environ), "install", "--dry-run", "--no-deps"]
        wanted = shlex.split(line) if line.startswith("-e ") else [line]
        asked = [*words, "--no-input", "-q", "--ignore-installed", *wanted]
        return run(asked, apart(environ)).returncode == 0


def chosen(
    wanted: Iterable[Package], every: Iterable[Candidate]
) -> tuple[list[Candidate], list[Package]]:
    """Those whose files are there, in their version and from the same place, and those that pip has
    to bring.
    """
    left = {(p.name, p.version): p for p in wanted}
    found = []
    for candidate in every:
        package = candidate.package
        key = package.name, package.version
        if key in left and package.is_alike(left[key]):
            found.append(candidate)
            del left[key]
        if not left:
            break
    return found, list(left.values())


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
