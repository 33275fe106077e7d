"""Files of conda's and of pip's in one place: their content decides, not the packages' names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeinstall.sandbox import channel
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.world import World
from tests import harness

NAMESPACE = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
DECLARED = (
    b"try:\n    __import__('pkg_resources').declare_namespace(__name__)\n"
    b"except ImportError:\n    " + NAMESPACE
)
NAME = "mixed"


def part(name: str, version: str, module: str, **more: bytes) -> Distribution:
    """A distribution with one module, and other files in site-packages (``azure/__init__``)."""
    extra = {path.replace("__slash__", "/") + ".py": data for path, data in more.items()}
    return Distribution(name, version, module=module, extra=extra)


def noarch(made: Distribution, *left_out: str) -> Package:
    """The distribution as a conda package, without the files that end in one of ``left_out``."""
    files = {
        f"site-packages/{path}": File(data)
        for path, data in made.files(installer="conda").items()
        if not path.endswith(left_out)
    }
    depends = ("python >=3.8",)
    return Package(made.name, made.version, "py_0", depends=depends, noarch="python", files=files)


CONDAS = (
    noarch(part("azure-core", "1.0", "azure/core", azure__slash____init__=NAMESPACE)),
    noarch(part("google-api", "1.0", "google/api", google__slash____init__=DECLARED)),
    noarch(part("zope-event", "5.0", "zope/event", zope__slash____init__=b"")),
    noarch(part("solo", "1.0", "solo")),
    noarch(part("twice", "1.0", "twice")),
    noarch(part("pynvml", "11.5", "pynvml")),
    noarch(part("pynvml", "12.0", "pynvml")),
)
PIPS = (
    part("azure-storage", "1.0", "azure/storage", azure__slash____init__=NAMESPACE),
    part("google-auth", "1.0", "google/auth", google__slash____init__=DECLARED),
    part("zope-schema", "5.0", "zope/schema", zope__slash____init__=b""),
    part("pynvml", "11.5", "pynvml"),
    Distribution("solo-too", "1.0", module="solo"),  # the very content that conda's has
    Distribution("twice-too", "2.0", module="twice"),  # and another one
)


@pytest.fixture(scope="module")
def mixed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An environment with all of these in it, by the bare tools."""
    place = tmp_path_factory.mktemp("shared")
    channel.write_channel(str(place / "chan"), list(CONDAS))
    for made in PIPS:
        file, data = made.wheel()
        (place / file).write_bytes(data)
    rc = Path(world.home, ".condarc")
    before = rc.read_text()
    rc.write_text(before.replace("channels:\n", f"channels:\n  - file://{place}/chan\n", 1))
    names = sorted({package.name for package in CONDAS})
    world.create_env(NAME, "python", "pip", *names, "pynvml=11.5")
    world.run(["pip", "uninstall", "-y", "pynvml"], NAME, check=True)
    find = ["--no-index", f"--find-links={place}", "--no-deps"]
    world.run(["pip", "install", *find, *(made.name for made in PIPS)], NAME, check=True)
    yield world
    rc.write_text(before)
    world.remove_env(NAME)


def said(done: harness.Completed) -> str:
    return " ".join(done.stderr.decode().split())


def imports(world: World, *modules: str) -> bool:
    return world.run(["python", "-c", f"import {', '.join(modules)}"], NAME).returncode == 0


def problems(world: World) -> list[tuple[str, str]]:
    done = world.run([*harness.GUARD, "status", "--json", "-p", world.env(NAME)])
    found = json.loads(done.stdout)["problems"]
    return [(problem["kind"], problem["message"]) for problem in found]


def test_status_goes_by_content(mixed: World) -> None:
    over = "twice: pip's twice-too lies over conda's (twice/__init__.py)"
    replaced = "pynvml: conda's record says 11.5, what is there is pip's 11.5"
    assert problems(mixed) == [("overwritten", replaced), ("overwritten", over)]


