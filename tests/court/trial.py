"""One sequence, operation by operation: bare, then guarded, in the same place."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from safeinstall.sandbox.wheels import write_project
from safeinstall.sandbox.world import World
from tests import harness
from tests.court import files
from tests.court.facts import Facts, came_outside, gather
from tests.court.files import Tree
from tests.court.judgement import FAILED, OUTSIDE, Judgement, Run, judge
from tests.court.operations import MAKERS, Operation, Sequence
from tests.court.pools import PROJECTS
from tests.court.store import open_court_store
from tests.uv import UV

ENV = "court"
_FILLING = re.compile(r"\[\[(.*?)\]\]")
# Copies instead of hard links to the cache; nothing kept from one run that another one could find.
_EQUAL = {
    "CONDA_ALWAYS_COPY": "true",
    "PIP_NO_CACHE_DIR": "1",
    "PYTHONHASHSEED": "0",  # pip goes through sets
    "UV_LINK_MODE": "copy",
    "UV_NO_CACHE": "1",
}


@dataclass(frozen=True)
class Case:
    """One operation, judged."""

    seed: int
    number: int
    position: int
    operation: Operation
    words: tuple[str, ...]  # as typed
    judgement: Judgement


class Court:
    """A world in which sequences are tried one after the other. All its state is on the disk."""

    def __init__(self, world: World) -> None:
        own = open_court_store(world.store, os.path.join(world.directory, "store"))
        self.world = world = replace(world, store=own)
        world.configure()
        self.prefix = world.env(ENV)
        self.aside = os.path.join(world.directory, "aside")
        self.other = os.path.join(world.directory, "other")
        self.projects = os.path.join(world.directory, "projects")
        self.state = os.path.join(world.directory, "court-state")
        self.outside = os.path.join(world.directory, "outside")
        self.new_cache = os.path.join(world.directory, "new-cache")
        user = os.path.join(self.outside, "user")
        self.environ = {**_EQUAL, "XDG_STATE_HOME": self.state, "PYTHONUSERBASE": user}
        self.gathered: dict[str, Facts] = {}
        for name, (project, version, requires) in PROJECTS.items():
            write_project(os.path.join(self.projects, name), project, version, requires)

    def hear(self, sequence: Sequence) -> Iterator[Case]:
        """Try a sequence; begins with no environment, and leaves none behind."""
        self._clear()
        met = self._state(None)
        for position, operation in enumerate(sequence.operations):
            words = tuple(self._filled(word) for word in operation.words)
            judgement, met = self._try(operation, words, met)
            yield Case(sequence.seed, sequence.number, position, operation, words, judgement)
        self._clear()

    def _try(self, operation: Operation, words: tuple[str, ...], met: Run) -> tuple[Judgement, Run]:
        self._write_files(operation, met)
        if not self._stays_inside(operation):
            return Judgement(FAILED), met
        if operation.outside:
            return Judgement(OUTSIDE), self._bare(operation, words)
        if os.path.isdir(self.prefix):
            files.copy(self.prefix, self.aside)
        bare = self._bare(operation, words)
        files.move(self.prefix, self.other)
        files.move(self.aside, self.prefix)
        guarded = self._guarded(operation, words)
        judgement = judge(operation.tool, words, met, bare, guarded)
        if operation.goes_on == "bare":
            self._go_on_bare()
            return judgement, bare
        shutil.rmtree(self.other, ignore_errors=True)
        return judgement, guarded

    def _write_files(self, operation: Operation, met: Run) -> None:
        for name, text in operation.files:
            path = os.path.join(self.world.work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(_FILLING.sub(lambda match: self._filling(match, met), text))

    def _stays_inside(self, operation: Operation) -> bool:
        """Where an environment has lost its pip, the next one on PATH would run: the system's."""
        programs = ("pip", "python") if operation.tool == "pip" else ()
        return all(os.path.exists(os.path.join(self.prefix, "bin", name)) for name in programs)

    def _bare(self, operation: Operation, words: tuple[str, ...]) -> Run:
        environ, active = self._environ(operation), self._active(operation)
        return self._state(self.world.run(_program(words), active, environ=environ))

    def _guarded(self, operation: Operation, words: tuple[str, ...]) -> Run:
        environ, active = self._environ(operation), self._active(operation)
        if operation.uncached:
            shutil.rmtree(self.new_cache, ignore_errors=True)
            environ["CONDA_PKGS_DIRS"] = self.new_cache
        return self._state(harness.run(self.world, _program(words), active, environ=environ))

    def _environ(self, operation: Operation) -> dict[str, str]:
        """The variables; outside of the environment nothing is left of what came before."""
        shutil.rmtree(self.outside, ignore_errors=True)
        return self.environ | {name: self._filled(text) for name, text in operation.environ}

    def _active(self, operation: Operation) -> str | None:
        return None if operation.kind in MAKERS else ENV

    def _state(self, done: harness.Completed | None) -> Run:
        """What is there now."""
        tree = files.tree(self.prefix)
        facts = replace(self._facts(tree), outside=came_outside(self.outside))
        if done is None:
            return Run(0, "", "", tree, facts)
        stdout, stderr = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        return Run(done.returncode, stdout, stderr, tree, facts)

    def _facts(self, tree: Tree) -> Facts:
        """The facts of an equal tree are not gathered once more."""
        key = hashlib.sha256(repr(sorted(_lasting(tree).items())).encode()).hexdigest()
        if key not in self.gathered:
            self.gathered[key] = gather(self.prefix, tree)
        return self.gathered[key]

    def _go_on_bare(self) -> None:
        """safeinstall's own records stay in the environment, as if it had been switched off."""
        ours = os.path.join(self.prefix, files.OURS)
        shutil.rmtree(os.path.join(self.other, files.OURS), ignore_errors=True)
        if os.path.isdir(ours) and os.path.isdir(self.other):
            os.rename(ours, os.path.join(self.other, files.OURS))
        shutil.rmtree(self.prefix, ignore_errors=True)
        files.move(self.other, self.prefix)

    def _clear(self) -> None:
        for place in (self.prefix, self.aside, self.other, self.state):
            shutil.rmtree(place, ignore_errors=True)

    def _filled(self, text: str) -> str:
        return text.format(
            env=ENV,
            prefix=self.prefix,
            wheels=self.world.wheels,
            repository=self.world.repository,
            projects=self.projects,
            work=self.world.work,
            outside=self.outside,
            python=sys.executable,
        )

    def _filling(self, match: re.Match[str], met: Run) -> str:
        what, *names = match[1].split()
        if what == "url":
            return self._url(met.facts.python, *names)
        if what == "sha256":
            path = f"{self.world.wheels}/{names[0].replace('-', '_')}-{names[1]}-py3-none-any.whl"
            return files.sha256(path)
        return self._filled("{" + what + "}")

    def _url(self, python: str, name: str, version: str = "") -> str:
        """Of the newest file of a package for a Python; that of the machine's where none is."""
        minor = python or ".".join(map(str, sys.version_info[:2]))
        tag = f"py{minor.replace('.', '')}_"
        own = f"{name}-{version or minor if name == 'python' else version}"
        pattern = f"{self.world.channel}/*/{glob.escape(own)}*.conda"
        found = [path for path in glob.glob(pattern) if _fits(os.path.basename(path), name, tag)]
        return "file://" + max(found, default=f"{self.world.channel}/noarch/{own}-0.conda")


def _fits(file: str, name: str, tag: str) -> bool:
    """Is the file a build of the package that does for a Python?"""
    stem, _, build = file.rpartition("-")
    usual = "pyh" in build or tag in build or build.endswith("_cpython.conda")
    return stem.rpartition("-")[0] == name and usual


def _program(words: tuple[str, ...]) -> list[str]:
    return [UV or "uv", *words[1:]] if words[0] == "uv" else list(words)


def _lasting(tree: Tree) -> Mapping[str, str]:
    """Byte code does not count: it is made from what does. Nor does conda's history."""
    return {
        path: digest
        for path, digest in tree.items()
        if not path.endswith(".pyc") and path != "conda-meta/history"
    }
