"""The new environment that is offered takes packages from the channels of the old one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests import harness
from tests.court.facts import gather
from tests.court.files import tree

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

BUILDS = ("pytorch", "torchvision", "cudatoolkit=11.8")


def test_what_comes_from_another_channel_comes_from_there_again(world: World) -> None:
    """conda-forge has packages of the same names, which are built without CUDA."""
    name = "fromelsewhere"
    prefix = world.create_env(name, "python", "pip", "numpy", *BUILDS, channel="pytorch")
    world.run(["pip", "install", "packaging==24.1"], name, check=True)
    done = harness.run(world, ["conda", "install", "-y", "jupyterlab"], name)
    assert done.returncode == 77, done.stderr.decode()
    (new,) = [fix for fix in harness.advice(done) if fix.startswith("safeinstall rebuild")]
    before = gather(prefix, tree(prefix)).gpu_builds
    done = harness.pasted(world, f"{sys.executable} -m {new} --yes", name)
    assert done.returncode == 0, (new, done.stdout.decode(), done.stderr.decode())
    assert before <= gather(prefix, tree(prefix)).gpu_builds
    line = "import torch; print(torch.cuda.is_available())"
    told = world.run(["python", "-c", line], name, check=True)
    assert told.stdout == b"True\n"
    world.remove_env(name)
