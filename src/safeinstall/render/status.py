"""``status`` for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeinstall.journal import record
from safeinstall.model import CONDA_OWNERS
from safeinstall.output.shown import one_line
from safeinstall.protection.nouns import CONSTRAINTS
from safeinstall.render import words
from safeinstall.render.look import LANES, STYLES, console
from safeinstall.render.plain import to_paste
from safeinstall.report import health

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from rich.console import Console
    from rich.text import Text

    from safeinstall.model import Environment, Json, Package
    from safeinstall.render.look import Look
    from safeinstall.report.health import Condition
    from safeinstall.report.problems import Problem

SCHEMA = 1

_MOST_CHANGES = 8
_BAR = 24  # columns of the longest bar
_ALL_WELL = "nothing is wrong with owners, metadata, requirements, {} and the history"
_KINDS = {"conda": "conda environment", "venv": "virtual environment", "system": "system Python"}
_LAST = ("op", "time", "argv", "status", "verdict", "exit_code")


def as_text(found: Condition, look: Look, now: datetime.datetime, out: TextIO) -> None:
    """A page that fits a terminal."""
    from rich.padding import Padding
    from rich.table import Table

    page = console(look, out)
    page.print(_title(found))
    page.print(one_line(found.environment.prefix), style="dim", soft_wrap=True)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in _rows(found, look, now):
        grid.add_row(label, text)
    page.print(Padding(grid, (1, 0, 0, 0)))
    _problems(found.problems, found.unseen, look, page, "names of files")


def problems_as_text(
    problems: Sequence[Problem], unseen: Sequence[str], look: Look, out: TextIO
) -> None:
    """The problems alone, each with its commands."""
    _problems(problems, unseen, look, console(look, out), "files")


def problems_as_json(
    there: Environment,
    problems: Sequence[Problem],
    fix: str | None,
    unseen: Sequence[str],
    out: TextIO,
) -> None:
    """One object: the environment, the problems, the command that fixes several of them at once
    (``None``: there is none), and what was not looked at.
    """
    report = {
        "schema": SCHEMA,
        "environment": record.place(there),
        "problems": [_problem(problem) for problem in problems],
        "fix": fix,
        "not_checked": list(unseen),
    }
    out.write(json.dumps(report, indent=2) + "\n")


def as_json(found: Condition, out: TextIO) -> None:
    """One object: the environment, its packages by owner, the last operation, drift, problems."""
    there = found.environment
    rails = {name: getattr(there, name) for name in ("frozen", "externally_managed", "writable")}
    report = {
        "schema": SCHEMA,
        "environment": {**record.place(there), "python": _python(found) or None, **rails},
        "packages": {
            "total": len(found.inventory.packages),
            "owners": {
                owner: {"count": len(packages), "sources": health.sources(packages)}
                for owner, packages in health.owners(found.inventory).items()
            },
        },
        "phase": found.phase,
        "handed_over": found.handed_over,
        "returned": found.returned,
        "last": {name: found.last[name] for name in _LAST} if found.last else None,
        "protected": [
            {"name": step.name, "path": step.path, "state": step.state} for step in found.rails
        ],
        "drift": [record.change(item) for item in found.drift],
        "problems": [_problem(problem) for problem in found.problems],
        "not_checked": list(found.unseen),
    }
    out.write(json.dumps(report, indent=2) + "\n")


def _problem(problem: Problem) -> Json:
    return {
        "kind": problem.kind,
        "message": problem.message,
        "names": list(problem.names),
        "commands": list(problem.commands),
    }


def _python(found: Condition) -> str:
    """The version of Python: of conda's package, if there is one, else X.Y."""
    packages = found.inventory.packages
    named = (p.version for p in packages if p.name == "python" and p.owner in CONDA_OWNERS)
    return next(named, found.environment.python)


def _title(found: Condition) -> Text:
    from rich.text import Text

    there = found.environment
    name = one_line(there.name or there.prefix)
    python = _python(found)
    kind = "the base environment" if there.base else _KINDS[there.kind]
    facts = [kind, f"Python {one_line(python)}" if python else "no Python"]
    facts += ["frozen"] if there.frozen else []
    facts += ["externally managed"] if there.externally_managed else []
    facts += [] if there.writable else ["not writable for you"]
    return Text.assemble((name, "bold"), "  ", ", ".join(facts))


