"""SI208: ``conda clean`` where environments have packages by links into the package cache."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.world import World
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = pytest.mark.real_conda
BLOCKED = b"safeinstall: blocked by SI208 cache-in-use"
LINES = ("-p", "--packages", "-a", "--all", "-ap", "-f", "--force-pkgs-dirs", "-yp", "--pack")


@pytest.fixture(scope="module", params=["sandbox", pytest.param("real", marks=REAL)])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world with a package cache of its own, and in ``soft`` a package that is links into it."""
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    conda = os.environ["SAFEINSTALL_TEST_CONDA"] if request.param == "real" else None
    directory = tmp_path_factory.mktemp(request.param)
    channel = str(directory / "channel")
    files = {f"share/NAME/{n}": File(n.encode(), shared=True) for n in ("one", "two")}
    packages = [
        Package(name, "1.0", files={k.replace("NAME", name): v for k, v in files.items()})
        for name in ("tool", "library", "other")
    ]
    write_channel(channel, packages)
    created = World.create(directory / "world", conda)
    path = f"{created.home}/.condarc"
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    at = lines.index("pkgs_dirs:") + 1
    lines[at] = f"  - {directory}/pkgs"
    text = "\n".join(lines).replace("  - conda-forge", f"  - file://{channel}", 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    created.create_env("hard", "other")
    created.create_env("soft", "tool", "library")
    link(created.env("soft"), "tool", f"{directory}/pkgs")
    yield created
    created.close()


def link(prefix: str, name: str, cache: str) -> None:
    """Put links into the cache in the place of the package's files, as ``always_softlink``."""
    meta = f"{prefix}/conda-meta"
    (record,) = (entry for entry in os.listdir(meta) if entry.startswith(f"{name}-"))
    with open(f"{meta}/{record}", encoding="utf-8") as file:
        paths = json.load(file)["files"]
    for path in paths:
        source = f"{cache}/{record.removesuffix('.json')}/{path}"
        assert os.path.exists(source)
        os.unlink(f"{prefix}/{path}")
        os.symlink(source, f"{prefix}/{path}")


def intact(world: World) -> bool:
    return os.path.exists(f"{world.env('soft')}/share/tool/one")


@pytest.mark.parametrize("option", LINES)
def test_what_would_take_it_is_stopped(world: World, option: str) -> None:
    done = harness.run(world, ["conda", "clean", option, *([] if "y" in option else ["-y"])])
    assert (done.returncode, BLOCKED in done.stderr) == (77, True), done
    assert b"/envs/soft: tool-1.0-" in done.stderr
    assert harness.advice(done) == ["conda clean --tarballs --index-cache"]
    assert intact(world)


@pytest.mark.parametrize("option", ["--dry-run -p", "-d -a", "-t -i", "-l", "-c", "-p -h"])
def test_what_takes_none_is_not_looked_at(world: World, option: str) -> None:
    answer = harness.check(world, ["conda", "clean", *option.split()])
    assert (answer["verdict"], answer["environment"]) == ("allow", None)


def test_the_advice_is_carried_out(world: World) -> None:
    done = harness.pasted(world, "conda clean --tarballs --index-cache -y")
    assert BLOCKED not in done.stderr
    assert done.returncode == 0 or not world.real  # the sandbox's conda has no "clean"
    assert intact(world)


def test_the_shell_function_asks(world: World) -> None:
    done = harness.pasted(world, "conda clean -p -y")
    assert (done.returncode, BLOCKED in done.stderr) == (77, True)
    assert intact(world)


def test_the_block_is_kept_where_it_would_have_hurt(world: World) -> None:
    harness.run(world, ["conda", "clean", "--packages", "-y"], active="hard")
    last = harness.history(world, "soft")[-1]
    assert (last["status"], "SI208" in json.dumps(last)) == ("blocked", True)
    command = ["-m", "safeinstall", "history", "--json", "-p", world.env("hard")]
    assert world.run([sys.executable, *command]).stdout.strip() in (b"", b"[]")


def test_only_what_would_be_taken_counts(world: World) -> None:
    world.create_env("hard2", "tool")  # a second hard link: conda keeps the package
    answer = harness.check(world, ["conda", "clean", "-p"])
    assert (answer["verdict"], answer["environment"]) == ("allow", None)
    assert harness.check(world, ["conda", "clean", "-f"])["verdict"] == "block"
    world.remove_env("hard2")
    assert harness.check(world, ["conda", "clean", "-p"])["verdict"] == "block"
    world.remove_env("soft")
    for option in ("-p", "-a", "-f"):
        answer = harness.check(world, ["conda", "clean", option])
        assert (answer["verdict"], answer["environment"]) == ("allow", None)
    if world.real:
        done = harness.run(world, ["conda", "clean", "-a", "-y"])
        assert done.returncode == 0, done
        assert os.path.exists(f"{world.env('hard')}/share/other/one")
