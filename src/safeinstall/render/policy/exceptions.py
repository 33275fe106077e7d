"""``policy exceptions`` as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.output.shown import value as quoted
from safeinstall.output.shown import values
from safeinstall.render.policy.lines import line, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from safeinstall.model import Json
    from safeinstall.render.look import Look


def as_text(rows: Iterable[Json], look: Look, out: TextIO) -> None:
    """Write a few lines for each exception."""
    for row in rows:
        for depth, text in _lines(row):
            out.write(line(text, look, depth) + "\n")


def _lines(row: Json) -> Iterator[tuple[int, str]]:
    yield 0, f"{quoted(row['id'])}  {row['rule']}  {_left(row)}"
    environments = f"in {values(row['envs'])}" if row["envs"] else "in all environments"
    packages = f"for {values(row['packages'])}" if row["packages"] else "for all packages"
    yield 1, f"{packages}, {environments}: {row['reason']}"
    used = f"last used {row['last_used'][:10]}" if row["last_used"] else "no record has used it"
    yield 1, f"owner {quoted(row['owner'])}; {used}"
    yield 1, where(row["by"])
    if not row["counts"]:
        yield 1, f"has no effect: {row['why']}"


def _left(row: Json) -> str:
    days = row["days_left"]
    if row["expired"]:
        return f"EXPIRED on {row['expires']}"
    left = "today is its last day" if not days else f"{days} day{'s' * (days != 1)} left"
    return f"{left} (until {row['expires']})"
