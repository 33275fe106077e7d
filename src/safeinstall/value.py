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

    _fields: tuple[str, ...]  # filled in for each subclass
    __hash__: Any

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)

    if not TYPE_CHECKING:

        def __init__(self, *args, **kwargs):
            fields = self._fields
            if len(args) > len(fields):
                raise TypeError(f"{type(self).__name__} takes {len(fields)} values")
            given = dict(zip(fields, args, strict=False))
            for name, item in kwargs.items():
                if name not in fields or name in given:
                    raise TypeError(f"{type(self).__name__}: unexpected argument {name!r}")
                given[name] = item
            for name in fields:
                if name not in given and not hasattr(type(self), name):
                    raise TypeError(f"{type(self).__name__}: {name!r} is missing")
            self.__dict__.update(given)

        def __setattr__(self, name, item):
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
