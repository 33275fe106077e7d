"""What is offered is understood, guarded, let through, and ends what it is offered for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.model import Environment
from safeinstall.output.quoting import paste
from safeinstall.rules.shared.remedies import Here, pip_in
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """conda's python, pip and requests; pip's numpy and pandas."""
    name = f"advice{os.getpid()}"
    world.create_env(name, "python", "pip", "requests")
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4"], name, check=True)
    yield name
    for made in (name, f"{name}-new"):
        world.remove_env(made)


def stopped(world: World, line: str, active: str | None, **environ: str) -> list[str]:
    done = harness.pasted(world, line, active, environ=environ)
    assert done.returncode == 77, done.stderr.decode()
    return harness.advice(done)


def test_what_breaks_by_conda_is_not_offered_by_pip(world: World, env: str) -> None:
    """pandas needs numpy>=1.23, whoever brings another one."""
    (new,) = stopped(world, "conda install -y numpy=1.21", env)
    assert new.startswith(f"conda create -n {env}-new ")


@pytest.mark.parametrize("spec", ["numpy", "pandas"])
def test_what_is_there_is_not_offered(world: World, env: str, spec: str) -> None:
    fixes = stopped(world, f"conda install -y {spec}", env)
    assert fixes
    assert not any("pip install" in fix.partition("  #")[0] for fix in fixes), fixes


def test_what_the_policy_stops_is_not_offered(world: World, env: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[packages]\ndeny = ["tqdm"]\n')
    fixes = stopped(world, "conda install -y numpy=1.21 tqdm", env, SAFEINSTALL_POLICY=str(policy))
    assert not any("pip install" in fix.partition("  #")[0] for fix in fixes), fixes


def test_into_base_nothing_is_offered(world: World, env: str) -> None:
    """base is active as nothing else is; the pip in front is that of the environment."""
    path = f"{world.env(env)}/bin:{world.environ('base')['PATH']}"
    (fix,) = stopped(world, "pip install six", "base", PATH=path)
    assert fix == f"conda activate {env} && pip install six"


# ---- every form, pasted ------------------------------------------------------------------------


def forms(world: World, env: str, tmp_path: Path) -> dict[str, tuple[Here, str | None]]:
    """The environment, and what is active in the shell, for each form of a pip command."""
    prefix = world.env(env)
    venv = str(tmp_path / "venv")
    if not os.path.exists(venv):
        world.run([f"{prefix}/bin/python", "-m", "venv", venv], check=True)
    named = Environment(prefix, "conda", name=env)
    moved = Environment(str(tmp_path / "by-path"), "conda", name="by-path")
    return {
        "active": (Here(named, python=prefix), env),
        "named": (Here(named), None),
        "by path": (Here(moved), None),
        "venv": (Here(Environment(venv, "venv", name="venv")), None),
    }


@pytest.mark.parametrize("form", ["active", "named", "by path", "venv"])
def test_each_form_goes_through_the_guard(
    world: World, env: str, tmp_path: Path, form: str
) -> None:
    """It asks nothing that nobody sees, and the quotes hold."""
    here, active = forms(world, env, tmp_path)[form]
    prefix = here.environment.prefix
    if form == "by path":
        world.run(["conda", "create", "-y", "-q", "-p", prefix, "python", "pip"], check=True)
    journal = Path(prefix, ".safeinstall", "journal.jsonl")
    before = journal.read_text().count('"intent"') if journal.exists() else 0
    install = pip_in(here, "install", ["six>=1.15,<1.17", "cowsay"])
    done = harness.pasted(world, install, active)
    assert done.returncode == 0, done.stderr.decode()
    uninstall = pip_in(here, "uninstall", ["six", "cowsay"])
    line = f'SAFEINSTALL_REASON="to mend it" {uninstall}'
    done = harness.pasted(
        world, line, active, input=b"y\ny\n", environ={"PIP_CONFIG_FILE": os.devnull}
    )
    assert done.returncode == 0, (done.stdout, done.stderr.decode())
    assert b"Successfully uninstalled six-1.16.0" in done.stdout
    assert journal.read_text().count('"intent"') == before + 2
    if form == "by path":
        shutil.rmtree(prefix)


def test_what_the_guard_stops_is_stopped_in_each_form(
    world: World, env: str, tmp_path: Path
) -> None:
    for here, active in list(forms(world, env, tmp_path).values())[:2]:
        line = pip_in(here, "uninstall", ["requests", "-y"])
        fixes = stopped(world, line, active)
        assert any(paste(["conda", "remove", "-n", env, "requests"]) in fix for fix in fixes)
