"""What conda says: the plan for people, the plan as JSON, and errors."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from safeinstall.sandbox.conda import CondaError
from safeinstall.sandbox.conda.context import Context
from safeinstall.sandbox.conda.prefix import channel_of, distribution
from safeinstall.sandbox.conda.records import Record
from safeinstall.sandbox.platforms import subdir

if TYPE_CHECKING:
    from safeinstall.sandbox.conda.engine import Plan


def say(text: str = "", end: str = "\n") -> None:
    """Write to stdout at once, keeping bytes that are no UTF-8."""
    sys.stdout.write(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + end)
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """Write a JSON document as conda indents it."""
    say(json.dumps(value, indent=2))


def report(error: CondaError, as_json: bool) -> None:
    """An error on stderr, or as JSON on stdout."""
    if as_json:
        document = {
            "caused_by": "None",
            "error": f"{error.name}: {error.message}",
            "exception_name": error.name,
            "exception_type": f"<class 'conda.exceptions.{error.name}'>",
            "message": error.message,
            **error.details,
        }
        say_json(document)
    else:
        sys.stderr.write(f"\n{error.name}: {error.message}\n\n")


def show_plan(context: Context, plan: Plan, verb: str, specs: list[str]) -> None:
    """The package plan, in conda's sections."""
    say("\n## Package Plan ##\n")
    say(f"  environment location: {plan.prefix}\n")
    if specs:
        say(f"  {'removed' if verb == 'remove' else 'added / updated'} specs:")
        say("".join(f"    - {spec}\n" for spec in specs))
    before = {record["name"]: record for record in plan.unlink}
    after = {record["name"]: record for record in plan.link}
    for title, names in _sections(before, after).items():
        if names:
            say(f"\nThe following packages will be {title}:\n".replace("be NEW", "be"))
            for name in sorted(names):
                say(_line(context, name, before.get(name), after.get(name)))
    say("\n")


def as_json(context: Context, plan: Plan, dry_run: bool) -> dict[str, Any]:
    """The plan as ``--json`` has it."""
    if plan.empty:
        return {"success": True, "message": "All requested packages already installed."}
    both = {
        "LINK": [entry(context, record) for record in plan.link],
        "UNLINK": [entry(context, record) for record in plan.unlink],
    }
    fetched = [record for record in plan.link if not _is_unpacked(context, record)]
    actions = {"FETCH": fetched, "PREFIX": plan.prefix} | {
        key: both[key] for key in both if both[key]
    }
    head = {"success": True, "actions": actions, "prefix": plan.prefix}
    return head | ({"dry_run": True} if dry_run else {})


def _is_unpacked(context: Context, record: Record) -> bool:
    return os.path.isdir(os.path.join(context.packages_dir, distribution(record), "info"))


def change_lines(context: Context, plan: Plan) -> list[str]:
    """``±channel/subdir::name-version-build``, as the history keeps them."""
    gone = [f"-{_full(context, record)}" for record in plan.unlink]
    come = [f"+{_full(context, record)}" for record in plan.link]
    return sorted(gone) + sorted(come)


def confirmed(yes: bool) -> None:
    """Ask on the terminal, or wherever stdin is; the end of input counts as consent."""
    if yes:
        return
    while True:
        say("Proceed ([y]/n)? ", end="")
        answer = sys.stdin.readline()
        say("" if answer else "\n")
        word = answer.strip().lower()
        if word in ("", "y", "yes"):
            return
        if word in ("n", "no"):
            raise CondaError("CondaSystemExit", "Exiting.", status=0)
        say(f"Invalid choice: {word}")


def _sections(before: dict[str, Record], after: dict[str, Record]) -> dict[str, list[str]]:
    both = [name for name in after if name in before]
    older = [name for name in both if _numbers(after[name]) < _numbers(before[name])]
    return {
        "NEW INSTALLED": [name for name in after if name not in before],
        "REMOVED": [name for name in before if name not in after],
        "UPDATED": [name for name in both if name not in older],
        "DOWNGRADED": older,
    }


def _line(context: Context, name: str, old: Record | None, new: Record | None) -> str:
    if new is None or old is None:
        only = new or old
        assert only is not None
        return f"  {name:18} {_full(context, only)}" if new else f"  {distribution(only)}"
    short = [f"{record['version']}-{record['build']}" for record in (old, new)]
    return f"  {name:18} {short[0]:>28} --> {short[1]}"


def _full(context: Context, record: Record) -> str:
    channel = context.channel_name(channel_of(record))
    return f"{channel}/{record['subdir']}::{distribution(record)}"


def entry(context: Context, record: Record) -> dict[str, Any]:
    """A package as ``--json`` has it, in plans and lists."""
    url = channel_of(record)
    return {
        "base_url": url,
        "build_number": record["build_number"],
        "build_string": record["build"],
        "channel": context.channel_name(url),
        "dist_name": distribution(record),
        "name": record["name"],
        "platform": record.get("subdir") or subdir(),
        "version": record["version"],
    }


def _numbers(record: Record) -> tuple[list[int], int]:
    parts = str(record["version"]).split(".")
    return [int(part) if part.isdigit() else 0 for part in parts], int(record["build_number"])
