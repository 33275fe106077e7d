"""The plan of a rebuild: in words, and as a table of what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.output.shown import one_line
from safeinstall.render.look import console
from safeinstall.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from safeinstall.model import Change, Package
    from safeinstall.rebuild.nouns import Aim
    from safeinstall.render.look import Look

_MOST = 10  # files and processes that are named


def plan(heading: str, aim: Aim, look: Look, out: TextIO) -> None:
    """Write what is going to happen. ``heading`` is the first line."""
    for line in (heading, *_words(aim)):
        out.write(one_line(line) + "\n")
    changes(aim.changes, look, out)
    for line in _notes(aim):
        out.write(one_line(line) + "\n")


def changes(found: Sequence[Change], look: Look, out: TextIO) -> None:
    """Write the table of what would be another version, come or go; nothing if there is nothing."""
    if found:
        console(look, out).print(_table(found))


def _words(aim: Aim) -> Iterator[str]:
    exact, pip = aim.conda.exact, aim.pip
    where = f"{len(aim.fetch)} to download" if aim.fetch else "all in conda's cache"
    stays = [p for p in exact if f"{p.name}-{p.version}-{p.build}" in aim.expected]
    yield f"  conda  {counted(len(stays), 'package')} as they are ({where})"
    asked = [*aim.conda.specs, *(["everything to the newest"] if aim.conda.update else [])]
    if asked:
        yield f"         and {', '.join(asked)}"
    if pip.kept:
        yield f"  pip    {counted(len(pip.kept), 'package')} copied"
    if pip.lines:
        yield f"         installed by pip: {', '.join(pip.lines)}"


def _table(changes: Iterable[Change]) -> object:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for title in ("package", "now", "then"):
        table.add_column(title, overflow="fold")
    for change in changes:
        after = change.after or change.stays
        there = [side.version for side in (change.before, after) if side]
        builds = len(there) > len(set(there))
        sides = (_side(side, builds=builds) for side in (change.before, after))
        table.add_row(*map(one_line, (change.name, *sides)))
    return table


def _side(package: Package | None, *, builds: bool) -> str:
    """``builds``: only these tell the two apart."""
    if package is None:
        return "—"
    build = f" {package.build}" if builds and package.build else ""
    return f"{package.version}{build} ({package.owner})"


def _notes(aim: Aim) -> Iterator[str]:
    yield from (f"note: {remark}" for remark in aim.remarks)
    if aim.strays:
        more = f" and {len(aim.strays) - _MOST} more" if len(aim.strays) > _MOST else ""
        named = ", ".join(aim.strays[:_MOST])
        yield f"note: files of no package stay behind: {named}{more}"
    if aim.running:
        named = ", ".join(f"{p.name} ({p.pid})" for p in aim.running[:_MOST])
        yield f"note: running from here, with the old files until they end: {named}"
