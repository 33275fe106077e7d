"""Kinds of environments, each made by real tools: what ``export``, ``rebuild`` and ``undo`` keep.

A kind is a function that fills an environment; ``DAMAGED`` have something that a sound environment
has not, so that they are not the same afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from safeinstall.sandbox.wheels import write_project
from tests.journal.conftest import TORTURE

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

Kind = Callable[["World", str, Path], None]


def together(*every: Kind) -> Kind:
    """All of these in one environment."""

    def fill(world: World, name: str, place: Path) -> None:
        for number, kind in enumerate(every):
            own = place / str(number)
            own.mkdir()
            kind(world, name, own)

    fill.__name__ = "+".join(kind.__name__ for kind in every)
    _PARTS[fill] = every
    return fill


_PARTS: dict[Kind, tuple[Kind, ...]] = {}


def parts(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that are together in it."""
    return _PARTS.get(kind, (kind,))


def site_packages(prefix: str) -> Path:
    """The directory for packages."""
    (found,) = Path(prefix).glob("lib/python3*/site-packages")
    return found


# ---- by pip ------------------------------------------------------------------------------------


def by_index(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4", "cowsay"], name, check=True)


def from_git(world: World, name: str, _: Path) -> None:
    words = ["pip", "install", f"git+file://{world.repository}@v4.35.2"]
    world.run(words, name, check=True)


def wheel_by_path(world: World, name: str, _: Path) -> None:
    (wheel,) = Path(world.wheels).glob("tqdm-4.66.1-*")
    world.run(["pip", "install", str(wheel)], name, check=True)


def directory(world: World, name: str, place: Path) -> None:
    write_project(str(place / "a b"), "thing", "1.0")
    world.run(["pip", "install", str(place / "a b")], name, check=True)


def editable(world: World, name: str, place: Path) -> None:
    write_project(str(place / "my work"), "thing", "1.0")
    world.run(["pip", "install", "-e", str(place / "my work")], name, check=True)


def extras(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "pandas[performance]==2.1.4"], name, check=True)


def by_uv(world: World, name: str, _: Path) -> None:
    uv = os.path.join(os.path.dirname(sys.executable), "uv")
    words = [uv, "pip", "install", "-p", world.env(name), "--offline", "--no-index"]
    world.run([*words, "-f", world.wheels, "tqdm==4.66.1"], name, check=True)


def installed(prefix: str, name: str, files: dict[str, bytes]) -> None:
    """A distribution as pip leaves it, with these files relative to site-packages."""
    from safeinstall.sandbox.distribution import Distribution

    place = site_packages(prefix)
    every = {**Distribution(name, "1.0", name, extra=files).files(installer="pip")}
    for path, data in every.items():
        target = Path(os.path.normpath(place / path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def namespace(world: World, name: str, _: Path) -> None:
    for part in ("one", "two"):
        files = {f"acme/{part}/__init__.py": b"value = 1\n"}
        installed(world.env(name), f"acme_{part}", files)


def compiled(world: World, name: str, place: Path) -> None:
    source = place / "native.c"
    source.write_text("int answer(void) { return 42; }\n")
    library = place / "native.so"
    path = f'-DPLACE="{world.env(name)}"'
    subprocess.run(
        [
            "gcc",
            "-shared",
            "-fPIC",
            path,
            "-Wl,-rpath," + world.env(name) + "/lib",
            "-o",
            str(library),
            str(source),
        ],
        check=True,
    )
    installed(world.env(name), "native", {"native/_native.so": library.read_bytes()})


def entry_points(world: World, name: str, _: Path) -> None:
    script = f"#!{world.env(name)}/bin/python\nprint('hello')\n".encode()
    installed(world.env(name), "tool", {"../../../bin/hello": script})
    os.chmod(f"{world.env(name)}/bin/hello", 0o755)


def data_files(world: World, name: str, _: Path) -> None:
    files = {
        "../../../share/tool/data, with a comma.txt": b"1",
        "../../../etc/tool/tool.conf": f"prefix = {world.env(name)}\n".encode(),
    }
    installed(world.env(name), "data", files)


# ---- of nobody ---------------------------------------------------------------------------------


def kernelspec(world: World, name: str, _: Path) -> None:
    kernel = Path(world.env(name), "share/jupyter/kernels/mine")
    kernel.mkdir(parents=True)
    words = [f"{world.env(name)}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": words}))


def activation(world: World, name: str, _: Path) -> None:
    for moment in ("activate.d", "deactivate.d"):
        place = Path(world.env(name), "etc/conda", moment)
        place.mkdir(parents=True, exist_ok=True)
        (place / "mine.sh").write_text(f"export PLACE={world.env(name)}\n")


def variables(world: World, name: str, _: Path) -> None:
    meta = Path(world.env(name), "conda-meta")
    (meta / "state").write_text(json.dumps({"env_vars": {"OMP_NUM_THREADS": "2"}}))
    (meta / "pinned").write_text("python 3.11.*\n")


def read_only(world: World, name: str, _: Path) -> None:
    place = Path(world.env(name), "share/models/deep")
    place.mkdir(parents=True)
    (place / "weights").write_bytes(b"w" * 1000)
    (place / "weights").chmod(0o444)
    place.chmod(0o555)
    place.parent.chmod(0o555)


