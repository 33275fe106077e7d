"""What the policy denies does not come in, by whatever way; or it is told what has come."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import sys
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.model import Command, Environment, Facts, Inventory, Sources
from safeinstall.policy import Layer, judge
from safeinstall.policy.merge import merge
from safeinstall.rules.shared import pip_held
from safeinstall.sandbox.wheels import write_project
from tests import harness
from tests.rails import railway
from tests.uv import UV

EXCEPTION = {"id": "E", "reason": "x", "owner": "o", "expires": "2999-01-01"}

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

COMMAND = Command(("pip", "install", "six"), "pip", verb="install")
WHEEL = "six-1.16.0-py3-none-any.whl"
BLOCKED = b"safeinstall: blocked by SI304 denied-package"


class Place:
    """An environment, a policy that denies six, and six in many wrappings."""

    def __init__(self, world: World, name: str, directory: Path) -> None:
        self.world, self.name, self.directory = world, name, directory
        self.policy = directory / "policy.toml"
        self.deny("six")

    def deny(self, *entries: str, more: str = "") -> None:
        self.policy.write_text(f"[packages]\ndeny = {[*entries]}\n{more}")

    def run(self, *words: str, active: str = "", **more: str) -> harness.Completed:
        environ = {"SAFEINSTALL_POLICY": str(self.policy), **more}
        given = environ.pop("stdin", "").encode()
        return harness.run(self.world, words, active or self.name, environ=environ, input=given)

    def uninstall(self, *names: str) -> None:
        self.world.run(["pip", "uninstall", "-qy", *names], self.name, check=True)

    def has(self, module: str, name: str = "") -> bool:
        done = self.world.run(["python", "-c", f"import {module}"], name or self.name)
        return done.returncode == 0


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Nothing that is tried here gets in."""
    name, directory = f"denied{os.getpid()}", tmp_path_factory.mktemp("denied")
    world.create_env(name, "python", "pip")
    source = directory / "six"
    write_project(str(source), "six", "1.16.0")
    nameless = directory / "nameless"  # says its name only when it is built
    shutil.copytree(source, nameless)
    text = (nameless / "pyproject.toml").read_text()
    (nameless / "pyproject.toml").write_text(text.partition("[project]")[0])
    backend = (nameless / "backend.py").read_text()
    assert "pyproject" in backend
    (nameless / "hidden.toml").write_text(text)
    (nameless / "backend.py").write_text(backend.replace("pyproject.toml", "hidden.toml"))
    for name_of_it, where in (("six-1.16.0", source), ("other-1.0", source), ("2", source)):
        with tarfile.open(directory / f"{name_of_it}.tar.gz", "w:gz") as archive:
            archive.add(where, "six-1.16.0")
    shutil.copy(os.path.join(world.wheels, WHEEL), directory)
    (directory / "r.txt").write_text("cowsay\nsix>=1.15  # needed\n")
    (directory / "needs.txt").write_text("python-dateutil\n")
    yield Place(world, name, directory)
    world.remove_env(name)


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[str]:
    """The directory by HTTP."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    handler = functools.partial(Quiet, directory=str(place.directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


SEEN = {
    "a name": "six",
    "a release": "six==1.17.0",
    "a wheel": "{here}/" + WHEEL,
    "a wheel's address": "https://files.example/" + WHEEL,
    "an archive": "{here}/six-1.16.0.tar.gz",
    "an archive's address": "https://files.example/packages/six-1.16.0.tar.gz#sha256=0123",
    "a zip's address": "https://files.example/Six-1.16.0.zip?download=1",
    "a file address": "file://{here}/six-1.16.0.tar.gz",
    "a name with an address": "six @ https://files.example/anything",
    "an egg": "git+https://git.example/x@main#egg=six",
    "an egg of an archive": "https://files.example/main.zip#egg=six",
    "a directory": "{here}/six",
    "an editable directory": "-e {here}/six",
    "a requirements file": "-r {here}/r.txt",
}


@pytest.mark.parametrize("case", SEEN)
def test_seen_in_the_words(place: Place, case: str) -> None:
    words = SEEN[case].format(here=place.directory).split()
    tools = [["pip", "install"], ["uv", "pip", "install"]] if UV else [["pip", "install"]]
    for tool in tools:
        path = f"{place.world.environ(place.name)['PATH']}{os.pathsep}{os.path.dirname(str(UV))}"
        done = place.run(*tool, *words, PATH=path)
        assert done.returncode == 77, done.stderr.decode()
        assert BLOCKED in done.stderr


PIP = ("pip", "install", "-q")
ON_THE_RAIL: dict[str, tuple[str, ...]] = {
    "a dependency": (*PIP, "python-dateutil"),
    "a dependency, isolated": ("python", "-I", "-m", *PIP, "python-dateutil"),
    "a dependency, in a file": (*PIP, "-r", "{here}/needs.txt"),
    "a dependency, into a directory": (*PIP, "--target", "{here}/t", "python-dateutil"),
    "a dependency, beside": (*PIP, "--prefix", "{here}/p", "python-dateutil"),
    "a pipe": ("bash", "-c", "{run} pip install -q -r <(echo six)"),
    "stdin": (*PIP, "-r", "/dev/stdin"),
    "an archive of another name": (*PIP, "{here}/other-1.0.tar.gz"),
    "an archive without a name": (*PIP, "{here}/2.tar.gz"),
    "an address without a name": (*PIP, "{server}/2.tar.gz"),
    "a requirements file from the net": (*PIP, "-r", "{server}/r.txt"),
    "a directory that says nothing": (*PIP, "{here}/nameless"),
    "a repository": (*PIP, "git+file://{here}/nameless"),
    "in conda run": ("conda", "run", "-n", "{name}", *PIP, "python-dateutil"),
    "in a shell": ("conda", "run", "-n", "{name}", "bash", "-c", "pip install python-dateutil"),
}


@pytest.mark.parametrize("case", ON_THE_RAIL)
def test_stopped_by_pip_itself(place: Place, server: str, case: str) -> None:
    run = " ".join((sys.executable, *harness.GUARD[1:], "run", "--"))
    words = [
        word.format(here=place.directory, server=server, name=place.name, run=run)
        for word in ON_THE_RAIL[case]
    ]
    if case == "a repository":
        git = ["git", "-C", str(place.directory / "nameless"), "-c", "user.name=x"]
        for arguments in (["init", "-q"], ["add", "."], ["-c", "user.email=x", "commit", "-qm1"]):
            place.world.run([*git, *arguments], check=True)
    environ = {"SAFEINSTALL_POLICY": str(place.policy)}
    if case == "a pipe":
        done = place.world.run(words, place.name, environ=environ)
    else:
        done = place.run(*words, stdin="six\n")
    told = done.stderr.decode()
    assert done.returncode == 77, told
    assert BLOCKED.decode() in told
    assert "pip would have brought six, which the policy denies" in told
    assert not place.has("six")
    assert not (place.directory / "t").exists()


def test_where_startup_files_may_lead_to_another_pip(place: Place, tmp_path: Path) -> None:
    """What is denied is denied there, too; what this environment holds is nothing to that one."""
    words = ["conda", "run", "-n", place.name, "bash", "-lc", "pip install python-dateutil"]
    facts = railway.meet(place.world, place.name, words)
    facts = facts.replace(sources=Sources(deny=("six", "numpy<2")))
    rail = railway.lay(facts, str(tmp_path))
    assert rail is not None
    _, *held = (tmp_path / "conda-owns.txt").read_text().splitlines()
    assert held == ["six==0+policy.denies.it", "numpy>=2"]


def test_it_says_who_wanted_it(place: Place) -> None:
    done = place.run(*PIP, "python-dateutil")
    assert "    six  for python-dateutil 2.8.2" in done.stderr.decode()
    operation = harness.history(place.world, place.name)[-1]
    assert operation["status"] == "blocked"
    assert {"SI304"} == {finding["rule"] for finding in operation["findings"]}


def test_a_venv(place: Place, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    make = ["python", "-m", "venv", "--without-pip", str(venv)]
    place.world.run(make, place.name, check=True)
    into = ("pip", "--python", str(venv / "bin" / "python"), "install", "-q")
    done = place.run(*into, "python-dateutil")
    assert done.returncode == 77, done.stderr.decode()
    assert BLOCKED in done.stderr
    other = place.run(*into, "cowsay")
    assert (other.returncode, other.stderr) == (0, b"")


@pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
@pytest.mark.parametrize(
    "case", ["python-dateutil", "-r -", "{here}/other-1.0.tar.gz", "{here}/nameless"]
)
def test_uv(place: Place, case: str) -> None:
    where = ["--python", f"{place.world.env(place.name)}/bin/python", "--no-index"]
    words = ["uv", "pip", "install", *where, "-f", place.world.wheels]
    path = f"{place.world.environ(place.name)['PATH']}{os.pathsep}{os.path.dirname(str(UV))}"
    arguments = case.format(here=place.directory).split()
    done = place.run(*words, *arguments, PATH=path, stdin="six\n")
    told = done.stderr.decode()
    assert done.returncode == 1, told
    assert "warning SI304 denied-package: uv was kept from what the policy denies" in told
    assert not place.has("six")


def test_only_what_is_denied_is_stopped(place: Place) -> None:
    """Another release of it comes in, and another name."""
    place.deny("six>=1.17", "cowsay<1", "joblib")
    done = place.run(*PIP, "cowsay", "python-dateutil")
    try:
        assert (done.returncode, done.stderr) == (0, b"")
        shown = place.world.run(["python", "-c", "import six; print(six.__version__)"], place.name)
        assert shown.stdout == b"1.16.0\n"
    finally:
        place.uninstall("cowsay", "six", "python-dateutil", "pytz")
        place.deny("six")


@harness.tells_rejected
def test_what_had_to_give_way_is_told(place: Place) -> None:
    """pip makes do with an older release of what needs it."""
    place.deny("torch>=2.1")
    done = place.run(*PIP, "accelerate")
    place.deny("six")
    told = done.stderr.decode()
    place.uninstall("accelerate", "torch", "numpy", "typing-extensions")
    assert done.returncode == 0, told
    assert (
        "SI403 held-back: pip chose accelerate 0.20.3, not 0.30.1: that one needs torch>=2.1"
        in told
    )
    assert "which the policy denies" in told


NO_WORDS = "six>=1.15.1,<2"  # for all the others PEP 440 has no words


def test_what_nobody_could_see_is_told_afterwards(place: Place, tmp_path: Path) -> None:
    """Told, kept, and shown by status until it is gone."""
    place.deny(NO_WORDS)
    environ = {"SAFEINSTALL_POLICY": str(place.policy)}
    status = [sys.executable, "-m", "safeinstall", "status", "-p", place.world.env(place.name)]
    try:
        done = place.run(*PIP, "python-dateutil")
        told = done.stderr.decode()
        assert done.returncode == 0, told
        back = "python -m pip uninstall six"
        assert f"six 1.17.0 has come, which the policy denies. To go back: {back}" in told
        last = harness.history(place.world, place.name)[-1]
        assert ("SI304", "warn") in [(f["rule"], f["level"]) for f in last["findings"]]
        shown = place.world.run(status, environ=environ).stdout.decode()
        assert "six 1.17.0 is there, and the policy denies it" in shown
        assert f"conda run -n {place.name} python -m pip uninstall -y six" in shown
        # it is there: whatever needs it is not in its way
        place.deny("six", NO_WORDS)
        done = place.run(*PIP, "python-dateutil", "cowsay")
        assert (done.returncode, done.stderr) == (0, b"")
    finally:
        place.uninstall("six", "python-dateutil", "cowsay")
        place.deny("six")
    assert b"denies" not in place.world.run(status, environ=environ).stdout


def test_a_rule_that_is_off_holds_nothing(place: Place) -> None:
    place.deny("six", more="[rules]\nSI304 = 'off'\n")
    done = place.run(*PIP, "--no-deps", f"{place.directory}/other-1.0.tar.gz")
    place.deny("six")
    place.uninstall("six")
    assert done.returncode == 0
    assert b"SI304" not in done.stderr


@pytest.mark.parametrize(
    ("content", "held"),
    [
        ({}, ("six", "numpy<2")),
        ({"rules": {"SI304": "warn"}}, ()),
        ({"exceptions": [{"rule": "SI304", **EXCEPTION}]}, ()),
        ({"exceptions": [{"rule": "SI304", **EXCEPTION, "packages": ["six"]}]}, ("numpy<2",)),
        ({"exceptions": [{"rule": "SI202", **EXCEPTION}]}, ("six", "numpy<2")),
    ],
)
def test_what_pip_is_held_to(content: dict[str, Any], held: tuple[str, ...]) -> None:
    said = {"digest": "", "packages": {"deny": ["six", "numpy<2"]}, **content}
    policy = merge([Layer("user", "u", said)])
    environment = Environment("/x", "venv")
    exempt = judge.exempt(policy, environment)
    facts = Facts(COMMAND, "", environment, Inventory(), sources=policy.sources, exempt=exempt)
    assert pip_held.deny(facts) == held


def test_a_reason_lets_it_in(place: Place) -> None:
    done = place.run(*PIP, "python-dateutil", SAFEINSTALL_REASON="SEC-412 allows it")
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert place.has("six")
    place.uninstall("six", "python-dateutil")
    last = [o for o in harness.history(place.world, place.name) if o["override"]][-1]
    assert last["override"] == "SEC-412 allows it"
    assert "has come" not in told  # it was told of before


# ---- conda -------------------------------------------------------------------------------------

SEEN_BY_CONDA = {
    "a name": "conda install -y six",
    "a release": "conda install -y six=1.16",
    "a channel": "conda install -y conda-forge::six",
    "a package's address": "conda install -y https://c.example/noarch/six-1.16.0-pyh6c4a22f_0.conda",
    "a package's file": "conda install -y {here}/six-1.16.0-pyh6c4a22f_0.tar.bz2",
    "a list": "conda install -y --file {here}/list.txt",
    "an explicit list": "conda create -y -n more --file {here}/explicit.txt",
    "an environment file": "conda env update -f {here}/e.yml",
    "its pip part": "conda env update -f {here}/p.yml",
    "an update": "conda update -y six",
    "mamba": "mamba install -y six",
}


@pytest.mark.parametrize("case", SEEN_BY_CONDA)
def test_seen_in_conda_s_words(place: Place, case: str) -> None:
    here = place.directory
    address = "https://c.example/noarch/six-1.16.0-pyh6c4a22f_0.conda#0123"
    files = {
        "list.txt": "cowsay\nsix >=1.15\n",
        "explicit.txt": f"@EXPLICIT\n{address}\n",
        "e.yml": "dependencies:\n- six\n",
        "p.yml": "dependencies:\n- python\n- pip:\n  - -r r.txt\n",
    }
    for name, text in files.items():
        (here / name).write_text(text)
    words = SEEN_BY_CONDA[case].format(here=here).split()
    path = place.world.environ(place.name)["PATH"]
    if words[0] == "mamba":
        (here / "mamba").write_text("#!/bin/sh\n")
        (here / "mamba").chmod(0o755)
        path = f"{here}{os.pathsep}{path}"
    done = place.run(*words, PATH=path)
    assert done.returncode == 77, done.stderr.decode()
    assert BLOCKED in done.stderr


def test_what_an_environment_file_s_pip_brings(place: Place, tmp_path: Path) -> None:
    """pip's part on pip's rail: a dependency is stopped there, too."""
    file = tmp_path / "e.yml"
    file.write_text("dependencies:\n- pip:\n  - python-dateutil\n")
    done = place.run("conda", "env", "update", "-n", place.name, "-f", str(file))
    told = done.stderr.decode()
    assert done.returncode == 77, told
    assert BLOCKED.decode() in told
    assert not place.has("six")


def test_a_dependency_that_conda_brings(world: World, place: Place, conda_env: str) -> None:
    """conda's plan tells it where conda shows it to us; else it is told afterwards."""
    words = ("conda", "install", "-y", "python-dateutil")
    done = place.run(*words, active=conda_env)
    told = done.stderr.decode()
    if world.real:
        assert done.returncode != 0, told
        assert "conda would bring six, which the policy denies" in told
        assert not place.has("six", conda_env)
        environ = {"SAFEINSTALL_POLICY": str(place.policy)}
        create = ["conda", "create", "-y", "-n", "more", "python-dateutil"]
        done = harness.run(world, create, environ=environ)
        assert done.returncode != 0
        assert "conda would bring six, which the policy denies" in done.stderr.decode()
        assert not os.path.exists(f"{world.env('more')}/conda-meta/history")
    else:
        assert done.returncode == 0, told
        assert "six 1.16.0 has come, which the policy denies. To go back: conda remove" in told


def test_check_asks_conda_for_its_plan(world: World, place: Place, conda_env: str) -> None:
    words = ["conda", "install", "-y", "python-dateutil"]
    config = Path(world.home, ".config", "safeinstall")
    config.mkdir(parents=True, exist_ok=True)
    (config / "policy.toml").write_text('packages.deny = ["six"]\n')
    try:
        answer = harness.check(world, words, conda_env)
    finally:
        (config / "policy.toml").unlink()
    assert (answer["status"], harness.rules(answer)) == (77, ["SI304"])
