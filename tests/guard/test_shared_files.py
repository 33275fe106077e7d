"""Files of conda's and of pip's in one place: their content decides, not the packages' names."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeinstall.sandbox import channel
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.distribution import Distribution
from safeinstall.sandbox.world import World
from tests import harness
from tests.argv.oracle import VERSIONS
from tests.rails.railway import content, pythonpath

NAMESPACE = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
DECLARED = (
    b"try:\n    __import__('pkg_resources').declare_namespace(__name__)\n"
    b"except ImportError:\n    " + NAMESPACE
)
DATA = "with_data-1.0.data/data"  # goes to the prefix
NAME = "mixed"
UTIL = "shr/util.py"


def part(name: str, version: str, module: str, **more: bytes) -> Distribution:
    """A distribution with one module, and other files in site-packages (``azure/__init__``)."""
    extra = {path.replace("__slash__", "/") + ".py": data for path, data in more.items()}
    return Distribution(name, version, module=module, extra=extra)


def noarch(made: Distribution, *left_out: str, name: str = "") -> Package:
    """The distribution as a conda package, without the files that end in one of ``left_out``."""
    files = {
        f"site-packages/{path}": File(data)
        for path, data in made.files(installer="conda").items()
        if not path.endswith(left_out)
    }
    depends = ("python >=3.8",)
    title = name or made.name
    return Package(title, made.version, "py_0", depends=depends, noarch="python", files=files)


CONDAS = (
    noarch(part("azure-core", "1.0", "azure/core", azure__slash____init__=NAMESPACE)),
    noarch(part("google-api", "1.0", "google/api", google__slash____init__=DECLARED)),
    noarch(part("zope-event", "5.0", "zope/event", zope__slash____init__=b"")),
    noarch(part("solo", "1.0", "solo")),
    noarch(part("twice", "1.0", "twice")),
    noarch(part("pynvml", "11.5", "pynvml")),
    noarch(part("pynvml", "12.0", "pynvml")),
)
BARE = (".dist-info/METADATA", ".dist-info/RECORD", ".dist-info/WHEEL", ".dist-info/INSTALLER")
BARES = (
    noarch(part("opencv", "4.8", "cv2"), *BARE),
    noarch(part("rdkit", "2023.9", "rdkit"), *BARE),
    noarch(part("my-tools", "1.0", "my_tools"), *BARE),
    noarch(part("graphviz", "0.20.1", "graphviz"), name="python-graphviz"),
    Package("thetool", "1.0", "h0_0", files={"bin/thetool": File(b"#!/bin/sh\n", executable=True)}),
    Package("graphviz", "9.0.0", "h0_0", files={"lib/libgvc.so": File(b"C")}),
    noarch(Distribution("own-one", "1.0", module="ownone", extra={UTIL: b"X = 1\n"})),
    noarch(Distribution("docopt", "0.6", module="docopt", flat=True)),
    noarch(Distribution("munch", "4.0", module="munch")),
)
PIPS = (
    part("azure-storage", "1.0", "azure/storage", azure__slash____init__=NAMESPACE),
    part("google-auth", "1.0", "google/auth", google__slash____init__=DECLARED),
    part("zope-schema", "5.0", "zope/schema", zope__slash____init__=b""),
    part("pynvml", "11.5", "pynvml"),
    Distribution("solo-too", "1.0", module="solo"),  # the very content that conda's has
    Distribution("twice-too", "2.0", module="twice"),  # and another one
)
WHEELS = (
    part("graphviz", "0.20.3", "graphviz"),
    Distribution("opencv-python", "4.9", module="cv2"),
    Distribution("imgtool", "1.0", module="imgtool", requires=("opencv-python",)),
    Distribution("rdkit", "2024.3", module="rdkit"),
    Distribution("cv-extra", "1.0", module="cv2"),
    Distribution("cv-extra", "0.9", module="cv2"),
    Distribution("needs-extra", "1.0", module="needs_extra", requires=("cv-extra",)),
    Distribution("own-tools", "1.0", module="own_tools", scripts=("thetool = own_tools:x",)),
    Distribution("my-tools", "2.0", module="my_tools"),
    Distribution("pip-two", "1.0", module="piptwo", extra={UTIL: b"X = 1\n"}),
    Distribution("pip-two", "2.0", module="piptwo"),
    Distribution("pip-two", "3.0", module="piptwo", extra={UTIL: b"X = 3\n"}),
    Distribution("uses-two", "1.0", module="usestwo", requires=("pip-two==2.0",)),
    Distribution("docopt-ng", "0.9", module="docopt"),
    Distribution("munch-too", "1.0", module="munch", flat=True),
    Distribution("no-record", "1.0", module="cv2"),
    Distribution("with-data", "1.0", "with_data", extra={f"{DATA}/lib/libgvc.so": b"P"}),
)


def without_record(wheel: bytes) -> bytes:
    """pip misses it only when it has written the files."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if not name.endswith("/RECORD"):
                new.writestr(name, old.read(name))
    return made.getvalue()


