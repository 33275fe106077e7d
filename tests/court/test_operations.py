"""Sequences: the same numbers give the same one, and everything in them makes sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import argv
from tests.court import pools
from tests.court.operations import CREATE, KINDS, draw

numbers = st.integers(0, 10_000)


@given(seed=numbers, number=numbers, length=st.integers(0, 8))
def test_the_same_numbers_give_the_same_sequence(seed: int, number: int, length: int) -> None:
    first, second = draw(seed, number, length), draw(seed, number, length)
    assert first == second
    assert len(first.operations) == length + 1


@given(seed=numbers, number=numbers)
def test_the_environment_is_made_first_and_only_once(seed: int, number: int) -> None:
    kinds = [operation.kind for operation in draw(seed, number).operations]
    assert kinds[0] == CREATE
    assert CREATE not in kinds[1:]


@given(seed=numbers, number=numbers)
def test_every_command_line_is_one(seed: int, number: int) -> None:
    places = dict.fromkeys(("env", "prefix", "wheels", "repository", "projects"), "/place")
    for operation in draw(seed, number).operations:
        words = [word.format(**places) for word in operation.words]
        files = {f"/here/{name}": text.encode() for name, text in operation.files}
        command = argv.parse(words, argv.Context({}, "/here", files.get, {}))
        assert command.understood
        assert command.mutates or operation.kind == "conda list"
        inner = command.inner or command
        assert operation.tool in (inner.tool, "pip" if inner.tool == "uv" else "")


def test_every_kind_comes_up() -> None:
    drawn = {op.kind for number in range(300) for op in draw(1, number).operations}
    assert set(KINDS) <= drawn


@pytest.mark.parametrize("start", pools.STARTS)
def test_what_environments_start_with_is_in_the_channels(start: tuple[str, ...]) -> None:
    assert {spec.partition("=")[0] for spec in start} <= set(pools.CONDA)


def test_names_lead_to_the_other_side_and_back() -> None:
    for name in pools.PIP:
        assert pools.pip_name(pools.conda_name(name)) == name
