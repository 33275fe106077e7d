"""Values are what a frozen dataclass would be."""

from __future__ import annotations

from typing import Any

import pytest

from safeinstall.value import Value


class Point(Value):
    x: int
    y: int
    name: str = ""


def test_by_position_and_by_name() -> None:
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2, name="")
    assert Point(1, 2, "a").values() == (1, 2, "a")
    assert Point(1, 2).replace(y=3) == Point(1, 3)
    assert repr(Point(1, 2)) == "Point(x=1, y=2, name='')"
    assert len({Point(1, 2), Point(1, 2), Point(1, 3)}) == 2


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        ((), {}, "'x' is missing"),
        ((1,), {"name": "a"}, "'y' is missing"),
        ((1, 2, "a", 4), {}, "takes 3 values"),
        ((1, 2), {"x": 1}, "unexpected argument 'x'"),
        ((1, 2), {"z": 1}, "unexpected argument 'z'"),
        ((1,), {"z": 1}, "unexpected argument 'z'"),
    ],
)
def test_what_does_not_fit(args: tuple[Any, ...], kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        Point(*args, **kwargs)


def test_nothing_is_changed_afterwards() -> None:
    point: Any = Point(1, 2)
    with pytest.raises(AttributeError, match="immutable"):
        point.x = 3
    with pytest.raises(AttributeError, match="immutable"):
        del point.x
