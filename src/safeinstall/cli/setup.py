"""``safeinstall setup``: a shell's integration and the doors of environments, or their end."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from safeinstall.cli import agents, door, protect
from safeinstall.cli.asking import agreed, can_ask
from safeinstall.cli.difference import difference
from safeinstall.door import files as doors
from safeinstall.errors import RcFileError
from safeinstall.files import resources, upward
from safeinstall.integration import rcfile, startup, stored, template
from safeinstall.output import stderr
from safeinstall.output.shown import one_line, page, printable
from safeinstall.probe.tool import which
from safeinstall.settings import SYSTEM_DIRECTORY
from safeinstall.value import Value

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.model import Environment
    from safeinstall.settings import Session

    Changes = list[tuple[str, str, bytes | None, bytes | None]]  # shell, path, old, new


class Wish(Value):
    """What was asked for on the command line."""

    shell: str | None = None
    remove: bool = False
    dry_run: bool = False
    yes: bool = False
    shims: bool = False
    doors: bool = True
    agents: bool = False  # only the hooks of coding agents
    system: bool = False  # for all users of the machine
    root: str = "/"  # where the system lies
    words: tuple[str, ...] = ("safeinstall", "setup")  # as typed, for the journal


def setup(wish: Wish, session: Session, out: TextIO, platform: str = sys.platform) -> int:
    """Write our block into the startup files of a shell (default: ``$SHELL``), and open doors; or
    take all of it out: without a shell, of every shell.

    Returns the exit status. Raises UsageError for an unknown shell, RcFileError if a file cannot
    be read or written.
    """
    if wish.agents:
        return agents.setup(session, out, remove=wish.remove, dry_run=wish.dry_run)
    changes = _without(wish, session) if wish.remove else _with(wish, session, platform)
    changes = [change for change in changes if change[2] != change[3]]
    for shell, path, old, new in changes:
        if wish.dry_run:
            _say(out, difference(path, old, new))
        else:
            rcfile.write(path, new, directory=shell in startup.OWN_DIRECTORY)
            _say(out, f"{printable(path)}: {'removed' if wish.remove else 'written'}\n")
    if wish.remove:
        return _taken_out(wish, session, out, changed=bool(changes))
    _say(out, _last_word(wish, changed=bool(changes)))
    if wish.system and (hidden := _hidden()):
        stderr.note(f"other users cannot read {hidden}; install safeinstall where they can")
    if wish.doors:
        return _with_doors(wish, session, out)
    for shell in sorted({row[0] for row in changes} - template.GUARDED):
        _say(out, f"In {shell}, pip and conda are guarded by doors alone. {_TO_OPEN}\n")
    return 0


_TO_OPEN = "To open them: safeinstall door open --all"


def _with(wish: Wish, session: Session, platform: str) -> Changes:
    if wish.system:
        shells = [shell for shell in _SYSTEM_SHELLS if which(shell, session.environ, "/")]
        chosen = [wish.shell] if wish.shell else shells
        paths = {shell: startup.of_all_users(shell, wish.root) for shell in chosen}
        return [row for shell in chosen for row in _written(shell, paths[shell], wish, session)]
    shell = startup.detect(wish.shell, session.environ)
    environ = startup.as_seen(shell, session.environ)
    return _written(shell, startup.files(shell, environ, platform), wish, session)


_SYSTEM_SHELLS = ("bash", "zsh", "fish")


def _written(shell: str, paths: list[str], wish: Wish, session: Session) -> Changes:
    """Store the integration of the shell; the files with the block that loads it."""
    state = SYSTEM_DIRECTORY if wish.system else session.settings.state_dir
    tools = [tool for tool in stored.SHIMMED if which(tool, session.environ, session.cwd)]
    shims = stored.shims(state) if wish.shims else ""
    if not wish.dry_run:
        try:
            stored.store(shell, state, for_all=wish.system)
            if wish.shims:
                stored.store_shims(tools, state, for_all=wish.system)
        except OSError as error:
            raise RcFileError(f"cannot write below {state}: {error.strerror}") from error
    place = stored.path(shell, state)
    contents = [(path, rcfile.read(path)) for path in paths]
    return [
        (shell, path, old, rcfile.add(old, template.block(shell, path, place, shims)))
        for path, old in contents
    ]


def _without(wish: Wish, session: Session) -> Changes:
    shells = (
        [startup.detect(wish.shell, session.environ)] if wish.shell else list(template.TEMPLATES)
    )
    found = []
    for shell in shells:
        if wish.system:
            paths_of_it = startup.of_all_users(shell, wish.root)
        else:
            environ = startup.as_seen(shell, session.environ)
            paths_of_it = startup.every_file([shell], environ)
        found += [(shell, path) for path in paths_of_it]
    paths = {path: shell for shell, path in reversed(found)}
    contents = [(shell, path, rcfile.read(path)) for path, shell in reversed(paths.items())]
    return [
        (shell, path, old, None if old is None else rcfile.remove(old))
        for shell, path, old in contents
    ]


def _hidden() -> str:
    """The first part of the paths to safeinstall that other users may not enter or read; ``""``."""
    for program in (os.path.realpath(sys.executable), resources.MAIN):
        for place in (*reversed(list(upward(os.path.dirname(program)))), program):
            needed = stat.S_IXOTH if os.path.isdir(place) else stat.S_IROTH
            if not os.stat(place).st_mode & needed:
                return place
    return ""


def _with_doors(wish: Wish, session: Session, out: TextIO) -> int:
    """Say where doors would be opened, ask once, and open them."""
    closed = [found for found in door.fit(session) if doors.state(found) != "open"]
    if not closed:
        return 0
    _say(out, f"\n{_DOORS}\n  {_names(closed)}\n")
    if wish.dry_run:
        return 0
    if not wish.yes and not can_ask(session.environ):
        _say(out, f"{_TO_OPEN}\n")
        return 0
    out.flush()
    if not wish.yes and not agreed("Open doors there?", session.environ):
        return 0
    return door.opened(closed, session, out)


_DOORS = (
    "A door is a file in an environment by which pip and conda come to the guard from scripts,\n"
    "notebooks and every shell. There could be one in:"
)


def _names(environments: list[Environment]) -> str:
    return one_line(", ".join(found.name or found.prefix for found in environments))


def _taken_out(wish: Wish, session: Session, out: TextIO, *, changed: bool) -> int:
    """Remove what is stored; of all shells together with the doors and the rails."""
    status = 0
    if wish.system and not wish.dry_run and not wish.shell:
        changed = stored.remove(SYSTEM_DIRECTORY, os.path.dirname(SYSTEM_DIRECTORY)) or changed
    elif not wish.shell:
        changed = agents.take_out(session, out, dry_run=wish.dry_run) or changed
    if not (wish.shell or wish.dry_run or wish.system):
        protected = protect.all_protected(session)
        status = protect.end(protected, session, wish.words, out)
        open_ = [found for found in door.every(session) if doors.was_open(found.prefix)]
        changed = (
            stored.remove(session.settings.state_dir, session.settings.home)
            or bool(open_ or protected)
            or changed
        )
        status = door.closed(open_, out) or status
    _say(out, _last_word(wish, changed=changed))
    return status


def _last_word(wish: Wish, *, changed: bool) -> str:
    if not changed:
        return "Nothing to remove.\n" if wish.remove else "Already set up.\n"
    if wish.dry_run:
        return "Nothing was changed (--dry-run).\n"
    return "It takes effect in the shells you open from now on.\n"


def _say(out: TextIO, text: str) -> None:
    out.write(page(text.expandtabs()))