@pytest.mark.parametrize(
    ("by_conda", "by_pip", "module"),
    [
        ("azure-core", "azure-storage", "azure.{}"),
        ("google-api", "google-auth", "google.{}"),
        ("zope-event", "zope-schema", "zope.{}"),
    ],
)
def test_a_namespace_is_neither_need_nor_harm(
    mixed: World, by_conda: str, by_pip: str, module: str
) -> None:
    its, own = (module.format(name.split("-")[1]) for name in (by_conda, by_pip))
    assert imports(mixed, its, own)
    done = harness.run(mixed, ["conda", "remove", "-y", "-n", NAME, by_conda])
    assert done.returncode == 0, said(done)
    assert imports(mixed, own)
    assert not imports(mixed, its)
    done = harness.run(mixed, ["conda", "install", "-y", "-n", NAME, by_conda])
    assert done.returncode == 0, said(done)
    assert imports(mixed, its, own)
    done = harness.run(mixed, ["pip", "uninstall", "-y", by_pip], NAME)
    assert (done.returncode, "SI203" in said(done)) == (0, False), said(done)
    assert imports(mixed, its)


def test_what_is_condas_still_is_not_taken_along(mixed: World) -> None:
    """The advice leads to the end: pip's is gone, and conda's is whole."""
    done = harness.run(mixed, ["pip", "uninstall", "-y", "solo-too"], NAME)
    assert done.returncode == 77
    assert "conda's solo has solo/__init__.py, too" in said(done)
    (line,) = harness.advice(done)
    done = harness.pasted(mixed, line.replace("uninstall", "uninstall -y", 1) + " -y", NAME)
    assert done.returncode == 0, said(done)
    assert imports(mixed, "solo")


def test_what_was_written_over_may_go(mixed: World) -> None:
    done = harness.run(mixed, ["conda", "remove", "-y", "-n", NAME, "twice"])
    assert done.returncode == 77
    assert "take away its twice/__init__.py with twice 1.0" in said(done)
    (line,) = harness.advice(done)
    first = line.partition(" && ")[0].replace("uninstall", "uninstall -y", 1)
    done = harness.pasted(mixed, first, NAME)
    assert done.returncode == 0
    assert "twice-too was written over twice/__init__.py of conda's twice" in said(done)
    again = said(done).partition("back then: ")[2]
    done = harness.pasted(mixed, f"{again} -y", NAME)
    assert done.returncode == 0, said(done)
    assert imports(mixed, "twice")
    done = harness.run(mixed, ["conda", "remove", "-y", "-n", NAME, "twice"])
    assert done.returncode == 0, said(done)
    assert not imports(mixed, "twice")


def test_metadata_does_not_go_in_pieces(mixed: World) -> None:
    """pip's notes stay where conda takes the rest away, and pip calls that installed."""
    (own,) = (
        name
        for name in os.listdir(f"{mixed.env(NAME)}/lib")
        if name.startswith("python3") and os.path.isdir(f"{mixed.env(NAME)}/lib/{name}")
    )
    metadata = f"{mixed.env(NAME)}/lib/{own}/site-packages/pynvml-11.5.dist-info"
    assert os.path.exists(f"{metadata}/REQUESTED")
    for words in (["remove", "pynvml"], ["update", "--all"], ["install", "pynvml=12"]):
        done = harness.run(mixed, ["conda", words[0], "-y", "-n", NAME, *words[1:]])
        assert done.returncode == 77, said(done)
        assert "pynvml" in said(done)
    assert os.path.exists(f"{metadata}/METADATA")
    done = harness.run(mixed, ["pip", "uninstall", "-y", "pynvml"], NAME)
    assert done.returncode == 0, said(done)
    done = harness.run(mixed, ["conda", "remove", "-y", "-n", NAME, "pynvml"])
    assert done.returncode == 0, said(done)
    assert not os.path.exists(metadata)
    # what an unguarded conda leaves behind: most releases of pip call it installed
    os.mkdir(metadata)
    Path(metadata, "REQUESTED").touch()
    left = "pynvml-11.5.dist-info is left of a distribution that is gone; pip may say that it is"
    assert ("leftover", f"{left} installed") in problems(mixed)
    done = harness.run(mixed, ["pip", "install", "pynvml==11.5"], NAME)
    assert f"SI404 unreadable-evidence: {metadata} is left of" in said(done)
    harness.pasted(mixed, f"rm -r {metadata}", NAME)
    assert not [kind for kind, _ in problems(mixed) if kind == "leftover"]
