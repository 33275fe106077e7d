"""SI202 on the ``pip:`` part of an environment file."""

from __future__ import annotations

import pytest

from safeinstall.model import CondaDistribution, Finding, Package
from safeinstall.rules import registry
from tests.rules.facts import facts_of

THERE = Package("numpy", "1.26.4", "conda")
UPDATE = "conda env update -f e.yml"


def find(line: str, *dependencies: str, **files: str) -> Finding | None:
    """For a file with these lines, and others beside it."""
    text = "dependencies:\n" + "".join(f"- {word}\n" for word in dependencies).replace("- |", "  ")
    met = facts_of(line, "conda numpy 1.26.4", files={"e.yml": text, **files})
    brought = CondaDistribution("numpy", "1.26.4", THERE)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=(brought,)))
    found = registry.look_of("SI202", met)
    assert found is None or found.level == "block"
    return found


def look(line: str, *dependencies: str) -> tuple[str, ...] | None:
    """The evidence."""
    found = find(line, *dependencies)
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


def test_a_requirements_file_counts_as_what_it_holds() -> None:
    files = {"more/r.txt": "-r deep.txt", "more/deep.txt": "cowsay\nnumpy==2.1.3  # new\n"}
    found = find(UPDATE, "numpy=1.26", "pip:", "|- -r more/r.txt", **files)
    assert found
    said = "conda is asked for numpy=1.26, and then pip for numpy==2.1.3"
    assert found.evidence == (f"deep.txt:2: {said}",)
    assert find(UPDATE, "numpy=1.26", "pip:", "|- -r more.txt") is None  # not there


@pytest.mark.parametrize(
    ("dependencies", "change"),
    [
        (("numpy=1.26", "pip:", "|- numpy==2.1.3"), "with numpy==2.1.3 for conda"),
        (("pytorch=2.0", "pip:", "|- torch==2.1"), "with pytorch==2.1 for conda"),
        (("pytorch=2.0", "pip:", "|- torch==2.1+cu118"), "without torch for pip"),
        (("pip:", "|- numpy>=2"), "with numpy>=2 for conda"),
    ],
)
def test_the_file_is_to_be_changed(dependencies: tuple[str, ...], change: str) -> None:
    found = find(UPDATE, *dependencies)
    assert found
    assert found.fixes == (f"{UPDATE}  # {change}",)


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
    met = facts_of(UPDATE, "conda psycopg2 2.9", files={"e.yml": file})
    own = (CondaDistribution("psycopg2", "2.9", Package("psycopg2", "2.9", "conda")),)
    met = met.replace(inventory=met.inventory.replace(conda_distributions=own))
    found = registry.look_of("SI202", met)
    assert found
    said = "conda has psycopg2 2.9, and psycopg2-binary has the same files"
    assert found.evidence == (f"e.yml: {said}",)
    assert found.fixes == ("conda env update -f e.yml  # without psycopg2-binary for pip",)


@pytest.mark.parametrize(
    ("conda", "pip", "clashes"),
    [
        ("graphviz=9.0.0", "graphviz==0.20.3", False),
        ("lmdb=0.9", "lmdb==1.4", False),
        ("zstd=1.5.5", "zstd==1.5.4", False),
        ("julia=1.9", "julia==0.6", False),
        ("python-graphviz=0.20.1", "graphviz==0.20.3", True),
        ("python-lmdb=1.3", "lmdb==1.4", True),
        ("numpy=1.26", "numpy==2.1.3", True),
    ],
)
def test_the_same_name_is_not_the_same_thing(conda: str, pip: str, clashes: bool) -> None:
    assert bool(find("conda env create -n x -f e.yml", conda, "pip:", f"|- {pip}")) is clashes


@pytest.mark.parametrize(
    ("known", "clashes"),
    [({}, True), ({"numpy": frozenset()}, False), ({"numpy": frozenset(("numpy",))}, True)],
)
def test_files_come_before_names(known: dict[str, frozenset[str]], clashes: bool) -> None:
    text = "dependencies:\n- numpy=1.26\n- pip:\n  - numpy==2.1.3\n"
    met = facts_of("conda env create -n x -f e.yml", files={"e.yml": text}, known_contents=known)
    assert bool(registry.look_of("SI202", met)) is clashes
