"""Immutable values for the hot path.

``dataclasses`` costs 20 to 30 ms to import (it pulls in ``inspect`` and ``re``),
``typing.NamedTuple`` nearly as much. A guarded ``pip install`` may cost a few hundredths of a
second in all, so the nouns of :mod:`safeinstall.model` derive from :class:`Value` instead. To a
type checker it is a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_: object):
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class Value:
    """A frozen record: fields are the annotated names, in order; compared and hashed by content."""

    # filled in for each subclass
    _fields: tuple[str, ...]
    _known: frozenset[str]  # _fields as a set
    _needed: frozenset[str]  # the fields without a default
    __hash__: Any

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        cls._known = frozenset(cls._fields)
        cls._needed = cls._known - {*cls.__dict__}

    if not TYPE_CHECKING:

        def __init__(self, *args, **kwargs):
            given = self.__dict__
            given.update(zip(self._fields, args))  # noqa: B905 - a surplus is found just below
            given.update(kwargs)
            whole = len(given) == len(args) + len(kwargs)
            if not (whole and self._needed <= given.keys() <= self._known):
                self._complain(args, kwargs)

        def _complain(self, args, kwargs):
            name, fields = type(self).__name__, self._fields
            if len(args) > len(fields):
                raise TypeError(f"{name} takes {len(fields)} values")
            for field in kwargs:
                if field in fields[: len(args)] or field not in fields:
                    raise TypeError(f"{name}: unexpected argument {field!r}")
            missing = next(field for field in fields if field in self._needed - {*self.__dict__})
            raise TypeError(f"{name}: {missing!r} is missing")

        def __setattr__(self, name, item=None):
            raise AttributeError(f"{type(self).__name__} is immutable")

        __delattr__ = __setattr__

    def values(self) -> tuple[Any, ...]:
        """The field values in order."""
        return tuple(getattr(self, name) for name in self._fields)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**dict(zip(self._fields, self.values(), strict=True)), **changes})

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values() == other.values()

    def __hash__(self) -> int:  # type: ignore[no-redef]
        return hash((type(self).__name__, *self.values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{n}={v!r}" for n, v in zip(self._fields, self.values(), strict=True))
        return f"{type(self).__name__}({inside})"
