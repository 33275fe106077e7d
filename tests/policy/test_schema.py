"""The JSON Schema that is made from the table of keys, by a validator of others."""

from __future__ import annotations

import datetime
import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.journal.conftest import TORTURE
from tests.policy.test_places import DOTTED, MARK, PLAIN, TABLES, mutations

from safeinstall.cli.policy.schema import document
from safeinstall.errors import PolicyError
from safeinstall.policy import layer

if TYPE_CHECKING:
    from pathlib import Path

VALIDATOR = Draft202012Validator(document())
TEXTS = (PLAIN, DOTTED, TABLES)


def as_json(text: str) -> Any:
    """A TOML document as programs see it that check TOML by JSON Schema: dates are strings."""

    def plain(value: object) -> str:
        assert isinstance(value, datetime.date | datetime.time)
        return value.isoformat()

    return json.loads(json.dumps(tomllib.loads(text), default=plain))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(document())


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_valid_is_valid(text: str) -> None:
    VALIDATOR.validate(as_json(MARK.sub("", text)))


def test_it_rejects_most_mutations_and_nothing_that_is_valid(tmp_path: Path) -> None:
    """It cannot say that a string is no requirement (PEP 440), nor that a date is no string."""
    path = tmp_path / "policy.toml"
    rejected = total = 0
    cases = [case for text in TEXTS for case in mutations(text)]
    for case in cases if TORTURE else cases[::4]:
        try:
            content = as_json(case.text)
        except tomllib.TOMLDecodeError:
            continue
        total += 1
        if VALIDATOR.is_valid(content):
            continue
        rejected += 1
        path.write_text(case.text)
        with pytest.raises(PolicyError):
            layer.read(str(path))
    assert total > 250
    assert rejected > total * 0.95, (rejected, total)
