"""Names on PyPI that are not what people take them for, or that Python has by itself. Data.

Backports of the standard library are of use to old Pythons alone. In a newer one they are at best
not imported, as the standard library comes first; where they do come first (``--target`` and
``PYTHONPATH``, a build, a frozen program), they break what relies on the newer module.
"""

from __future__ import annotations

from safeinstall.specs.versions import numbers
from safeinstall.value import Value


class Impostor(Value):
    """Why nobody should install a distribution, and what to do instead."""

    why: str
    instead: str = ""  # the distribution that is meant; "" for none
    since: tuple[int, int] = (0, 0)  # the first Python with the module; (0, 0): it never is right


_ALWAYS = {
    "conda": Impostor("it is conda 4.3 of 2017, without an installation around it"),
    "sklearn": Impostor("it is an empty package, and fails on purpose", "scikit-learn"),
}

# The distribution, the first Python whose standard library has the module, and the module
_BACKPORTS = """
argparse 3.2 argparse
asyncio 3.4 asyncio
contextvars 3.7 contextvars
dataclasses 3.7 dataclasses
enum34 3.4 enum
functools32 3.2 functools
futures 3.2 concurrent.futures
hashlib 3.0 hashlib
importlib 3.1 importlib
ipaddress 3.3 ipaddress
multiprocessing 3.0 multiprocessing
ordereddict 3.1 collections
pathlib 3.4 pathlib
selectors34 3.4 selectors
singledispatch 3.4 functools
statistics 3.4 statistics
typing 3.5 typing
unittest2 3.2 unittest
uuid 3.0 uuid
wsgiref 3.0 wsgiref
"""


def _backport(since: str, module: str) -> Impostor:
    major, minor = map(int, since.split("."))
    why = f"Python has {module} in its standard library since {since}"
    return Impostor(why, since=(major, minor))


_TABLE = _ALWAYS | {
    name: _backport(since, module)
    for name, since, module in map(str.split, _BACKPORTS.strip().splitlines())
}


def of(name: str, python: str) -> Impostor | None:
    """What is wrong with the distribution in such a Python ("3.11"); ``None`` for nothing."""
    found = _TABLE.get(name)
    if found is None or not any(found.since):
        return found
    version = numbers(python)
    return found if version and version >= found.since else None
