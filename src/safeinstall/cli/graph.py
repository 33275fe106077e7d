"""``safeinstall history --graph`` and ``--svg``: the operations on a time line."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.history import operations_of, report, say
from safeinstall.cli.saved import save
from safeinstall.journal.select import Filter
from safeinstall.probe import inventory, past_changes
from safeinstall.probe.environment import describe
from safeinstall.render import graph, svg
from safeinstall.render.look import look
from safeinstall.render.pager import paged
from safeinstall.report import timeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from safeinstall.journal.read import Damage
    from safeinstall.probe.past_changes import Episode
    from safeinstall.settings import Settings

MOST = 2000
"""The number of operations that are drawn by default."""


def history_graph(
    prefixes: list[str] | None,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    limit: int | None = MOST,
    chosen: Filter | None = None,
    svg_file: str = "",
    terminal: bool = True,
    pager: bool = True,
) -> int:
    """Draw the newest operations of some environments (None: of all) in the terminal, to
    ``svg_file`` (``-`` is ``out``), or both.

    Returns 0, also if there is nothing to draw. Raises OutputError.
    """
    damages: list[Damage] = []
    chosen = chosen or Filter()
    found = list(itertools.islice(chosen.of(operations_of(prefixes, settings, damages)), limit))
    title, episodes = _place(prefixes)
    # Episodes before the journal lack the fields that filters use, and a limit cuts them off first,
    # because they are older than all operations.
    complete = chosen == Filter() and (limit is None or len(found) < limit)
    events = timeline.events(found, episodes if complete else ())
    handed_over = past_changes.handed_over(episodes)
    if not events:
        say("nothing in the history yet" if chosen == Filter() else "nothing matches")
    if events and svg_file:
        save(svg_file, svg.drawn(title, events, handed_over), out)
    if events and terminal:
        style = look(environ, out)
        with paged(style, environ, out, wanted=pager) as stream:
            graph.as_text(title, events, style, stream, handed_over)
    report(damages, environments.selector(prefixes, environ))
    return 0


def _place(prefixes: list[str] | None) -> tuple[str, tuple[Episode, ...]]:
    """The title, and, for one existing environment, its episodes from before the journal."""
    if prefixes is None or len(prefixes) > 1:
        return "all environments" if prefixes is None else os.path.basename(prefixes[0]), ()
    there = describe(prefixes[0])
    if there.kind == "missing":
        return os.path.basename(there.prefix), ()
    return there.name or there.prefix, past_changes.episodes(there, inventory.scan(there))
