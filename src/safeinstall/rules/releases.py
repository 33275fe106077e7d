"""Is what is there good enough? Release numbers, as far as no library is needed to compare them.

``packaging`` costs 60 to 80 ms to import; most constraints compare plain numbers.
"""

from __future__ import annotations

_OPERATORS = ("==", "!=", ">=", "<=", "~=", ">", "<", "=")


def satisfies(version: str, constraint: str) -> bool | None:
    """Does ``1.26.4`` meet ``>=1.20,<2``? ``None`` where that takes more than plain numbers.

    A local part (``+cu118``) counts only where the constraint has one. conda's ``=1.26`` and
    ``=1.26=build`` are understood; of the build no account is taken.
    """
    answers = [_one(version, part.strip()) for part in constraint.split(",") if part.strip()]
    if False in answers:
        return False
    return None if None in answers else True


def numbers(text: str) -> tuple[int, ...] | None:
    """``1.26.4`` → ``(1, 26, 4)``; ``None`` for anything with letters in it."""
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _one(version: str, part: str) -> bool | None:
    operator = next((sign for sign in _OPERATORS if part.startswith(sign)), "")
    wanted = part[len(operator) :].strip()
    if operator == "=":
        wanted = wanted.partition("=")[0].removesuffix("*").removesuffix(".") + ".*"
        operator = "=="
    if "+" in wanted:
        return version == wanted if operator == "==" else None
    return _compare(version.partition("+")[0], operator, wanted)


def _compare(version: str, operator: str, wanted: str) -> bool | None:
    have = numbers(version)
    prefix = wanted.endswith(".*")
    want = numbers(wanted.removesuffix(".*"))
    if have is None or want is None or not operator:
        return None
    if operator == "~=":
        have = _padded(have, len(want))
        return None if len(want) < 2 else have >= want and have[: len(want) - 1] == want[:-1]
    if prefix:
        same = _padded(have, len(want))[: len(want)] == want
        return {"==": same, "!=": not same}.get(operator)
    length = max(len(have), len(want))
    return _ordered(_padded(have, length), operator, _padded(want, length))


def _ordered(have: tuple[int, ...], operator: str, want: tuple[int, ...]) -> bool:
    if operator in ("==", "!="):
        return (have == want) == (operator == "==")
    if operator in (">=", "<="):
        return have >= want if operator == ">=" else have <= want
    return have > want if operator == ">" else have < want


def _padded(release: tuple[int, ...], length: int) -> tuple[int, ...]:
    return release + (0,) * (length - len(release))
