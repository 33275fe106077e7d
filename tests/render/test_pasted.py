"""Command lines as lines for the cell of a notebook."""

from __future__ import annotations

import pytest

from safeinstall.render import pasted
from safeinstall.render.pasted import Where

PROGRAMS = {"safeinstall": ("/s/bin/safeinstall",), "conda": ("/my conda/bin/conda",)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python -m pip install 'numpy<2'", "!python -m pip install 'numpy<2'"),
        ("python -m pip uninstall numpy", "!python -m pip uninstall -y numpy"),
        ("pip3.11 uninstall numpy", "!pip3.11 uninstall -y numpy"),
        ("uv pip uninstall numpy", "!uv pip uninstall numpy"),
        ("mamba remove -n a numpy", "!mamba remove -y -n a numpy"),
        ("conda install --yes six", "!'/my conda/bin/conda' install --yes six"),
        ("conda run -n a python -m pip list", "!'/my conda/bin/conda' run -n a python -m pip list"),
        ("safeinstall rebuild --add six", "!/s/bin/safeinstall rebuild -y --add six"),
        ("safeinstall run -- pip install a", "!/s/bin/safeinstall run -- pip install a"),
        (
            'SAFEINSTALL_REASON="back to it" pip uninstall a && mamba install a  # once',
            "!SAFEINSTALL_REASON='back to it' pip uninstall -y a && mamba install -y a  # once",
        ),
        ("it's open", "!it's open"),
        ("", "!"),
    ],
)
def test_a_line(line: str, expected: str) -> None:
    assert pasted.line(line, Where(PROGRAMS, cell=True)) == expected


def test_in_a_shell_without_our_functions() -> None:
    shell = Where(PROGRAMS)
    offered = "safeinstall rebuild --add six && pip uninstall six  # once"
    assert pasted.line(offered, shell) == (
        "/s/bin/safeinstall rebuild --add six && pip uninstall six  # once"
    )
