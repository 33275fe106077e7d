"""Read and merge the policy files of machine, user and project, and judge findings by them.

The package itself has the nouns: a layer, where a value was written, and what lost against it.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from safeinstall.policy.places import Path, Place

MACHINE, USER, PROJECT = "machine", "user", "project"
ACTORS = ("agent", "ci")
"""Who may have values of their own: a coding agent, and continuous integration."""


class Layer(Value):
    """One checked policy file."""

    kind: str  # "machine", "user" or "project"
    path: str  # of the file, or its https address
    content: Mapping[str, Any]
    digest: str = ""
    places: Mapping[Path, Place] = {}  # of keys and values in the file
    via: str = ""  # the file that extends this one

    def source(self, path: Path, label: str = "") -> Source:
        """Where the value at ``path`` was written."""
        return Source(self.path, path, self.places.get(path), label, self.kind)


class Source(Value):
    """Where a value was written. Without a file, it belongs to a preset or is built in."""

    file: str = ""
    path: Path = ()  # ("rules", "SI101", "level")
    place: Place | None = None  # line and column, if known
    label: str = ""  # what it is, where the place alone does not tell: "preset strict"
    kind: str = ""  # of the layer

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN``, and the label where there is one."""
        where = ":".join(map(str, (self.file, *(self.place or ())))) if self.file else ""
        if where and self.label:
            return f"{where} ({self.label})"
        return where or self.label or "built in"


class Lost(Value):
    """A value that has no effect."""

    key: str  # as in a lock: "rules.SI101.level"
    value: Any
    by: Source
    reason: str
    against: Source | None = None  # what has locked or replaced it

    @property
    def why(self) -> str:
        """The reason as a sentence without its subject."""
        return f"{self.reason} {self.against}" if self.against else self.reason

    @property
    def replaced(self) -> bool:
        """Had it an effect until a later layer said something else?"""
        return self.reason == REPLACED


LOCKED, REPLACED = "locked by", "replaced by"
NOT_IN_PROJECT = "does not count in a project's file"
ONLY_TIGHTENS = "may only tighten what is in force, and does not"


class Decided(Value):
    """A value in force."""

    value: Any
    by: Source = Source()
    lost: tuple[Lost, ...] = ()  # in the order in which they lost


class Exemption(Value):
    """An entry of ``[[exceptions]]``."""

    id: str
    rule: str
    reason: str
    owner: str
    expires: str  # ISO 8601: the last day
    envs: tuple[str, ...] = ()  # patterns for names and prefixes; empty: all environments
    packages: tuple[str, ...] = ()  # empty: all packages
    by: Source = Source()

    @property
    def key(self) -> str:
        """The rule and the ID, as records name an exception that was used: before a colon."""
        return f"{self.rule} {self.id}"


class Circumstances(Value):
    """What decides whether a part of a policy counts: the environment, and who acts."""

    name: str = ""
    prefix: str = ""
    actors: frozenset[str] = frozenset()  # of ACTORS
