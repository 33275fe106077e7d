"""What may stand at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.cli.app import app
from safeinstall.completion.answer import Typed, complete
from safeinstall.completion.table import ROOT, Command

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("--name", "--prefix")
VALUES = {
    "status": ["done", "failed", "blocked"],
    "operation": ["last", "31", "3"],
    "environment": ["nlp", "base"],
    "prefix": ["/envs/nlp", ":files"],
    "rule": ["SI101", "SI201"],
    "shell": ["bash", "zsh"],
    "file": [":files"],
}


def answer(*words: str) -> list[str]:
    def values(kind: str, begun: str, typed: Typed) -> Iterator[tuple[str, str]]:
        assert typed.kind
        return ((value, "") for value in VALUES.get(kind, []))

    return [value for value, _ in complete(words, values)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("hi",), ["history"]),
        (("status", "--j"), ["--json"]),
        (("status", ""), [*NAMES, "--json", "--help"]),
        (("history", "sh"), ["show"]),
        (("history", "-n", "nlp", "sh"), ["show"]),
        (("history", "-n", ""), ["nlp", "base"]),
        (("history", "--name=n",), ["--name=nlp"]),
        (("history", "--name", "=", "n"), ["--name=nlp"]),  # as bash hands it over
        (("history", "--name", "="), ["--name=nlp", "--name=base"]),
        (("history", "--status", "done,f"), ["done,failed"]),
        (("history", "--status=done,b"), ["--status=done,blocked"]),
        (("history", "--json=x"), []),
        (("history", "--svg", ""), [":files"]),
        (("history", "show", "3"), ["31", "3"]),
        (("history", "show", "31", ""), [*NAMES, "--all", "--json", "--no-pager", "--help"]),
        (("history", "diff", "3..l"), ["3..last"]),
        (("history", "-p", "/e", "diff", "3"), ["31", "3"]),
        (("status", "-p", "/e"), ["/envs/nlp", ":files"]),
        (("status", "-n"), ["-n"]),
        (("rule", "SI2"), ["SI201"]),
        (("init", ""), ["bash", "zsh"]),
        (("run", "--", "pip", "inst"), [":files"]),
        (("nonsense", "x"), []),
        ((), list(ROOT.commands)),
    ],
)  # fmt: skip
def test_answers(words: tuple[str, ...], expected: list[str]) -> None:
    assert answer(*words) == expected


@given(
    st.lists(
        st.text(max_size=8) | st.sampled_from(["history", "show", "-n", "--status", "=", "--"])
    )
)
def test_any_words_are_answered_with_what_goes_on_from_them(words: list[str]) -> None:
    assert all(isinstance(value, str) for value in answer(*words))


def test_where_the_environment_was_named() -> None:
    seen: list[Typed] = []

    def values(kind: str, begun: str, typed: Typed) -> list[tuple[str, str]]:
        seen.append(typed)
        return []

    for words in (["history", "-n", "nlp", "show", ""], ["history", "show", "--prefix=/x", ""]):
        assert list(complete(words, values)) == []
    assert [(typed.name, typed.prefix) for typed in seen] == [("nlp", None), (None, "/x")]


def described(command: Any) -> dict[tuple[str, ...], bool]:
    return {
        tuple(sorted(option.opts)): not option.is_flag
        for option in command.params
        if option.param_type_name == "option"
    }


def tabled(command: Command) -> dict[tuple[str, ...], bool]:
    return {
        tuple(sorted(option.names)): bool(option.kind)
        for option in command.options
        if "--help" not in option.names
    }


def pairs(table: Command, real: Any, name: str = "") -> Iterator[tuple[str, Command, Any]]:
    yield name, table, real
    for word, command in table.commands.items():
        yield from pairs(command, real.commands[word], f"{name} {word}")


HOT = {" run": {"--reason"}, " check": {"--json"}}  # have their own parser


def test_the_table_is_the_application() -> None:
    real = typer.main.get_command(app)
    for name, table, command in pairs(ROOT, real):
        assert set(table.commands) == set(getattr(command, "commands", {})), name
        if name in HOT:
            assert {names for option in tabled(table) for names in option} == HOT[name]
            continue
        assert tabled(table) == described(command), name
        arguments = [param for param in command.params if param.param_type_name == "argument"]
        if name not in (" init", " completion"):
            assert len(table.arguments) == len(arguments), name
