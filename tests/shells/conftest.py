"""Real shells, with stubs for the tools and for the guard that write down what was started."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from safeinstall.integration import template

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ("pip", "pip3", "pip3.11", "python", "python3", "uv", "conda", "mamba", "micromamba")

# One line for each process: its name, then its words, separated by unit separators.
_RECORD = """#!/bin/sh
name=$1
{ printf '%s' "NAME"; for word do printf '\\037%s' "$word"; done; printf '\\n'; } >>"$LAB_LOG"
"""
_TOOL = _RECORD.replace("name=$1\n", "") + 'exit "${LAB_STATUS:-0}"\n'
# Called as: python -I -S MAIN --stderr=NUMBER run|check -- TOOL ARGS…
_TAKE_OVER = """\
shift 3
while read -r _ <&2; do :; done
eval "exec 2>&${1#--stderr=} ${1#--stderr=}>&-"
shift
mode=$1
"""
_GUARD = (
    _RECORD.replace("name=$1\n", _TAKE_OVER)
    + 'shift 2\n[ "${LAB_VERDICT:-0}" = 0 ] || { echo blocked >&2; exit 77; }\n'
    + '[ "$mode" = check ] || exec "$@"\n'
)


# The shape of conda's hook (its names are facts): one function through which every call goes, and
# "conda" itself, which activates, and reactivates after a change.
CONDA = r"""
export CONDA_EXE=%s/conda _CE_M= _CE_CONDA=
__conda_exe() (
  "$CONDA_EXE" $_CE_M $_CE_CONDA "$@"
)
conda() {
  case "${1-}" in
    activate) eval "$(__conda_exe shell.posix "$@")"; active=$2 ;;
    install|update|remove) __conda_exe "$@" || return; __conda_exe shell.posix reactivate ;;
    *) __conda_exe "$@" ;;
  esac
}
"""
MAMBA = (
    CONDA.replace("CONDA_EXE=%s/conda _CE_M= _CE_CONDA=", "MAMBA_EXE=%s/micromamba")
    .replace('"$CONDA_EXE" $_CE_M $_CE_CONDA', '"$MAMBA_EXE"')
    .replace("__conda_exe", "__mamba_exe")
    .replace("shell.posix", "shell")
    .replace("conda() {", "micromamba() {")
)


@dataclass
class Lab:
    """A directory of stubs, a home, and the shell to try them in."""

    shell: str
    root: Path
    options: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def python(self) -> Path:
        return self.root / 'it\'s a "guard"' / "python"

    @property
    def main(self) -> Path:
        return self.python.parent / "__main__.py"

    @property
    def integration(self) -> Path:
        return self.root / f"init.{self.shell}"

    def environ(self) -> dict[str, str]:
        """Nothing of the developer's own settings."""
        fixed = {"HOME": str(self.home), "ZDOTDIR": str(self.home), "TERM": "dumb", "LC_ALL": "C"}
        path = f"{self.bin}:/usr/bin:/bin"
        return {**fixed, "PATH": path, "LAB_LOG": str(self.root / "log"), **self.extra}

    def stub(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def build(self) -> None:
        self.home.mkdir()
        for tool in TOOLS:
            self.stub(self.bin / tool, _TOOL.replace("NAME", tool))
        self.stub(self.python, _GUARD.replace("NAME", "guard"))
        self.main.write_text("# what the stub stands for\n")
        self.integration.write_text(template.render(self.shell, str(self.python), str(self.main)))

    @property
    def load(self) -> str:
        """The line of an rc file that loads the integration."""
        return f'\\eval "$(\\cat {shlex.quote(str(self.integration))})"'

    @property
    def conda_hook(self) -> str:
        return CONDA % self.bin

    @property
    def mamba_hook(self) -> str:
        return MAMBA % self.bin

    @property
    def plain_mamba_hook(self) -> str:
        """As "micromamba shell hook" prints it: the path is in the function, MAMBA_EXE is unset."""
        _, _, functions = MAMBA.partition("\n__mamba_exe")
        return "__mamba_exe" + functions.replace("$MAMBA_EXE", f"{self.bin}/micromamba")

    @property
    def program(self) -> str:
        """The shell itself, as found on the developer's PATH and not on the stubs'."""
        return shutil.which(self.shell) or self.shell

    def skip_on_bash_3(self, why: str) -> None:
        """macOS's bash lacks something that the test needs of the shell itself."""
        if self.shell == "bash" and self.run("echo $BASH_VERSION").stdout.startswith("3."):
            pytest.skip(f"bash 3.2: {why}")

    def command(self, *words: str) -> list[str]:
        bare = ("--norc", "--noprofile") if self.shell == "bash" else ("-f",)
        return [self.program, *bare, *self.options, *words]

    def run(self, script: str, *, load: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``script`` after the integration was loaded; never raises."""
        text = f"{self.load}\n{script}" if load else script
        return self._start(self.command("-c", text))

    def interactive(self, rc: str, script: str) -> subprocess.CompletedProcess[str]:
        """Run ``script`` in an interactive shell (without a terminal) whose rc file is ``rc``."""
        name = ".bashrc" if self.shell == "bash" else ".zshrc"
        (self.home / name).write_text(rc)
        globals_off = ("-o", "NO_GLOBAL_RCS") if self.shell == "zsh" else ()
        return self._start([self.program, *globals_off, "-i", "-c", script])

    def _start(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environ(),
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
            check=False,
        )

    def started(self) -> list[list[str]]:
        """What was started since the last call, as ``["guard", "run", "--", "pip", …]``."""
        log = self.root / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.split("\x1f") for line in lines]

    def names(self) -> list[str]:
        """The names of what was started, with the guard's subcommand."""
        return [
            " ".join(words[:2]) if words[0] == "guard" else words[0] for words in self.started()
        ]


def _need(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its integration goes UNTESTED here")


@pytest.fixture(params=["bash", "zsh"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Lab:
    _need(request.param)
    lab = Lab(request.param, tmp_path)
    lab.build()
    return lab


@pytest.fixture
def bash_lab(tmp_path: Path) -> Lab:
    _need("bash")
    lab = Lab("bash", tmp_path)
    lab.build()
    return lab


@pytest.fixture
def zsh_lab(tmp_path: Path) -> Lab:
    _need("zsh")
    lab = Lab("zsh", tmp_path)
    lab.build()
    return lab


@pytest.fixture
def real_conda() -> str:
    """The conda that SAFEINSTALL_TEST_CONDA names."""
    path = os.environ.get("SAFEINSTALL_TEST_CONDA", "")
    if not path:
        pytest.skip("SAFEINSTALL_TEST_CONDA names no conda: real hooks go UNTESTED here")
    return path
