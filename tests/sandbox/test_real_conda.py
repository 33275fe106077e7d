"""The sandbox's conda and a real one, side by side: same plans, same records."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from safeinstall.sandbox.world import World

pytestmark = [pytest.mark.real_conda, pytest.mark.slow]

SPECS = ("python", "pip", "numpy=1.26", "requests")
OTHERWISE = {"extracted_package_dir", "package_tarball_full_path", "link", "files", "paths_data"}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    ours = World.create(tmp_path_factory.mktemp("ours"))
    real = World.create(tmp_path_factory.mktemp("real"), os.environ["SAFEINSTALL_TEST_CONDA"])
    for world in (ours, real):
        world.create_env("same", *SPECS)
    yield ours, real
    ours.close()
    real.close()


def read(world: World) -> dict[str, dict[str, Any]]:
    directory = os.path.join(world.env("same"), "conda-meta")
    found = {}
    for name in os.listdir(directory):
        if name.endswith(".json"):
            with open(os.path.join(directory, name)) as file:
                found[name] = json.load(file)
    return found


def test_the_same_packages_with_the_same_records(worlds: tuple[World, World]) -> None:
    ours, real = map(read, worlds)
    assert set(ours) == set(real)
    for name, record in ours.items():
        assert set(record) - {"noarch"} <= set(real[name]), name
        for field in set(record) - OTHERWISE:
            # conda notes in python's record that pip comes along, and who asked for what
            if (record["name"], field) != ("python", "depends"):
                assert record[field] == real[name][field], (name, field)


def test_the_same_files_with_the_same_sums(worlds: tuple[World, World]) -> None:
    def sums(record: dict[str, Any]) -> dict[str, str]:
        return {
            item["_path"]: item["sha256_in_prefix"]
            for item in record["paths_data"]["paths"]
            if item["path_type"] == "hardlink" and "prefix_placeholder" not in item
        }

    def without_byte_code(record: dict[str, Any]) -> set[str]:
        return {file for file in record["files"] if not file.endswith(".pyc")}

    ours, real = map(read, worlds)
    for name, record in ours.items():
        assert sums(record) == sums(real[name]), name
        assert without_byte_code(record) == without_byte_code(real[name]), name


@pytest.mark.parametrize("spec", ["jupyterlab", "scipy=1.9", "numpy=1.23", "python"])
def test_the_same_plans(worlds: tuple[World, World], spec: str) -> None:
    def plan(world: World) -> Any:
        command = ["conda", "install", "-n", "same", "--dry-run", "--json", spec]
        document = json.loads(world.run(command).stdout)
        return {
            action: sorted(item["dist_name"] for item in items)
            for action, items in document.get("actions", {}).items()
            if action in ("LINK", "UNLINK")
        }

    ours, real = map(plan, worlds)
    assert ours == real
