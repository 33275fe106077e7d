"""The commands that must be fast, such as ``run``, ``check``, ``init``. They do without typer."""

from __future__ import annotations

import os
import sys

from safeinstall.errors import Blocked, SafeinstallError, UsageError
from safeinstall.output import stderr
from safeinstall.settings import DEBUG, Session, Settings
from safeinstall.settings import read as read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn


_RUN = "usage: safeinstall run [--reason TEXT] -- TOOL [ARGUMENT…]"
_CHECK = "usage: safeinstall check [--json] -- TOOL [ARGUMENT…]"
_INIT = "usage: safeinstall init bash|zsh"
HELP = {
    "run": "Guard a command and run the real tool. --reason: why it shall go on past a block.",
    "check": "Say what the guard would say, and change nothing. --json: for programs.",
    "init": "Print the integration for a shell.",
    "completion": "Print the completion for a shell.",
}
"""What each command does that users may type, for its ``--help``."""

_DOOR = "--door="  # followed by the interpreter that is to run the tool; from a door only
_STOPS = "the policy does not let commands pass unguarded"
_LONGEST_QUESTION = 1 << 24  # bytes
_COMPLETION = "usage: safeinstall completion bash|zsh|fish"


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall run``: guard the command and run the real tool."""
    options, words = _split(arguments, _RUN)
    try:
        from safeinstall.guard.run import run as run_guarded

        door = options.pop(0).removeprefix(_DOOR) if options and _is_door(options[0]) else ""
        session = Session(_with_reason(options, read_settings(environ)), environ, _here())
        if door:
            session = session.replace(by_function=False)
            from safeinstall.door import typed

            words = typed.words(words, door, session)
        run_guarded(words, session)
    except (SafeinstallError, KeyboardInterrupt):
        raise
    except Exception as error:
        _after_our_own_bug(error, words, environ)


def _is_door(option: str) -> bool:
    return option.startswith(_DOOR)


def _with_reason(options: list[str], settings: Settings) -> Settings:
    while options:
        option = options.pop(0)
        if option.startswith("--reason="):
            settings = settings.replace(reason=option[9:].strip())
        elif option == "--reason" and options:
            settings = settings.replace(reason=options.pop(0).strip())
        else:
            raise UsageError(_RUN)
    return settings


def check(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall check``: show the verdict on the command, and change nothing."""
    options, words = _split(arguments, _CHECK)
    if [option for option in options if option != "--json"]:
        raise UsageError(_CHECK)
    try:
        from safeinstall.cli import check as slow

        session = Session(read_settings(environ), environ, _here())
        return slow.check(words, session, as_json=bool(options))
    except (SafeinstallError, BrokenPipeError):
        raise
    except Exception as error:
        if not _must_stop(environ):
            raise
        from safeinstall import unguarded

        stderr.say(f"safeinstall: {unguarded.describe(error)}; {_STOPS}")
        raise Blocked from error


def init(arguments: Sequence[str], _: Mapping[str, str]) -> int:
    """``safeinstall init``: print the shell integration."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise UsageError(_INIT)
    from safeinstall.integration import template

    sys.stdout.buffer.write(os.fsencode(template.render(arguments[0])))
    return 0


def plan(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall plan``: judge conda's plan, called by our conda plugin; hidden."""
    from safeinstall.guard import plan

    return plan.plan(arguments, environ)


def hold(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hold``: print constraints for a pip started by conda, called by our guest
    module in that pip; hidden.
    """
    from safeinstall.guard import hold as for_guest

    return for_guest.hold(arguments, environ)


def wheels(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall wheels``: judge what pip is about to install, called by our guest module in
    pip; hidden.
    """
    from safeinstall.guard import wheels as for_guest

    return for_guest.wheels(arguments, environ)


def hook(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hook --for AGENT``: called by a coding agent before it runs a command; hidden.

    A fault of ours never stops an agent.
    """
    try:
        from safeinstall.guard import agent_hook

        session = Session(read_settings(environ), environ, _here(), by_function=False)
        question = sys.stdin.buffer.read(_LONGEST_QUESTION)
        status, out, told = agent_hook.answer(arguments[-1], question, session)
    except Exception:
        if environ.get(DEBUG):
            raise
        return 0
    sys.stdout.write(out)
    if told:
        stderr.say(told)
    return status


def complete(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall complete WORDS…``: print completions, called by the shell function; hidden."""
    from safeinstall.completion import command

    return command.answer(arguments, environ, _here(), sys.stdout)


def completion(arguments: Sequence[str], _: Mapping[str, str]) -> int:
    """``safeinstall completion``: print the completion code for a shell."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise UsageError(_COMPLETION)
    from safeinstall.completion import command

    sys.stdout.buffer.write(os.fsencode(command.script(arguments[0])))
    return 0


_USAGE = {"run": _RUN, "check": _CHECK, "init": _INIT, "completion": _COMPLETION}


def asked_for_help(name: str, arguments: Sequence[str]) -> bool:
    """Print the help of a command on stdout, if an option before ``--`` asks for it."""
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if name not in HELP or {"-h", "--help"}.isdisjoint(ours):
        return False
    sys.stdout.write(f"{_USAGE[name]}\n\n{HELP[name]}\n")
    return True


COMMANDS: dict[str, Callable[[Sequence[str], Mapping[str, str]], int]] = {
    "run": run,
    "check": check,
    "init": init,
    "plan": plan,
    "hold": hold,
    "wheels": wheels,
    "hook": hook,
    "complete": complete,
    "completion": completion,
}


def _split(arguments: Sequence[str], usage: str) -> tuple[list[str], list[str]]:
    """Our options, which are before ``--``, and the tool's command line behind it."""
    if "--" not in arguments:
        raise UsageError(usage)
    at = arguments.index("--")
    if at + 1 == len(arguments):
        raise UsageError(usage)
    return list(arguments[:at]), list(arguments[at + 1 :])


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # the working directory was removed
        return "/"


def _after_our_own_bug(
    error: Exception, words: Sequence[str], environ: Mapping[str, str]
) -> NoReturn:
    """Run the tool unguarded after a bug of ours, unless ``on_guard_error`` is "block".

    If the tool has run already, end as it ended.
    """
    from safeinstall import unguarded

    if unguarded.has_run():
        _end_like_the_tool(error)
    if _must_stop(environ):
        raise SafeinstallError(f"{unguarded.describe(error)}; {_STOPS}") from error
    unguarded.run(words, environ, error)


def _end_like_the_tool(error: Exception) -> NoReturn:
    from safeinstall import unguarded
    from safeinstall.rails import process

    told = f"{unguarded.describe(error)}; the command itself has run, please report this"
    if process.attention.result is None:
        raise SafeinstallError(told) from error
    stderr.say(f"safeinstall: {told}")
    process.end_like(process.attention.result)


def _must_stop(environ: Mapping[str, str]) -> bool:
    """Is the policy's ``on_guard_error`` "block"? False if loading it meets a bug of ours, too.

    Raises PolicyError for an invalid policy.
    """
    try:
        from safeinstall.policy import load as policies

        return policies.load(read_settings(environ), _here()).on_guard_error == "block"
    except SafeinstallError:
        raise
    except Exception:
        return False
