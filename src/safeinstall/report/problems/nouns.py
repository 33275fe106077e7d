"""What was seen of an environment, and a problem that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.probe.soundness import Soundness
from safeinstall.rules.shared.remedies import Here
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from safeinstall.journal.read import Damage
    from safeinstall.model import Elsewhere, Environment, Inventory, Json, Package, Shared
    from safeinstall.protection.nouns import Step


class Problem(Value):
    """A problem of an environment, and the commands that solve it, in their order."""

    kind: str  # one of KINDS
    message: str
    commands: tuple[str, ...]
    names: tuple[str, ...] = ()  # of packages, or IDs of operations
    # In place of ``commands`` where one of these would be blocked: they take something away first,
    # and bring it back. None: they are not to be tried
    otherwise: tuple[str, ...] | None = None


KINDS = (
    "overwritten",
    "gone",
    "stranded",
    "incomplete",
    "doubled",
    "leftover",
    "unmet",
    "denied",
    "half-made",
    "interrupted",
    "outside",
    "shadowed",
    "in-base",
    "warned",
    "rails",
    "journal",
)
"""The kinds of problems, the worst first."""


class Seen(Value):
    """What was read of an environment, for the functions that look for problems."""

    environment: Environment
    inventory: Inventory
    python: str = ""  # the prefix of the environment that the word "python" leads to in the shell
    doubled: Mapping[str, Sequence[str]] = {}  # metadata directories, by distribution
    # conda-owned packages and others over each other's files
    written_over: Sequence[Shared] = ()
    newest: Sequence[Json] = ()  # the latest operations, newest first
    damages: Sequence[Damage] = ()  # of the journal
    selector: Sequence[str] = ()  # the options that name the environment in safeinstall commands
    deny: Sequence[str] = ()  # the policy's list
    elsewhere: Sequence[Elsewhere] = ()  # packages outside that Python finds, or would find
    # IDs of operations whose records somebody else may have written: their commands are no advice
    strange: Collection[str] = ()
    soundness: Soundness = Soundness()
    by_hand: Sequence[str] = ()  # packages that were put into base, and can do without it
    taken: Collection[str] = ()  # names of environments
    rails: Sequence[Step] = ()  # that protect the environment
    stranded: Sequence[Package] = ()  # of pip's, where no Python finds them any more

    @property
    def here(self) -> Here:
        """Where the commands are to be pasted."""
        leans = bool(self.soundness.leaning)
        return Here(self.environment, self.python, anew=leans and self.can_be_rebuilt)

    @property
    def can_be_rebuilt(self) -> bool:
        """May it be made anew?"""
        there = self.environment
        free = not there.frozen or there.frozen_by_us
        return there.kind == "conda" and not there.base and free
