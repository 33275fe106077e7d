"""Lays rails, looks at them, and takes them out byte for byte.

Never written: what is no file of its own (a link), what is somebody else's, and what somebody has
changed since so that our part cannot be told from theirs.
"""

from __future__ import annotations

import contextlib
import os
import stat

from safeinstall.canonical import digest
from safeinstall.door import files as doors
from safeinstall.files import read_bytes, same, write
from safeinstall.probe.place import is_system
from safeinstall.protection import constraints, ledger, rails
from safeinstall.protection.nouns import CONSTRAINTS, PIP, Laid, Rail, Refused, Step
from safeinstall.settings import CONDA_OWNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from safeinstall.model import Environment, Inventory
    from safeinstall.protection.ledger import Ledger
    from safeinstall.settings import Session

_LIMIT = 1 << 24  # bytes of a file that is kept
_NEW, _NEW_DIRECTORY = 0o644, 0o755  # modes: whoever uses the environment reads what is laid


def refusal(environment: Environment) -> str:
    """Why the environment cannot be protected; ``""`` if it can be."""
    prefix = environment.prefix
    if is_system(prefix):
        return "belongs to the operating system or a version manager"
    if environment.kind != "conda":
        return "is no conda environment: nothing in it is conda's"
    if os.path.islink(os.path.dirname(os.path.join(prefix, ledger.FILE))):
        return "has a link in the place of safeinstall's directory"
    return doors.foreign(prefix)


def steps(
    environment: Environment, found: Inventory, session: Session, known: Ledger
) -> list[Step]:
    """What is to be done so that the rails that are wanted are there, and no others."""
    wanted = rails.wanted(environment, found, known.wants)
    made = [step for rail in wanted for step in _of(rail, environment, found, session, known)]
    paths = {step.path for step in made}
    surplus = (laid for laid in known.laid if laid.path not in paths)
    return [*made, *(_lifted(environment.prefix, laid) for laid in surplus)]


def look(environment: Environment, found: Inventory, session: Session) -> list[Step]:
    """How the rails are that the environment is to have; none where it is not protected."""
    known = ledger.read(environment.prefix)
    return steps(environment, found, session, known) if known else []


def _of(
    rail: Rail, environment: Environment, found: Inventory, session: Session, known: Ledger
) -> Iterator[Step]:
    prefix, laid = environment.prefix, known.of(rail.path)
    try:
        if rail.name == PIP:  # the constraints file first: pip fails if it is not there
            before = _without(laid, _read(prefix, rail.path)[0])
            pins = constraints.text(found, rails.others(prefix, session, before))
            both = (Rail(CONSTRAINTS, CONDA_OWNS, pins), rail)
            yield from [_step(each, prefix, known.of(each.path)) for each in both]
        else:
            # A mark that is there says the same as long as it is the same environment's
            stays = rail.text and laid and same(known.prefix, prefix)
            there = os.path.lexists(os.path.join(prefix, rail.path))
            rail = rail.replace(text=laid.text) if laid and stays and there else rail
            yield _step(rail, prefix, laid)
    except Refused as refused:
        yield Step(rail.name, rail.path, "refused", str(refused), laid)


def _step(rail: Rail, prefix: str, laid: Laid | None) -> Step:
    """Raises Refused."""
    now, mode = _read(prefix, rail.path)
    before = _without(laid, now)
    at, text = rails.insertion(rail, before, prefix)
    if not text:  # somebody else has written the same, or has written our lines anew
        state = "edited" if laid else "there"
        return Step(rail.name, rail.path, state, "says the same already", laid)
    content = (before or b"")[:at] + text + (before or b"")[at:]
    old = laid.mode if laid and laid.before else mode
    made = laid.made if laid else _missing_directories(prefix, rail.path)
    was, old = ("", 0) if before is None else (digest(before), old)
    new = Laid(rail.name, rail.path, text, digest(content), was, at, old, made)
    if now == content:
        return Step(rail.name, rail.path, "laid", laid=new)
    state = "missing" if laid is None else _damage(laid, now)
    mode = mode if now is not None else _NEW
    return Step(rail.name, rail.path, state, "", new, changes=True, content=content, mode=mode)


def lifting(prefix: str, known: Ledger, *, force: bool = False) -> list[Step]:
    """What is to be done so that each file is as it was before; a file that was changed since is
    left, unless with ``force``.
    """
    made = [_lifted(prefix, laid, force=force) for laid in reversed(known.laid)]
    if any(step.name == PIP and step.laid for step in made):  # it names the constraints
        made = [
            Step(s.name, s.path, "edited", laid=known.of(s.path)) if s.name == CONSTRAINTS else s
            for s in made
        ]
    return made


