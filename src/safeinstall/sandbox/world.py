"""A world to break things in: a home directory, a conda installation, environments, packages.

Nothing of the user's own configuration reaches the programs that run in it, nor of the machine's
but for what lies in ``/etc`` itself; nothing they write leaves it, but for the cache of
:mod:`safeinstall.sandbox.channel`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safeinstall.sandbox import SandboxError
from safeinstall.sandbox.channel import Store, open_store
from safeinstall.sandbox.installation import write_installation, write_program

_INHERITED = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "TERM",
    "TZ",
    "COVERAGE_PROCESS_START",
)

_CONDARC = """\
channel_alias: file://{channels}
channels:
  - conda-forge
default_channels: []
channel_priority: strict
auto_update_conda: false
notify_outdated_conda: false
report_errors: false
pkgs_dirs:
  - {packages}
{more}"""

_PIP_CONF = """\
[global]
no-index = true
find-links = {wheels}
disable-pip-version-check = true
no-input = true
root-user-action = ignore
"""


@dataclass(frozen=True)
class World:
    """All paths are absolute and free of symbolic links."""

    directory: str
    root: str  # base: the root prefix of the conda installation
    conda: str  # its executable
    store: Store
    real: bool = False  # a real conda, whose root prefix is not ours to change

    @classmethod
    def create(cls, directory: str | os.PathLike[str], conda: str | None = None) -> World:
        """A world below ``directory``, with the sandbox's conda or a real one's executable.

        Raises:
            SandboxError: something is missing that cannot be made here.
        """
        if not conda and importlib.util.find_spec("rattler") is None:
            message = f"it needs py-rattler: {sys.executable} -m pip install 'safeinstall[sandbox]'"
            raise SandboxError(f"the throw-away world cannot be made: {message}")
        directory = os.path.realpath(directory)
        root = os.path.join(directory, "root")
        for path in ("home", "work", "tmp", "root/envs"):
            os.makedirs(os.path.join(directory, path), exist_ok=True)
        store = open_store()
        if conda:
            real = os.path.realpath(conda)
            world = cls(directory, os.path.dirname(os.path.dirname(real)), real, store, real=True)
        else:
            world = cls(directory, root, write_installation(root), store)
        world.configure()
        if not conda:
            world._fill_base()
        return world

    @property
    def home(self) -> str:
        """The home directory of everything that runs in here."""
        return os.path.join(self.directory, "home")

    @property
    def work(self) -> str:
        """An empty directory to start commands in."""
        return os.path.join(self.directory, "work")

    @property
    def channel(self) -> str:
        """The directory of the channel ``conda-forge``; ``pytorch`` is beside it."""
        return os.path.join(self.store.channels, "conda-forge")

    @property
    def wheels(self) -> str:
        """The directory of wheels that pip is configured to use."""
        return self.store.wheels

    @property
    def repository(self) -> str:
        """A git repository of ``transformers``, the world's own: it may be changed."""
        path = os.path.join(self.directory, "src", "transformers")
        if not os.path.exists(path):
            shutil.copytree(self.store.repository, path)
        return path

    def configure(self) -> None:
        """Write the configuration that leads to the store."""
        more = f"envs_dirs:\n  - {self.env('x')[:-2]}\n" if self.real else ""
        packages = f"{self.store.packages}-real" if self.real else self.store.packages
        condarc = _CONDARC.format(channels=self.store.channels, packages=packages, more=more)
        _write(os.path.join(self.home, ".condarc"), condarc)
        _write(
            os.path.join(self.home, ".config/pip/pip.conf"), _PIP_CONF.format(wheels=self.wheels)
        )
        _write(os.path.join(self.home, ".gitconfig"), "[safe]\n\tdirectory = *\n")

    def env(self, name: str) -> str:
        """The prefix of the environment called ``name``, which need not exist."""
        if name in ("base", "root"):
            return self.root
        return os.path.join(self.directory, "root", "envs", name)

    def environ(self, active: str | None = None, **more: str) -> dict[str, str]:
        """The environment variables of a shell in this world, as after ``conda activate``.

        Args:
            active: name or prefix of the active environment; ``None``: none is active.
            more: further variables.
        """
        variables = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        home = self.home
        variables |= {
            "CONDA_EXE": self.conda,
            "CONDA_PYTHON_EXE": os.path.join(self.root, "bin", "python"),
            "CONDA_SHLVL": "0",
            "HOME": home,
            "LOGNAME": "sandbox",
            "PATH": os.pathsep.join([os.path.join(self.root, "condabin"), *_system_path()]),
            "SHELL": "/bin/sh",
            "TMPDIR": os.path.join(self.directory, "tmp"),
            "USER": "sandbox",
            "XDG_CACHE_HOME": f"{home}/.cache",
            "XDG_CONFIG_DIRS": f"{home}/.config-of-all",
            "XDG_CONFIG_HOME": f"{home}/.config",
            "XDG_DATA_HOME": f"{home}/.local/share",
            "XDG_STATE_HOME": f"{home}/.local/state",
        }
        return variables | (self._activation(variables, active) if active else {}) | more

    def run(
        self,
        argv: Sequence[str],
        active: str | None = None,
        input: bytes = b"",  # noqa: A002 - subprocess calls it so
        cwd: str | os.PathLike[str] | None = None,
        environ: Mapping[str, str] | None = None,
        check: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command, looked up on the PATH of this world; ``environ`` adds variables.

        Raises:
            SandboxError: with ``check``, if the command fails; the message has its output.
        """
        variables = self.environ(active, **(environ or {}))
        program = shutil.which(argv[0], path=variables["PATH"]) or argv[0]
        done = subprocess.run(
            [program, *argv[1:]],
            input=input,
            cwd=cwd or self.work,
            env=variables,
            capture_output=True,
            check=False,
        )
        if check and done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise SandboxError(f"{' '.join(argv)}: exit status {done.returncode}\n{said}")
        return done

    def create_env(self, name: str, *specs: str, channel: str = "") -> str:
        """Make an environment by ``conda create``; returns its prefix."""
        channels = ["-c", channel] if channel else []
        self.run(["conda", "create", "-y", "-q", "-n", name, *channels, *specs], check=True)
        return self.env(name)

    def remove_env(self, name: str) -> None:
        """Remove an environment, whatever state it is in."""
        shutil.rmtree(self.env(name), ignore_errors=True)

    def close(self) -> None:
        """Remove the world."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _activation(self, variables: Mapping[str, str], active: str) -> dict[str, str]:
        prefix = active if os.path.isabs(active) else self.env(active)
        named = prefix == self.root or os.path.dirname(prefix) == self.env("x")[:-2]
        name = "base" if prefix == self.root else os.path.basename(prefix)
        return {
            "CONDA_DEFAULT_ENV": name if named else prefix,
            "CONDA_PREFIX": prefix,
            "CONDA_PROMPT_MODIFIER": f"({name if named else prefix}) ",
            "CONDA_SHLVL": "1",
            "PATH": os.pathsep.join([os.path.join(prefix, "bin"), variables["PATH"]]),
        }

    def _fill_base(self) -> None:
        command = ["conda", "install", "-y", "-q", "-p", self.root, "python", "pip", "conda"]
        history = os.path.join(self.root, "conda-meta", "history")
        _write(history, "")
        self.run(command, check=True)
        write_program(self.root)


def _system_path() -> list[str]:
    """The system's own directories, without anything that belongs to an environment."""
    wanted = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    return [directory for directory in wanted if os.path.isdir(directory)]


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
