"""Facts are looked up when they are asked for; what fails on the way is told, and hides nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.errors import NotAskedError
from safeinstall.guard.assess import assess
from safeinstall.guard.hold import facts_of
from safeinstall.guard.words import understand
from safeinstall.policy.merge import preset_policy
from safeinstall.probe import conda_requirements, place, satisfied, unreadable
from safeinstall.rails import conda
from safeinstall.rules import registry
from safeinstall.settings import Session
from tests import harness

if TYPE_CHECKING:
    from safeinstall.guard.facts import LookedUp
    from safeinstall.sandbox.world import World

STRICT = '[policy]\npreset = "strict"\n[rules]\nSI202 = { level = "block", override = "never" }\n'
FAULT = """
import importlib, sys
sys.argv[0] = {main!r}
sys.path.append({source!r})
def fails(*_, **__): raise ValueError("injected")
setattr(importlib.import_module({module!r}), {name!r}, fails)
from safeinstall.__main__ import main
sys.exit(main())
"""


def facts(world: World, name: str, *words: str) -> LookedUp:
    environ = world.environ(name)
    session = Session(settings.read(environ), environ, world.work)
    return facts_of(words, session, preset_policy("strict"))


def with_fault(
    world: World, name: str, where: str, mode: str, words: list[str], **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """The guard, in which one function of ours raises an error."""
    module, _, function = where.rpartition(".")
    source = str(Path(harness.MAIN).parents[1])
    code = FAULT.format(main=harness.MAIN, source=source, module=module, name=function)
    command = [sys.executable, "-I", "-S", "-c", code, mode, "--", *words]
    return world.run(command, name, environ=environ)


def test_nothing_is_looked_up_once_the_facts_are_sealed(world: World, conda_env: str) -> None:
    found = facts(world, conda_env, "pip", "install", "six")
    assert found.environment.kind == "conda"
    assert found.command.verb == "install"
    found.seal()
    assert found.environment.kind == "conda"
    assert found.of_others == ()  # as what the inventory is made of, it is known by then
    with pytest.raises(NotAskedError):
        _ = found.offers
    (finding,) = registry.look(found)
    assert finding.rule == "SI404"


@pytest.mark.parametrize("module", [conda_requirements, satisfied])
def test_what_pip_is_held_to_is_not_guessed(
    world: World, conda_env: str, monkeypatch: pytest.MonkeyPatch, module: object
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("injected")

    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    world.run(["pip", "install", "six"], conda_env, check=True)
    monkeypatch.setattr(module, "required" if module is conda_requirements else "reached", fails)
    with pytest.raises(ValueError, match="injected"):
        registry.hold(facts(world, conda_env, "pip", "install", "cowsay"))


def test_a_plan_that_cannot_be_had_is_not_seen(
    world: World, conda_env: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise ValueError("injected")

    world.run(["pip", "install", "six"], conda_env, check=True)
    monkeypatch.setattr(conda, "way", fails)
    environ = world.environ(conda_env)
    session = Session(settings.read(environ), environ, world.work)
    command, executable = understand(["conda", "install", "-y", "numpy"], session)
    assessed = assess(place.find(command, executable, session), session)
    assert {f.rule for f in assessed.verdict.findings} >= {"SI201", "SI404"}
    assert assessed.verdict.decision == "block"
    assert any("conda's plan" in item.kind for item in unreadable.noted())


def test_pip_that_refused_is_not_let_go_for_a_fault_of_ours(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """A reason goes past the finding about the fault, not past the constraints."""
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    (policy := tmp_path / "policy.toml").write_text(STRICT)
    done = with_fault(
        world,
        conda_env,
        "safeinstall.rules.shared.pip_conflicts.objections",
        "run",
        ["pip", "install", "tensorflow"],
        SAFEINSTALL_POLICY=str(policy),
        SAFEINSTALL_REASON="because I say so",
    )
    assert done.returncode == 1, done.stderr.decode()
    assert b"SI404" in done.stderr
    version = world.run(["python", "-c", "import numpy; print(numpy.__version__)"], conda_env)
    assert version.stdout.startswith(b"1.23")


@pytest.mark.parametrize("mode", ["check", "run"])
def test_an_inventory_that_cannot_be_had_stops_both(
    world: World, conda_env: str, tmp_path: Path, mode: str
) -> None:
    (policy := tmp_path / "policy.toml").write_text('[policy]\non_guard_error = "block"\n')
    done = with_fault(
        world,
        conda_env,
        "safeinstall.probe.inventory.scan",
        mode,
        ["pip", "install", "cowsay"],
        SAFEINSTALL_POLICY=str(policy),
    )
    assert done.returncode == (77 if mode == "check" else 70), done.stderr.decode()
