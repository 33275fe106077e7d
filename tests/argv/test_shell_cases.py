"""The list of command lines for the shell functions says what the grammars say."""

from __future__ import annotations

import gzip
import json
import os

import pytest
from tools import shell_cases

from safeinstall.argv import Context, parse

CONTEXT = Context({}, "/home/ann", lambda _: None, {})


@pytest.mark.slow
def test_the_list_is_up_to_date() -> None:
    with gzip.open(os.path.join(shell_cases.DATA, "shell_cases.json.gz")) as file:
        cases = json.load(file)
    assert len(cases) > 6000
    assert 0.15 < sum(case["mutates"] for case in cases) / len(cases) < 0.8
    for case in cases:
        command = parse(case["words"], CONTEXT)
        assert (command.mutates, command.understood) == (case["mutates"], case["understood"]), case
