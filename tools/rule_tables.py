"""Write the tables of rules in the documents, from :mod:`safeinstall.policy.rule_table`.

    python tools/rule_tables.py             rewrites the text between the markers of each table
    python tools/rule_tables.py --check     writes nothing; status 1 where a file is not up to date

A table of README.md or docs/policy.md stands between two markers, ``<!-- rules: begin -->`` and
``<!-- rules: end -->``.
"""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING

from safeinstall.policy.rule_table import PRESET_ORDER, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from safeinstall.policy.rule_table import Rule

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
RULES = sorted(TABLE, key=lambda rule: rule.code)


def main(arguments: list[str]) -> int:
    """Rewrite the files, or check them. The exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 64
    write = not arguments
    changed = [name for name in TABLES if not is_current(name, write=write)]
    if write or not changed:
        return 0
    sys.stderr.write(f"{', '.join(changed)}: not as the table of rules says; run: make tables\n")
    return 1


def is_current(name: str, *, write: bool) -> bool:
    """Was the file as the table of rules says? With ``write`` it is from now on.

    Raises ValueError where a marker is missing.
    """
    path = os.path.join(ROOT, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{name} has no {BEGIN} … {END}")
    wanted = "\n".join((before + begin, "", *TABLES[name](), "", end + after))
    if write and wanted != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
    return wanted == text


def overview() -> Iterator[str]:
    """When each rule fires. Neighbours that fire for the same reason share a line."""
    yield from head("Rule", "It fires when")
    for fires, rules in itertools.groupby(RULES, fires_when):
        names = (f"[{rule.code} {rule.name}](docs/rules/{rule.code}.md)" for rule in rules)
        yield row(", ".join(names), fires)


def fires_when(rule: Rule) -> str:
    """When the rule fires, and whether the default policy only warns then."""
    default = rule.levels[PRESET_ORDER.index("recommended")]
    return f"{rule.fires} (warning)" if default == "warn" else rule.fires


def presets() -> Iterator[str]:
    """The levels of each rule in each preset."""
    yield from head("Rule", *(f"`{preset}`" for preset in PRESET_ORDER))
    for rule in RULES:
        levels = map(level, rule.levels, rule.mild)
        yield row(f"[{rule.code} {rule.name}](rules/{rule.code}.md)", *levels)


def level(harm: str, mild: str) -> str:
    """Both levels in one cell. A milder finding never gets more than harm does."""
    order = ("off", "warn", "block")
    mild = min(harm, mild, key=order.index)
    return harm if mild == harm else f"{harm}, {mild}"


def head(*cells: str) -> tuple[str, str]:
    """The first two lines of a table."""
    return row(*cells), "|" + "---|" * len(cells)


def row(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "README.md": overview,
    "docs/policy.md": presets,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
