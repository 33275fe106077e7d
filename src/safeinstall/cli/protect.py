"""``safeinstall protect`` and ``unprotect``: rails in an environment, which hold without us."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from safeinstall.canonical import encode
from safeinstall.cli import environments
from safeinstall.cli.asking import agreed
from safeinstall.door import files as doors
from safeinstall.door import known as known_environments
from safeinstall.errors import OutputError, SafeinstallError, UsageError
from safeinstall.journal import locate, record
from safeinstall.model import Verdict
from safeinstall.output import stderr
from safeinstall.output.quoting import leading_to
from safeinstall.output.shown import one_line
from safeinstall.probe import inventory
from safeinstall.protection import lay, ledger, rails
from safeinstall.protection.keep import said
from safeinstall.protection.ledger import Ledger
from safeinstall.protection.nouns import CONDARC, CONSTRAINTS, FROZEN, MANAGED, PIP
from safeinstall.rebuild.chronicle import Chronicle
from safeinstall.rebuild.recovery import settled
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from safeinstall.model import Environment, Inventory
    from safeinstall.protection.nouns import Step
    from safeinstall.settings import Session

_DOES = {
    PIP: "pip replaces nothing that conda owns",
    CONDARC: "conda writes over no file of others, where it is active",
    MANAGED: "pip changes nothing here",
    FROZEN: "conda changes nothing here",
}
_WIDTH = 20
_AWAITED = "as soon as pip owns something here"


class Wish(Value):
    """What was asked for on the command line."""

    words: tuple[str, ...]  # as typed, for the journal
    selector: tuple[str, ...] = ()  # the options that name the environment
    freeze: bool = False
    force: bool = False
    dry_run: bool = False
    yes: bool = False
    as_json: bool = False


def protect(prefix: str, session: Session, wish: Wish, out: TextIO) -> int:
    """Lay the rails that fit the environment, and open its door.

    Returns 0, or 1 if one of them could not be laid. Raises UsageError where there is no
    environment, or it cannot be protected; JournalError where the journal cannot be written.
    """
    environment = _environment(prefix, session)
    if why := lay.refusal(environment):
        raise UsageError(f"{environment.name or prefix} {why}")
    with settled(prefix, session):
        found = inventory.scan(environment)
        old = ledger.read(prefix) or Ledger(prefix)
        freeze = wish.freeze or FROZEN in old.wants
        known = old.replace(wants=rails.names(environment, freeze=freeze))
        made = lay.steps(environment, found, session, known)
        opens = not doors.refusal(environment) and doors.state(environment) != "open"
        if not wish.dry_run:
            known = known.replace(door=old.door or not doors.was_open(prefix))
            news = opens or known != old or any(step.changes for step in made)
            with _recorded(environment, found, session, wish, made, news=news):
                lay.carry_out(prefix, made, known)
                if opens:
                    doors.put(environment)
    _tell(environment, made, wish, out, awaited=FROZEN in known.wants)
    return int(any(step.state == "refused" for step in made))


def unprotect(prefix: str, session: Session, wish: Wish, out: TextIO) -> int:
    """Ask, and take the rails out, so that each file is as it was before; close the door.

    Returns 0, or 1 if the answer was no, or where a file was changed since, which is left. Raises
    UsageError where the environment is not protected.
    """
    environment = _environment(prefix, session)
    with settled(prefix, session):
        known = ledger.read(prefix)
        if known is None:
            raise UsageError(_not_protected(environment))
        made = lay.lifting(prefix, known, force=wish.force)
        name = environment.name or prefix
        if not (wish.dry_run or wish.yes) and not agreed(
            f"Take the protection of {name} away?", session.environ
        ):
            return 1
        if not wish.dry_run:
            found = inventory.scan(environment)
            with _recorded(environment, found, session, wish, made):
                lay.carry_out(prefix, made, known.replace(wants=(), door=False))
                if known.door:
                    doors.take_out(environment)
    _tell_lifted(environment, made, wish, out)
    return int(any(step.laid for step in made))


def _not_protected(environment: Environment) -> str:
    path = os.path.join(environment.prefix, ledger.FILE)
    name = environment.name or environment.prefix
    if os.path.lexists(path):
        return f"what protects {name} cannot be read: {path}"
    return f"{name} is not protected"


def all_protected(session: Session) -> list[Environment]:
    """The known environments that are protected."""
    found = known_environments.environments(session)
    return [environment for environment in found if ledger.is_there(environment.prefix)]


def end(
    protected: Iterable[Environment], session: Session, words: tuple[str, ...], out: TextIO
) -> int:
    """Take the rails out of these environments. Returns 0, or 1 if one could not be taken out."""
    failed = 0
    for environment in protected:
        selector = ("-p", environment.prefix)
        wish = Wish(words, selector, yes=True)
        try:
            failed |= unprotect(environment.prefix, session, wish, out)
        except (SafeinstallError, OSError) as error:
            failed = 1
            stderr.note(f"{environment.name}: {error}")
    return failed


def _environment(prefix: str, session: Session) -> Environment:
    environment = known_environments.described(prefix, session)
    if not environments.is_one(environment):
        raise environments.not_there(prefix, session.settings, session.environ)
    return environment


@contextmanager
def _recorded(
    environment: Environment,
    found: Inventory,
    session: Session,
    wish: Wish,
    made: Sequence[Step],
    *,
    news: bool = True,
) -> Iterator[None]:
    """What is done goes into the journal: the command before, and what has become of the rails. Not
    without ``news``, where nothing is done.
    """
    if not news:
        yield
        return
    chronicle = Chronicle(environment, found, session)
    journal, started = locate.journal(environment.prefix, session.settings), time.monotonic()
    chronicle.record_intent(journal, wish.words, Verdict("allow"), "")
    done: tuple[str, ...] | None = None
    try:
        yield
        done = tuple(said(made))
    except OSError as error:
        raise OutputError(f"{environment.name or environment.prefix}: {error}") from error
    finally:
        ended = done is not None
        chronicle.record_outcome(journal, started, done=ended, rails=done or ())


# ---- what is said --------------------------------------------------------------------------------


def _tell(
    environment: Environment, made: Sequence[Step], wish: Wish, out: TextIO, *, awaited: bool
) -> None:
    if wish.as_json:
        return _write_json(environment, made, out)
    rows = [(step.name, _become(step, environment, dry_run=wish.dry_run)) for step in shown(made)]
    if awaited and FROZEN not in dict(rows):
        rows.append((FROZEN, _AWAITED))
    name = environment.name or environment.prefix
    out.write(one_line(f"{name}: {'what protects it' if wish.dry_run else 'protected'}") + "\n")
    for label, text in rows:
        out.write(one_line(f"  {label:<{_WIDTH}}{text}") + "\n")
    out.write(f"  {'door':<{_WIDTH}}{_door(environment, dry_run=wish.dry_run)}\n")
    if wish.dry_run:
        out.write("Nothing was changed (--dry-run).\n")
    return None


def _become(step: Step, environment: Environment, *, dry_run: bool) -> str:
    path = os.path.join(environment.prefix, step.path)
    if step.state == "refused":
        return f"not laid: {path} {step.why}"
    if step.state == "surplus":
        return "to be taken out" if dry_run else "taken out"
    said = {"missing": "new", "there": "there already", "edited": "changed since, and holds"}
    mark = said.get(step.state, "renewed" if step.changes else "as it was")
    return f"{_DOES[step.name]} ({mark})"


def _door(environment: Environment, *, dry_run: bool) -> str:
    if why := doors.refusal(environment):
        return f"none: {why}"
    state = doors.state(environment)
    return state if state == "open" or not dry_run else "to be opened"


def shown(made: Iterable[Step]) -> list[Step]:
    """The rails as they are told of: the constraints file is a part of what pip.conf does."""
    by_name: dict[str, Step] = {}
    for step in made:
        name = PIP if step.name == CONSTRAINTS else step.name
        before = by_name.get(name)
        if before is None or not before.changes:
            by_name[name] = step.replace(name=name)
    return list(by_name.values())


def _write_json(environment: Environment, made: Sequence[Step], out: TextIO) -> None:
    rows = [
        {
            "name": step.name,
            "path": os.path.join(environment.prefix, step.path),
            "state": step.state,
            "why": step.why or None,
            "changes": step.changes,
        }
        for step in made
    ]
    report = {
        "schema": 1,
        "environment": record.place(environment),
        "rails": rows,
        "door": doors.state(environment),
    }
    out.write(encode(report).decode() + "\n")


def _tell_lifted(environment: Environment, made: Sequence[Step], wish: Wish, out: TextIO) -> None:
    if wish.as_json:
        return _write_json(environment, made, out)
    name = environment.name or environment.prefix
    left = [step for step in made if step.laid]
    if not left and not wish.dry_run:
        out.write(one_line(f"{name}: not protected any more") + "\n")
    for step in made if wish.dry_run else ():
        act = "stays" if step.laid else "as before" if not step.changes else "is put back"
        act = "is removed" if act == "is put back" and step.content is None else act
        out.write(one_line(f"{os.path.join(environment.prefix, step.path)}: {act}") + "\n")
    again = ["safeinstall", "unprotect", *wish.selector, "--force"]
    for step in left:
        if step.name != CONSTRAINTS:
            said = f"{os.path.join(environment.prefix, step.path)} {step.why}"
            stderr.note(leading_to(said, "to remove it all the same", again))
    return None
