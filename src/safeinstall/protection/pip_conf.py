"""Our constraint in ``PREFIX/pip.conf``, the configuration of one environment's pip. Pure.

Lines are only inserted, so that they can be taken out again and no other byte changes. Whether pip
reads the result as it is meant, is tried by parsing it as pip does.
"""

from __future__ import annotations

import re

from safeinstall.files import documents
from safeinstall.probe.pip_config import CONSTRAINT, normalized
from safeinstall.protection.nouns import Refused

COMMENT = b"# by safeinstall: pip keeps to what conda owns here (safeinstall unprotect)"
_SECTION = re.compile(rb"^\[install\][^\n]*\n", re.MULTILINE)
_OPTION = re.compile(rb"^(?P<indent>[ \t]*)(?:--)?constraint[ \t]*[=:][^\n]*\n", re.I | re.M)


def text(before: bytes, url: str) -> tuple[int, bytes]:
    """Where in the file lines are inserted, and these lines; none where the file says so already.
    ``url`` is of the constraints file.

    Raises Refused where pip would read the result in another way.
    """
    old = _read(before)
    if old is None:
        raise Refused("cannot be read as pip does")
    if url in old.get(CONSTRAINT, "").split():
        return len(before), b""
    at, inserted = _place(before, url.encode())
    found = _read(before[:at] + inserted + before[at:])
    wanted = sorted([*old.pop(CONSTRAINT, "").split(), url])
    if found is None or sorted(found.pop(CONSTRAINT, "").split()) != wanted or found != old:
        raise Refused("has no place for a constraint")
    return at, inserted


def without_constraints(content: bytes) -> dict[str, str] | None:
    """The options besides; ``None`` where pip cannot read it."""
    found = _read(content)
    return None if found is None else {k: v for k, v in found.items() if k != CONSTRAINT}


def _place(before: bytes, url: bytes) -> tuple[int, bytes]:
    """A constraint that is there goes on in a second line; else there is a new option, in the
    section that is there: pip reads no section twice.
    """
    section = _SECTION.search(before)
    if section is None:
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        return len(before), gap + COMMENT + b"\n[install]\nconstraint = " + url + b"\n"
    end = before.find(b"\n[", section.end())
    option = _OPTION.search(before, section.end(), end + 1 if end >= 0 else len(before))
    if option is None:
        return section.end(), COMMENT + b"\nconstraint = " + url + b"\n"
    return option.end(), option["indent"] + b"    " + url + b"\n"


def _read(content: bytes) -> dict[str, str] | None:
    found = documents.ini(content)
    return None if found is None else normalized(found)
