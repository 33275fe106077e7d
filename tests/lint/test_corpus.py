"""Files with planted faults, and files without: all is found, nothing is invented."""

from __future__ import annotations

import pytest

from safeinstall.policy.rule_table import TABLE
from tests.lint.files import corpus, found, told_of

FAULTY = [*corpus("faulty_dockerfiles.txt"), *corpus("faulty_others.txt")]
SOUND = [*corpus("sound_dockerfiles.txt"), *corpus("sound_others.txt")]


@pytest.mark.parametrize(("path", "text", "expected"), FAULTY, ids=[path for path, _, _ in FAULTY])
def test_each_fault_is_found_where_it_is_and_nothing_else(
    path: str, text: str, expected: set[tuple[int, str]]
) -> None:
    result = told_of(text, path)
    assert not result.fault
    assert found(result) == expected


@pytest.mark.parametrize(("path", "text", "expected"), SOUND, ids=[path for path, _, _ in SOUND])
def test_nothing_is_told_of_a_sound_file(
    path: str, text: str, expected: set[tuple[int, str]]
) -> None:
    assert not expected
    result = told_of(text, path)
    assert not result.fault
    assert [told.finding for told in result.told] == []


def test_every_rule_about_files_has_a_fault_in_the_corpus() -> None:
    planted = {code for _, _, expected in FAULTY for _, code in expected}
    assert planted >= {rule.code for rule in TABLE if rule.lint}
    assert planted >= {"SI101", "SI102", "SI201", "SI202", "SI204", "SI302", "SI305", "SI306"}


def test_there_are_as_many_as_were_promised() -> None:
    assert len([*corpus("faulty_dockerfiles.txt")]) >= 40
    assert len([*corpus("sound_dockerfiles.txt")]) >= 40
    assert len([*corpus("faulty_others.txt")]) >= 20
    assert len([*corpus("sound_others.txt")]) >= 20
