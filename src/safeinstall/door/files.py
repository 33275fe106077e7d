"""The two files of a door: written, taken out, and looked at."""

from __future__ import annotations

import os
import sys

from safeinstall import files
from safeinstall.door import knock
from safeinstall.errors import UsageError
from safeinstall.files import resources
from safeinstall.probe.place import is_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from safeinstall.model import Environment

    State = Literal["open", "old", "closed"]

LINE = "safeinstall-door.pth"
MODULE = "_safeinstall_door.py"

# A line of a .pth file is run at every start of the interpreter, and a fault in it is shown each
# time: it does next to nothing, and what it imports may be gone.
_ANSWER = (
    "exec('try: import _safeinstall_door\\nexcept ImportError: pass')"
    " or sys.modules.pop('_safeinstall_door', None)"
)
# Compiling it is what it costs: no comprehension, which would be a function of its own
_BY_PYTHON = (
    "a = str([*map(os.path.basename, getattr(sys, 'orig_argv', ())[1:9])]); "
    "('pip' in a or 'conda' in a or 'mamba' in a or 'uv' in a)"
)
_BY_KERNEL = (
    "try:\n"
    " with open('/proc/self/cmdline', 'rb', 0) as f: a = f.read().split(b'\\0')[1:9]\n"
    " any(b'pip' in w or b'conda' in w or b'mamba' in w or w[-2:] == b'uv'"
    f" for w in [w.rpartition(b'/')[2] for w in a]) and ({_ANSWER})\n"
    "except OSError: pass"  # no /proc
)
_OLDEST, _WITH_WORDS = (3, 8), (3, 10)  # releases of Python


def refusal(environment: Environment) -> str:
    """Why there can be no door in the environment; ``""`` if there can be one."""
    if is_system(environment.prefix):
        return "belongs to the operating system or a version manager"
    if not environment.site_packages:
        return "has no Python"
    version = _version(environment)
    if version < _OLDEST:
        return f"Python {environment.python} is too old for a door; it begins with 3.8"
    if version < _WITH_WORDS and not os.path.exists("/proc/self/cmdline"):
        return f"Python {environment.python} does not know how it was started; 3.10 does"
    return foreign(environment.site_packages[0])


def foreign(directory: str) -> str:
    """Why nothing may be put into the directory; ``""`` if it may. Nobody may be led to run a
    safeinstall that somebody else can change.
    """
    if not os.access(directory, os.W_OK):
        return "cannot be written"
    owner = os.stat(directory).st_uid
    if owner != os.geteuid():
        return "belongs to another user"
    for path in (sys.executable, resources.MAIN):
        if os.stat(path).st_uid not in (0, owner):
            return f"belongs to another user than {path}"
    return ""


def put(environment: Environment) -> None:
    """Write the door's files, or write them anew. Raises UsageError where there can be none,
    OSError where they cannot be written.
    """
    if why := refusal(environment):
        raise UsageError(f"{environment.name or environment.prefix}: {why}")
    place = environment.site_packages[0]
    # The module first: the line must never be there alone
    for name, content in ((MODULE, _module(environment)), (LINE, _line(environment))):
        files.write(os.path.join(place, name), content, lambda handle: os.fchmod(handle, 0o644))


def take_out(environment: Environment) -> bool:
    """Remove the door's files, also those beside a Python that was there before. Was there one?
    Raises OSError.
    """
    found = list(_present(environment))
    for path in found:
        os.unlink(path)
    return bool(found)


def state(environment: Environment) -> State:
    """``old``: it leads to another safeinstall, or was written by one of another version."""
    place = environment.site_packages[0] if environment.site_packages else ""
    wanted = ((MODULE, _module(environment)), (LINE, _line(environment)))
    there = [files.read_bytes(os.path.join(place, name)) for name, _ in wanted] if place else []
    if there == [content for _, content in wanted]:
        return "open"
    return "old" if any(_present(environment)) else "closed"


def is_open(environment: Environment) -> bool:
    """Is there a door for the Python that the environment has now? Costs one ``stat``."""
    places = environment.site_packages[:1]
    return any(os.path.exists(os.path.join(place, LINE)) for place in places)


def was_open(prefix: str) -> bool:
    """Is there a door for any Python that the prefix has, or has had?"""
    return any(os.path.exists(os.path.join(place, LINE)) for place in _places(prefix))


def _present(environment: Environment) -> Iterator[str]:
    """The line first, so that a door that is half removed is never one that fails."""
    for place in dict.fromkeys((*environment.site_packages, *_places(environment.prefix))):
        for name in (LINE, MODULE):
            if os.path.lexists(path := os.path.join(place, name)):
                yield path
        cached = os.path.join(place, "__pycache__")
        stem = MODULE.removesuffix("py")
        yield from (f"{cached}/{n}" for n in files.names_in(cached) if n.startswith(stem))


def _places(prefix: str) -> Iterator[str]:
    library = os.path.join(prefix, "lib")
    for name in sorted(files.names_in(library)):
        if name.startswith(("python", "pypy")):
            yield os.path.join(library, name, "site-packages")


def _line(environment: Environment) -> bytes:
    known = _version(environment) >= _WITH_WORDS
    text = f"{_BY_PYTHON} and ({_ANSWER})" if known else f"exec({_BY_KERNEL!r})"
    return f"import os, sys; {text}\n".encode()


def _module(environment: Environment) -> bytes:
    """The text of :mod:`.knock`, which knows where safeinstall is, and runs when imported."""
    facts = {"PYTHON": sys.executable, "MAIN": resources.MAIN, "PREFIX": environment.prefix}
    text = (files.read_bytes(knock.__file__) or b"").decode()
    for name, value in facts.items():
        text = text.replace(f'\n{name} = ""', f"\n{name} = {value!a}", 1)
    return f"{text}\n\nenter()\n".encode()


def _version(environment: Environment) -> tuple[int, ...]:
    parts = environment.python.split(".")[:2]
    return tuple(int(part) for part in parts if part.isdecimal())
