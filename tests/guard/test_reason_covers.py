"""A reason is for the rule that asked for one; what another rule stops later may want another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.wheels import write_project
from tests import harness

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World

BOTH = '[rules]\nSI305 = "block"\n'
NEVER = BOTH + 'SI202 = { level = "block", override = "never" }\n'
TICKET = BOTH + 'SI202 = { level = "block", override = "ticket:OPS-[0-9]+" }\n'


@pytest.mark.parametrize(
    ("policy", "reason", "goes_past"),
    [
        (BOTH, "we need our own build", True),
        (NEVER, "we need our own build", False),
        (TICKET, "we need our own build", False),
        (TICKET, "OPS-17 our own build", True),
    ],
)
def test_what_only_pip_s_resolver_shows(
    world: World, conda_env: str, tmp_path: Path, policy: str, reason: str, goes_past: bool
) -> None:
    """The project is stopped as one; that it wants another numpy, pip finds out."""
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    (tmp_path / "policy.toml").write_text(policy)
    project = str(tmp_path / "ours")
    write_project(project, "ours", "1.0", ("numpy==1.26.4",))
    environ = {
        "SAFEINSTALL_POLICY": str(tmp_path / "policy.toml"),
        "SAFEINSTALL_REASON": reason,
    }
    words = ["pip", "install", "--no-build-isolation", "-e", project]
    done = harness.run(world, words, conda_env, environ=environ)
    told = done.stderr.decode()
    assert "going on past SI305" in told
    version = world.run(["python", "-c", "import numpy; print(numpy.__version__)"], conda_env)
    expected = b"1.26.4" if goes_past else b"1.23"
    assert version.stdout.startswith(expected), told
    assert (done.returncode == 0) == goes_past, told
    assert ("blocked by SI202" in told) != goes_past
