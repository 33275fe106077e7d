"""The story of ``safeinstall demo`` without a guard: the breaks really happen in the sandbox."""

from __future__ import annotations

import json
import os

import pytest

from safeinstall.sandbox.world import World

GPU = ("python", "pip", "numpy", "pytorch", "torchvision", "cudatoolkit=11.8")


@pytest.fixture
def nlp_exp(fresh_world: World) -> World:
    fresh_world.create_env("nlp_exp", *GPU, channel="pytorch")
    return fresh_world


def python(world: World, code: str) -> str:
    done = world.run(["python", "-c", code], active="nlp_exp")
    return (done.stdout + done.stderr).decode()


def test_the_gpu_works_at_first(nlp_exp: World) -> None:
    assert python(nlp_exp, "import torch; print(torch.cuda.is_available())") == "True\n"


def test_conda_after_pip_breaks_torch(nlp_exp: World) -> None:
    nlp_exp.run(
        ["pip", "install", f"git+file://{nlp_exp.repository}@main"], active="nlp_exp", check=True
    )
    assert python(nlp_exp, "import torch, transformers; print(torch.__version__)") == "2.1.2\n"
    nlp_exp.run(["conda", "install", "-y", "jupyterlab"], active="nlp_exp", check=True)
    said = python(nlp_exp, "import torch")
    assert "libtorch_cpu.so: cannot open shared object file" in said


def test_held_to_condas_packages_pip_leaves_torch_alone(nlp_exp: World) -> None:
    constraints = os.path.join(nlp_exp.work, "constraints.txt")
    with open(constraints, "w") as file:
        file.write("torch==2.0.1\ntyping-extensions==4.5.0\nnumpy==1.26.4\n")
    command = ["pip", "install", "-c", constraints, f"git+file://{nlp_exp.repository}@main"]
    nlp_exp.run(command, active="nlp_exp", check=True)
    plan = nlp_exp.run(
        ["conda", "install", "--dry-run", "--json", "jupyterlab"], active="nlp_exp", check=True
    )
    linked = {record["name"] for record in json.loads(plan.stdout)["actions"]["LINK"]}
    # packaging is pip's by now: this is what a guard has to see.
    assert {"jupyterlab", "packaging", "typing_extensions", "libtorch"} <= linked
    assert os.path.isdir(site_packages(nlp_exp, "packaging-24.1.dist-info"))


def test_pip_replaces_condas_numpy_without_a_word(fresh_world: World) -> None:
    fresh_world.create_env("sci", "python", "pip", "scipy=1.7.3")
    fresh_world.run(["pip", "install", "-q", "tensorflow"], active="sci", check=True)
    said = fresh_world.run(["python", "-c", "import scipy"], active="sci").stderr.decode()
    assert "scipy 1.7.3 was built for numpy <1.23" in said


def site_packages(world: World, name: str) -> str:
    lib = os.path.join(world.env("nlp_exp"), "lib")
    python = next(each for each in os.listdir(lib) if each.startswith("python"))
    return os.path.join(lib, python, "site-packages", name)