def _lifted(prefix: str, laid: Laid, *, force: bool = False) -> Step:
    """``laid`` is kept in a step for a file that was changed since."""
    try:
        now, mode = _read(prefix, laid.path)
    except Refused as refused:
        return Step(laid.name, laid.path, "edited", str(refused), laid)
    rest = _without(laid, now)
    if now is None or digest(now) == laid.before:
        return Step(laid.name, laid.path, "gone")
    untouched = digest(now) == laid.digest
    if not (force or untouched or (laid.before and rails.says_the_same(laid, now, rest or b""))):
        return Step(laid.name, laid.path, "edited", "was changed since, and stays", laid)
    mode = laid.mode or mode or _NEW
    rest = rest if laid.before else None
    return Step(laid.name, laid.path, "surplus", changes=True, content=rest, mode=mode)


def carry_out(prefix: str, made: Sequence[Step], known: Ledger) -> Ledger:
    """Do it. What was there before is kept before anything is written: whoever is interrupted
    finds it there. Raises OSError.
    """
    after = known.replace(prefix=prefix, laid=tuple(step.laid for step in made if step.laid))
    both = {laid.path: laid for laid in (*known.laid, *after.laid)}
    ledger.save(prefix, after.replace(laid=tuple(both.values())))
    for step in made:
        if step.changes:
            _change(prefix, step, known.of(step.path))
    if after.laid or after.wants:
        ledger.save(prefix, after)
    else:
        ledger.remove(prefix)
    return after


def _change(prefix: str, step: Step, laid: Laid | None) -> None:
    path = os.path.join(prefix, step.path)
    if step.content is not None:
        _make_directories(prefix, step)
        return write(path, step.content, _with_mode(step.mode))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    for directory in laid.made if laid else ():
        with contextlib.suppress(OSError):  # somebody else has something in it by now
            os.rmdir(os.path.join(prefix, directory))
    return None


def _make_directories(prefix: str, step: Step) -> None:
    """With a mode by which others can read what is in them, whatever the umask is."""
    for inside in reversed(step.laid.made if step.laid else ()):
        directory = os.path.join(prefix, inside)
        if not os.path.isdir(directory):
            os.mkdir(directory)
            os.chmod(directory, _NEW_DIRECTORY)


def _with_mode(mode: int) -> Callable[[int], None]:
    return lambda descriptor: os.fchmod(descriptor, mode)


def as_before(prefix: str, copy: str) -> None:
    """Write into the copy of the environment, or its new one, the files in which rails were laid,
    without these. Raises OSError.
    """
    for laid, rest, mode in _without_rails(prefix):
        path = os.path.join(copy, laid.path)
        if rest is None:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(path)
        elif os.path.isdir(os.path.dirname(path)):
            write(path, rest, _with_mode(laid.mode or mode))


def own_files(prefix: str) -> set[str]:
    """The files that are there for the protection alone, relative to the prefix."""
    return {laid.path for laid, rest, _ in _without_rails(prefix) if rest is None}


def _without_rails(prefix: str) -> Iterator[tuple[Laid, bytes | None, int]]:
    """What was laid, with the rest of its file, and the file's mode."""
    known = ledger.read(prefix)
    for laid in known.laid if known else ():
        with contextlib.suppress(Refused):
            now, mode = _read(prefix, laid.path)
            yield laid, _without(laid, now), mode


def _without(laid: Laid | None, now: bytes | None) -> bytes | None:
    """The file without what was laid in it; as it is, where that cannot be told."""
    if laid is None or now is None:
        return now
    at = laid.at if digest(now) == laid.digest else now.find(laid.text)
    if at < 0 or now.count(laid.text) != 1:
        return now
    rest = now[:at] + now[at + len(laid.text) :]
    return rest if rest or laid.before else None


def _damage(laid: Laid, now: bytes | None) -> str:
    if now is None:
        return "gone"
    return "stale" if digest(now) == laid.digest or laid.text in now else "altered"


def _read(prefix: str, path: str) -> tuple[bytes | None, int]:
    """The file and its mode; ``None`` and 0 where there is none. Raises Refused for a link, also on
    the way to it, and for what is no file, or belongs to somebody else.
    """
    place = prefix
    for part in path.split("/"):
        place = os.path.join(place, part)
        try:
            status = os.lstat(place)
        except FileNotFoundError:
            return None, 0
        except OSError as error:
            raise Refused(str(error.strerror)) from error
        if stat.S_ISLNK(status.st_mode):
            raise Refused("is a link" if place.endswith(path) else f"is behind a link ({place})")
    if not stat.S_ISREG(status.st_mode):
        raise Refused("is no file")
    if status.st_uid != os.geteuid():
        raise Refused("belongs to another user")
    content = read_bytes(place, _LIMIT)
    if content is None or len(content) == _LIMIT:
        raise Refused("cannot be read")
    return content, stat.S_IMODE(status.st_mode)


def _missing_directories(prefix: str, path: str) -> tuple[str, ...]:
    """The directories on the way to the file that are not there, the inner first."""
    found, inside = [], os.path.dirname(path)
    while inside and not os.path.lexists(os.path.join(prefix, inside)):
        found.append(inside)
        inside = os.path.dirname(inside)
    return tuple(found)
