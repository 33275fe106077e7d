"""Our reading of micromamba's command line is CLI11's (the table: ``tools/mamba_table.py``)."""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from safeinstall.argv import Context, cli11, mamba, mamba_options
from safeinstall.argv.values import Refused
from safeinstall.model import Command

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "mamba.json.gz")
SINGLE = ("name", "prefix", "root_prefix", "clone", "revision", "cwd")
LISTS = ("specs", "channels", "files", "rc_files", "trusted_channels", "categories")

with gzip.open(DATA) as file:
    CASES: list[tuple[list[str], dict[str, Any]]] = json.load(file)["cases"]


def compare(words: list[str], theirs: dict[str, Any]) -> None:
    try:
        ours = cli11.read(words, mamba_options.ROWS.get)
    except Refused:
        assert theirs["end"] == "refused", theirs
        return
    assert ("explained" if ours.help else "read") == theirs["end"], (ours.values, theirs)
    if theirs["end"] != "read":
        return
    assert sorted({*ours.paths} - {""}) == sorted(theirs["path"])
    running = "run" in ours.paths
    for dest in SINGLE:
        assert bool(ours.list(dest)) == (dest in theirs), dest
    for dest in LISTS:
        expected = ours.positionals if dest == "specs" else ours.list(dest)
        assert theirs.get(dest, []) == ([] if running and dest == "specs" else expected), dest
    if running:
        call = theirs["remaining"]
        assert ours.positionals == (call[1:] if call[:1] == ["--"] else call)


def test_every_line_of_the_table() -> None:
    assert len(CASES) >= 3000
    for words, theirs in CASES:
        compare(words, theirs)


def test_what_cli11_refuses_changes_nothing() -> None:
    context = Context({}, "/home/ann", lambda _: None, {})
    for words, theirs in CASES:
        plain = Command(("micromamba", *words), tool="micromamba")
        command = mamba.parse_as(plain, context, beyond=False)
        if theirs["end"] != "read" and command.verb not in mamba_options.OTHERS:
            assert not command.mutates, (words, theirs)
