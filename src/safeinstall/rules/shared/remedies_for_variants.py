"""The commands that SI206 offers: the same one, with what is there, or with what would come."""

from __future__ import annotations

from safeinstall.argv import shell_text
from safeinstall.argv.typed import short_words
from safeinstall.output.quoting import noted, paste
from safeinstall.rules.shared import environment_file
from safeinstall.rules.shared.remedies import conda_install
from safeinstall.specs import variants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeinstall.model import Command, Facts
    from safeinstall.specs.variants import Flip

_WITH_SPECS = ("install", "update")
_UPDATE = ("update", "upgrade")  # the verb and its other name


def fixes(facts: Facts, flips: Sequence[Flip]) -> tuple[str, ...]:
    """The commands to paste, best first. conda refuses the first one where nothing can be solved
    with what is there, and changes nothing then.
    """
    kept = list(dict.fromkeys(map(variants.kept, flips)))
    wished = list(dict.fromkeys(map(variants.wished, flips)))
    command, meant = facts.command, f"if the {flips[0].becomes} build is what you want"
    if command.verb in _WITH_SPECS:
        return _with(command, kept), noted(_with(command, wished), meant)
    by_itself = noted(conda_install(facts.environment, wished, command), meant)
    if command.verb == "env update":
        return environment_file.edited(facts, kept, (), made=False), by_itself
    return (by_itself,)


def _with(command: Command, specs: Sequence[str]) -> str:
    """The command with further specs: as ``install``, for ``update`` takes names only, unless it
    updates all.
    """
    words = list(command.words)
    if command.verb == "update" and not command.updates_all:
        at = next(i for i, word in enumerate(words) if word in _UPDATE)
        words[at] = "install"
    if command.text:
        text = shell_text.with_other(command.text, len(command.words), [*words, *specs])
        return paste([*command.before, text, *command.behind])
    return paste(short_words(command.replace(words=(*words, *specs))))
