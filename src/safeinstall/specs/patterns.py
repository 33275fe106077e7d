"""Patterns for names, as in a shell and in the module fnmatch: ``*``, ``?``, ``[abc]``, ``[!a-z]``.

Pure. fnmatch itself imports ``re``, which costs as much as the rest of a policy.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def matches_one(text: str, patterns: Iterable[str]) -> bool:
    """Does one of the patterns match the whole text, with upper and lower case told apart?"""
    return any(matches(text, pattern) for pattern in patterns)


def matches(text: str, pattern: str) -> bool:
    """Does the pattern match the whole text? The time is at most that of their lengths' product."""
    at = begin = 0
    star = back = -1  # behind the last "*", and where in the text it has ended so far
    while at < len(text):
        if pattern[begin : begin + 1] == "*":
            begin += 1
            star, back = begin, at
            continue
        length = _admits(pattern, begin, text[at])
        if length:
            at, begin = at + 1, begin + length
        elif star >= 0:  # let the "*" have one more
            back += 1
            at, begin = back, star
        else:
            return False
    return not pattern[begin:].strip("*")


def _admits(pattern: str, begin: int, letter: str) -> int:
    """The length of the part of the pattern at ``begin`` that stands for the letter; 0 if it does
    not.
    """
    part = pattern[begin : begin + 1]
    if part == "[" and (end := _end(pattern, begin)):
        return (end - begin) * _holds(pattern[begin + 1 : end - 1], letter)
    return int(part in ("?", letter))


def _end(pattern: str, begin: int) -> int:
    """Where the brackets that begin there have ended; 0 if they do not end, and mean themselves."""
    first = begin + 1 + (pattern[begin + 1 : begin + 2] == "!")
    return pattern.find("]", first + 1) + 1


def _holds(inside: str, letter: str) -> bool:
    others = inside.startswith("!")
    letters, at, found = inside[others:], 0, False
    while at < len(letters):
        low, high = letters[at], letters[at]
        if letters[at + 1 : at + 2] == "-" and at + 2 < len(letters):
            high = letters[at + 2]
            at += 2
        found = found or low <= letter <= high
        at += 1
    return found != others