@pytest.fixture(scope="module")
def stocked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world where conda and pip find all of these."""
    place = tmp_path_factory.mktemp("shared")
    channel.write_channel(str(place / "chan"), [*CONDAS, *BARES])
    for made in (*PIPS, *WHEELS):
        file, data = made.wheel()
        (place / file).write_bytes(data if made.name != "no-record" else without_record(data))
    files = [Path(world.home, name) for name in (".condarc", ".config/pip/pip.conf")]
    before = [file.read_text() for file in files]
    first = before[0].replace("channels:\n", f"channels:\n  - file://{place}/chan\n", 1)
    files[0].write_text(first)
    files[1].write_text(before[1].replace("find-links = ", f"find-links = {place}\n  "))
    yield world
    for path, text in zip(files, before, strict=True):
        path.write_text(text)


@pytest.fixture(scope="module")
def mixed(stocked: World) -> Iterator[World]:
    """An environment with packages of both in it, by the bare tools."""
    world = stocked
    names = sorted({package.name for package in CONDAS})
    world.create_env(NAME, "python", "pip", *names, "pynvml=11.5")
    world.run(["pip", "uninstall", "-y", "pynvml"], NAME, check=True)
    world.run(["pip", "install", *(made.name for made in PIPS)], NAME, check=True)
    yield world
    world.remove_env(NAME)


def said(done: harness.Completed) -> str:
    return " ".join(done.stderr.decode().split())


def imports(world: World, *modules: str) -> bool:
    return world.run(["python", "-c", f"import {', '.join(modules)}"], NAME).returncode == 0


def problems(world: World, name: str = NAME) -> list[tuple[str, str]]:
    done = world.run([*harness.GUARD, "status", "--json", "-p", world.env(name)])
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


@pytest.fixture(scope="module")
def bare(stocked: World) -> Iterator[World]:
    """An environment of conda's alone, with packages that have no metadata."""
    names = ("opencv", "rdkit", "my-tools", "graphviz", "thetool", "docopt", "munch")
    stocked.create_env("bare", "python", "pip", *names)
    yield stocked
    stocked.remove_env("bare")


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("opencv-python", "cv2 4.8 (conda's opencv 4.8): has what opencv-python brings"),
        ("imgtool", "cv2 4.8 (conda's opencv 4.8): imgtool 1.0 needs opencv-python"),
        ("rdkit", "rdkit 2023.9: has what rdkit brings"),
        ("my-tools", "my_tools 1.0 (conda's my-tools 1.0): has what my-tools brings"),
    ],
)
def test_a_package_without_metadata_is_seen(bare: World, wanted: str, says: str) -> None:
    for words in (["pip", "install", wanted], ["python", "-m", "pip", "install", wanted]):
        done = harness.run(bare, words, "bare")
        assert done.returncode == 77, said(done)
        assert says in said(done)
    assert b"4.8" in bare.run(["python", "-c", "import cv2; print(cv2.__version__)"], "bare").stdout


