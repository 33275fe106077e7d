"""``policy show`` and the list of rules as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.render.look import STYLES, console
from safeinstall.render.policy.lines import actors, line, place, value, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.render.look import Look


def as_text(shown: Json, look: Look, out: TextIO, *, origin: bool = False) -> None:
    """Write the values: what differs from the default preset, or with ``origin`` all of them, each
    with its place and what lost against it.
    """
    head = f"policy for {place(shown['environment'])}{actors(shown['actors'])}"
    parts = (_files(shown["files"]), _values(shown["values"], origin=origin))
    more = (_idle(shown), _elsewhere(shown)) if origin else ()
    out.write(line(head, look) + "\n")
    for depth, text in (pair for part in (*parts, *more) for pair in part):
        out.write((line(text, look, depth) if text else "") + "\n")


def _files(files: Iterable[Json]) -> Iterator[tuple[int, str]]:
    files = list(files)
    yield 0, ""
    yield 0, "files, the last one counts most:" if files else "no policy file counts here"
    for file in files:
        name = " ".join(filter(None, (file["id"], file["version"])))
        via = f", extended by {file['via']}" if file["via"] else ""
        yield 1, f"{file['layer']:<7}  {file['path']}{f'  {name}' if name else ''}{via}"


def _values(values: Json, *, origin: bool) -> Iterator[tuple[int, str]]:
    chosen = [(key, said) for key, said in values.items() if origin or said["differs"]]
    yield 0, ""
    if not chosen:
        yield 0, "nothing differs from the preset recommended"
        return
    yield 0, "values:" if origin else "what differs from the preset recommended:"
    for key, said in sorted(chosen, key=lambda pair: (pair[0].startswith("rules."), pair[0])):
        # An empty override of a rule: as policy.override says
        text = f"{key} = {value(said['value'])}" if said["value"] != "" else f"{key}: not set"
        if not origin:
            yield 1, text
        elif said["by"]["file"] or said["lost"]:
            yield 1, text
            yield 2, where(said["by"])
            yield from ((2, _lost(each)) for each in said["lost"])
        else:
            yield 1, f"{text}  ({said['by']['where']})"


def _lost(lost: Json) -> str:
    if lost["replaced"]:
        return f"in place of {value(lost['value'])}, {where(lost['by'])}"
    return f"lost: {value(lost['value'])}, {where(lost['by'])}, {lost['why']}"


def _idle(shown: Json) -> Iterator[tuple[int, str]]:
    yield from _section("without effect:", shown["without_effect"])


def _elsewhere(shown: Json) -> Iterator[tuple[int, str]]:
    yield from _section("for other environments and actors:", shown["elsewhere"])


def _section(title: str, entries: Iterable[Json]) -> Iterator[tuple[int, str]]:
    entries = list(entries)
    if entries:
        yield 0, ""
        yield 0, title
    for each in entries:
        yield 1, f"{where(each['by'])}: {each['entry']} {value(each['value'])}: {each['why']}"


def rules(rows: Iterable[Json], look: Look, out: TextIO) -> None:
    """Write a table of all rules with their levels."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Rule", "Name", "Harm", "Milder"):
        table.add_column(title, no_wrap=True)
    table.add_column("Fires when")
    for row in rows:
        levels = (Text(row[kind], style=STYLES.get(row[kind], "dim")) for kind in ("harm", "mild"))
        table.add_row(row["code"], row["name"], *levels, row["fires"])
    console(look, out).print(table)
