"""Our reading of conda's command line is conda's own.

The table in ``data/conda.json.gz`` was made by ``tools/conda_table.py`` from a real conda; where
``SAFEINSTALL_TEST_CONDA`` names one, new lines are put to it as well.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from typing import Any

import pytest
from tools import conda_table

from safeinstall.argv import Context, parse
from safeinstall.model import Command

HERE = os.path.dirname(os.path.abspath(__file__))
CONDA = os.environ.get("SAFEINSTALL_TEST_CONDA", "")
EXAMPLES = int(os.environ.get("SAFEINSTALL_TEST_EXAMPLES", "400"))
Case = tuple[list[str], dict[str, Any]]

with gzip.open(os.path.join(HERE, "data", "conda.json.gz")) as file:
    TABLE: dict[str, Any] = json.load(file)


def understand(words: list[str], python: str) -> Command:
    versions = {"conda": TABLE["conda"]} | ({"conda-python": python} if python else {})
    return parse(["conda", *words], Context({}, "/home/ann", lambda _: None, {}, versions))


def changes(path: str, values: dict[str, Any]) -> bool:
    """What conda's ``execute`` functions go on to do with what was parsed."""
    asked = values.get("packages") or values.get("file")
    if values.get("dry_run"):
        return False
    if path in ("install", "update") and values.get("download_only") and not by_file(values):
        return False
    if path == "install":
        return bool(asked) != bool(values.get("revision")) and number(values.get("revision", "0"))
    if path == "update":
        return bool(
            asked or values.get("update_modifier") in ("update_all", "UpdateModifier.UPDATE_ALL")
        )
    if path == "remove":
        return bool(values.get("all") or values.get("package_names"))
    if path == "create":
        place = values.get("name") or values.get("prefix") or len(values.get("file", ())) == 1
        return bool(place) and not (values.get("clone") and asked)
    if path == "env create":
        return bool(values.get("name") or values.get("prefix") or len(values["file"]) == 1)
    return path in ("rename", "env update", "env remove") or bool(values.get("fix"))


def by_file(values: dict[str, Any]) -> bool:
    """Is a package file named, which conda links without solving? No file can be read here."""
    packages: list[str] = values.get("packages") or []
    return bool(values.get("file")) or any(p.endswith((".conda", ".tar.bz2")) for p in packages)


def number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def compare(words: list[str], theirs: dict[str, Any], python: str) -> None:
    ours = understand(words, python)
    if theirs["end"] == "error":  # not for the grammar to say: a spec that cannot be read, a plugin
        return
    path = " ".join(theirs.get("path", ()))
    if theirs["end"] != "read":
        assert not ours.mutates, (ours, theirs)
        assert ours.understood == (theirs["end"] != "refused"), (ours, theirs)
        return
    if path == "run":
        compare_run(ours, theirs["values"])
        return
    assert ours.verb == path.replace("check", "doctor")
    assert ours.mutates == changes(path, theirs["values"]), (ours, theirs)
    compare_values(ours, theirs["values"])


def compare_run(ours: Command, values: dict[str, Any]) -> None:
    """What ``conda run`` would start."""
    call = values.get("executable_call", [])
    call = call[1:] if call[:1] == ["--"] else call
    assert ours.target.name == values.get("name")
    if ours.inner is not None:
        assert list(ours.inner.words) == call
    else:
        assert parse(call, Context({}, "/home/ann", lambda _: None, {})).tool == ""


def compare_values(ours: Command, values: dict[str, Any]) -> None:
    """Target, packages, files and channels of a command that changes something."""
    assert ours.target.name == values.get("name")
    assert ours.target.prefix == values.get("prefix")
    if not ours.mutates or ours.verb == "doctor":
        return
    packages = [*values.get("packages", ()), *values.get("package_names", ())]
    assert [spec.raw for spec in ours.specs][: len(packages)] == packages
    files = values.get("file", [])
    assert list(ours.files) == ([files] if isinstance(files, str) else files)
    assert list(ours.channels) == values.get("channel", [])


def test_every_line_of_the_table() -> None:
    assert len(TABLE["cases"]) >= 3000
    for words, theirs in TABLE["cases"]:
        compare(words, theirs, TABLE["python"])


def test_where_the_python_of_conda_is_unknown_no_change_goes_unseen() -> None:
    for words, theirs in TABLE["cases"]:
        if understand(words, TABLE["python"]).mutates:
            assert understand(words, "").mutates, (words, theirs)


@pytest.mark.real_conda
def test_new_lines_put_to_the_real_conda() -> None:
    with conda_table.Conda(CONDA) as conda:
        if conda.facts["conda"] != TABLE["conda"]:
            pytest.skip(f"the option tables are those of conda {TABLE['conda']}")
        dice = random.Random()
        parsers = conda.facts["parsers"]
        for _ in range(EXAMPLES // 2):
            verb = dice.choice([*conda_table.COMMON, *conda_table.ENVIRONMENTS, *parsers])
            words = conda_table.command_line(dice, parsers, verb)
            compare(words, conda.read(words), conda.facts["python"])
