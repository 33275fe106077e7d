"""A stage for the commands that messages offer: a world whose state can be kept and played again,
and a shell on a terminal, in which a command is pasted and its questions are answered.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from safeinstall import settings
from safeinstall.cli.status import examine
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from tests import harness
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.report.problems import Problem
    from safeinstall.sandbox.world import World

HERE = "work"  # the environment of every scene
_QUESTION = re.compile(rb"[(\[]\[?[yY](?:es)?\]?/\[?[nN]o?\]?[)\]]\S* ")
_STATUS = re.compile(rb"<status (\d+)>")
_REASON = b"press Enter to stop: "


@dataclass
class Pasted:
    """What came of lines in one shell: the status of each, and all that the terminal showed."""

    statuses: list[int]
    shown: str


class Stage:
    """The world, with its environments; ``place`` is the working directory."""

    def __init__(self, world: World, aside: Path) -> None:
        self.world, self.aside = world, aside
        self.place = Path(world.work)
        self.children: list[subprocess.Popen[bytes]] = []
        self.scenes = 0  # how many there have been
        self.bin = aside / "bin"
        self.bin.mkdir(parents=True)
        tools = {"safeinstall": Path(sys.executable).with_name("safeinstall"), "uv": UV}
        for name, path in tools.items():
            if path:
                (self.bin / name).symlink_to(path)

    # ---- the state ------------------------------------------------------------------------------

    def clear(self) -> None:
        """An empty stage."""
        for child in self.children:
            child.kill()
            child.wait()
        self.children.clear()
        self.scenes += 1
        for path in self._kept():
            if path == self.world.home:
                for left in (".local", ".cache", ".conda", ".condarc", ".config"):
                    _remove(Path(path, left))
                self.world.configure()
                self._let_pip_ask()
            else:
                for entry in os.listdir(path):
                    _remove(Path(path, entry))

    def _let_pip_ask(self) -> None:
        conf = Path(self.world.home, ".config", "pip", "pip.conf")
        conf.write_text(conf.read_text().replace("no-input = true\n", ""))

    @property
    def channel(self) -> str:
        """The directory of a channel for this scene alone: conda remembers what channels had."""
        return str(self.aside / "extra" / f"channel{self.scenes}")

    def keep(self) -> None:
        """Remember the state."""
        _remove(self.aside / "kept")
        (self.aside / "kept").mkdir()
        for number, path in enumerate(self._kept()):
            _copy(path, str(self.aside / "kept" / str(number)))

    def restore(self) -> None:
        """The state that was kept last."""
        for number, path in enumerate(self._kept()):
            _remove(Path(path))
            _copy(str(self.aside / "kept" / str(number)), path)

    def _kept(self) -> tuple[str, ...]:
        return os.path.dirname(self.world.env(HERE)), self.world.home, self.world.work

    # ---- the shell ------------------------------------------------------------------------------

    def environ(self, active: str | None, more: dict[str, str]) -> dict[str, str]:
        """The variables of the shell. ``safeinstall`` and ``uv`` are on its PATH, at its end."""
        found = self.world.environ(active, TERM="dumb")
        found["PATH"] += f":{self.bin}"
        found |= {
            name: value.format(**self.names(), PATH=found["PATH"]) for name, value in more.items()
        }
        return found

    def run(self, line: str, active: str | None, more: dict[str, str]) -> harness.Completed:
        """The line in a shell with our functions, with nobody to answer."""
        return subprocess.run(
            ["bash", "-c", f"{_start(self.world, line)}\n{line}"],
            env=self.environ(active, more), cwd=self.place, capture_output=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def paste(self, lines: list[str], active: str | None, more: dict[str, str]) -> Pasted:
        """The lines in one shell on a terminal; "y" is the answer to what the tools ask, and Enter
        to the guard.
        """
        text = "\n".join(f"{line}\nprintf '<status %s>\\n' $?" for line in lines)
        script = f"{_start(self.world, *lines)}\n{text}\n"
        child = pexpect.spawn(
            "bash", ["-c", script], env=self.environ(active, more), cwd=str(self.place),
            timeout=240, dimensions=(24, 200),
        )  # fmt: skip
        child.logfile_read = shown = io.BytesIO()
        while (at := child.expect([_QUESTION, re.escape(_REASON), pexpect.EOF])) < 2:
            child.send("y\r" if at == 0 else "\r")
        child.close()
        statuses = [int(found) for found in _STATUS.findall(shown.getvalue())]
        return Pasted(statuses, shown.getvalue().decode(errors="replace"))

    # ---- what is there --------------------------------------------------------------------------

    def names(self) -> dict[str, str]:
        """What the fields in lines, files and variables stand for."""
        prefix = self.world.env(HERE)
        site = next(iter(Path(prefix).glob("lib/python3*/site-packages")), prefix)
        return {
            "prefix": prefix,
            "site": str(site),
            "place": str(self.place),
            "wheels": self.world.wheels,
            "root": self.world.root,
            "aside": str(self.aside),
            "extra": str(self.aside / "extra"),
            "conda": self.world.conda,
        }

    def packages(self, name: str) -> dict[str, tuple[str, str]]:
        """Version and owner of each package of an environment; conda's own before others."""
        found: dict[str, tuple[str, str]] = {}
        for package in inventory.scan(describe(self.world.env(name))).packages:
            owner = "conda" if package.owner in CONDA_OWNERS else package.owner
            if found.get(package.name, ("", ""))[1] != "conda":
                found[package.name] = package.version, owner
        return found

    def status(self, name: str, active: str | None, more: dict[str, str]) -> tuple[Problem, ...]:
        """The problems that ``status -n`` shows."""
        prefix, environ = self.world.env(name), self.environ(active, more)
        if not os.path.isdir(prefix):
            return ()
        return examine(prefix, settings.read(environ), environ, ("-n", name)).problems

    def problems(self, name: str, more: dict[str, str]) -> dict[tuple[str, tuple[str, ...]], str]:
        """The messages of these problems, by kind and packages."""
        found = self.status(name, name, more)
        return {(p.kind, p.names if p.kind != "warned" else ()): p.message for p in found}

    def environments(self) -> set[str]:
        """The names of all environments."""
        return {name for name in os.listdir(self._kept()[0]) if not name.startswith(".")}


def _start(world: World, *lines: str) -> str:
    """What makes the shell a guarded one, with conda's own hook where a line activates."""
    hook = f'eval "$({paste([world.conda, "shell.bash", "hook"])})"\n'
    activates = any("conda activate" in line for line in lines)
    return f'{hook if activates else ""}eval "$({paste([*harness.GUARD, "init", "bash"])})"'


def _copy(source: str, target: str) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
