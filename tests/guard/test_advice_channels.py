"""The new environment that is offered takes packages from the channels of the old one."""

from __future__ import annotations

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
    (new,) = [fix for fix in harness.advice(done) if fix.startswith("conda create")]
    assert new.startswith(f"conda create -n {name}-new -c pytorch python=")
    assert f" && conda install -n {name}-new jupyterlab && conda run -n " in new
    done = harness.pasted(world, new, name, environ={"CONDA_ALWAYS_YES": "1"})
    assert done.returncode == 0, (new, done.stdout.decode(), done.stderr.decode())
    again = world.env(f"{name}-new")
    before, after = (gather(place, tree(place)).gpu_builds for place in (prefix, again))
    assert before <= after
    line = "import torch; print(torch.cuda.is_available())"
    told = world.run(["python", "-c", line], f"{name}-new", check=True)
    assert told.stdout == b"True\n"
    for made in (name, f"{name}-new"):
        world.remove_env(made)
