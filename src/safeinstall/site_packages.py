"""The hot path starts without site-packages; what needs a library from there asks for it first."""

from __future__ import annotations

import sys

_enabled = not sys.flags.no_site


def enable() -> None:
    """Make the installed libraries importable, as they are in an ordinary start of Python."""
    global _enabled
    if not _enabled:
        import site

        site.main()
        _enabled = True
