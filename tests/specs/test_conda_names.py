"""What a conda package counts as on PyPI, where its name is all that is known."""

from __future__ import annotations

import pytest

from safeinstall.model import PlannedPackage
from safeinstall.probe.conda_requirements import by_depends
from safeinstall.rules.shared.plan_harm import brings
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize


@pytest.mark.parametrize(
    ("conda", "distribution"),
    [
        ("ruamel_yaml", ""),  # a private copy, although the names normalize alike
        ("ruamel.yaml", "ruamel-yaml"),
        ("graphviz", ""),  # the C program
        ("python-graphviz", "graphviz"),
        ("zstd", ""),
        ("tzdata", ""),
        ("lmdb", ""),
        ("pytorch", "torch"),
        ("zope.interface", "zope-interface"),
        ("numpy", "numpy"),
    ],
)
def test_the_distribution_in_a_conda_package(conda: str, distribution: str) -> None:
    assert normalize(pip_name(conda)) == distribution
    named = [name for name, _ in by_depends([f"{conda} >=0.1"])]
    assert named == ([distribution] if distribution else [])
    assert [*brings(PlannedPackage(conda, "1.0"))] == named
