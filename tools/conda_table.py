"""Write the table of conda's own readings, against which ours is held in every test run.

    python tools/conda_table.py CONDA [COUNT]        writes tests/argv/data/conda.json.gz

CONDA is a conda executable; its interpreter is asked, in one process, for its reading of COUNT
command lines (4000 where nothing is said). The lines are random but the same each time. The
same program answers a test's questions: ``python tools/conda_table.py --answer`` under conda's
interpreter reads lines of JSON and writes one for each.
"""
# ruff: noqa: SLF001 - argparse keeps what subcommands it has in a private attribute

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from typing import Any, Self

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "tests", "argv", "data", "conda.json.gz")
OPEN = ("--solver:", "--console:", "--format:", "--env-spec:")  # whose values are plugins
KEPT = (
    *("name", "prefix", "packages", "package_names", "file", "channel", "dry_run"),
    *("download_only", "revision", "clone", "all", "fix", "executable_call", "destination"),
    *("vars", "update_modifier", "override_channels", "yes", "prune", "keep_env"),
)


def main(arguments: list[str]) -> None:
    """Make the table, or answer."""
    if arguments == ["--answer"]:
        answer()
        return
    conda, count = arguments[0], int(arguments[1]) if len(arguments) > 1 else 4000
    with Conda(conda) as asked:
        lines = sorted(command_lines(asked.facts["parsers"], count))
        cases = [[line, asked.read(line)] for line in lines]
    table = {"conda": asked.facts["conda"], "python": asked.facts["python"], "cases": cases}
    with open(DATA, "wb") as file:
        file.write(gzip.compress(json.dumps(table).encode(), mtime=0))


