"""``safeinstall setup``: add the shell integration to startup files, or remove it."""

from __future__ import annotations

import difflib
import os
import sys
from typing import TYPE_CHECKING

from safeinstall.integration import rcfile, startup
from safeinstall.integration.template import TEMPLATES
from safeinstall.output.shown import page, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


def setup(
    shell: str | None,
    remove: bool,
    dry_run: bool,
    environ: Mapping[str, str],
    out: TextIO,
    platform: str = sys.platform,
) -> int:
    """Write our block into the startup files of ``shell`` (default: ``$SHELL``), or remove it.

    ``remove`` without a shell applies to all shells. Returns the exit status. Raises UsageError for
    an unknown shell, RcFileError if a file cannot be read or written.
    """
    changes = _without(shell, environ) if remove else _with(shell, environ, platform)
    for path, old, new in changes:
        if old == new:
            continue
        if dry_run:
            _say(out, "".join(_difference(path, old, new)))
        else:
            rcfile.write(path, new)
            _say(out, f"{printable(path)}: {'removed' if remove else 'written'}\n")
    _say(out, _last_word(remove, dry_run, any(old != new for _, old, new in changes)))
    return 0


def _with(
    shell: str | None, environ: Mapping[str, str], platform: str
) -> list[tuple[str, bytes | None, bytes | None]]:
    shell = startup.detect(shell, environ)
    lines = rcfile.block(shell, sys.executable)
    contents = [(path, rcfile.read(path)) for path in startup.files(shell, environ, platform)]
    return [(path, old, rcfile.add(old, lines)) for path, old in contents]


def _without(
    shell: str | None, environ: Mapping[str, str]
) -> list[tuple[str, bytes | None, bytes | None]]:
    shells = [startup.detect(shell, environ)] if shell else list(TEMPLATES)
    contents = [(path, rcfile.read(path)) for path in startup.every_file(shells, environ)]
    return [(path, old, None if old is None else rcfile.remove(old)) for path, old in contents]


def _difference(path: str, old: bytes | None, new: bytes | None) -> list[str]:
    before, after = (
        [os.fsdecode(line) for line in (content or b"").splitlines(keepends=True)]
        for content in (old, new)
    )
    name = printable(path)
    lines = difflib.unified_diff(before, after, name, "nothing" if new is None else name)
    return [line if line.endswith("\n") else line + "\n" for line in lines]


def _last_word(remove: bool, dry_run: bool, changed: bool) -> str:
    if not changed:
        return "Nothing to remove.\n" if remove else "Already set up.\n"
    if dry_run:
        return "Nothing was changed (--dry-run).\n"
    return "It takes effect in the shells you open from now on.\n"


def _say(out: TextIO, text: str) -> None:
    out.write(page(text.expandtabs()))
