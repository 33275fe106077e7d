"""SI202 on the ``pip:`` part of an environment file."""

from __future__ import annotations

import pytest
from tests.rules.situations import situation

from safeinstall import rules
from safeinstall.model import CondaDistribution, Package

THERE = Package("numpy", "1.26.4", "conda")
UPDATE = "conda env update -f e.yml"


def look(line: str, *dependencies: str) -> tuple[str, ...] | None:
    """The evidence, for a file with these lines."""
    text = "dependencies:\n" + "".join(f"- {word}\n" for word in dependencies).replace("- |", "  ")
    met = situation(line, "conda numpy 1.26.4", files={"e.yml": text})
    brought = CondaDistribution("numpy", "1.26.4", THERE)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=(brought,)))
    found = rules.REGISTRY["SI202"](met)
    assert found is None or found.level == "block"
    return None if found is None else found.evidence


@pytest.mark.parametrize("line", [UPDATE, "conda env create -n x -f e.yml"])
def test_both_are_asked_for_one_package_in_two_versions(line: str) -> None:
    found = look(line, "numpy=1.26", "pip:", "|- numpy==2.1.3", "|- cowsay")
    assert found == ("e.yml: conda is asked for numpy=1.26, and then pip for numpy==2.1.3",)
    assert look(line, "pytorch=2.0", "pip:", "|- torch==2.1") is not None
    assert look(line, "numpy=1.25|1.26", "pip:", "|- numpy==2.1.3") is not None


def test_what_is_there_counts_where_the_file_does_not_ask_conda() -> None:
    found = look(UPDATE, "pip:", "|- numpy>=2")
    assert found == ("e.yml: conda has numpy 1.26.4, and then pip is asked for numpy>=2",)


@pytest.mark.parametrize(
    "dependencies",
    [
        ("numpy=1.26", "pip:", "|- numpy==1.26.4"),
        ("numpy", "pip:", "|- numpy==2.1.3"),  # conda may bring that very one
        ("numpy=1.25|1.26", "pip:", "|- numpy==1.26.0"),
        ("numpy=1.*.4", "pip:", "|- numpy==2.1.3"),
        ("numpy=1.26", "pip:", "|- numpy"),
        ("numpy=2", "pip:", "|- cowsay"),
        ("pip:", "|- numpy>=1.20"),
        ("pip:", "|- numpy>=2; python_version < '3'"),
        ("numpy=1.26",),
    ],
)
def test_what_is_not_sure_is_not_said(dependencies: tuple[str, ...]) -> None:
    assert look(UPDATE, *dependencies) is None


def test_the_same_files_under_another_name() -> None:
    file = "dependencies:\n- pip:\n  - psycopg2-binary\n"
    met = situation(UPDATE, "conda psycopg2 2.9", files={"e.yml": file})
    own = (CondaDistribution("psycopg2", "2.9", Package("psycopg2", "2.9", "conda")),)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=own))
    found = rules.REGISTRY["SI202"](met)
    assert found
    said = "conda has psycopg2 2.9, and psycopg2-binary has the same files"
    assert found.evidence == (f"e.yml: {said}",)
    assert found.fixes == ("conda env update -f e.yml  # without psycopg2-binary for pip",)
