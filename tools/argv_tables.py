"""Write the option tables of :mod:`safeinstall.argv` from the tools' own parsers.

    python tools/argv_tables.py pip DIRECTORY...    each made by ``pip install --target DIR pip==X``
    python tools/argv_tables.py conda PYTHON        the interpreter of a conda installation

The tools are asked in a process of their own (this file again, with ``--dump``), so that nothing
of them is imported here. The result replaces ``src/safeinstall/argv/*_options.py``.
"""

# ruff: noqa: SLF001 - the grammars of optparse and argparse are in their private attributes
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(os.path.dirname(HERE), "src", "safeinstall", "argv")
Row = str


def main(arguments: list[str]) -> None:
    """Dispatch on the first argument."""
    what, *rest = arguments
    if what == "--dump":
        json.dump({"pip": dump_pip, "conda": dump_conda}[rest[0]](), sys.stdout)
    elif what == "pip":
        write("pip_options.py", pip_module([ask("pip", sys.executable, item) for item in rest]))
    else:
        write("conda_options.py", conda_module(ask("conda", rest[0], "")))


def ask(tool: str, python: str, path: str) -> dict[str, Any]:
    """The tool's grammar, from an interpreter that can import it."""
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "HOME": home,
            "PATH": os.defpath,
            "PYTHONPATH": path,
            "PIP_CONFIG_FILE": os.devnull,
        }
        command = [python, os.path.abspath(__file__), "--dump", tool]
        done = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def write(name: str, text: str) -> None:
    """Put the module in its place."""
    with open(os.path.join(PACKAGE, name), "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", os.path.join(PACKAGE, name)])


# ---- pip -------------------------------------------------------------------------------------


def dump_pip() -> dict[str, Any]:
    """Every option of every command of the pip that can be imported here."""
    import pip
    from pip._internal.cli.main_parser import create_main_parser
    from pip._internal.commands import commands_dict, create_command

    parsers = {"": create_main_parser()}
    parsers.update((name, create_command(name).parser) for name in commands_dict)
    rows = {
        name: [pip_row(option) for option in parser.option_list_all]
        for name, parser in parsers.items()
    }
    return {"version": pip.__version__, "commands": rows}


def pip_row(option: Any) -> Row:
    """``names dest action check``, as :mod:`safeinstall.argv.optparsing` reads it."""
    names = ",".join([*option._short_opts, *option._long_opts])
    check = {"string": "text", "path": "text", "package_name": "text", None: "-"}.get(
        option.type, option.type
    )
    if option.choices:
        check = "choice:" + ",".join(option.choices)
    if option.callback:
        check = f"call:{option.callback.__name__.strip('_')}" if option.type else "-"
    return f"{names} {option.dest or '-'} {option.action} {check}"


def pip_module(dumps: list[dict[str, Any]]) -> str:
    """One table for all versions: each row says from which to which version it holds."""
    dumps.sort(key=lambda dump: [int(part) for part in dump["version"].split(".")])
    held: dict[tuple[str, Row], list[int]] = {}
    for index, dump in enumerate(dumps):
        for command, rows in dump["commands"].items():
            for row in [*rows, ""]:
                held.setdefault((command, row), []).append(index)
    commands: dict[str, list[Row]] = {}
    spans: dict[str, str] = {}
    for (command, row), numbers in held.items():
        whole = held[command, ""]
        for first, last in runs(numbers):
            if not row:
                spans[command] = f"{first} {last}"
                continue
            # as old and as young as its command: said once, for all commands that share the row
            since = 0 if first == whole[0] else first
            until = len(dumps) - 1 if last == whole[-1] else last
            commands.setdefault(command, []).append(f"{row} {since} {until}")
    versions = tuple(dump["version"] for dump in dumps)
    return PIP_HEAD + literal("VERSIONS", versions) + tables(commands) + literal("SPANS", spans)


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """``[1, 2, 4]`` → ``[(1, 2), (4, 4)]``."""
    result: list[tuple[int, int]] = []
    for number in numbers:
        if result and result[-1][1] == number - 1:
            result[-1] = (result[-1][0], number)
        else:
            result.append((number, number))
    return result


PIP_HEAD = '''"""pip's options. Written by tools/argv_tables.py; do not edit.

A row is ``names dest action check first last``, the last two being indexes into ``VERSIONS``: the
releases of pip in which the row holds. ``SPANS`` says the same of the commands.
"""
# ruff: noqa: E501

'''

