"""The hook in real shells: conda's function names, activation, reactivation after a change."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import subprocess

import pytest

from safeinstall.sandbox.world import World

HOOK = str(importlib.resources.files("safeinstall.sandbox") / "content" / "conda.sh")
SHELLS = ("bash", "zsh", "dash")


def run(world: World, shell: str, script: str) -> list[str]:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    environ = world.environ()
    del environ["CONDA_SHLVL"]
    environ["PATH"] = os.pathsep.join(
        entry for entry in environ["PATH"].split(os.pathsep) if "condabin" not in entry
    )
    hook = os.path.join(world.root, "etc", "profile.d", "conda.sh")
    done = subprocess.run(
        [program, "-c", f". {hook}\n{script}"],
        env=environ,
        cwd=world.work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS)
def test_activate_and_deactivate(world: World, conda_env: str, shell: str) -> None:
    script = f"""
    set -eu
    before=$PATH
    conda activate {conda_env}
    echo "$CONDA_PREFIX $CONDA_DEFAULT_ENV $CONDA_SHLVL"
    command -v pip
    conda activate base
    echo "$CONDA_DEFAULT_ENV $CONDA_SHLVL $CONDA_PREFIX_1"
    conda deactivate
    echo "$CONDA_DEFAULT_ENV $CONDA_SHLVL"
    conda deactivate
    echo "<$CONDA_PREFIX> <$CONDA_DEFAULT_ENV> $CONDA_SHLVL"
    test "$PATH" = "$before" && echo same
    """
    prefix = world.env(conda_env)
    assert run(world, shell, script) == [
        f"{prefix} {conda_env} 1",
        f"{prefix}/bin/pip",
        f"base 2 {prefix}",
        f"{conda_env} 1",
        "<> <> 0",
        "same",
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_status_is_the_programs_own(world: World, conda_env: str, shell: str) -> None:
    script = f"""
    conda run -n {conda_env} python -c 'raise SystemExit(3)' 2>/dev/null
    echo $?
    conda install -y -n nosuch six 2>/dev/null
    echo $?
    conda activate nosuch 2>/dev/null
    echo $?
    """
    assert run(world, shell, script) == ["3", "1", "1"]


@pytest.mark.parametrize("shell", SHELLS)
def test_activation_scripts_are_sourced_again_after_a_change(
    world: World, conda_env: str, shell: str
) -> None:
    directory = os.path.join(world.env(conda_env), "etc", "conda", "activate.d")
    os.makedirs(directory)
    with open(os.path.join(directory, "count.sh"), "w") as file:
        file.write('COUNT="${COUNT:-}x"\n')
    script = f"""
    conda activate {conda_env}
    conda install -y -q six >/dev/null
    echo "$COUNT"
    """
    assert run(world, shell, script) == ["xx"]


def test_functions_have_condas_names(world: World) -> None:
    names = ["conda", "__conda_exe", "__conda_activate", "__conda_reactivate", "__conda_hashr"]
    assert run(world, "bash", f"declare -F {' '.join(names)}") == names


@pytest.mark.parametrize("command", [("shellcheck",), ("shfmt", "-d", "-i", "2", "-ci")])
def test_the_hook_is_clean(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([*command, HOOK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
