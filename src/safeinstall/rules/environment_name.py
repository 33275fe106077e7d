"""SI107 environment-name: the name of a new environment is none that the policy allows."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.output.quoting import paste
from safeinstall.output.shown import value, values
from safeinstall.specs.patterns import matches_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI107"
NAME = "environment-name"


def look(facts: Facts) -> Finding | None:
    """``block`` for a name, or the last part of a path, that no pattern of the policy matches."""
    patterns = facts.sources.environment_names or ()
    word = facts.new_environment
    name = os.path.basename(word.rstrip("/"))
    if matches_one(name, patterns):
        return None
    plural = "" if len(patterns) == 1 else "s"
    return Finding(
        CODE,
        NAME,
        "block",
        f"The policy allows names of environments like {values(patterns)}, and {value(name)} does "
        f"not match the pattern{plural}.",
        fixes=_fixes(facts, word, name, patterns),
    )


def _fixes(facts: Facts, word: str, name: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the name put in place of the pattern's ``*``."""
    fitting = [p.replace("*", name) for p in patterns if p.count("*") == 1 and p != "*"]
    good = [new for new in fitting if matches_one(new, patterns)]
    words = list(facts.command.words)
    if not good or words.count(word) != 1:
        return ()
    words[words.index(word)] = word.rstrip("/").removesuffix(name) + good[0]
    return (paste([facts.command.tool, *words[facts.command.launcher :]]),)
