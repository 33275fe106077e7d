"""The policies to begin with."""

from __future__ import annotations

import json
import os
import tomllib
from typing import TYPE_CHECKING

import pytest
from tests.policy.test_schema import VALIDATOR

from safeinstall import settings
from safeinstall.policy import profiles
from safeinstall.policy.layer import examine
from safeinstall.policy.load import merged
from safeinstall.policy.profiles import PROFILES
from safeinstall.report.policy.effect import without_effect

if TYPE_CHECKING:
    from pathlib import Path

DIRECTORY = os.path.dirname(profiles.__file__)


def text_of(profile: str) -> str:
    with open(os.path.join(DIRECTORY, f"{profile}.toml"), encoding="utf-8") as file:
        return file.read()


def test_each_file_is_in_the_table() -> None:
    files = {name for name in os.listdir(DIRECTORY) if name.endswith(".toml")}
    assert files == {f"{name}.toml" for name in PROFILES}


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_valid_and_has_an_effect_in_its_layer(profile: str, tmp_path: Path) -> None:
    path = os.path.join(DIRECTORY, f"{profile}.toml")
    assert examine(path)[1] == ()
    policy = merged([(PROFILES[profile], path)], settings.read({"HOME": str(tmp_path)}))
    assert without_effect(policy, "2026-12-01") == []
    VALIDATOR.validate(json.loads(json.dumps(tomllib.loads(text_of(profile)), default=str)))


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_commented_out_is_valid_too(profile: str, tmp_path: Path) -> None:
    """All keys of the examples, as somebody would have them who takes the marks away."""
    lines = [uncommented(line) for line in text_of(profile).splitlines()]
    path = tmp_path / "policy.toml"
    path.write_text("\n".join(lines))
    assert examine(str(path))[1] == ()


def uncommented(line: str) -> str:
    text = line.removeprefix("# ")
    is_code = " = " in text or text.startswith("[")
    return text if is_code and text[:1].islower() + text.startswith("[") else line


@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_has_a_comment(profile: str) -> None:
    """In front of it, of its table, or of the key before it."""
    before = ""
    for line in text_of(profile).splitlines():
        if " = " in line and not line.startswith(("#", " ")):
            assert before.startswith(("#", "[")) or " = " in before, line
        before = line
