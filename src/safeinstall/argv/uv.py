"""uv's command line. Filled in below."""

from __future__ import annotations

from safeinstall.model import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.argv import Context


def parse(words: tuple[str, ...], launcher: int, context: Context) -> Command:
    """Recognised, not yet read."""
    return Command(words, tool="uv", launcher=launcher)
