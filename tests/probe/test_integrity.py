"""The interpreter that a program names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import integrity

if TYPE_CHECKING:
    from pathlib import Path

BY_SH = "#!/bin/sh\n'''exec' {} \"$0\" \"$@\"\n' '''\n"


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("#!{own}/bin/python3.11\n", ""),
        ("#!/no/such/bin/python\n", "/no/such/bin/python"),
        (f"#!{sys.executable} -E\n", sys.executable),
        ("#!/usr/bin/env python\n", ""),
        ("#!/bin/sh\necho python\n", ""),
        (BY_SH.format('"/no/such dir/bin/python"'), "/no/such dir/bin/python"),
        (BY_SH.format("/no/such/python"), "/no/such/python"),
        ("\x7fELF", ""),
        ("", ""),
    ],
)
def test_who_starts_a_program(tmp_path: Path, text: str, strange: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.11").touch()
    program = tmp_path / "bin" / "program"
    program.write_text(text.replace("{own}", str(tmp_path)))
    assert integrity.strange_interpreter(str(program), str(tmp_path)) == strange
