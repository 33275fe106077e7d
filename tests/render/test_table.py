"""The list of operations, at every width."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from safeinstall.render.look import Look
from safeinstall.render.table import table
from tests.render.operations import NOW, blocked, change, drift, operation

OPERATIONS = [
    operation(
        *("conda", "install", "-y", "--force-reinstall", "numpy=1.26.4"),
        changes=[change("numpy", "2.1.3", "1.26.4", "conda", was="pip")],
        warnings=["pinned specs were ignored"],
    ),
    blocked("/envs/nlp/bin/pip", "install", "numpy==2.1.3", actor={"agent": "claude-code"}),
    drift(change("charset-normalizer", None, "3.3.2"), change("日本語パッケージ", "1", None)),
    operation("pip", "install", "日本語" * 20, status="interrupted", duration_s=None),
    operation("pip", "install", "einops", status="failed", actor={"ci": "github-actions"}),
]
for number, item in enumerate(OPERATIONS, 1):
    item["seq"] = number


def drawn(operations: list[dict[str, Any]], **look: Any) -> str:
    out = io.StringIO()
    now = datetime.datetime.fromisoformat(NOW) + datetime.timedelta(hours=2)
    assert table(operations, Look(**look), now, out) == len(operations)
    return out.getvalue()


@pytest.mark.parametrize("width", [20, 40, 41, 60, 79, 80, 100, 119, 120, 160, 200])
def test_it_fits(width: int) -> None:
    text = drawn(OPERATIONS, width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(line == line.rstrip() for line in text.splitlines())
    flat = "".join(text.split())
    for item in OPERATIONS:
        assert item["status"] in flat
    for part in ("2.1.3(pip)→1.26.4(conda)", "charset-normalizer∅→3.3.2", "SI202"):
        assert part in flat or width < 160


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.integers(30, 200))
def test_any_words_fit(words: list[str], width: int) -> None:
    moved = [change(word, "1", word) for word in words]
    text = drawn([operation(*words, changes=moved, actor={"user": words[0]})], width=width)
    assert max(map(cell_len, text.splitlines()), default=0) <= width
    assert "\x1b" not in text


def test_layouts() -> None:
    assert drawn(OPERATIONS, width=160).split("\n")[0].split() == [
        *("No.", "When", "Who", "Command", "Changed", "Verdict", "Status")
    ]
    heading = drawn(OPERATIONS, width=80).split("\n")[0].split()
    assert heading == ["No.", "When", "Who", "What", "Outcome"]
    assert drawn(OPERATIONS, width=40).startswith("1  2h ago  ada  done ! 3.2s\n  conda install")


def test_numbers_name_operations_of_one_chain_and_ids_those_of_several() -> None:
    here, there = (operation("pip", "install", "six", chain=chain, seq=7) for chain in "ab")
    assert drawn([here]).splitlines()[1].startswith("  7  ")
    for item in (here, there):
        assert item["op"].rpartition("-")[2] in drawn([here, there]).split()


def test_numbers_that_a_fork_gave_twice_name_nothing() -> None:
    twins = [operation("pip", "install", "six", chain="a", seq=7) for _ in range(2)]
    assert drawn(twins).split()[0] == "ID"


def test_no_two_rows_have_one_id_however_many_there_are() -> None:
    many = [operation("pip", "install", "six", chain=str(n % 2)) for n in range(300)]
    lines = drawn(many).splitlines()
    assert len({line.split()[0] for line in lines[1:]}) == 300


def test_one_actor_goes_without_saying_until_there_is_room() -> None:
    alone = [operation("pip", "install", "six")]
    assert "Who" not in drawn(alone, width=80)
    assert "ada" in drawn(alone, width=120)


def test_environments_are_named_where_there_are_several() -> None:
    other = operation("pip", "install", "six", environment={"prefix": "/envs/b", "name": "b"})
    assert "Env" in drawn([OPERATIONS[0], other])
    assert "Env" not in drawn(OPERATIONS)


def test_where_there_is_no_room_for_columns_they_are_named_too() -> None:
    other = operation("pip", "install", "six", environment={"prefix": "/envs/b", "name": "b"})
    assert "2h ago  nlp  ada" in drawn([*OPERATIONS, other], width=40)


def test_a_second_environment_further_down_brings_a_heading_of_its_own() -> None:
    other = {"environment": {"prefix": "/envs/b", "name": "bio"}, "chain": "b"}
    many = [operation("pip", "install", "six", chain="a", seq=n) for n in range(100)]
    lines = drawn([*many, operation("pip", "install", "six", **other)] * 2).splitlines()
    assert [line.split()[0] for line in lines if "When" in line] == ["No.", "ID"]
    assert lines[101].split()[:3] == ["ID", "When", "Env"]
    assert "bio" in lines[102]


def test_of_several_environments_all_are_named_even_one_alone() -> None:
    out = io.StringIO()
    now = datetime.datetime.fromisoformat(NOW)
    table(OPERATIONS[:1], Look(), now, out, several=True)
    assert out.getvalue().split()[:3] == ["ID", "When", "Env"]
    assert "history show ID" in out.getvalue()


def test_a_warning_of_the_tool_leaves_a_mark() -> None:
    text = drawn(OPERATIONS)
    assert "done ! 3.2s" in text
    assert "! the tool warned" in text
    assert "!" not in drawn(OPERATIONS[1:])


def test_what_was_asked_for_comes_first() -> None:
    moved = [change(name, None, "1") for name in ("a", "b", "c", "d", "e", "scipy")]
    command = {"specs": [{"name": "SciPy"}]}
    text = drawn([operation("conda", "install", "scipy", changes=moved, command=command)])
    assert text.index("scipy ∅") < text.index("a ∅")
    assert "and 2 more" in text


def test_ascii() -> None:
    assert drawn(OPERATIONS[:3], signs=False).replace("日本語パッケージ", "").isascii()


def test_it_is_written_as_it_is_read() -> None:
    out = io.StringIO()

    def endless() -> Any:
        while "pip install" not in out.getvalue():
            yield operation("pip", "install", "six")

    table(endless(), Look(), datetime.datetime.now(datetime.UTC), out)
    assert out.getvalue().count("pip install six") == 100
    assert out.getvalue().count("When") == 1
