"""The two files of a door: written, taken out, and looked at."""

from __future__ import annotations

import contextlib
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

# How the name of a tool ends among the words that an interpreter was started with, joined by zeros,
# or how its module goes on, as in "-m conda.cli"; what only looks like one costs an import.
SIGNS = (
    r"pip\0 pip._ pip/__ pip.pyz pip2 pip3 "
    r"conda\0 conda._ conda.cli mamba\0 mamba._ mamba.m uv\0 uv._"
)

# A line of a .pth file is run at every start of the interpreter, and a fault in it is shown each
# time: it does next to nothing, and what it imports may be gone. Compiling it is what it costs, by
# the word: so the rest is a string, compiled only if it is needed.
_ANSWER = repr(
    "try:\n"
    " import sys, _safeinstall_door\n"
    " del sys.modules['_safeinstall_door']\n"
    "except Exception: pass"
)
_BY_PYTHON = (
    rf"import sys; True in map('\0'.join(sys.orig_argv).__contains__, '{SIGNS}'.split()) "
    f"and exec({_ANSWER})"
)
_BY_KERNEL = (
    "try:\n"
    " with open('/proc/self/cmdline', 'rb', 0) as f: a = f.read()\n"
    f" any(map(a.count, b'{SIGNS}'.split())) and exec({_ANSWER})\n"
    "except OSError: pass"  # no /proc
)
_OLDEST, _WITH_WORDS = (3, 8), (3, 10)  # releases of Python
_PATIENCE = 20  # seconds


def refusal(environment: Environment) -> str:
    """Why there can be no door in the environment; ``""`` if there can be one."""
    if is_system(environment.prefix):
        return "belongs to the operating system or a version manager"
    if not environment.site_packages:
        return "has no Python"
    version = _version(environment)
    if version < _OLDEST:
        return f"Python {environment.python} is too old for a door; it begins with 3.8"
    if not _knows_its_words(environment) and not os.path.exists("/proc/self/cmdline"):
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
    _compile(environment, os.path.join(place, MODULE))


def _compile(environment: Environment, module: str) -> None:
    """Have the environment's Python compile the module, as far as it can: with
    PYTHONDONTWRITEBYTECODE, as in many images, each `conda --version` would compile it.
    """
    import subprocess

    python = os.path.join(environment.prefix, "bin", "python")
    words = [python, "-I", "-S", "-m", "py_compile", module]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )


def take_out(environment: Environment) -> bool:
    """Remove the door's files, also those beside a Python that was there before. Was there one?
    Raises OSError.
    """
    found = list(_present(environment))
    for path in found:
        os.unlink(path)
    for directory in {os.path.dirname(path) for path in found}:
        if os.path.basename(directory) == "__pycache__" and not os.listdir(directory):
            os.rmdir(directory)
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
    line = _BY_PYTHON if _knows_its_words(environment) else f"import sys; exec({_BY_KERNEL!r})"
    return f"{line}\n".encode()


def _module(environment: Environment) -> bytes:
    """The text of :mod:`.knock`, which knows where safeinstall is, and runs when imported."""
    facts = {"PYTHON": sys.executable, "MAIN": resources.MAIN, "PREFIX": environment.prefix}
    text = (files.read_bytes(knock.__file__) or b"").decode()
    for name, value in facts.items():
        text = text.replace(f'\n{name} = ""', f"\n{name} = {value!a}", 1)
    return f"{text}\n\nenter()\n".encode()


def _knows_its_words(environment: Environment) -> bool:
    """Is there surely a ``sys.orig_argv``? PyPy may have none."""
    is_pypy = any("/pypy" in place for place in environment.site_packages)
    return _version(environment) >= _WITH_WORDS and not is_pypy


def _version(environment: Environment) -> tuple[int, ...]:
    parts = environment.python.split(".")[:2]
    return tuple(int(part) for part in parts if part.isdecimal())
