"""Files that come with the package: shell templates and the pages of the rules."""

from __future__ import annotations

import os

from safeinstall.errors import SafeinstallError

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAIN = os.path.join(PACKAGE, "__main__.py")
"""The file by which safeinstall is started: by the shell functions, and by our guests in tools."""


def text(directory: str, name: str) -> str:
    """The content of a packaged file. Raises :class:`SafeinstallError` where it is missing."""
    # A wheel has these files inside the package; a checkout has them beside src/.
    for root in (PACKAGE, os.path.dirname(os.path.dirname(PACKAGE))):
        path = os.path.join(root, directory, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise SafeinstallError(
        f"{directory}/{name} is missing from this installation; install safeinstall again"
    )
