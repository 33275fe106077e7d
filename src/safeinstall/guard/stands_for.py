"""The commands of conda and pip that a rebuild stands for, to be judged. Pure."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def by_conda(
    tool: str, new: Sequence[str], specs: Sequence[str], channels: Sequence[str]
) -> list[str]:
    """conda's part. ``new`` are the options that name an environment which is not there."""
    return [tool, "create", *new, *(w for c in channels for w in ("-c", c)), *specs]


def by_pip(prefix: str, lines: Sequence[str]) -> list[str]:
    """pip's part, as if it were to come into the environment as it is."""
    return [os.path.join(prefix, "bin", "python"), "-m", "pip", "install", *lines]
