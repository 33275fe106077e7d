"""Write the table of CLI11's readings of micromamba's command lines.

    python tools/mamba_table.py CLI11_INCLUDE [COUNT]    writes tests/argv/data/mamba.json.gz

CLI11_INCLUDE is the ``include`` directory of a CLI11 source tree. The parser is built by
``tools/cli11_probe.cpp`` from our rows, so the table holds our engine against CLI11; that the
rows are micromamba's is not shown by it.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DATA = os.path.join(ROOT, "tests", "argv", "data", "mamba.json.gz")
VALUES = ("foo", "/x", "a=b", "numpy", "-1", "install", "env", "x y")
FLAGS = ("true", "false", "off", "1", "0", "-1", "install", "")
WORDS = (
    *("numpy", "python=3.1", "a::b", "--", "-", "--bogus", "-Z", "-h", "create", "x", "++"),
    *("-yq", "-yqn", "-nfoo", "--prefix=/x", "list"),
)
INNER = ("pip install x", "-- pip install -n y", "ls -l", "python -m pip -q", "conda install x")
LISTS = (
    *("specs", "channels", "files", "rc_files", "trusted_channels", "categories", "env_vars"),
    "remaining",
)
Rows = dict[str, tuple[str, ...]]


def main(arguments: list[str]) -> None:
    """Build the probe, put the lines to it, write the table."""
    from safeinstall.argv import mamba_options

    include, count = arguments[0], int(arguments[1]) if len(arguments) > 1 else 4000
    lines = command_lines(mamba_options.ROWS, count)
    with tempfile.TemporaryDirectory() as place:
        probe, table = os.path.join(place, "probe"), os.path.join(place, "table")
        source = os.path.join(HERE, "cli11_probe.cpp")
        subprocess.run(["g++", "-std=c++17", "-I", include, source, "-o", probe], check=True)
        with open(table, "w", encoding="utf-8") as file:
            file.write(rows_text(mamba_options.ROWS))
        asked = "".join("\x1f".join(line) + "\n" for line in lines)
        done = subprocess.run([probe, table], input=asked, text=True, check=True, stdout=-1)
    cases = [[line, fields(text)] for line, text in zip(lines, answers(done.stdout), strict=True)]
    with open(DATA, "wb") as file:
        file.write(gzip.compress(json.dumps({"cases": cases}).encode(), mtime=0))


def answers(text: str) -> list[str]:
    """One a line; ``splitlines`` would split at the separators."""
    return text.removesuffix("\n").split("\n")


def rows_text(rows: Rows) -> str:
    """The rows as the probe reads them: parents before children, aliases last."""
    order = sorted(rows, key=lambda path: (rows[path][0][0] == "=", path.count(" "), path))
    return "".join(f"@ {path}\n" + "".join(row + "\n" for row in rows[path]) for path in order)


def fields(text: str) -> dict[str, object]:
    """An answer as an object."""
    end, *rest = text.split("\x1f")
    found: dict[str, object] = {"end": end}
    paths = [item[5:] for item in rest if item.startswith("path=")]
    for item in rest:
        dest, _, value = item.partition("=")
        found[dest] = value.split("\x1e")[:-1] if dest in LISTS else value
    return {**found, "path": paths}


def command_lines(rows: Rows, count: int) -> list[list[str]]:
    """Random lines, the same ones each time."""
    dice = random.Random(20260103)  # noqa: S311 - repeatable is what it shall be
    verbs = [*rows, *("install", "create", "update", "remove", "run", "uninstall") * 3]
    lines: dict[str, list[str]] = {}
    while len(lines) < count:
        line = command_line(dice, rows, dice.choice(verbs))
        if line and not any("\n" in word for word in line):
            lines.setdefault(json.dumps(line), line)
    return list(lines.values())


def command_line(dice: random.Random, rows: Rows, verb: str) -> list[str]:
    """One line, with options before and between the subcommands."""
    words = option(dice, rows[""]) if dice.random() < 0.15 else []
    for part in verb.split():
        words += [part, *(option(dice, rows[""]) if dice.random() < 0.05 else [])]
    own = rows["remove"] if verb == "uninstall" else rows[verb]
    parts = [option(dice, own) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
    parts += [[dice.choice(WORDS)] for _ in range(dice.choice((0, 1, 1, 2)))]
    dice.shuffle(parts)
    words += [word for part in parts for word in part]
    return words + (dice.choice(INNER).split(" ") if verb == "run" else [])


def option(dice: random.Random, rows: tuple[str, ...]) -> list[str]:
    """An option with its value beside it, in it, or missing."""
    names, _, takes = dice.choice([row for row in rows if " " in row]).split(" ")
    name = dice.choice(names.split(",")).removeprefix("!")
    value = dice.choice(FLAGS if takes == "0" else VALUES)
    style = dice.random()
    if style < 0.15:
        return [f"{name}={value}"]
    if style < 0.35 and name[1] != "-":
        return [name + value]
    return [name] if takes == "0" or style > 0.95 else [name, value]


if __name__ == "__main__":
    sys.path.insert(0, os.path.join(ROOT, "src"))
    main(sys.argv[1:])
