"""Lines to paste name the conda that was typed; to those who typed pip, conda."""

from __future__ import annotations

import pytest

from safeinstall.rules import base_env
from safeinstall.rules.shared import conda_owned
from safeinstall.rules.shared.remedies import by_conda
from tests.rules.facts import ENVIRONMENT, facts_of

TYPED = [
    ("conda install six", "conda"),
    ("mamba install six", "mamba"),
    ("micromamba install six", "micromamba"),
    ("pip install six", "conda"),
    ("uv pip install six", "conda"),
]


@pytest.mark.parametrize(("line", "tool"), TYPED)
def test_the_one_that_was_typed(line: str, tool: str) -> None:
    met = facts_of(line)
    assert by_conda("env create", ["-f", "a b"], met.command) == f"{tool} env create -f 'a b'"
    install, create = conda_owned.conda_first(met, ["six>=1"])
    assert install == f"{tool} install -n nlp 'six>=1'"
    assert create == f"{tool} create -n nlp-new python=3.11 pip 'six>=1'"


@pytest.mark.parametrize("pip", ["python -m pip", "uv pip"])
def test_pip_gets_what_conda_does_not_bring(pip: str) -> None:
    _, create = conda_owned.conda_first(facts_of(f"{pip} install six idna"), ["six>=1"])
    then = f"conda run -n nlp-new {pip} install six idna"
    assert create == f"conda create -n nlp-new python=3.11 pip 'six>=1' && {then}"


@pytest.mark.parametrize(("line", "tool"), TYPED[:3])
def test_base(line: str, tool: str) -> None:
    base = ENVIRONMENT.replace(base=True)
    finding = base_env.look(facts_of(line, environment=base))
    assert finding is not None
    assert finding.fixes == (f"{tool} create -n six six  # {base_env._OR_ELSE}",)
    finding = base_env.look(facts_of(f"{tool} update --all", environment=base))
    assert finding is not None
    assert finding.fixes[0].startswith(f"{tool} update --all -n base  # if base is what you mean")