def links(world: World, name: str, _: Path) -> None:
    place = Path(world.env(name), "share/links")
    place.mkdir(parents=True)
    (place / "absolute").symlink_to(f"{world.env(name)}/bin/python")
    (place / "relative").symlink_to("../../bin/python")
    (place / "nowhere").symlink_to("/no/such/file")
    (place / "directory").symlink_to("../../lib")


def group(world: World, name: str, _: Path) -> None:
    os.chown(world.env(name), -1, 12345)
    os.chmod(world.env(name), stat.S_IRWXU | stat.S_IRWXG | stat.S_ISGID)


# ---- by conda ----------------------------------------------------------------------------------


def noarch(world: World, name: str, _: Path) -> None:
    world.run(["conda", "install", "-y", "requests", "jupyterlab"], name, check=True)


def several_channels(world: World, name: str, _: Path) -> None:
    channel = f"{os.path.dirname(world.channel)}/pytorch"
    world.run(["conda", "install", "-y", "-c", channel, "pytorch"], name, check=True)


def twins(world: World, name: str, _: Path) -> None:
    world.run(["conda", "install", "-y", "pytorch"], name, check=True)
    world.run(["pip", "install", "cowsay"], name, check=True)


_SOUND: tuple[tuple[Kind, ...], ...] = (
    (by_index, editable, namespace, compiled, entry_points, data_files, kernelspec, activation),
    (from_git, directory, extras, by_uv, variables, read_only, links),
    (noarch, twins, group),
    (several_channels, wheel_by_path),
)


def _arranged(groups: tuple[tuple[Kind, ...], ...]) -> tuple[Kind, ...]:
    """Several in one environment; with SAFEINSTALL_TORTURE, each in its own as well."""
    alone = [kind for group in groups for kind in group] if TORTURE else []
    return (*(together(*group) for group in groups), *alone)


SOUND = _arranged(_SOUND)

_NOWHERE = (namespace, compiled, entry_points, data_files)
REPEATABLE = _arranged(tuple(tuple(k for k in group if k not in _NOWHERE) for group in _SOUND))
"""Without those that no index has."""

OF_NOBODY = (kernelspec, activation, variables, read_only, links)
"""Files that no package owns."""

_ANY = ("conda install -y", "cython")
# A command for each kind, which changes what belongs to it; where no index has that, anything
_CHANGES: dict[Kind, tuple[str, str]] = {
    by_index: ("pip install", "numpy==2.1.3"),
    from_git: ("pip uninstall -y", "transformers"),
    wheel_by_path: ("pip uninstall -y", "tqdm"),
    directory: ("pip uninstall -y", "thing"),
    editable: ("pip uninstall -y", "thing"),
    extras: ("pip install", "accelerate==0.20.3"),
    links: ("pip install", "accelerate==0.20.3"),
    group: ("conda install -y", "six=1.15"),
    noarch: ("conda remove -y", "requests"),
    several_channels: ("conda remove -y", "pytorch"),
    twins: ("conda remove -y", "pytorch"),
}


def changes(kind: Kind) -> list[list[str]]:
    """Commands that change an environment of this kind, each as words."""
    found: dict[str, dict[str, None]] = {}
    for part in parts(kind):
        command, name = _CHANGES.get(part, _ANY)
        found.setdefault(command, {})[name] = None
    return [[*command.split(), *names] for command, names in found.items()]


# ---- damaged -----------------------------------------------------------------------------------


def pip_over_conda(world: World, name: str, _: Path) -> None:
    """conda's requests needs conda's idna, which pip has replaced."""
    world.run(["conda", "install", "-y", "requests"], name, check=True)
    world.run(["pip", "install", "--no-deps", "idna==3.7"], name, check=True)


def conda_over_pip(world: World, name: str, _: Path) -> None:
    """Two dist-infos of one name: conda has put its own over pip's."""
    world.run(["pip", "install", "--no-deps", "idna==3.7"], name, check=True)
    world.run(["conda", "install", "-y", "requests"], name, check=True)


def two_metadata(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "cowsay"], name, check=True)
    (info,) = site_packages(world.env(name)).glob("cowsay-*.dist-info")
    other = info.with_name("cowsay-0.1.dist-info")
    shutil.copytree(info, other)
    text = (other / "METADATA").read_text()
    version = info.name.split("-")[1].removesuffix(".dist")
    (other / "METADATA").write_text(text.replace(f"Version: {version}", "Version: 0.1"))


def orphaned(world: World, name: str, _: Path) -> None:
    place = site_packages(world.env(name)) / "ghost-1.0.dist-info"
    place.mkdir()
    (place / "REQUESTED").write_text("")


def interrupted(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "tqdm==4.66.1"], name, check=True)
    place = site_packages(world.env(name))
    (place / "tqdm").rename(place / "~qdm")
    (place / "tqdm-4.66.1.dist-info" / "RECORD").unlink()


def truncated(world: World, name: str, _: Path) -> None:
    world.run(["pip", "install", "tqdm==4.66.1"], name, check=True)
    (site_packages(world.env(name)) / "tqdm" / "__init__.py").write_text("")


def gone(world: World, name: str, _: Path) -> None:
    """pip has uninstalled what conda's requests needs."""
    world.run(["conda", "install", "-y", "requests"], name, check=True)
    world.run(["pip", "uninstall", "-y", "idna"], name, check=True)


DAMAGED = _arranged(
    ((pip_over_conda, two_metadata, orphaned, interrupted), (conda_over_pip, truncated), (gone,))
)
