"""safeinstall's commands and options as data, with the kind of each value, for completion.

The commands themselves are defined in :mod:`safeinstall.cli`; a test compares the two.
"""

from __future__ import annotations

from safeinstall.value import Value


class Option(Value):
    """An option with all its names. ``kind``: of its value; ``""`` if it takes no value."""

    names: tuple[str, ...]
    help: str
    kind: str = ""


class Command(Value):
    """A command, or a group of them."""

    help: str
    options: tuple[Option, ...] = ()
    arguments: tuple[str, ...] = ()  # the kinds of the arguments
    commands: dict[str, Command] = {}


_HELP = Option(("--help", "-h"), "Show what there is.")
_NAME = Option(("--name", "-n"), "The environment's name.", "environment")
_PREFIX = Option(("--prefix", "-p"), "Its directory.", "prefix")
_ALL = Option(("--all",), "All environments, also those that are gone.")
_JSON = Option(("--json",), "For programs.")
_NO_PAGER = Option(("--no-pager",), "Print it all at once.")

_UNDO = (
    _NAME,
    _PREFIX,
    Option(("--nearest",), "Take what is nearest."),
    Option(("--dry-run",), "Show the plan, do nothing."),
    Option(("--yes", "-y"), "Do not ask."),
    _HELP,
)

_HISTORY = Command(
    "What was done, by whom, and what it changed",
    (
        _NAME,
        _PREFIX,
        _ALL,
        Option(("--limit",), "How many; 0 for all.", "number"),
        Option(("--graph",), "On a time line, by owner."),
        Option(("--svg",), "The time line as a picture.", "file"),
        _JSON,
        Option(("--jsonl",), "One JSON object a line."),
        Option(("--csv",), "For spreadsheets."),
        Option(("--package",), "A package, or a pattern.", "package"),
        Option(("--tool",), "The tool that did it.", "tool"),
        Option(("--verdict",), "What the policy said.", "verdict"),
        Option(("--status",), "How it ended.", "status"),
        Option(("--actor",), "Who did it.", "actor"),
        Option(("--rule",), "A rule that fired.", "rule"),
        Option(("--since",), "From this time on.", "time"),
        Option(("--until",), "Up to this time.", "time"),
        Option(("--overridden",), "What went on past a block."),
        _NO_PAGER,
        _HELP,
    ),
    commands={
        "show": Command(
            "The whole story of one operation",
            (_NAME, _PREFIX, _ALL, _JSON, _NO_PAGER, _HELP),
            ("operation",),
        ),
        "diff": Command(
            "Compare two states of an environment",
            (_NAME, _PREFIX, _JSON, _NO_PAGER, _HELP),
            ("span",),
        ),
        "verify": Command(
            "Is every record as it was written?", (_NAME, _PREFIX, _ALL, _JSON, _HELP)
        ),
    },
)

_AS_LAYER = Option(("--as",), "As the file of this layer.", "layer")

_POLICY = Command(
    "What the policy says, and how it judges",
    (_HELP,),
    commands={
        "show": Command(
            "The values that hold in an environment",
            (
                Option(("--origin",), "All, with their places and what lost."),
                _JSON,
                _NAME,
                _PREFIX,
                Option(("--as",), "For an agent or CI.", "acting"),
                _HELP,
            ),
        ),
        "explain": Command(
            "How the verdict on a command comes about", (_JSON, _HELP), ("command",)
        ),
        "check": Command(
            "Every error in policy files, and what has no effect",
            (Option(("--format",), "For people, programs, code hosts.", "form"), _AS_LAYER, _HELP),
            ("file",),
        ),
        "test": Command(
            "Does a policy judge as a file of cases expects?",
            (Option(("--policy",), "The policy file.", "file"), _AS_LAYER, _HELP),
            ("file",),
        ),
        "exceptions": Command(
            "The exceptions: days left, owner, last use",
            (Option(("--expiring-in",), "Only those that end within.", "time"), _JSON, _HELP),
        ),
        "init": Command(
            "A commented policy to begin with",
            (
                Option(("--profile",), "For whom it is.", "profile"),
                Option(("--user",), "Your own file."),
                Option(("--machine",), "For all users."),
                Option(("--project",), "safeinstall.toml here."),
                Option(("--write",), "Create the file."),
                _HELP,
            ),
        ),
        "schema": Command("The JSON Schema of a policy file", (_HELP,)),
        "update": Command("Fetch the policies that files here extend", (_HELP,)),
    },
)

