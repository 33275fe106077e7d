"""The real tools of this directory's tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.argv.oracle import VERSIONS, Oracle


@pytest.fixture(scope="session")
def oracles() -> Iterator[list[Oracle]]:
    """One process for each release of pip."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Oracle(version)) for version in VERSIONS]
