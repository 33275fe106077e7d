"""The scenes: what an environment is like, the command that a rule speaks of, and what has to come
of each command that the rule's message offers. Data.

In lines, files and variables ``{prefix}``, ``{site}``, ``{place}``, ``{wheels}``, ``{extra}``,
``{root}`` and ``{conda}`` stand for paths (:meth:`tests.advice.stage.Stage.names`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from safeinstall import settings
from safeinstall.probe import repodata
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.distribution import Distribution
from tests.advice.stage import HERE, Stage

Act = Callable[[Stage], None]


@dataclass(frozen=True)
class Scene:
    """One situation, and one message about it."""

    rule: str
    line: str  # the command that the message is about
    want: tuple[str, ...] = ()  # what is there then: "numpy 1.26 conda", "numpy", "-numpy"
    conda: str = "python pip"  # what conda has put into the environment
    pip: str = ""  # what pip has put in, bare
    act: Act | None = None  # what else has happened
    files: dict[str, str] = field(default_factory=dict)  # in the working directory
    environ: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    active: str | None = HERE
    says: str = ""  # what the message says, where a rule has several
    offers: int = 1  # how many commands, at least
    asks: bool = False  # the commands only show something, and end nothing
    channel: bool = False  # is the channel of this directory configured, before conda-forge?
    refused: int = -1  # which of the commands the tool itself refuses, as it has no such solution
    edit: Act | None = None  # what the note below a command asks to be edited
    again: bool = False  # is the same command let through then, in the same shell?
    there: str = ""  # the environment that has ``want`` then; else the one that a command names
    long: bool = False  # only with SAFEINSTALL_TORTURE
    real: bool | None = None  # only on a real conda; False: not there

    def set_up(self, stage: Stage) -> None:
        """Make the environment, and all that was before the line."""
        if self.channel:
            _add_channel(stage)
        stage.world.create_env(HERE, *self.conda.split())
        if self.pip:
            stage.world.run(["pip", "install", "-q", *self.pip.split()], HERE, check=True)
        names = stage.names()
        for name, text in self.files.items():
            (stage.place / name).write_text(text)
        if self.policy:
            (stage.place / "policy.toml").write_text(self.policy.format(**names))
        if self.act:
            self.act(stage)

    @property
    def title(self) -> str:
        """For the test's name."""
        return f"{self.rule} {self.says or self.line}"


CHANNEL = [
    Package("proj", "9.3"),
    Package("libgdal-core", "3.8"),
    Package("rasterio", "1.3"),
    Package("pyproj", "3.6"),
    Package("pytorch", "2.4.1", "cuda118_py311_300", depends=("cuda-version 11.8.*",)),
    Package("torchvision", "0.19", "cuda118_py311_0", depends=("pytorch 2.4.1",)),
    Package("cuda-version", "11.8", "h_3"),
    Package("tool", "1", files={"share/tool/one": File(b"1", shared=True)}),
]
NEWER = [
    Package("pytorch", "2.5.1", "cpu_py311_0"),
    Package("torchvision", "0.20", "cpu_py311_0", depends=("pytorch 2.5.1",)),
    Package("lightning", "2.6", depends=("pytorch >=2.5",)),
    Package("tool", "2"),
]
WHEELS = [
    Distribution("rasterio", "1.4", "rasterio"),
    Distribution("pyproj", "3.7", "pyproj"),
    Distribution("geo", "1.0", "geo", requires=("pyproj>=3.0",)),
    Distribution("enum34", "1.1.10", "enum34_backport"),
    Distribution("old", "1.0", "old", requires=("enum34>=1.0",)),
    Distribution("follows", "1.0", "follows", requires=("six<1.17",)),
    Distribution("follows", "2.0", "follows", requires=("six",)),
    Distribution("leads", "1.0", "leads", requires=("numpy",)),
    Distribution("leads", "2.0", "leads", requires=("numpy>=1.24",)),
    Distribution("h5py-binary", "1.0", "h5py"),
    Distribution("nvidia-cublas-cu12", "12.1.0", "nvidia_cublas"),
    Distribution("needs-cublas", "1.0", "needs_cublas", requires=("nvidia-cublas-cu12",)),
]
PKGS = {"CONDA_PKGS_DIRS": "{aside}/pkgs"}
FIND = {"PIP_FIND_LINKS": "{wheels} {extra}/wheels"}
STRICT = "[policy]\npreset = 'strict'"
SI106 = "[rules]\nSI106 = {{ level = 'block', mild = 'block' }}"