# ---- conda -----------------------------------------------------------------------------------


def dump_conda() -> dict[str, Any]:
    """Every parser of conda, plugins' non-greedy ones included, as ``path → rows``."""
    from conda import __version__  # type: ignore[import-not-found]
    from conda.base.context import context  # type: ignore[import-not-found]
    from conda.cli.conda_argparse import (  # type: ignore[import-not-found]
        generate_parser,
        generate_pre_parser,
    )

    context.__init__()
    parsers: dict[str, list[Row]] = {"pre": conda_rows(generate_pre_parser(add_help=False))}
    walk_conda("", generate_parser(add_help=True), parsers)
    return {"version": __version__, "parsers": parsers}


def walk_conda(path: str, parser: Any, parsers: dict[str, list[Row]]) -> None:
    """Add the parser and those below it; an alias is a row of its own, ``=canonical``."""
    parsers[path] = conda_rows(parser)
    for action in parser._actions:
        if type(action).__name__ not in ("_GreedySubParsersAction", "_SubParsersAction"):
            continue
        first: dict[int, str] = {}
        for name, child in action.choices.items():
            full = f"{path} {name}".strip()
            if id(child) in first:
                parsers[full] = ["=" + first[id(child)]]
            else:
                first[id(child)] = full
                walk_conda(full, child, parsers)


def conda_rows(parser: Any) -> list[Row]:
    """``names dest kind nargs group choices`` for each action of one parser."""
    rows = ["greedy"] if getattr(parser, "greedy", False) else []
    groups = {
        id(action): str(number)
        for number, group in enumerate(parser._mutually_exclusive_groups, 1)
        for action in group._group_actions
        if len(group._group_actions) > 1
    }
    rows += [
        f"need {number}"
        for number, group in enumerate(parser._mutually_exclusive_groups, 1)
        if group.required
    ]
    for action in parser._actions:
        kind = type(action).__name__.strip("_").removesuffix("Action").lower()
        if "subparsers" in kind:
            rows.append(
                f"sub {action.dest.strip('=')} {'required' if action.required else 'optional'}"
            )
            continue
        names = ",".join(action.option_strings) or "-"
        # choices that plugins extend are no choices: any solver may be installed
        fixed = action.choices if action.choices and "choices_func" not in vars(action) else ()
        choices = ",".join(fixed) or "-"
        nargs = {None: "1"}.get(action.nargs, str(action.nargs))
        rows.append(f"{names} {action.dest} {kind} {nargs} {groups.get(id(action), '-')} {choices}")
    return rows


def conda_module(dump: dict[str, Any]) -> str:
    """The table, with the version it was read from."""
    return CONDA_HEAD + literal("VERSION", dump["version"]) + tables(dump["parsers"])


CONDA_HEAD = '''"""conda's options. Written by tools/argv_tables.py; do not edit.

A row is ``names dest kind nargs group choices``; ``group`` numbers the mutually exclusive ones.
``need GROUP`` says that one of a group must be there, ``sub DEST required`` stands for
subcommands, ``greedy`` for a plugin that parses its own words, ``=PATH`` for an alias.
"""
# ruff: noqa: E501

'''

# ---- both ------------------------------------------------------------------------------------


def tables(parsers: dict[str, list[Row]]) -> str:
    """Each row once, and for each parser the numbers of its rows, in order."""
    rows = list(dict.fromkeys(row for items in parsers.values() for row in items))
    number = {row: index for index, row in enumerate(rows)}
    numbered = {path: tuple(number[row] for row in items) for path, items in parsers.items()}
    return literal("ROWS", tuple(rows)) + literal("PARSERS", numbered)


def literal(name: str, value: Any) -> str:
    """An assignment, one item a line."""
    if isinstance(value, str):
        return f'{name} = "{value}"\n'
    if isinstance(value, dict):
        lines = [f"    {json.dumps(key)}: {packed(item)}," for key, item in value.items()]
        return "\n".join([f"{name} = {{", *lines, "}", ""])
    return "\n".join([f"{name} = (", *(f"    {json.dumps(item)}," for item in value), ")", ""])


def packed(item: Any) -> str:
    """Numbers as one string: a tenth of the lines of a formatted tuple."""
    return json.dumps(item if isinstance(item, str) else " ".join(map(str, item)))


if __name__ == "__main__":
    main(sys.argv[1:])
