"""``safeinstall setup --agents``: the hooks of the coding agents that this user has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.cli.difference import difference
from safeinstall.errors import RcFileError
from safeinstall.integration import agent_hooks, rcfile
from safeinstall.output import stderr
from safeinstall.output.shown import page, printable
from safeinstall.specs.agent_hooks import HOOKED, NO_HOOK
from safeinstall.value import Value

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.settings import Session

FOR_AGENTS_MD = """\
For AGENTS.md, or what your agents read in its place:

## Installing packages
pip, conda, mamba and uv are guarded by safeinstall. Exit status 77, or a line that begins with
`safeinstall: blocked`, means that the command would break the environment and did not run.
- Run what stands behind `instead:`. Do not look for another way to the blocked command
  (`--no-deps`, `--force-reinstall`, an absolute path, another tool).
- `safeinstall check --json -- pip install NAME` says beforehand what would happen; 0: it may run.
- `SAFEINSTALL_REASON` and `SAFEINSTALL=off` are the user's. Ask, and give the user's own reason.
- `safeinstall status` shows an environment, `safeinstall undo` takes the last operation back.
"""


def setup(session: Session, out: TextIO, *, remove: bool, dry_run: bool) -> int:
    """Write our hook into the files of the agents, or take it out. Returns the exit status: that of
    RcFileError where a file could not be changed.
    """
    if remove:
        if not take_out(session, out, dry_run=dry_run):
            _say(out, "Nothing to remove.\n")
        return 0
    status = 0
    for name, file in agent_hooks.installed(session.environ, session.settings.home):
        try:
            _put_in(name, file, out, dry_run=dry_run)
        except RcFileError as error:
            stderr.note(f"{error}. Nothing was changed there; put this into it by hand:")
            stderr.say(agent_hooks.by_hand(name))
            status = error.exit_code
    _say(out, _without_hook(session))
    _say(out, f"\n{FOR_AGENTS_MD}")
    return status


def take_out(session: Session, out: TextIO, *, dry_run: bool) -> bool:
    """Take our hook out of the files of all agents. Was there one?"""
    changed = False
    for name, file in agent_hooks.installed(session.environ, session.settings.home):
        old = rcfile.read(file)
        try:
            new = None if old is None else agent_hooks.remove(name, file, old)
        except RcFileError as error:
            stderr.note(f"{error}; take our hook out of it by hand")
            continue
        if new != old:
            changed = True
            _change(_Change(name, file, old, new, "the hook was taken out"), out, dry_run=dry_run)
    return changed


def _put_in(name: str, file: str, out: TextIO, *, dry_run: bool) -> None:
    old = rcfile.read(file)
    new = agent_hooks.add(name, file, old)
    if new == old:
        _say(out, f"{HOOKED[name].title}: {printable(file)} has the hook already\n")
        return
    _change(_Change(name, file, old, new, "written"), out, dry_run=dry_run)
    if HOOKED[name].note and not dry_run:
        _say(out, f"  {HOOKED[name].note}\n")


class _Change(Value):
    """Of an agent's file. ``None``: the file is not there."""

    name: str
    file: str
    old: bytes | None
    new: bytes | None
    done: str


def _change(change: _Change, out: TextIO, *, dry_run: bool) -> None:
    if dry_run:
        _say(out, difference(change.file, change.old, change.new))
        return
    hooked = HOOKED[change.name]
    rcfile.write(change.file, change.new, directory=os.sep in hooked.file)
    _say(out, f"{hooked.title}: {printable(change.file)}: {change.done}\n")


def _without_hook(session: Session) -> str:
    """What is to be said of agents that are not there, or have no hook."""
    home = session.settings.home
    lines = [
        f"{title} has no hook in a file; doors guard what it runs (safeinstall door)"
        for title, directory in NO_HOOK.values()
        if os.path.isdir(os.path.join(home, directory))
    ]
    if not agent_hooks.installed(session.environ, home):
        titles = ", ".join(hooked.title for hooked in HOOKED.values())
        lines.append(f"No coding agent with a hook was found here; known are {titles}.")
    return "".join(f"{line}\n" for line in lines)


def _say(out: TextIO, text: str) -> None:
    out.write(page(text.expandtabs()))
