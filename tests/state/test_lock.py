"""conda's explicit list has a line for each package, and no other."""

from __future__ import annotations

import pytest

from safeinstall.state import lock
from safeinstall.state.nouns import CondaPackage

URL = "https://conda.anaconda.org/conda-forge/linux-64/x-1-0.conda"


@pytest.mark.parametrize("url", ["", "<unknown>", f"{URL}\nhttps://e.example/e-1-0.conda", "x 1"])
def test_what_has_no_address_is_not_listed(url: str) -> None:
    packages = [CondaPackage("x", "1", "0", url=URL), CondaPackage("y", "1", "0", url=url)]
    text = lock.explicit(packages)
    assert text == f"@EXPLICIT\n{URL}\n"
    assert [package.name for package in lock.read_explicit(text)] == ["x"]
