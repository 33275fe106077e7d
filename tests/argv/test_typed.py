"""What was typed, in words that mean the same where it is pasted."""

from __future__ import annotations

import pytest

from safeinstall import argv
from safeinstall.argv.typed import by_settings, short_words, words_of
from safeinstall.model import Command

FILES = {"/w/r.txt": b"numpy\n", "/w/n.txt": b"six\n", "/w/leads.txt": b"-r n.txt\n"}


def parsed(line: str, **environ: str) -> Command:
    command = argv.parse(line.split(), argv.Context(environ, "/w", FILES.get, {}))
    assert command.mutates
    return command


@pytest.mark.parametrize(
    ("line", "environ", "words"),
    [
        ("pip install", {"PIP_REQUIREMENT": "r.txt"}, "-r r.txt"),
        ("pip install", {"PIP_REQUIREMENT": "leads.txt"}, "-r leads.txt"),
        ("pip install six", {"PIP_CONSTRAINT": "c.txt"}, "-c c.txt"),
        ("pip install six", {"PIP_EDITABLE": "./x"}, "-e ./x"),
        ("pip install six", {"PIP_NO_DEPS": "1"}, "--no-deps"),
        ("pip install -r r.txt -c c.txt -e ./x --no-deps", {}, ""),
        ("pip install -rr.txt --constraint=c.txt --requirement=leads.txt", {}, ""),
    ],
)
def test_what_settings_ask_for(line: str, environ: dict[str, str], words: str) -> None:
    command = parsed(line, **environ)
    assert by_settings(command) == words.split()
    assert short_words(command) == [*line.split(), *words.split()]


def test_a_file_that_only_leads_on_is_kept() -> None:
    words = words_of(parsed("pip install -r leads.txt -c c.txt"))
    assert words == ["-c", "c.txt", "-r", "leads.txt"]
