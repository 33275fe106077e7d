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
from safeinstall.guard.hold import facts_of
from safeinstall.policy.merge import preset_policy
from safeinstall.rails import pip
from safeinstall.rails.process import Result
from safeinstall.rules import registry
from safeinstall.rules.evidence import Evidence
from safeinstall.settings import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeinstall.guard.facts import LookedUp
    from safeinstall.model import Facts, Finding
    from safeinstall.rails.rail import Report
    from safeinstall.sandbox.world import World


EVERYTHING: Mapping[str, frozenset[str]] = dict.fromkeys(registry.HOLDING, frozenset())
"""No package is left free of any rule that a rail enforces."""


class Settled(NamedTuple):
    """What the rules make of what a rail has to tell."""

    findings: tuple[Finding, ...]
    stopped: bool
    shown: tuple[Finding, ...]
    override: str


def settled(facts: Facts, report: Report) -> Settled:
    """As the guard does it when the tool has ended."""
    evidence = Evidence(
        succeeded=report.ended == 0,
        conflicts=report.conflicts,
        uv_failed=report.uv_failed,
        plan_not_judged=report.plan_not_judged,
    )
    findings = tuple(registry.explain(facts, evidence))
    stopped = report.stopped or (report.refused and bool(findings))
    return Settled(findings, stopped, report.shown, report.override)


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
    world: World,
    env: str,
    words: Sequence[str],
    environ: Mapping[str, str] | None = None,
    exempt: Mapping[str, frozenset[str]] = EVERYTHING,
) -> LookedUp:
    """The facts of a command in an environment."""
    variables = world.environ(env, **(environ or {}))
    session = Session(settings.read(variables), variables, world.work)
    return facts_of(words, session, preset_policy("recommended")).replace(exempt=exempt)


def lay(facts: LookedUp, directory: str) -> pip.PipRail | None:
    """The rail for a command."""
    lines = registry.hold(facts)
    return pip.lay(facts, lines, facts.session, directory) if lines else None


def run(
    world: World,
    env: str,
    words: Sequence[str],
    exempt: Mapping[str, frozenset[str]] = EVERYTHING,
    environ: Mapping[str, str] | None = None,
) -> Run:
    """Lay the rail, run the command on it, settle."""
    facts = meet(world, env, words, environ, exempt)
    with tempfile.TemporaryDirectory() as directory:
        rail = lay(facts, directory)
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
        came = settled(facts, rail.report(Result(done.returncode)))
    return Run(came, done.returncode, done.stdout, done.stderr, rail.words)


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
