"""The modules' imports, those inside functions included. import-linter holds the layers."""

from __future__ import annotations

import graphlib
from pathlib import Path

import grimp
import pytest

from safeinstall.policy.rule_table import TABLE
from tests.conftest import LONG

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("safeinstall", exclude_type_checking_imports=True, cache_dir=None)


def test_no_circle(graph: grimp.ImportGraph) -> None:
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


def test_no_circle_of_packages(graph: grimp.ImportGraph) -> None:
    imports: dict[str, set[str]] = {}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            ours, theirs = (".".join(name.split(".")[:2]) for name in (module, imported))
            if ours != theirs:
                imports.setdefault(ours, set()).add(theirs)
    graphlib.TopologicalSorter(imports).prepare()


def test_nobody_knows_a_rule_by_name(graph: grimp.ImportGraph) -> None:
    """Rules are imported by the registry, from the table; the names are not in the source."""
    for rule in TABLE:
        if rule.lint:  # in the list of what the linter asks, and nowhere else
            module = f"safeinstall.lint.rules.{rule.module}"
            assert graph.find_modules_that_directly_import(module) == {"safeinstall.lint.rules"}
            continue
        module = f"safeinstall.rules.{rule.module}"
        assert module in graph.modules
        assert graph.find_modules_that_directly_import(module) == set()


def test_few_modules_stand_beside_the_packages(graph: grimp.ImportGraph) -> None:
    beside = [m for m in graph.find_children("safeinstall") if not graph.find_children(m)]
    assert len(beside) <= 12


def test_each_long_test_is_there() -> None:
    """A line of the list that no test has any more would hide that one runs again, or never."""
    for line in LONG:
        path, _, name = line.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {name.partition('[')[0]}(" in source, line
