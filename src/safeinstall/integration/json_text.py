"""Put a value into a JSON text and take it out again, leaving every other byte as it is.

Containers that are made for the value begin with a blank, ``{ "hooks": [ … ] }``, and go with it;
in a container that was there and empty the value comes directly behind the bracket. So the way back
can be seen from the text, and nothing is stored elsewhere. It is also found where another program
has written the text anew, with its own spaces.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BLANKS = " \t\r\n"
_decode = json.JSONDecoder().raw_decode


class Child(Value):
    """A member of an object or an element of an array, by the places of its text."""

    name: str  # "" in an array
    start: int  # where the member's name begins, or the element
    value: int  # where its value begins
    end: int


def add(text: str, path: Sequence[str], value: Any) -> str:
    """The text with the value at the end of the array at this path; what is missing is made.

    The text is a JSON object, and what is there of the path are objects and an array.
    """
    at, missing = _root(text), list(path)
    while missing and (found := _member(text, at, missing[0])):
        at = found.value
        missing.pop(0)
    if not missing:
        return _insert(text, at, json.dumps(value))
    return _insert(text, at, f"{json.dumps(missing[0])}: {made(missing[1:], value)}")


def made(path: Sequence[str], value: Any) -> str:
    """The text of objects for the names of the path, with an array of the value in the last."""
    if not path:
        return f"[ {json.dumps(value)} ]"
    return f"{{ {json.dumps(path[0])}: {made(path[1:], value)} }}"


def elements(text: str, path: Sequence[str]) -> list[tuple[Child, Any]]:
    """The elements of the array at the end of the path; empty if it is not there."""
    at = _root(text)
    for name in path:
        found = _member(text, at, name)
        if found is None:
            return []
        at = found.value
    return [(one, _decode(text, one.value)[0]) for one in _children(text, at)]


def replace(text: str, child: Child, value: Any) -> str:
    """The text with another value in the place of this one."""
    return text[: child.value] + json.dumps(value) + text[child.end :]


def remove(text: str, path: Sequence[str], is_ours: Callable[[Any], bool]) -> str:
    """The text without the elements of the array that are ours, and without containers that were
    made for them.
    """
    while mine := [one for one, value in elements(text, path) if is_ours(value)]:
        text = _without(text, path, mine[0])
    return text


def _without(text: str, path: Sequence[str], child: Child) -> str:
    around = _containers(text, path)
    while len(around) > 1 and _is_made_for(text, around[-1].value, child):
        child = around.pop()
    siblings = _children(text, around[-1].value)
    place = siblings.index(child)
    if place:
        return text[: siblings[place - 1].end] + text[child.end :]
    end = siblings[1].start if len(siblings) > 1 else child.end
    return text[: child.start] + text[end:]


def _containers(text: str, path: Sequence[str]) -> list[Child]:
    """The containers along a path that is there, from the outside."""
    at = _root(text)
    found = [Child("", at, at, len(text))]
    for name in path:
        member = _member(text, found[-1].value, name)
        assert member is not None
        found.append(member)
    return found


def _is_made_for(text: str, at: int, child: Child) -> bool:
    return _children(text, at) == [child] and text[at + 1] in _BLANKS


def _insert(text: str, at: int, inserted: str) -> str:
    if there := _children(text, at):
        last = there[-1]
        blanks = text[len(text[: last.start].rstrip(_BLANKS)) : last.start]
        return f"{text[: last.end]},{blanks}{inserted}{text[last.end :]}"
    return text[: at + 1] + inserted + text[at + 1 :]


def _member(text: str, at: int, name: str) -> Child | None:
    """The member of this name; the last one, which counts for those who read JSON."""
    return next((one for one in reversed(_children(text, at)) if one.name == name), None)


def _children(text: str, at: int) -> list[Child]:
    return list(_each_child(text, at)) if text[at] in "{[" else []


def _each_child(text: str, at: int) -> Iterator[Child]:
    is_object = text[at] == "{"
    at = _behind_blanks(text, at + 1)
    while text[at] not in "}]":
        start, name = at, ""
        if is_object:
            name, at = _decode(text, at)
            at = _behind_blanks(text, _behind_blanks(text, at) + 1)  # the colon
        _, end = _decode(text, at)
        yield Child(name, start, at, end)
        at = _behind_blanks(text, end)
        if text[at] == ",":
            at = _behind_blanks(text, at + 1)


def _root(text: str) -> int:
    return _behind_blanks(text, 0)


def _behind_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
