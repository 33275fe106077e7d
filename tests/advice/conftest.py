"""The stage for all tests of a worker here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from safeinstall.sandbox.world import World
from tests.advice import scenes
from tests.advice.stage import Stage
from tests.conftest import REAL_CONDA

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    directory = tmp_path_factory.mktemp("advice")
    world = World.create(directory / "world", os.environ.get(REAL_CONDA))
    made = Stage(world, directory / "aside")
    scenes.write_extra(directory / "aside" / "extra")
    yield made
    made.clear()
    world.close()
