"""``safeinstall hook``: coding agents ask before they run a command, and are told."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.integration import agent_hooks
from safeinstall.specs import agents
from safeinstall.specs.agent_hooks import HOOKED
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.sandbox.world import World

NAME = "hooked"
BLOCKED = "pip uninstall -y numpy"


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    world.create_env(NAME, "python", "pip", "numpy=1.26")
    yield NAME
    world.remove_env(NAME)


def question(agent: str, text: str, cwd: str) -> dict[str, Any]:
    """What the agent writes to its hook, after its manual."""
    arguments = {"command": text, "description": "d"}
    if agent == "cursor":
        return {"hook_event_name": "beforeShellExecution", "command": text, "cwd": cwd}
    if agent == "copilot":
        return {"timestamp": 1, "cwd": cwd, "toolName": "bash", "toolArgs": arguments}
    event, tool = HOOKED[agent].event, HOOKED[agent].tool
    known = {"session_id": "1", "transcript_path": "/t", "cwd": cwd, "hook_event_name": event}
    return {**known, "tool_name": tool, "tool_input": arguments}


def commands(entry: Any) -> list[str]:
    """The shell command in the entry that ``setup --agents`` writes."""
    hook = entry["hooks"][0] if "hooks" in entry else entry
    return ["sh", "-c", hook.get("bash") or hook["command"]]


def asked(
    world: World, agent: str, said: object, active: str = "", **more: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        commands(agent_hooks.entry(agent)),
        input=said if isinstance(said, bytes) else json.dumps(said).encode(),
        env=world.environ(active or None, **more),
        cwd=world.work,
        capture_output=True,
        check=False,
    )


def told(agent: str, done: subprocess.CompletedProcess[bytes]) -> str:
    """The explanation, where the agent looks for it; ``""`` where the command may run."""
    if HOOKED[agent].answer == "stderr":
        assert (done.returncode, done.stdout) == ((2 if done.stderr else 0), b"")
        return done.stderr.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    said = json.loads(done.stdout or "{}")
    decision = said.get("permission", said.get("permissionDecision"))
    text = said.get("agent_message", said.get("permissionDecisionReason", ""))
    assert decision == ("deny" if text else None)
    return str(text)


@pytest.mark.parametrize("agent", HOOKED)
def test_a_block_reaches_the_agent(world: World, mixed: str, agent: str) -> None:
    done = asked(world, agent, question(agent, f"cd . && {BLOCKED} 2>&1 | tail", world.work), mixed)
    first, what, *_, last = told(agent, done).splitlines()
    assert first == "safeinstall: blocked by SI203 pip-removes-conda"
    assert what.startswith("  what: ")
    assert last.startswith("  override: only where the user agrees")
    for text in ("pip list", "ls", "pip install packaging"):
        assert told(agent, asked(world, agent, question(agent, text, world.work), mixed)) == ""


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        (f"conda activate {NAME} && {BLOCKED}", True),
        (f'eval "$(conda shell.bash hook)" && conda activate {NAME} && {BLOCKED}', True),
        (f"source {{root}}/etc/profile.d/conda.sh; conda activate {NAME}; {BLOCKED}", True),
        (f"{{prefix}}/bin/python -m {BLOCKED}", True),
        (f"conda run -n {NAME} {BLOCKED}", True),
        (f"pip --version; conda remove -n {NAME} -y python", False),
        (f"conda activate {NAME}; SAFEINSTALL_REASON='the user has said so' {BLOCKED}", False),
        (f"conda activate {NAME}; SAFEINSTALL=off {BLOCKED}", False),
        (f"conda deactivate; {BLOCKED}", False),
        (f"safeinstall run -- {BLOCKED}", False),
        (f"echo {BLOCKED}", False),
    ],
)
def test_each_command_is_judged_where_it_will_run(
    world: World, mixed: str, text: str, stopped: bool
) -> None:
    text = text.format(root=world.root, prefix=world.env(mixed))
    done = asked(world, "claude-code", question("claude-code", text, world.work))
    assert done.returncode == (2 if stopped else 0), done.stderr.decode()


def test_the_directory_is_the_agents(world: World, mixed: str) -> None:
    """A policy is found from there, and from a directory that the tool is told."""
    project = os.path.join(world.work, "strict")
    os.makedirs(project, exist_ok=True)
    with open(os.path.join(project, "safeinstall.toml"), "w", encoding="utf-8") as policy:
        policy.write('schema = 1\n[packages]\ndeny = ["packaging"]\n')
    text = "pip install packaging"
    for said in (
        question("gemini-cli", text, project),
        question("gemini-cli", f"cd strict && {text}", world.work),
        {
            **question("gemini-cli", "", world.work),
            "tool_input": {"command": text, "dir_path": "strict"},
        },
    ):
        assert b"SI304" in asked(world, "gemini-cli", said, mixed).stderr
    assert asked(world, "gemini-cli", question("gemini-cli", text, world.work), mixed).stderr == b""


SAID = question("claude-code", BLOCKED, "/")
STRANGE = [
    b"",
    b"pip",
    b"[]",
    b'"pip"',
    b"{" * 100_000 + b"pip",
    b"\xff pip \0",
    {**SAID, "tool_name": "Write"},
    {**SAID, "hook_event_name": "PostToolUse"},
    {**SAID, "tool_input": None},
    {**SAID, "tool_input": "pip"},
    {**SAID, "tool_input": {"command": ["pip"]}},
    {**SAID, "tool_input": {"command": "pip install 'a"}},
    {**SAID, "tool_input": {"command": "pip\0install x"}},
    {**SAID, "tool_input": {"command": "pip install \ud800"}},
    {**SAID, "cwd": "/gone", "tool_input": {"command": "conda list; pip install ./x"}},
    {**SAID, "cwd": 7, "tool_input": {"command": "pip install -r gone.txt"}},
    {"pip": 1},
]


@pytest.mark.parametrize("said", STRANGE, ids=range(len(STRANGE)))
def test_nothing_else_stops_an_agent(world: World, said: Any) -> None:
    done = asked(world, "claude-code", said)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("arguments", [[], ["--for"], ["--for", "nobody"]])
def test_an_agent_that_is_not_known(world: World, arguments: list[str]) -> None:
    done = world.run([*harness.GUARD, "hook", *arguments], input=json.dumps(SAID).encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_an_invalid_policy_is_told_by_the_command_itself(world: World, mixed: str) -> None:
    with open(f"{world.work}/bad.toml", "w", encoding="utf-8") as policy:
        policy.write("schema = ")
    said = question("claude-code", BLOCKED, world.work)
    done = asked(world, "claude-code", said, mixed, SAFEINSTALL_POLICY=f"{world.work}/bad.toml")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("agent", HOOKED)
def test_a_guard_that_is_gone_or_broken_stops_no_agent(tmp_path: Path, agent: str) -> None:
    """Python ends with 2 where its file is not there, which would be a block."""
    broken = tmp_path / "__main__.py"
    broken.write_text("raise RuntimeError")
    for python, main in (
        (sys.executable, str(tmp_path / "gone.py")),
        (str(tmp_path / "gone"), harness.MAIN),
        (sys.executable, str(broken)),
    ):
        command = commands(agent_hooks.entry(agent, python, main))
        done = subprocess.run(command, input=b"{}", capture_output=True, check=False)
        harmless = (0, 1) if HOOKED[agent].answer == "stderr" else (0,)
        assert done.returncode in harmless
        assert done.stdout == b""


def test_every_agent_with_a_hook_has_a_canonical_name() -> None:
    known = {row[-1] for row in (*agents.VARIABLES, *agents.VALUES)}
    assert set(HOOKED) <= known


@pytest.mark.parametrize("text", ["ls -la", "grep -r pip . | head; python train.py --conda"])
def test_it_is_fast_where_nothing_is_ours(text: str) -> None:
    """As a multiple of the bare interpreter: the machine may be busy."""

    def took(command: list[str]) -> float:
        said = json.dumps(question("claude-code", text, "/home/ann/miniconda3")).encode()
        start = time.perf_counter()
        subprocess.run(command, input=said, check=True)
        return time.perf_counter() - start

    bare, ours = [], []
    for _ in range(9):
        bare.append(took([sys.executable, "-I", "-S", "-c", "pass"]))
        ours.append(took([*harness.GUARD, "hook", "--for", "claude-code"]))
    assert statistics.median(ours) < 3 * statistics.median(bare) + 0.01
