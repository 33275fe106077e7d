"""``pip --isolated`` reads no configuration of the user's: neither does the guard for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

LINES = {"dry-run": "dry-run = true", "user": "user = true", "target": "target = {}/elsewhere"}


@pytest.fixture(params=list(LINES))
def setting(world: World, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A line in the user's pip.conf that lets pip leave the environment alone."""
    file = Path(world.home, ".config", "pip", "pip.conf")
    before = file.read_text()
    file.write_text(f"{before}\n[install]\n{LINES[request.param].format(tmp_path)}\n")
    yield request.param
    file.write_text(before)


def test_what_pip_does_not_read_does_not_count(
    world: World, conda_env: str, setting: str, tmp_path: Path
) -> None:
    world.run(["conda", "install", "-y", "numpy=2", "joblib"], conda_env, check=True)
    wheels = ["--no-index", "--find-links", world.wheels]
    words = ["--isolated", "install"] if setting == "user" else ["install", "--isolated"]
    line = ["python", "-m", "pip", *words, *wheels, "numpy==1.24.4"]
    answer = harness.check(world, line, conda_env)
    assert (harness.rules(answer)[0], answer["status"]) == ("SI202", 77)
    assert harness.run(world, line, conda_env).returncode == 77
    line[-1] = "scikit-learn==1.3.2"  # needs an older numpy: the constraints hold
    done = harness.run(world, line, conda_env)
    assert done.returncode != 0, done.stderr.decode()
    line[-1] = "cowsay"
    done = harness.run(world, line, conda_env)
    assert done.returncode == 0, done.stderr.decode()
    (change,) = harness.history(world, conda_env)[-1]["changes"]
    assert (change["name"], change["after"]["owner"]) == ("cowsay", "pip")
    numpy = world.run(["python", "-c", "import numpy; print(numpy.__version__)"], conda_env)
    assert numpy.stdout.startswith(b"2.")
    assert not (tmp_path / "elsewhere").exists()