class Conda:
    """A real conda that reads command lines, in one long-lived process."""

    def __init__(self, conda: str) -> None:
        self.home = tempfile.TemporaryDirectory()
        command = [interpreter(conda), os.path.abspath(__file__), "--answer"]
        environ = {"HOME": self.home.name, "PATH": os.defpath}
        self.process = subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.facts: dict[str, Any] = json.loads(self.process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.home.cleanup()

    def read(self, words: list[str]) -> dict[str, Any]:
        """conda's reading of what follows ``conda``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


def interpreter(conda: str) -> str:
    """The Python that a conda script names in its first line."""
    with open(conda, encoding="utf-8", errors="replace") as file:
        first = file.readline()
    if not first.startswith("#!"):
        raise SystemExit(f"{conda} is no script of conda's")
    return first[2:].strip()


# ---- under conda's interpreter -----------------------------------------------------------------


def answer() -> None:
    """Read lines of words, write what conda makes of them."""
    from conda import __version__  # type: ignore[import-not-found]
    from conda.base.context import context  # type: ignore[import-not-found]

    context.__init__()
    answers, sys.stdout = sys.stdout, io.StringIO()
    facts = {
        "conda": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "parsers": grammar(),
    }
    print(json.dumps(facts), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(reading(json.loads(line))), file=answers, flush=True)


def reading(words: list[str]) -> dict[str, Any]:
    """What ``conda.cli.main`` does up to the point where a command would start."""
    if words[:1] in (["-V"], ["--version"]) or not words:
        return {"end": "explained"}
    if words[0].strip().startswith("shell."):
        return {"end": "shell"}
    path: list[str] = []
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            found = parsed(words, path)
        except SystemExit as ended:
            if "invalid choice" in said.getvalue() and any(
                name in said.getvalue() for name in OPEN
            ):
                return {"end": "error", "error": "not among the plugins here", "path": path}
            return {"end": "refused" if ended.code else "explained", "path": path}
        except Exception as error:  # conda's own, for specs it cannot read
            return {"end": "error", "error": type(error).__name__, "path": path}
    values = {key: getattr(found, key) for key in KEPT if hasattr(found, key)}
    return {"end": "read", "path": path, "values": {k: plain(v) for k, v in values.items() if v}}


def parsed(words: list[str], path: list[str]) -> argparse.Namespace:
    """conda's two parsers, one after the other."""
    from conda.cli.conda_argparse import (  # type: ignore[import-not-found]
        generate_parser,
        generate_pre_parser,
    )

    first = generate_pre_parser(add_help=False)
    subset = words[: words.index("--")] if "--" in words else words
    given, _ = first.parse_known_args(subset)
    keys = ("json", "debug", "trace", "verbosity")
    override = {key: getattr(given, key) for key in keys}
    parser = generate_parser(add_help=True)
    watch(parser, path)
    result: argparse.Namespace = parser.parse_args(words, override_args=override, namespace=given)
    return result


def watch(parser: argparse.ArgumentParser, path: list[str]) -> None:
    """Note the subcommands that the parser goes down into."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        children = {id(child): name for name, child in reversed(action.choices.items())}
        for name in children.values():  # of an alias and its command the command alone
            child = action.choices[name]
            original = child.parse_known_args

            def noting(
                args: Any, namespace: Any, name: str = name, original: Any = original
            ) -> Any:
                path.append(name)
                return original(args, namespace)

            child.parse_known_args = noting
            watch(child, path)


def plain(value: Any) -> Any:
    """Something JSON can hold."""
    if isinstance(value, (str, bool, int, list)):
        return value
    return str(value)


def grammar() -> dict[str, list[list[Any]]]:
    """Names, arity and choices of all options, by subcommand: what lines are made of."""
    from conda.cli.conda_argparse import generate_parser

    found: dict[str, list[list[Any]]] = {}
    walk("", generate_parser(add_help=True), found)
    return found


def walk(path: str, parser: argparse.ArgumentParser, found: dict[str, list[list[Any]]]) -> None:
    """Note a parser and those below it."""
    rows: list[list[Any]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                walk(f"{path} {name}".strip(), child, found)
        elif action.option_strings:
            choices = sorted(map(str, action.choices)) if action.choices else []
            rows.append([list(action.option_strings), action.nargs != 0, choices])
    found[path] = rows


# ---- lines -------------------------------------------------------------------------------------

COMMON = ["install", "update", "upgrade", "remove", "uninstall", "create", "rename", "run"] * 5
ENVIRONMENTS = ["env create", "env update", "env remove", "env config vars set"] * 2
PACKAGES = (
    *("numpy", "numpy=1.2", "numpy>=1.2,<2", "conda-forge::scipy", "python", "numpy =1.2.*"),
    *("defaults/linux-64::six", "Six", "numpy=1.2=py311_0", "numpy[version='>=1.2']"),
    *("https://e.org/linux-64/six-1.16.0-py_0.conda", "./six-1.16.0-py_0.tar.bz2"),
)
VALUES = ("foo", "/x/y", "~/e", "a=b", "1", "-1", "environment.yml", "list.txt", "x y")
NOISE = ("-", "--", "--bogus", "-Z", "--n", "--d", "--no", "install", "-h", "--help", "--ver", "")
INNER = (
    *("pip install x", "python -m pip install -n y", "conda install -n b x", "pip list"),
    *("ls -l", "python -vc pass", "pip install --d x", "-- pip install x", "python -Im pip -V"),
)


def command_lines(parsers: dict[str, list[list[Any]]], count: int) -> list[list[str]]:
    """Random lines, different from each other, the same ones each time."""
    dice = random.Random(20260101)  # noqa: S311 - repeatable is what it shall be
    verbs = [*COMMON, *ENVIRONMENTS, *parsers]
    lines: dict[str, list[str]] = {}
    while len(lines) < count:
        line = command_line(dice, parsers, dice.choice(verbs))
        lines.setdefault(json.dumps(line), line)
    return list(lines.values())


def command_line(dice: random.Random, parsers: dict[str, list[list[Any]]], verb: str) -> list[str]:
    """One line: options before the subcommand, the subcommand, what follows."""
    words = option(dice, parsers[""]) if dice.random() < 0.1 else []
    words += verb.split()
    parts: list[list[str]] = []
    if dice.random() < 0.6:
        parts.append(target(dice))
    rows = parsers[verb] or parsers["install"]
    parts += [option(dice, rows) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
    if dice.random() < 0.1:
        parts.append([dice.choice(NOISE)])
    if dice.random() < 0.12:
        parts.append(["-" + "".join(dice.choices("ynpqdcfvhSk=", k=dice.randint(2, 4)))])
    dice.shuffle(parts)
    arguments = [argument(dice, verb) for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    parts.insert(dice.choice((0, len(parts), len(parts))), arguments)
    words += [word for part in parts for word in part]
    return words + (dice.choice(INNER).split(" ") if verb == "run" else [])


def argument(dice: random.Random, verb: str) -> str:
    """Something that is no option."""
    return dice.choice(PACKAGES if verb.split(" ")[0] not in ("env", "run", "rename") else VALUES)


def target(dice: random.Random) -> list[str]:
    """The many ways to name an environment."""
    value = dice.choice(VALUES[:5])
    name = dice.choice(("-n", "-p", "--name", "--prefix", "--nam", "--pre", "-yn", "-qyn"))
    if name[1] != "-":
        return dice.choice(([name, value], [name, value], [name + value], [f"{name}={value}"]))
    return dice.choice(([name, value], [f"{name}={value}"]))


def option(dice: random.Random, rows: list[list[Any]]) -> list[str]:
    """An option in full or cut short, with its value or without."""
    names, takes, choices = dice.choice(rows)
    name = dice.choice(names)
    if name.startswith("--") and dice.random() < 0.25:
        name = name[: dice.randint(3, len(name))]
    value = dice.choice(choices or VALUES)
    if not takes or dice.random() < 0.05:
        return [name]
    return [f"{name}={value}"] if dice.random() < 0.3 else [name, value]


if __name__ == "__main__":
    main(sys.argv[1:])
