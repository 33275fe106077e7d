"""Makes site-packages importable: the hot path starts without it, and most commands need nothing
from there. Code that imports a third-party library calls :func:`enable` first.
"""

from __future__ import annotations

import sys

_enabled = not sys.flags.no_site


def enable() -> None:
    """Make third-party libraries importable, as after an ordinary start of Python."""
    global _enabled
    if not _enabled:
        import site

        site.main()
        _enabled = True
