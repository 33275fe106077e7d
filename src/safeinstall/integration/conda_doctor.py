"""A conda plugin: ``safeinstall doctor`` as a health check of ``conda doctor``.

Where safeinstall is installed beside conda, conda imports this module at every command (the entry
point is in ``pyproject.toml``). So it imports only what conda has imported already, and the check
is a process of its own, started as the shell functions start safeinstall.
"""
# ruff: noqa: T201 - a health check prints its result itself
# conda is not installed where this file is type-checked
# mypy: disable-error-code="import-not-found,misc,untyped-decorator"

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

from conda.plugins import hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from typing import Any

MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")
_OK, _BAD = "✅", "❌"  # as conda's own checks print them


@hookimpl
def conda_health_checks() -> Iterator[Any]:
    """The plugin hook that ``conda doctor`` calls. conda's own checks run whatever happens here."""
    try:
        check = _check()
    except Exception as error:
        print(f"safeinstall: no health check ({error!r})", file=sys.stderr)
    else:
        yield check


def _check() -> Any:
    from conda.plugins.types import CondaHealthCheck

    check = {"name": "safeinstall", "action": look}
    words = {
        "summary": "Detect what conda and pip have done to each other's packages",
        "fix": "Make the environment anew, and keep the old one as a backup",
    }
    try:
        return CondaHealthCheck(**check, **words, fixer=mend)
    except TypeError:  # before conda 26.1 a check had no fixer
        return CondaHealthCheck(**check)


def look(prefix: str, verbose: bool) -> None:
    """Print the problems of the environment; with ``verbose`` the commands that solve them, too."""
    report = _report(prefix)
    problems = report["problems"]
    if problems:
        print(f"{_BAD} Problems found by safeinstall: {len(problems)}\n")
    else:
        print(f"{_OK} safeinstall has found no problem.\n")
    for problem in problems:
        print(_line(problem["message"]))
        for command in problem["commands"] if verbose else ():
            print(f"  {_line(command)}")
    if problems:
        more = report["fix"] or shlex.join(["safeinstall", "doctor", "-p", prefix])
        print(f"\nWhat solves them: {_line(more)}\n")
    if verbose and report["not_checked"]:
        print(f"Not looked at: {_line('; '.join(report['not_checked']))}\n")


def mend(prefix: str, _: Namespace, confirm: Callable[[str], None]) -> int:
    """Make the environment anew where that solves problems: the plan first, then ``confirm``,
    which raises an exception of conda's if the answer is no. Returns the exit status.
    """
    if not _report(prefix)["fix"]:
        print("safeinstall has found nothing that it can fix.")
        return 0
    anew = ("rebuild", "-p", prefix)
    planned = _start(*anew, "--dry-run").returncode
    if planned:
        return planned
    confirm("Make the environment anew, and keep the old one as a backup?")
    done = _start(*anew, "--yes", capture=True).returncode  # without the plan once more
    if done == 0:
        look(prefix, verbose=False)
    return done


def _report(prefix: str) -> dict[str, Any]:
    """What ``safeinstall doctor --json`` says. Raises RuntimeError; its stderr tells more."""
    done = _start("doctor", "-p", prefix, "--json", capture=True)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"safeinstall doctor ended with {done.returncode}") from None
    return report


def _start(*words: str, capture: bool = False) -> subprocess.CompletedProcess[bytes]:
    sys.stdout.flush()
    command = [sys.executable, "-I", "-S", MAIN, *words]
    environ = {**os.environ, "CONDA_EXE": os.path.join(sys.prefix, "bin", "conda")}
    out = subprocess.PIPE if capture else None
    return subprocess.run(command, env=environ, stdout=out, check=False)


def _line(text: str) -> str:
    """In one line, without control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
