"""The commands that must be fast: ``run``, ``check``, ``init``. No typer, a few options each."""

from __future__ import annotations

import os
import sys

from safeinstall import settings, stderr
from safeinstall.errors import SafeinstallError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from safeinstall.settings import Settings

_RUN = "usage: safeinstall run [--reason TEXT] -- TOOL [ARGUMENT…]"
_CHECK = "usage: safeinstall check [--json] -- TOOL [ARGUMENT…]"
_INIT = "usage: safeinstall init bash|zsh"
_COMPLETION = "usage: safeinstall completion bash|zsh|fish"


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall run``: guard the command and delegate it."""
    options, words = _split(arguments, _RUN)
    configuration = settings.read(environ)
    while options:
        option = options.pop(0)
        if option.startswith("--reason="):
            configuration = configuration.replace(reason=option[9:].strip())
        elif option == "--reason" and options:
            configuration = configuration.replace(reason=options.pop(0).strip())
        else:
            raise UsageError(_RUN)
    try:
        from safeinstall import pipeline

        pipeline.run(words, configuration, environ, _here())
    except (SafeinstallError, KeyboardInterrupt):
        raise
    except Exception as error:
        _after_our_own_bug(error, words, configuration, environ)


def check(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall check``: say what would be said, and change nothing."""
    options, words = _split(arguments, _CHECK)
    if [option for option in options if option != "--json"]:
        raise UsageError(_CHECK)
    from safeinstall.cli import check as slow

    return slow.check(words, settings.read(environ), environ, _here(), as_json=bool(options))


def init(arguments: Sequence[str], _: Mapping[str, str]) -> int:
    """``safeinstall init``: print the shell integration."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise UsageError(_INIT)
    from safeinstall.integration import template

    sys.stdout.buffer.write(os.fsencode(template.render(arguments[0])))
    return 0


def plan(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall plan``: judge conda's plan for our plugin in it; hidden."""
    from safeinstall.planning import command

    return command.plan(arguments, environ)


def hold(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall hold``: what the pip that conda starts is held to, for our guest; hidden."""
    from safeinstall.delegate import pip_part

    return pip_part.hold(arguments, environ)


def complete(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """``safeinstall complete WORDS…``: what the last word may become; hidden, for the shells."""
    from safeinstall.completion import command

    return command.answer(arguments, environ, _here(), sys.stdout)


def completion(arguments: Sequence[str], _: Mapping[str, str]) -> int:
    """``safeinstall completion``: print the completion for a shell."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise UsageError(_COMPLETION)
    from safeinstall.completion import command

    sys.stdout.buffer.write(os.fsencode(command.script(arguments[0])))
    return 0


COMMANDS: dict[str, Callable[[Sequence[str], Mapping[str, str]], int]] = {
    "run": run,
    "check": check,
    "init": init,
    "plan": plan,
    "hold": hold,
    "complete": complete,
    "completion": completion,
}


def _split(arguments: Sequence[str], usage: str) -> tuple[list[str], list[str]]:
    """Our options before ``--``, the tool's words behind it."""
    if "--" not in arguments:
        raise UsageError(usage)
    at = arguments.index("--")
    if at + 1 == len(arguments):
        raise UsageError(usage)
    return list(arguments[:at]), list(arguments[at + 1 :])


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # the directory was removed under our feet
        return "/"


def _after_our_own_bug(
    error: Exception, words: Sequence[str], configuration: Settings, environ: Mapping[str, str]
) -> NoReturn:
    """A bug of ours must not cost the user a command, unless the policy says so."""
    from safeinstall.delegate import process
    from safeinstall.errors import ToolNotFound
    from safeinstall.policy import load as policies
    from safeinstall.probe.tool import which

    stderr.say(f"safeinstall: internal error ({type(error).__name__}: {error})")
    if process.attention.started:
        raise SafeinstallError("the command itself has run; please report this") from error
    if policies.load(configuration, _here()).on_guard_error == "block":
        raise SafeinstallError("the policy does not let commands pass unguarded") from error
    stderr.say("safeinstall: the command runs unguarded; please report this")
    executable = which(words[0], environ, _here())
    if executable is None:
        raise ToolNotFound(f"{words[0]}: command not found")
    process.replace_by(executable, words, environ)