def test_the_same_name_is_not_the_same_thing(bare: World, tmp_path: Path) -> None:
    """conda's graphviz is a C program, PyPI's a module: in each direction, and in one file."""
    done = harness.run(bare, ["pip", "install", "graphviz"], "bare")
    assert done.returncode == 0, said(done)
    for words in (["remove", "graphviz"], ["install", "graphviz"]):
        line = ["conda", words[0], "-y", "-n", "bare", words[1]]
        assert harness.rules(harness.check(bare, line)) in ([], ["SI201"])
        done = harness.run(bare, line)
        assert done.returncode == 0, said(done)
    line = ["conda", "install", "-y", "-n", "bare", "python-graphviz"]
    assert harness.check(bare, line)["status"] == 77
    done = harness.run(bare, line)
    assert done.returncode == 77, said(done) + done.stdout.decode()
    file = tmp_path / "e.yml"
    text = "dependencies:\n- python\n- pip\n- {}\n- pip:\n  - graphviz==0.20.3\n"
    for conda, status in (("graphviz=9.0.0", 0), ("python-graphviz=0.20.1", 77)):
        file.write_text(text.format(conda))
        line = ["conda", "env", "create", "-n", f"of-a-file{status}", "-f", str(file)]
        assert harness.check(bare, line)["status"] == status
        done = harness.run(bare, line)
        assert done.returncode == status, said(done)
        bare.remove_env(f"of-a-file{status}")


def unrecorded(world: World) -> dict[str, str]:
    """The files of the environment without those of the guard."""
    return {p: d for p, d in content(world.env("bare")).items() if ".safeinstall" not in p}


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("cv-extra", "cv-extra would write over cv2/__init__.py of conda's opencv"),
        ("needs-extra", "cv-extra would write over cv2/__init__.py of conda's opencv"),
        ("own-tools", "own-tools would write over bin/thetool of conda's thetool"),
        ("with-data", "with-data would write over lib/libgvc.so of conda's graphviz"),
        ("docopt-ng", "docopt-ng would write over docopt.py of conda's docopt"),
        ("munch-too", "munch-too would write over munch/__init__.py of conda's munch"),
        ("no-record", "no-record would write over cv2/__init__.py of conda's opencv"),
    ],
)
@pytest.mark.parametrize("quiet", harness.few([(), ("-q",)], 1), ids=" ".join)
def test_names_that_are_in_no_table(
    bare: World, wanted: str, says: str, quiet: tuple[str, ...]
) -> None:
    """The files in the wheels decide, before anything is written."""
    before = unrecorded(bare)
    done = harness.run(bare, ["pip", "install", *quiet, wanted], "bare")
    assert done.returncode == 77, said(done)
    assert says in said(done)
    assert b"Installing collected" not in done.stdout
    assert unrecorded(bare) == before


def test_a_quiet_pip_is_looked_at_as_well(bare: World) -> None:
    says = "cv-extra would write over cv2/__init__.py of conda's opencv"
    test_names_that_are_in_no_table(bare, "needs-extra", says, ("-q",))


def test_what_pip_has_in_common_with_conda_outlives_another_release(
    stocked: World, conda_env: str
) -> None:
    """pip uninstalls the files of the present release, which are conda's as well."""
    stocked.run(["conda", "install", "-y", "own-one"], conda_env, check=True)
    done = harness.run(stocked, ["pip", "install", "pip-two==1.0"], conda_env)
    assert done.returncode == 0, said(done)
    for wanted, act in (
        ("pip-two==3.0", "write over"),
        ("pip-two==2.0", "take away"),
        ("uses-two", "take away"),
    ):
        done = harness.run(stocked, ["pip", "install", wanted], conda_env)
        assert done.returncode == 77, said(done)
        assert f"pip-two would {act} {UTIL} of conda's own-one" in said(done)
    files = Path(stocked.env(conda_env)).glob(f"lib/python*/site-packages/{UTIL}")
    assert {file.read_bytes() for file in files} == {b"X = 1\n"}
    again = ["pip", "install", "--force-reinstall", "pip-two==1.0"]  # it brings the same file again
    done = harness.run(stocked, again, conda_env)
    assert (done.returncode, done.stderr) == (0, b""), said(done)