ROOT = Command(
    "",
    (Option(("--version",), "Print the version."), _HELP),
    commands={
        "run": Command(
            "Guard a command and hand it to the real tool",
            (Option(("--reason",), "Why it shall go ahead all the same.", "text"), _HELP),
            ("command",),
        ),
        "check": Command("Say what the guard would say", (_JSON, _HELP), ("command",)),
        "history": _HISTORY,
        "status": Command("One environment at a glance", (_NAME, _PREFIX, _JSON, _HELP)),
        "doctor": Command(
            "Look at every file of an environment",
            (
                _NAME,
                _PREFIX,
                _JSON,
                Option(("--fix",), "Make it anew where that mends it, and look again."),
                Option(("--yes", "-y"), "Do not ask."),
                _HELP,
            ),
        ),
        "export": Command(
            "Write the file that makes an environment anew",
            (
                _NAME,
                _PREFIX,
                Option(("--format",), "For conda, for pip, or for an image.", "format"),
                Option(("--output", "-o"), "The file; - for stdout.", "file"),
                Option(("--from-requests",), "What was asked for, for other platforms."),
                Option(("--strict",), "End with 1 if it cannot be had elsewhere."),
                Option(("--at",), "As it was after this operation.", "operation"),
                _HELP,
            ),
        ),
        "rebuild": Command(
            "Make an environment anew, sound; the old one is kept",
            (
                _NAME,
                _PREFIX,
                Option(("--add",), "What conda is to install besides.", "spec"),
                Option(("--add-pip",), "What pip is to install besides.", "spec"),
                Option(("--remove",), "A package that is not to come.", "package"),
                Option(("--channel", "-c"), "Where conda is to look first.", "channel"),
                Option(("--python",), "Another Python, such as 3.12.", "version"),
                Option(("--from",), "The directory of a lock; with --to, an environment.", "file"),
                Option(("--to",), "A new environment, made of this one.", "text"),
                Option(("--update",), "Everything in the newest version that fits."),
                Option(("--dry-run",), "Show the plan, do nothing."),
                Option(("--yes", "-y"), "Do not ask."),
                _HELP,
            ),
        ),
        "undo": Command("Take an operation back", _UNDO, ("operation",)),
        "rollback": Command("Go back to the state after an operation", _UNDO, ("operation",)),
        "clean": Command(
            "Remove what no environment needs: backups, and caches",
            (
                Option(("--keep-backups",), "Only the caches of conda and pip."),
                Option(("--dry-run",), "Show the plan, do nothing."),
                Option(("--yes", "-y"), "Do not ask."),
                _HELP,
            ),
        ),
        "backups": Command(
            "List the old environments that rebuilds have kept, or put one back",
            (
                _NAME,
                _PREFIX,
                Option(("--restore",), "Put this one back.", "backup"),
                Option(("--remove",), "Remove this one.", "backup"),
                Option(("--dry-run",), "Show the plan, do nothing."),
                Option(("--yes", "-y"), "Do not ask."),
                _JSON,
                _HELP,
            ),
        ),
        "adopt": Command("Keep what is there as the beginning", (_NAME, _PREFIX, _HELP)),
        "lint": Command(
            "Judge Dockerfiles, scripts and workflow files by their text",
            (
                _JSON,
                Option(("--sarif",), "SARIF 2.1.0."),
                Option(("--github",), "Annotations of Actions."),
                Option(("--fix",), "Show what is safe to fix, as a diff."),
                Option(("--yes", "-y"), "With --fix: write it."),
                Option(("--stdin-name",), "The file that stdin stands for.", "file"),
                _HELP,
            ),
            ("file",),
        ),
        "rule": Command("Print a rule's page, or list all rules", (_JSON, _HELP), ("rule",)),
        "policy": _POLICY,
        "init": Command("Print the integration for a shell", (_HELP,), ("shell",)),
        "completion": Command("Print the completion for a shell", (_HELP,), ("completing",)),
        "setup": Command(
            "Write the integration into the shell's start-up file, or take it out",
            (
                Option(("--remove",), "Take it out without a trace."),
                Option(("--no-doors",), "Only the shell."),
                Option(("--shims",), "Guard uv and mamba in scripts, by PATH."),
                Option(("--agents",), "Only the hooks of coding agents."),
                Option(("--system",), "For all users of this machine; as root."),
                Option(("--dry-run",), "Show it, write nothing."),
                Option(("--yes", "-y"), "Do not ask."),
                _HELP,
            ),
            ("shell",),
        ),
        "door": Command(
            "Let pip and conda come to the guard, whoever starts them",
            (_HELP,),
            commands={
                "list": Command("Where a door is open", (_JSON, _HELP)),
                "open": Command(
                    "Open an environment's door",
                    (_NAME, _PREFIX, Option(("--all",), "Every environment."), _HELP),
                ),
                "close": Command(
                    "Take it out without a trace",
                    (_NAME, _PREFIX, Option(("--all",), "Every environment."), _HELP),
                ),
            },
        ),
        "protect": Command(
            "Put rails into an environment that hold without the guard",
            (
                _NAME,
                _PREFIX,
                Option(("--freeze",), "Freeze it for conda once pip owns something in it."),
                Option(("--dry-run",), "Show the plan, do nothing."),
                _JSON,
                _HELP,
            ),
        ),
        "unprotect": Command(
            "Take these rails out of an environment",
            (
                _NAME,
                _PREFIX,
                Option(("--force",), "Also files that were changed since."),
                Option(("--dry-run",), "Show the plan, do nothing."),
                Option(("--yes", "-y"), "Do not ask."),
                _JSON,
                _HELP,
            ),
        ),
        "demo": Command(
            "Play the story of a broken environment",
            (Option(("--keep",), "Keep the world to look around."), _HELP),
        ),
    },
)