def _rows(found: Condition, look: Look, now: datetime.datetime) -> Iterator[tuple[str, Text]]:
    from rich.text import Text

    owners = health.owners(found.inventory)
    largest = max(map(len, owners.values()), default=0)
    for number, (owner, packages) in enumerate(owners.items()):
        yield "" if number else "packages", _owner(owner, packages, largest, look)
    yield "phase", Text(_phase(found, now))
    if found.rails:
        yield "protected", Text(_rails(found))
    yield "last", _last(found, look, now)
    for number, text in enumerate(_drift(found, look)):
        yield "" if number else "drift", text


def _owner(owner: str, packages: tuple[Package, ...], largest: int, look: Look) -> Text:
    from rich.text import Text

    lane = owner if owner in LANES else "conda" if owner in CONDA_OWNERS else "others"
    bar = ("█" if look.signs else "#") * max(1, round(_BAR * len(packages) / largest))
    said = health.source_words(health.sources(packages))
    count = f"{one_line(owner):<6} {len(packages):>5}  "
    return Text.assemble(count, (bar, LANES[lane]), f"  {said}" if said else "")


def _rails(found: Condition) -> str:
    """The rails that hold, by name; what is wrong with others is a problem."""
    holding = [step.name for step in found.rails if step.holds]
    return ", ".join(name for name in dict.fromkeys(holding) if name != CONSTRAINTS)


def _phase(found: Condition, now: datetime.datetime) -> str:
    return {
        "empty": "nothing is installed",
        "conda-led": "conda-led: conda owns everything",
        "pip-led": "conda has no part in it",
        "handed-over": _handed_over(found, now),
    }[found.phase]


def _handed_over(found: Condition, now: datetime.datetime) -> str:
    moment = words.moment(found.handed_over)
    if moment is None:
        return "handed over to pip"
    since = f"{moment:%Y-%m-%d %H:%M}, {words.age(found.handed_over, now)}"
    times = "once" if found.returned == 1 else f"{found.returned} times"
    back = f"; conda came back {times}" if found.returned else ""
    return f"handed over to pip ({since}){back}"


def _last(found: Condition, look: Look, now: datetime.datetime) -> Text:
    from rich.text import Text

    last = found.last
    if last is None:
        if found.begun:
            return Text("nothing since the record began")
        return Text("nothing on record; the first guarded command begins the record")
    text = Text(words.shortened(last, look), style="bold")
    text.append("  ").append(last["status"], STYLES.get(last["status"], ""))
    stopped = words.rules(last) if last["status"] == "blocked" else ""
    by = words.who(last["actor"] or {})
    tail = [stopped and f"by {stopped}", words.age(last["time"], now), by and f"({by})"]
    return text.append(" " + " ".join(filter(None, tail)), "not bold")


def _drift(found: Condition, look: Look) -> Iterator[Text]:
    from rich.text import Text

    if not found.drift:
        yield Text("none since the last record" if found.begun else "nothing to compare with")
        return
    count = words.counted(len(found.drift), "change")
    yield Text(f"{count} since the last record, by no guarded command", style=STYLES["drift"])
    for item in found.drift[:_MOST_CHANGES]:
        yield Text("  " + words.change(record.change(item), look))
    if len(found.drift) > _MOST_CHANGES:
        yield Text(f"  and {len(found.drift) - _MOST_CHANGES} more")


def _problems(
    problems: Sequence[Problem], unseen: Sequence[str], look: Look, page: Console, files: str
) -> None:
    from rich.table import Table
    from rich.text import Text

    page.print()
    if problems:
        page.print(Text(words.counted(len(problems), "problem"), style="bold"))
    else:
        page.print(Text(_ALL_WELL.format(files), style="green"))
    for problem in problems:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(style=STYLES["block"])
        grid.add_column(overflow="fold")
        grid.add_row("✗" if look.signs else "x", Text(one_line(problem.message)))
        page.print(grid)
        for line in (line for fix in problem.commands for line in to_paste(fix, colour=False)):
            page.print(Text(line), soft_wrap=True)
    if unseen:
        page.print(Text(f"not looked at: {'; '.join(map(one_line, unseen))}", style="dim"))
