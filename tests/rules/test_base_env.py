"""SI101: base is left alone, but for conda itself and for what is to leave it."""

from __future__ import annotations

import pytest

from safeinstall.rules import registry
from tests.rules.facts import ENVIRONMENT, facts_of

BASE = ENVIRONMENT.replace(prefix="/opt/conda", name="base", base=True)
BY_HAND = frozenset(("jupyterlab", "numpy"))


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("conda install pandas", "block"),
        ("conda install -n base pandas", "warn"),
        ("conda update -n base conda", None),
        ("conda remove -n base openssl", "warn"),
        ("conda remove openssl", "block"),
        ("conda remove -n base jupyterlab numpy", None),
        ("conda uninstall jupyterlab", None),
        ("conda remove -n base jupyterlab openssl", "warn"),
        ("conda remove -n base --all", "warn"),
        ("conda install -n base jupyterlab", "warn"),
        ("python -m pip uninstall -y numpy", None),
        ("python -m pip uninstall -y requests", "block"),
    ],
)
def test_levels(line: str, level: str | None) -> None:
    facts = facts_of(line, environment=BASE, by_hand=BY_HAND)
    finding = registry.look_of("SI101", facts)
    assert (finding.level if finding else None) == level


@pytest.mark.parametrize(
    "line",
    [
        "micromamba install -y pandas",
        "micromamba install -y -n base pandas",
        "micromamba remove openssl",
        "python -m pip install pandas",
    ],
)
def test_a_base_in_which_no_conda_runs_is_an_environment_like_others(line: str) -> None:
    facts = facts_of(line, environment=BASE.replace(without_conda=True))
    assert not facts.changes_base
