"""One sequence, operation by operation: bare, then guarded, in the same place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from safeinstall.sandbox.wheels import write_project
from safeinstall.sandbox.world import World
from tests import harness
from tests.court import files
from tests.court.facts import gather
from tests.court.files import Tree
from tests.court.judgement import FAILED, OUTSIDE, Judgement, Run, judge
from tests.court.operations import CREATE, Operation, Sequence
from tests.court.pools import PROJECTS
from tests.uv import UV

ENV = "court"
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
        self.world = world
        self.prefix = world.env(ENV)
        self.aside = os.path.join(world.directory, "aside")
        self.other = os.path.join(world.directory, "other")
        self.projects = os.path.join(world.directory, "projects")
        self.state = os.path.join(world.directory, "court-state")
        self.environ = {**_EQUAL, "XDG_STATE_HOME": self.state}
        for name, (project, version, requires) in PROJECTS.items():
            write_project(os.path.join(self.projects, name), project, version, requires)

    def hear(self, sequence: Sequence) -> Iterator[Case]:
        """Try a sequence; begins with no environment, and leaves none behind."""
        self._clear()
        met = self._state(None)
        for position, operation in enumerate(sequence.operations):
            words = tuple(word.format(**self._places()) for word in operation.words)
            judgement, met = self._try(operation, words, met)
            yield Case(sequence.seed, sequence.number, position, operation, words, judgement)
        self._clear()

    def _try(self, operation: Operation, words: tuple[str, ...], met: Run) -> tuple[Judgement, Run]:
        for name, text in operation.files:
            with open(os.path.join(self.world.work, name), "w", encoding="utf-8") as file:
                file.write(text)
        if not self._stays_inside(operation):
            return Judgement(FAILED), met
        if operation.outside:
            return Judgement(OUTSIDE), self._bare(operation, words, met)
        if os.path.isdir(self.prefix):
            files.copy(self.prefix, self.aside)
        bare = self._bare(operation, words, met)
        files.move(self.prefix, self.other)
        files.move(self.aside, self.prefix)
        guarded = self._guarded(operation, words, met, bare)
        judgement = judge(operation.tool, met, bare, guarded)
        if operation.goes_on == "bare":
            self._go_on_bare()
            return judgement, bare
        shutil.rmtree(self.other, ignore_errors=True)
        return judgement, guarded

    def _stays_inside(self, operation: Operation) -> bool:
        """Where an environment has lost its pip, the next one on PATH would run: the system's."""
        programs = ("pip", "python") if operation.tool == "pip" else ()
        return all(os.path.exists(os.path.join(self.prefix, "bin", name)) for name in programs)

    def _bare(self, operation: Operation, words: tuple[str, ...], met: Run) -> Run:
        done = self.world.run(_program(words), self._active(operation), environ=self.environ)
        return self._state(done, met)

    def _guarded(self, operation: Operation, words: tuple[str, ...], met: Run, bare: Run) -> Run:
        active = self._active(operation)
        done = harness.run(self.world, _program(words), active, environ=self.environ)
        return self._state(done, met, bare)

    def _active(self, operation: Operation) -> str | None:
        return None if operation.kind == CREATE else ENV

    def _state(self, done: harness.Completed | None, *alike: Run) -> Run:
        """What is there now. The facts of an equal tree are not gathered once more."""
        tree = files.tree(self.prefix)
        known = next((run.facts for run in alike if _same_facts(run.tree, tree)), None)
        facts = known if known is not None else gather(self.prefix, tree)
        if done is None:
            return Run(0, "", "", tree, facts)
        stdout, stderr = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        return Run(done.returncode, stdout, stderr, tree, facts)

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

    def _places(self) -> dict[str, str]:
        return {
            "env": ENV,
            "prefix": self.prefix,
            "wheels": self.world.wheels,
            "repository": self.world.repository,
            "projects": self.projects,
        }


def _program(words: tuple[str, ...]) -> list[str]:
    return [UV or "uv", *words[1:]] if words[0] == "uv" else list(words)


def _same_facts(one: Tree, other: Tree) -> bool:
    """Byte code does not count: it is made from what does."""
    return _without_byte_code(one) == _without_byte_code(other)


def _without_byte_code(tree: Tree) -> Mapping[str, str]:
    return {path: digest for path, digest in tree.items() if not path.endswith(".pyc")}
