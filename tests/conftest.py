"""A home of their own for all tests, and throw-away conda worlds for those that need one."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from safeinstall import settings
from safeinstall.journal import actor
from safeinstall.probe import unreadable
from safeinstall.sandbox.channel import CACHE
from safeinstall.sandbox.world import World
from safeinstall.specs import agents

REAL = {"real_conda": "SAFEINSTALL_TEST_CONDA", "real_mamba": "SAFEINSTALL_TEST_MAMBA"}
"""The marks of tests that need a real tool, and the variables that name its program."""
REAL_CONDA = REAL["real_conda"]
_FOREIGN = re.compile(r"(CONDA|_CE_|MAMBA|PIP|UV|XDG|SAFEINSTALL|VIRTUAL_ENV|PYTHON|GIT)(_|$)")
_ACTING = {*agents.NAMING, *(name for name, *_ in (*agents.VARIABLES, *agents.VALUES, *actor.CI))}
HERE = Path(__file__).parent
_WORLDS = frozenset(("world", "fresh_world"))  # fixtures
_WORLDLY = ("advice", "court", "sandbox")  # directories of tests that make worlds of their own
_NEEDED = (CACHE, *REAL.values(), "PYTHONHASHSEED", "XDG_RUNTIME_DIR")


hypothesis.settings.register_profile("fast", max_examples=10)  # make test-fast
hypothesis.settings.register_profile("usual", max_examples=25)
TORTURE = os.environ.get("SAFEINSTALL_TORTURE") == "1"
if not TORTURE:
    hypothesis.settings.load_profile("usual")

LONG = [
    line.partition("  #")[0]
    for line in (HERE / "long_tests.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
"""How the ids of tests begin that only ``make torture`` runs."""

for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    # started in the background, or by nohup: a shell that we start could never trap what it
    # ignores from birth
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a real conda or mamba are skipped, and say so, where there is none. What needs a
    world, or waits for a terminal, is marked: ``make test-fast`` does without.
    """
    for item in items:
        directory = item.path.relative_to(HERE).parts[0]
        if directory in _WORLDLY or not _WORLDS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("world")
        if directory == "shells" or item.path.name == "test_signals.py":
            item.add_marker("terminal")
        if not TORTURE and item.nodeid.startswith(tuple(LONG)):
            item.add_marker(pytest.mark.skip(reason="make torture runs it"))
        for mark, variable in REAL.items():
            if item.get_closest_marker(mark) and not os.environ.get(variable):
                tool = mark.replace("_", " ")
                item.add_marker(pytest.mark.skip(reason=f"no {tool} is named by {variable}"))


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's home directory, configuration and active environment are out of reach, and no
    test knows that CI, or an agent, runs it.
    """
    cache = os.environ.get(CACHE) or os.path.join(settings.read(os.environ).cache_dir, "sandbox")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if (_FOREIGN.match(name) and name not in _NEEDED) or name in _ACTING:
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv(CACHE, cache)
        yield home


@pytest.fixture(autouse=True)
def nothing_unreadable() -> None:
    """What one test could not read is no evidence in the next one: commands have a process each."""
    unreadable.begin()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all tests of a worker, with the real conda where one is named.

    Its base environment is read-only by agreement; make environments of your own in it.
    """
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    created = World.create(tmp_path_factory.mktemp("world"), os.environ.get(REAL_CONDA))
    yield created
    created.close()


@pytest.fixture
def fresh_world(tmp_path: Path) -> Iterator[World]:
    """A world for one test alone, with the sandbox's conda, base and all to be broken."""
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    created = World.create(tmp_path / "world")
    yield created
    created.close()


@pytest.fixture
def conda_env(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an environment for one test: Python and pip. Its prefix: ``world.env(name)``."""
    name = "t" + re.sub(r"\W+", "_", request.node.name)[:40]
    world.create_env(name, "python", "pip")
    yield name
    world.remove_env(name)