def write_extra(directory: Path) -> None:
    """The wheels that the sandbox has not."""
    (directory / "wheels").mkdir(parents=True)
    for wheel in WHEELS:
        name, data = wheel.wheel()
        (directory / "wheels" / name).write_bytes(data)
    simple = directory / "simple"
    for name in ("cowsay", "six"):
        (simple / name).mkdir(parents=True)


# ---- what else has happened ---------------------------------------------------------------------


def both(*acts: Act) -> Act:
    def act(stage: Stage) -> None:
        for each in acts:
            each(stage)

    return act


def bare(line: str) -> Act:
    """A line past the guard, in the active environment."""

    def act(stage: Stage) -> None:
        text = line.format(**stage.names())
        environ = stage.environ(HERE, FIND)
        done = subprocess.run(
            ["bash", "-c", text], env=environ, cwd=stage.place, capture_output=True, check=False
        )
        assert done.returncode == 0, (text, done.stdout.decode(), done.stderr.decode())

    return act


def guarded(line: str, status: int = 0) -> Act:
    """A line that the guard has seen before."""

    def act(stage: Stage) -> None:
        done = stage.run(line.format(**stage.names()), HERE, FIND)
        assert done.returncode == status, done.stderr.decode()

    return act


def other_env(name: str, *specs: str) -> Act:
    return lambda stage: _void(stage.world.create_env(name, *specs))


def conda_in_base(*specs: str) -> Act:
    words = ["conda", "install", "-y", "-n", "base", *specs]
    return lambda stage: _void(stage.world.run(words, check=True))


def _void(_: object) -> None:
    return None


def _add_channel(stage: Stage) -> None:
    rc = Path(stage.world.home, ".condarc")
    write_channel(stage.channel, CHANNEL)
    first = f"channels:\n  - file://{stage.channel}\n"
    rc.write_text(rc.read_text().replace("channels:\n", first, 1))


def newer_builds(stage: Stage) -> None:
    """The channel has newer builds of what is there, for the CPU."""
    write_channel(stage.channel, [*CHANNEL, *NEWER])


def soft_link(stage: Stage) -> None:
    """A file of the environment is a link into the package cache."""
    names, environ = stage.names(), {"CONDA_PKGS_DIRS": str(stage.aside / "pkgs")}
    write_channel(stage.channel, CHANNEL)
    source = ["--override-channels", "-c", f"file://{stage.channel}"]
    words = ["conda", "install", "-y", *source, "tool=1"]
    stage.world.run(words, HERE, environ=environ, check=True)
    file = Path(names["prefix"], "share", "tool", "one")
    file.unlink()
    file.symlink_to(next((stage.aside / "pkgs").glob("tool-1-*/share/tool/one")))


def running(stage: Stage) -> None:
    """A process runs out of the environment."""
    words = [f"{stage.world.env(HERE)}/bin/python", "-c", "import time; time.sleep(100)"]
    stage.children.append(subprocess.Popen(words))


def lists_known(stage: Stage) -> None:
    """conda has left the package lists of its channel, and the guard has read them."""
    where = Path(stage.world.home, ".cache", "lists", "cache")
    where.mkdir(parents=True)
    for subdir in ("noarch", repodata.this_platform()):
        shutil.copy(Path(stage.world.channel, subdir, "repodata.json"), where / f"{subdir}.json")
        state = {"url": f"file://{stage.world.channel}/{subdir}"}
        (where / f"{subdir}.info.json").write_text(json.dumps(state))
    cache = settings.read(stage.environ(None, {})).cache_dir
    assert repodata.refresh([str(where)], cache) == 2


def cut(pattern: str, keep: int = 0) -> Act:
    """Cut files of the environment down to a part of them."""

    def act(stage: Stage) -> None:
        for path in list(Path(stage.world.env(HERE)).glob(pattern)):
            data = path.read_bytes()[:keep]
            path.unlink()
            path.write_bytes(data)

    return act


def write(path: str, text: str) -> Act:
    def act(stage: Stage) -> None:
        place = Path(path.format(**stage.names()))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.format(**stage.names()))

    return act
