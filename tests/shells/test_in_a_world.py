"""Everything together: a startup file by ``setup``, conda's hook, the real guard, real tools."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.cli.setup import Wish, setup
from tests import harness

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World


class Shell:
    """An interactive shell whose startup file holds conda's hook and our block."""

    def __init__(self, world: World, name: str, home: Path, conda_first: bool) -> None:
        self.world, self.name, self.home = world, name, home
        rc = home / (".bashrc" if name == "bash" else ".zshrc")
        hook = shlex.join([world.conda, f"shell.{name}", "hook"])
        line = f'eval "$({hook})"\n'
        environ = {"HOME": str(home), "PATH": os.defpath}
        if conda_first:
            rc.write_text(line)
        session = settings.Session(settings.read(environ), environ, str(home))
        setup(Wish(name, doors=False), session, io.StringIO())
        if not conda_first:
            with open(rc, "a") as stream:
                stream.write(line + "__safeinstall_prompt\n")  # as before the first prompt

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        environ = self.world.environ()
        del environ["CONDA_SHLVL"], environ["CONDA_EXE"]
        if self.name == "zsh":
            words, environ["ZDOTDIR"] = ["zsh", "-o", "NO_GLOBAL_RCS"], str(self.home)
        else:
            words = ["bash", "--rcfile", str(self.home / ".bashrc")]
        return subprocess.run(
            [*words, "-i", "-c", script],
            env=environ,
            cwd=self.world.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            start_new_session=True,
            check=False,
        )


@pytest.fixture(params=["bash", "zsh"])
def shell_name(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: its integration goes UNTESTED here")
    return name


@pytest.mark.parametrize("conda_first", [True, False])
def test_a_session(
    world: World, conda_env: str, shell_name: str, tmp_path: Path, conda_first: bool
) -> None:
    shell = Shell(world, shell_name, tmp_path, conda_first)
    done = shell.run(
        f"conda activate {conda_env}\n"
        "echo active: $CONDA_PREFIX\n"
        "conda install -y -q idna; echo conda: $?\n"
        "pip install -q six==1.16.0; echo pip: $?\n"
        'SAFEINSTALL_REASON="as shown" conda remove -y -q idna; echo reason: $?\n'
        "python -m pip --version >/dev/null; echo version: $?\n"
        "conda deactivate; echo level: $CONDA_SHLVL\n"
        "conda activate base\n"
        "conda install -y -q idna; echo base: $?\n"
    )
    said = [line for line in done.stdout.splitlines() if ": " in line]
    prefix = world.env(conda_env)
    for line in (f"active: {prefix}", "conda: 0", "pip: 0", "reason: 0", "version: 0"):
        assert line in said, done.stdout + done.stderr
    assert "base: 77" in said
    assert "SI101" in done.stderr
    operations = harness.history(world, conda_env)
    assert [(each["tool"]["name"], each["exit_code"]) for each in operations] == [
        ("conda", 0),
        ("pip", 0),
        ("conda", 0),
    ]


def test_setup_and_remove_leave_the_shell_as_it_was(shell_name: str, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.defpath, "TERM": "dumb"}
    session = settings.Session(settings.read(environ), environ, str(tmp_path))
    setup(Wish(shell_name, doors=False), session, io.StringIO())
    rc = next(path for path in tmp_path.iterdir() if path.name.endswith("rc"))
    script = f". {shlex.quote(str(rc))}; typeset -f pip >/dev/null && echo guarded"
    bare = ["--norc"] if shell_name == "bash" else ["-f"]

    def say() -> tuple[str, str]:
        done = subprocess.run(
            [shell_name, *bare, "-c", script],
            env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout, done.stderr

    assert say() == ("guarded\n", "")
    setup(Wish(remove=True), session, io.StringIO())
    assert list(tmp_path.iterdir()) == []
