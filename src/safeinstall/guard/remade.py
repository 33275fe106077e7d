"""What the guard says of a rebuild: of the commands that it stands for. Nothing that the policy
forbids comes in by another way.
"""

from __future__ import annotations

import os

from safeinstall.errors import Blocked
from safeinstall.guard import decide
from safeinstall.guard.assess import assess
from safeinstall.guard.words import understand
from safeinstall.probe import place as places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.settings import Session


def by_conda(
    tool: str, new: Sequence[str], specs: Sequence[str], channels: Sequence[str]
) -> list[str]:
    """conda's part. ``new`` are the options that name an environment which is not there."""
    return [tool, "create", *new, *(w for c in channels for w in ("-c", c)), *specs]


def by_pip(prefix: str, lines: Sequence[str]) -> list[str]:
    """pip's part, as if it were to come into the environment as it is."""
    return [os.path.join(prefix, "bin", "python"), "-m", "pip", "install", *lines]


def ask(words: Sequence[str], session: Session) -> None:
    """Judge a command, and say what there is to say. Raises Blocked where the verdict is "block"
    and no override reason is given.
    """
    command, executable = understand(words, session)
    assessed = assess(places.find(command, executable, session), session)
    decide.say(assessed.case, assessed.verdict)
    stopped = assessed.verdict.decision == "block"
    if stopped and not decide.reason_past(assessed.case, assessed.verdict):
        raise Blocked
