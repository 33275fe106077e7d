"""SI107 environment-name."""

from __future__ import annotations

import pytest

from safeinstall.model import Sources
from safeinstall.rules import environment_name
from tests.rules.facts import facts_of

TEAM = Sources(environment_names=("ml-*", "tmp-*-[0-9]", "base"))


@pytest.mark.parametrize(
    ("line", "fixes"),
    [
        ("conda create -n ml-speech python", None),
        ("conda create -p /envs/ml-speech/ python", None),
        ("conda create -n speech python", ("conda create -n ml-speech python",)),
        ("mamba create -p /envs/speech python", ("mamba create -p /envs/ml-speech python",)),
        ("conda create --name=speech python", ()),
        ("conda create -n python python", ()),
        ("conda rename -n ml-x speech", ("conda rename -n ml-x ml-speech",)),
        ("conda rename -n speech ml-x", None),
        ("conda install -n speech python", None),
    ],
)
def test_names(line: str, fixes: tuple[str, ...] | None) -> None:
    facts = facts_of(line, sources=TEAM)
    finding = environment_name.look(facts) if facts.names_new_environment else None
    assert (finding.fixes if finding else None) == fixes


def test_without_a_list_there_is_nothing_to_see() -> None:
    assert not facts_of("conda create -n x python").names_new_environment
