"""A value put into the JSON of others, and taken out again to the last byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.integration import json_text

PATH = ("hooks", "PreToolUse")
OURS = {"matcher": "Bash", "hooks": [{"command": 'a "b" } ]'}]}

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just('"},[{')
values = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3)
    ),
    max_leaves=6,
)
lists = st.lists(values, max_size=3)
hooks = st.dictionaries(st.sampled_from(["PreToolUse", "Stop", "é"]), lists, max_size=3)
settings = st.dictionaries(st.text(max_size=3).filter(lambda n: n != "hooks"), values, max_size=3)
documents = st.one_of(settings, st.builds(lambda s, h: {**s, "hooks": h}, settings, hooks))
spaces = st.text(alphabet=" \t\n\r", max_size=3)


def written(value: Any, draw: Any) -> str:
    """The JSON text of the value with any spaces that JSON allows."""

    def space() -> str:
        return str(draw(spaces))

    if isinstance(value, dict):
        members = [
            f"{space()}{json.dumps(name)}{space()}:{space()}{written(item, draw)}{space()}"
            for name, item in value.items()
        ]
        return "{" + (",".join(members) or space()) + "}"
    if isinstance(value, list):
        items = [f"{space()}{written(item, draw)}{space()}" for item in value]
        return "[" + (",".join(items) or space()) + "]"
    return json.dumps(value, ensure_ascii=False)


def with_ours(value: dict[str, Any]) -> dict[str, Any]:
    there = value.get("hooks", {})
    return {**value, "hooks": {**there, PATH[1]: [*there.get(PATH[1], []), OURS]}}


@given(documents, st.data())
def test_there_and_back(value: dict[str, Any], data: st.DataObject) -> None:
    text = data.draw(spaces) + written(value, data.draw) + data.draw(spaces)
    added = json_text.add(text, PATH, OURS)
    assert json.loads(added) == with_ours(value)
    assert list(json.loads(added)) == list(with_ours(value))
    assert [one for _, one in json_text.elements(added, PATH)][-1] == OURS
    assert json_text.remove(added, PATH, lambda one: one == OURS) == text


@given(documents, st.sampled_from([None, 2]))
def test_back_from_a_text_that_another_program_has_written_anew(
    value: dict[str, Any], indent: int | None
) -> None:
    """What was empty before may be gone."""
    anew = json.dumps(json.loads(json_text.add(json.dumps(value), PATH, OURS)), indent=indent)
    left = json.loads(json_text.remove(anew, PATH, lambda one: one == OURS))
    for one in (left, value):
        events = one.get("hooks", {})
        if not events.get(PATH[1], True):
            del events[PATH[1]]
        if not one.get("hooks", True):
            del one["hooks"]
    assert left == value


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("{}", '{"hooks": { "PreToolUse": [ 1 ] }}'),
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "hooks": { "PreToolUse": [ 1 ] }\n}\n'),
        ('{"hooks": {"PreToolUse": []}}', '{"hooks": {"PreToolUse": [1]}}'),
        ('{"hooks":{"Stop":[]}}', '{"hooks":{"Stop":[],"PreToolUse": [ 1 ]}}'),
        (
            '{"hooks": {"PreToolUse": [\n    0\n  ]}}',
            '{"hooks": {"PreToolUse": [\n    0,\n    1\n  ]}}',
        ),
    ],
)
def test_it_looks_like_what_is_there(text: str, added: str) -> None:
    assert json_text.add(text, PATH, 1) == added


def test_one_among_others_is_taken_out_or_replaced() -> None:
    text = '{"hooks": {"PreToolUse": [ 0 , 7,\n 1 ]}}'
    assert json_text.remove(text, PATH, lambda one: one == 7).endswith("[ 0,\n 1 ]}}")
    assert json_text.remove(text, PATH, lambda one: one == 0).endswith("[ 7,\n 1 ]}}")
    (_, (child, _), _) = json_text.elements(text, PATH)
    assert json_text.replace(text, child, [8]).endswith("[ 0 , [8],\n 1 ]}}")
