"""Running pip on its rail in a world, as the guard will."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safeinstall import settings
from safeinstall.guard.assess import understand
from safeinstall.probe import facts as probe
from safeinstall.probe.project import named
from safeinstall.rails import pip
from safeinstall.rails.process import Result
from safeinstall.rails.rail import Settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.model import Facts, Finding
    from safeinstall.sandbox.world import World


HOLD = pip.Hold()


class Run(NamedTuple):
    """What came of a command on its rail."""

    settled: Settled
    returncode: int
    stdout: bytes
    stderr: bytes
    words: tuple[str, ...]

    @property
    def finding(self) -> Finding:
        """The only one."""
        (found,) = self.settled.findings
        return found

    @property
    def said(self) -> str:
        """Everything in the finding, as text."""
        found = self.finding
        return "\n".join((found.message, *found.evidence, *found.fixes))


def meet(
    world: World, env: str, words: Sequence[str], environ: Mapping[str, str] | None = None
) -> Facts:
    """The facts of a command in an environment."""
    variables = world.environ(env, **(environ or {}))
    configuration = settings.read(variables)
    command, executable = understand(words, configuration, variables, world.work)
    found = probe.survey(command, executable, configuration, variables, world.work)
    return found.replace(command=named(found.command, world.work))


def lay(
    world: World,
    env: str,
    words: Sequence[str],
    directory: str,
    hold: pip.Hold = HOLD,
    environ: Mapping[str, str] | None = None,
) -> pip.PipRail | None:
    """The rail for a command."""
    variables = world.environ(env, **(environ or {}))
    configuration = settings.read(variables)
    found = meet(world, env, words, environ)
    return pip.lay(found, configuration, variables, world.work, directory, hold)


def run(
    world: World,
    env: str,
    words: Sequence[str],
    hold: pip.Hold = HOLD,
    environ: Mapping[str, str] | None = None,
) -> Run:
    """Lay the rail, run the command on it, settle."""
    with tempfile.TemporaryDirectory() as directory:
        rail = lay(world, env, words, directory, hold, environ)
        assert rail is not None
        program = shutil.which(rail.words[0], path=rail.environ["PATH"])
        assert program
        done = subprocess.run(
            [program, *rail.words[1:]],
            cwd=world.work,
            env=rail.environ,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        settled = rail.settle(Result(done.returncode))
    return Run(settled, done.returncode, done.stdout, done.stderr, rail.words)


def content(prefix: str) -> dict[str, str]:
    """Every file of an environment with its hash, every link with where it leads."""
    return {
        str(path): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(prefix).rglob("*")
        if (path.is_symlink() or path.is_file()) and not path.name.endswith(".pyc")
    }


def pythonpath(version: str) -> dict[str, str]:
    """The variables by which ``python -m pip`` becomes another release of pip."""
    from tests.argv.oracle import installed

    return {"PYTHONPATH": os.fspath(installed(version))}
