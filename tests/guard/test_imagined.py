"""A described environment is judged as a real one that is like it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.guard import imagined
from safeinstall.policy import Layer
from safeinstall.policy.merge import merge
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

TODAY = "2026-11-29"
LIKE_IT = {
    "name": "described",
    "python": "3.12",
    "conda": ["numpy=1.21.6", "pytorch=2.0.1=cpu_0"],
    "pip": ["cowsay==6.1"],
}
LINES = (
    "pip install numpy==1.26.4",
    "pip install torch==9",
    "pip install cowsay",
    "pip uninstall -y numpy",
    "pip uninstall -y cowsay",
    "pip install sklearn",
    "pip install git+https://git.example/x",
    "pip install six",
    "pip install --user cowsay",
    "pip list",
    "conda install -c evil cowpy",
)
POLICY = '[packages]\ndeny = ["six"]\n[sources]\nchannels = ["defaults"]\n'
CONTENT: dict[str, Any] = {
    "packages": {"deny": ["six"]},
    "sources": {"channels": ["defaults"]},
}


def judged(line: str, actor: str = "", content: Any = CONTENT, **described: Any) -> imagined.Judged:
    command = imagined.parsed(line)
    assert command is not None
    policy = merge([Layer("user", "/u", content)])
    return imagined.judged(command, {**LIKE_IT, **described}, actor, policy, TODAY)


@pytest.fixture(scope="module")
def real(world: World) -> Iterator[str]:
    name = f"described{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6", "pytorch")
    world.run(["pip", "install", "cowsay"], name, check=True)
    yield name
    world.remove_env(name)


def test_as_a_real_one(world: World, real: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    policy = tmp_path_factory.mktemp("policy") / "policy.toml"
    policy.write_text(POLICY)
    for line in LINES:
        words = [*harness.GUARD, "check", "--json", "--", *line.split()]
        done = world.run(words, real, environ={"SAFEINSTALL_POLICY": str(policy)})
        answer = json.loads(done.stdout)
        told = {finding["rule"]: finding["level"] for finding in answer["findings"]}
        told.pop("SI205", None)  # nobody has kept what was there
        here = {found.rule: found.level for found in judged(line).verdict.findings}
        assert here == told, line


@pytest.mark.parametrize(
    ("line", "described", "rule"),
    [
        ("pip install cowsay", {"base": True}, "SI101"),
        ("pip install numpy==2", {"kind": "venv", "conda": []}, ""),
        ("conda install cowpy", {"channels": ["evil"]}, "SI302"),
        ("conda install cowpy", {"channels": ["defaults"]}, ""),
        ("pip install dataclasses", {"python": "3.12"}, "SI306"),
        ("pip install dataclasses", {"python": "3.6"}, ""),
        ("pip install dataclasses", {"python": "", "conda": ["python=3.6.15=h_0"]}, ""),
        ("pip install gdal", {"conda": ["gdal=3.8", "libgdal=3.8"]}, ""),
    ],
)
def test_what_is_described_counts(line: str, described: dict[str, Any], rule: str) -> None:
    found = [finding.rule for finding in judged(line, **described).verdict.findings]
    assert found == [rule] * bool(rule)


def test_environments_and_actors_of_the_policy() -> None:
    rules = {"rules": {"SI305": "block"}}
    content = {
        "environments": [{"match": "*/prod-*", **rules}],
        "actors": {"agent": rules["rules"]},
    }
    line = "pip install git+https://git.example/x"
    decisions = [
        judged(line, content=content).verdict.decision,
        judged(line, "agent", content=content).verdict.decision,
        judged(line, content=content, prefix="/envs/prod-a").verdict.decision,
    ]
    assert decisions == ["warn", "block", "block"]


@pytest.mark.parametrize("line", ["", "ls", "pip instal x", "pip install 'x", "echo pip install x"])
def test_no_command_to_judge(line: str) -> None:
    assert imagined.parsed(line) is None


def test_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even what a requirements file has. The rules are imported before."""
    lines = [*LINES, "pip install -r requirements.txt", "conda env update -f environment.yml"]
    for line in lines:
        judged(line)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("looked at the disk")

    for name in ("open", "stat", "lstat", "listdir", "scandir"):
        monkeypatch.setattr(os, name, refuse)
    for line in lines:
        judged(line)
