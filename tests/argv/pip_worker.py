"""pip's own reading of command lines. Run with the PYTHONPATH of one pip; JSON lines in and out.

Each line is ``{"words", "environ", "config"}``, ``{"requirement", "editable"}`` or
``{"file", "environ"}``. pip's parsers
do all of the work; replaced are only printing (slow) and the process that ``--python`` starts.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import partial
from inspect import signature
from typing import Any

import pip
from pip._internal.cli import cmdoptions, main_parser, parser
from pip._internal.commands import create_command
from pip._internal.configuration import Configuration
from pip._internal.exceptions import PipError
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req import constructors, req_file

KEPT = (
    *("dry_run", "use_user_site", "target_dir", "prefix_path", "root_path", "requirements"),
    *("constraints", "editables", "index_url", "extra_index_urls", "no_index", "upgrade"),
    *("override_externally_managed", "dependency_groups", "requirements_from_scripts", "yes"),
)

# Since pip 22.3
NO_INDEX = {"no_index": False} if "no_index" in signature(SearchScope.create).parameters else {}


class Other(Exception):  # noqa: N818 - a signal
    """``--python`` would start pip again."""


def silent(*_: object) -> None:
    """Print nothing."""


def started_again(python: str) -> str:
    """In the place of ``identify_python_interpreter``."""
    raise Other(python)


def forget() -> None:
    """Lists that are made once a process, and filled by each command line, become empty again."""
    for item in vars(cmdoptions).values():
        default = item.keywords.get("default") if isinstance(item, partial) else None
        if isinstance(default, (list, set)):
            default.clear()


def read(case: dict[str, Any], config: str) -> dict[str, Any]:
    """What pip would do."""
    forget()
    for name in [name for name in os.environ if name.startswith(("PIP_", "_PIP_"))]:
        del os.environ[name]
    os.environ.update(case.get("environ", {}))
    with open(config, "w", encoding="utf-8") as file:
        file.write(ini(case.get("config", {})))
    python = None
    try:
        try:
            name, words = main_parser.parse_command(list(case["words"]))
        except Other as other:
            python = str(other)
            os.environ["_PIP_RUNNING_IN_SUBPROCESS"] = "1"
            name, words = main_parser.parse_command(list(case["words"]))
        return subcommand(name, words, python)
    except SystemExit as ended:
        return {"end": "refused" if ended.code else "explained"}
    except PipError:
        return {"end": "refused"}


def subcommand(name: str, words: list[str], python: str | None) -> dict[str, Any]:
    """As ``cli.main`` goes on."""
    try:
        command = create_command(name, isolated=("--isolated" in words))
        options, rest = command.parse_args(words)
    except SystemExit as ended:
        return {"end": "refused" if ended.code else "explained", "verb": name}
    except PipError:
        return {"end": "refused", "verb": name}
    if getattr(options, "python", None) and "_PIP_RUNNING_IN_SUBPROCESS" not in os.environ:
        return {"end": "refused", "verb": name}
    values = {key: getattr(options, key) for key in KEPT if hasattr(options, key)}
    return {"end": "read", "verb": name, "rest": rest, "values": values, "python": python}


def ini(config: dict[str, str]) -> str:
    """``{"install.target": "/x"}`` as a file."""
    sections: dict[str, list[str]] = {}
    for key, value in config.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, []).append(f"{name} = {value}")
    return "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections.items())


def requirement(text: str, editable: bool) -> dict[str, Any]:
    """What pip makes of one requirement."""
    make = constructors.parse_req_from_editable if editable else parse_line
    try:
        parts = make(text)
    except Exception as error:  # pip's own errors, and those of packaging below it
        return {"error": type(error).__name__}
    found = parts.requirement
    return {
        "name": found.name if found else "",
        "extras": sorted({*parts.extras, *(found.extras if found else ())}),
        "version": str(found.specifier) if found else "",
        "link": parts.link.scheme if parts.link else found.url if found else None,
    }


def parse_line(text: str) -> Any:
    """The newer signature wants a second argument."""
    return constructors.parse_req_from_line(text, None)


def requirements_file(case: dict[str, Any]) -> dict[str, Any]:
    """The requirements that pip reads from a file and those it names, and the indexes that it asks
    then: at first those of the case.
    """
    os.environ.update(case["environ"])
    session = PipSession()
    scope = SearchScope.create([], case["indexes"], **NO_INDEX)
    prefs = SelectionPreferences(allow_yanked=False)
    finder = PackageFinder.create(LinkCollector(session, scope), prefs)
    try:
        found = [
            {
                "requirement": item.requirement,
                "editable": item.is_editable,
                "file": item.comes_from.split(" ", 1)[1].rpartition(" (line ")[0],
                "line": int(item.comes_from.rpartition(" (line ")[2][:-1]),
            }
            for item in req_file.parse_requirements(case["file"], session, finder)
            if not item.constraint
        ]
    except Exception as error:
        return {"error": type(error).__name__}
    finally:
        for name in case["environ"]:
            del os.environ[name]
    return {"requirements": found, "indexes": finder.index_urls}


def main() -> None:
    """Answer line after line."""
    replace(parser.ConfigOptionParser, print_help=silent, print_usage=silent, exit=leave)
    replace(main_parser, identify_python_interpreter=started_again)
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115 - until the end
    sys.stderr = sys.stdout
    with tempfile.NamedTemporaryFile() as config:
        files = [("env", [config.name])]
        replace(Configuration, iter_config_files=lambda _: files)
        answers.write(json.dumps({"version": pip.__version__}) + "\n")
        answers.flush()
        for line in sys.stdin:
            case = json.loads(line)
            if "file" in case:
                answer = requirements_file(case)
            elif "requirement" in case:
                answer = requirement(case["requirement"], case["editable"])
            else:
                answer = read(case, config.name)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def replace(where: object, **what: object) -> None:
    """Put our own in the place of pip's."""
    for name, instead in what.items():
        setattr(where, name, instead)


def leave(self: Any, status: int = 0, msg: str | None = None) -> None:
    """Exit without a word."""
    raise SystemExit(status)


if __name__ == "__main__":
    main()
