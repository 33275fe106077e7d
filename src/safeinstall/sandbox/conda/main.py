"""The entry point: one call of conda."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

from safeinstall.sandbox.conda import CondaError
from safeinstall.sandbox.conda.arguments import parser
from safeinstall.sandbox.conda.context import Context, read_context

Command = Callable[[Context, Namespace], int]

_COMMANDS = {
    "create": ("change", "create"),
    "install": ("change", "install"),
    "update": ("change", "install"),
    "upgrade": ("change", "install"),
    "remove": ("change", "remove"),
    "uninstall": ("change", "remove"),
    "list": ("listing", "packages"),
    "info": ("listing", "info"),
    "config": ("listing", "configuration"),
    "run": ("running", "run"),
    "env list": ("listing", "environments"),
    "env create": ("environments", "create"),
    "env update": ("environments", "update"),
    "env remove": ("environments", "remove"),
}


def start(root: str, argv: list[str]) -> None:
    """Run :func:`main` and end this process by its status."""
    status = main(root, argv)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = 1
    # rattler's threads sometimes outlive the interpreter they run in, and crash.
    os._exit(status)


def main(root: str, argv: list[str]) -> int:
    """Run ``conda ARGV`` of the installation in ``root``; returns the exit status."""
    context = read_context(root, argv, os.environ)
    if argv and argv[0].startswith("shell."):
        from safeinstall.sandbox.conda.activation import shell

        return shell(context, argv[1:])
    if argv and argv[0] in ("activate", "deactivate"):
        say_error = "CondaError: Run 'conda init' before 'conda activate'"
        sys.stderr.write(f"\n{say_error}\n\n")
        return 1
    options = parser().parse_args(argv or ["--help"])
    verb = f" {options.verb}" if options.command == "env" else ""
    try:
        return _command(options.command + verb)(context, options)
    except CondaError as error:
        if error.status or not getattr(options, "json", False):
            from safeinstall.sandbox.conda.output import report

            report(error, getattr(options, "json", False))
        return error.status
    except KeyboardInterrupt:
        sys.stderr.write("\nCondaError: KeyboardInterrupt\n\n")
        return 1


def _command(name: str) -> Command:
    module, function = _COMMANDS[name]
    found: Command = getattr(import_module(f"safeinstall.sandbox.conda.{module}"), function)
    return found
