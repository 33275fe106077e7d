"""``safeinstall lint PATH…``: what files would do to environments."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from safeinstall import files as plain_files
from safeinstall.errors import OutputError, UsageError
from safeinstall.journal.actor import kinds
from safeinstall.lint import fix, judged
from safeinstall.lint.files import STDIN
from safeinstall.lint.render import github, plain_json, sarif, text
from safeinstall.lint.run import Linted, Unknown, run
from safeinstall.output import stderr
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from safeinstall.settings import Session

FOUND = 1


class Wish(Value):
    """What is to be shown, and done."""

    form: str = "text"  # or "json", "sarif", "github"
    fix: bool = False  # show the edits as a diff
    write: bool = False  # and make them
    name: str = ""  # what the text on stdin is called


def lint(paths: Sequence[str], session: Session, out: TextIO, wish: Wish) -> int:
    """Write the findings to ``out``. Returns 1 if there are any, or if a file cannot be judged.

    Raises UsageError for a path that is not there, PolicyError for an invalid policy.
    """
    if wish.write and STDIN in paths:
        raise UsageError("what comes on stdin cannot be changed; leave --yes out to see the diff")
    policy = judged.policy_of(session.settings, session.cwd)
    results: list[Linted] = []
    for item in run(paths, session.cwd, policy, wish.name, kinds(session.environ)):
        if isinstance(item, Unknown):
            stderr.note(f"{item.path} is of no kind that lint reads, and was passed over")
        else:
            results.append(item)
    for file in results:
        if file.fault and wish.form == "text":
            stderr.say(text.fault(file))
    if wish.fix:
        _fix(results, session, out, write=wish.write)
    else:
        _show(results, session, out, wish.form)
    return FOUND if any(file.told or file.fault for file in results) else 0


def _show(results: Sequence[Linted], session: Session, out: TextIO, form: str) -> None:
    if form == "json":
        _dump(plain_json.report(results), out)
    elif form == "sarif":
        _dump(sarif.report(results), out)
    elif form == "github":
        out.writelines(f"{line}\n" for file in results for line in github.lines(file))
    else:
        colour = stderr.wants_colour(session.environ, terminal=out.isatty())
        for file in results:
            out.write(text.text(file, colour=colour))
        faults = sum(bool(file.fault) for file in results)
        stderr.note(text.summary(results, faults))


def _dump(report: object, out: TextIO) -> None:
    json.dump(report, out, indent=2)
    out.write("\n")


def _fix(results: Sequence[Linted], session: Session, out: TextIO, *, write: bool) -> None:
    """Show the edits; and make them. Raises OutputError if a file cannot be written."""
    changed = [file for file in results if any(told.edits for told in file.told)]
    for file in changed:
        out.write(fix.diff(file).encode("utf-8", "backslashreplace").decode())
        if write:
            _write(os.path.join(session.cwd, file.source.path), fix.fixed(file))
    left = sum(not told.edits for file in results for told in file.told)
    made = sum(bool(told.edits) for file in results for told in file.told)
    done = "fixed" if write else "to be fixed; --fix --yes writes them"
    stderr.note(f"{made} {done}; {left} for you to decide")


def _write(path: str, content: str) -> None:
    """Replace the file, keeping its mode."""
    mode = os.stat(path).st_mode & 0o7777
    try:
        data = content.encode("utf-8", "surrogateescape")
        place = os.path.realpath(path)
        plain_files.write(place, data, lambda handle: os.fchmod(handle, mode))
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
