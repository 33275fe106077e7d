"""Shortens a record that would be too long for a line, and notes that in the record.

A command line may be two megabytes long, and a plan may change a hundred thousand packages. The
number of characters or items left out is noted: at the end of a shortened text or list of texts;
for other lists and for objects in the field ``cut``, by the name of the field.
"""

from __future__ import annotations

from safeinstall.journal import seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from safeinstall.model import Json

_STEPS = ((1 << 14, 4000), (1 << 10, 1000), (256, 100), (64, 10))
"""Limits for the characters of a text and the items of a list or an object; tried in this order."""


def sealed(record: Json) -> tuple[bytes, Json]:
    """The line of the record, shortened to at most :data:`seal.LARGEST` bytes, and the shortened
    record. Raises ValueError where the smallest limits are not enough.
    """
    whole = {name: value for name, value in record.items() if name != "hash"}
    for letters, items in _STEPS:
        cut = _Cut(letters, items)
        short = {name: cut.value(value, name) for name, value in whole.items()}
        if cut.counts:
            short["cut"] = cut.counts
        data, value = seal.seal(short)
        if len(data) <= seal.LARGEST:
            return data, {**short, "hash": value}
    raise ValueError("the record has too many parts")


class _Cut:
    """Shortens the values of one record to one pair of limits."""

    def __init__(self, letters: int, items: int) -> None:
        self.letters = letters
        self.items = items
        self.counts: dict[str, int] = {}

    def value(self, value: Any, field: str) -> Any:
        """The value, shortened to the limits."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | tuple):
            return self._list(value, field)
        if isinstance(value, dict):
            self._count(field, len(value))
            kept = list(value.items())[: self.items]
            return {self._text(name): self.value(item, field) for name, item in kept}
        return value

    def _text(self, text: str) -> str:
        more = len(text) - self.letters
        return f"{text[: self.letters]}… {more:,} characters more" if more > 0 else text

    def _list(self, value: list[Any] | tuple[Any, ...], field: str) -> list[Any]:
        kept = [self.value(item, field) for item in value[: self.items]]
        more = len(value) - self.items
        if more > 0 and isinstance(value[0], str):
            return [*kept, f"… {more:,} more"]
        self._count(field, len(value))
        return kept

    def _count(self, field: str, size: int) -> None:
        if size > self.items:
            self.counts[field] = self.counts.get(field, 0) + size - self.items