def test_what_has_been_written_over_is_no_news(stocked: World, conda_env: str) -> None:
    stocked.run(["conda", "install", "-y", "opencv"], conda_env, check=True)
    stocked.run(["pip", "install", "cv-extra==0.9"], conda_env, check=True)
    done = harness.run(stocked, ["pip", "install", "-U", "cv-extra"], conda_env)
    assert done.returncode == 0, said(done)
    assert b"Successfully installed cv-extra-1.0" in done.stdout


def test_whatever_pip_a_wheel_goes_by(bare: World) -> None:
    """Each release has the function that the guest wraps; what is harmless is as without us."""
    for version in VERSIONS:
        pip = ["python", "-m", "pip", "install", "--no-deps"]
        release = pythonpath(version)
        before = unrecorded(bare)
        done = harness.run(bare, [*pip, "cv-extra"], "bare", environ=release)
        assert (done.returncode, unrecorded(bare) == before) == (77, True), said(done)
        assert "would write over cv2/__init__.py" in said(done)
        for words in ([*pip, "pynvml"], [*pip, "--force-reinstall", "pynvml"]):
            done = harness.run(bare, words, "bare", environ=release)
            assert (done.returncode, b"Successfully installed" in done.stdout) == (0, True)
            assert b"safeinstall:" not in done.stderr, said(done)
        bare.run(["pip", "uninstall", "-y", "pynvml"], "bare", check=True)


def test_the_pip_that_conda_starts(bare: World, tmp_path: Path) -> None:
    file = tmp_path / "e.yml"
    lines = ("- python", "- pip", "- opencv", "- pip:", "  - needs-extra", "")
    file.write_text("\n".join(("dependencies:", *lines)))
    done = harness.run(bare, ["conda", "env", "create", "-n", "of-conda", "-f", str(file)])
    assert done.returncode == 77, said(done)
    assert "cv-extra would write over cv2/__init__.py of conda's opencv" in said(done)
    version = ["python", "-c", "import cv2; print(cv2.__version__)"]
    assert bare.run(version, "of-conda").stdout == b"4.8\n"
    bare.remove_env("of-conda")


def test_a_reason_lets_it_through_and_status_knows(bare: World) -> None:
    reason = {"SAFEINSTALL_REASON": "its codecs are needed"}
    done = harness.run(bare, ["pip", "install", "cv-extra"], "bare", environ=reason)
    assert done.returncode == 0, said(done)
    over = "opencv: pip's cv-extra lies over conda's (cv2/__init__.py)"
    assert ("overwritten", over) in problems(bare, "bare")


def test_what_has_lost_its_metadata_is_conda_s_still(world: World, conda_env: str) -> None:
    """pip takes it for not installed, and would write over its code."""
    world.run(["conda", "install", "-y", "tqdm", "six", "numpy=2", "idna"], conda_env, check=True)
    for place in Path(world.env(conda_env)).glob("lib/python*/site-packages/*-*.dist-info"):
        name = place.name.partition("-")[0]
        if name == "tqdm":
            for file in place.iterdir():
                file.unlink()
            (place / "REQUESTED").touch()
        elif name in ("six", "numpy"):
            (place / "METADATA").unlink()
        elif name == "idna":  # the directory keeps its time, so it counts as conda's, and is held
            (place / "METADATA").write_text("Metadata-Version: 2.1\n\nName: idna\n")
    for words, name in (
        (["pip", "install", "--no-deps", "tqdm"], "tqdm"),
        (["pip", "install", "six==1.17.0"], "six"),
        (["pip", "install", "scikit-learn==1.3.2"], "numpy"),
        (["pip", "install", "idna"], ""),
    ):
        done = harness.run(world, words, conda_env)
        told = done.stderr.decode()
        assert done.returncode == (77 if name else 1), told
        assert ("blocked by SI202" in told) is bool(name)
        mend = f"conda install -n {conda_env} --force-reinstall {name or 'idna'}"
        assert (mend in harness.advice(done)) if name else (f" Run: {mend}\n" in told)
        done = harness.pasted(world, mend, conda_env, environ={"CONDA_ALWAYS_YES": "1"})
        assert done.returncode == 0, (done.stdout, done.stderr.decode())
    check = world.run(["pip", "show", "tqdm", "six", "numpy", "idna"], conda_env)
    assert check.returncode == 0, check.stdout.decode()
