"""Write the command lines that the shell functions are tested with, and what each of them does.

    python tools/shell_cases.py             writes tests/argv/data/shell_cases.json.gz

The lines of conda's table, and random ones of pip in all the ways of starting it. ``mutates`` is
the reading of :mod:`safeinstall.argv` where no version is known: what any version might change.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "tests", "argv", "data")
PIPS = (
    *("pip", "pip3", "pip3.11", "/opt/env/bin/pip", "python -m pip", "python3.11 -m pip"),
    *("python -Im pip", "python -mpip", "python -Impip", "python -X utf8 -m pip"),
    *("python -W x -m pip", "python -I -m pip", "python --check-hash-based-pycs always -m pip"),
    *("python -c pass -m pip", "python x.py -m pip", "python - -m pip", "python -V -m pip"),
)
BEFORE = ((), (), (), ("-q",), ("--log", "f"), ("--python", "/v"), ("-vv",), ("--isolated",))
VERBS = (
    ("install",) * 8 + ("uninstall",) * 4 + ("list", "download", "cache", "help", "", "-V", "-h")
)
PARTS = (
    *(("x",), ("x>=1", "y"), ("-r", "f"), ("-Ur", "f"), ("-e", "."), ("-t", "/x"), ("-Utfoo",)),
    *(
        ("--user",),
        ("--dry-run",),
        ("--dry",),
        ("-h",),
        ("--help",),
        ("-y",),
        ("-yr", "f"),
        ("-U",),
    ),
    *(
        ("--target=/x",),
        ("--targ", "/x"),
        ("--", "-y"),
        ("--no-such",),
        ("install",),
        ("--user=1",),
    ),
)


def pip_lines(count: int) -> list[list[str]]:
    """Random lines, the same ones each time."""
    dice = random.Random(20260102)  # noqa: S311 - repeatable is what it shall be
    lines: dict[str, list[str]] = {}
    while len(lines) < count:
        words = [*dice.choice(PIPS).split(" "), *dice.choice(BEFORE), dice.choice(VERBS)]
        words += [word for _ in range(dice.randint(0, 3)) for word in dice.choice(PARTS)]
        line = [word for word in words if word]
        lines.setdefault(json.dumps(line), line)
    return list(lines.values())


def conda_lines() -> list[list[str]]:
    """The lines of conda's own table."""
    with gzip.open(os.path.join(DATA, "conda.json.gz")) as file:
        table: dict[str, Any] = json.load(file)
    return [["conda", *words] for words, _ in table["cases"]]


def cases() -> Iterator[dict[str, object]]:
    """Words and meaning."""
    from safeinstall.argv import Context, parse

    context = Context({}, "/work", lambda _: None, {})
    for words in [*pip_lines(2500), *conda_lines()]:
        command = parse(words, context)
        yield {"words": words, "mutates": command.mutates, "understood": command.understood}


def main() -> None:
    """Write the file."""
    text = json.dumps(list(cases()))
    with open(os.path.join(DATA, "shell_cases.json.gz"), "wb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "src"))
    main()
