"""conda's names for the platforms the sandbox runs on."""

from __future__ import annotations

import os
import sys

from safeinstall.sandbox import SandboxError

_SUBDIRS = {
    ("linux", "x86_64"): "linux-64",
    ("linux", "aarch64"): "linux-aarch64",
    ("darwin", "x86_64"): "osx-64",
    ("darwin", "arm64"): "osx-arm64",
}


def subdir() -> str:
    """conda's name for this platform."""
    machine = os.uname().machine
    try:
        return _SUBDIRS[sys.platform, machine]
    except KeyError:
        raise SandboxError(
            f"the sandbox knows Linux and macOS, not {sys.platform} on {machine}"
        ) from None
