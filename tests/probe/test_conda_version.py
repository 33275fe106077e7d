"""Which conda is it? By the name of its own record, without starting it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from safeinstall.probe import conda


def installation(root: Path, *records: str) -> str:
    """A conda with these records; the path of its script."""
    for name in ("bin/python3.13", "lib/python3.13/os.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch(0o755)
    (root / "conda-meta").mkdir()
    for record in records:
        (root / "conda-meta" / record).touch()
    script = root / "bin" / "conda"
    script.write_text(f"#!{root}/bin/python3.13\n")
    script.chmod(0o755)
    return str(script)


def test_by_its_record(tmp_path: Path) -> None:
    others = ("conda-content-trust-0.2.0-py313_1.json", "conda-libmamba-solver-25.4-pyhd_0.json")
    names = (*others, "history", "conda-26.7.1-py313h06a4308_0.json", "python-3.13.2-0.json")
    script = installation(tmp_path / "root", *names)
    assert conda.version_of(script, {}, "/") == "26.7.1"
    assert conda.version_of(str(tmp_path / "root/bin/python3.13"), {}, "/") == "26.7.1"


def test_where_it_is_not_known(tmp_path: Path) -> None:
    assert conda.version_of(installation(tmp_path / "root", "conda-build.json"), {}, "/") == ""
    assert conda.version_of(str(tmp_path / "nowhere"), {}, "/") == ""
    assert conda.version_of("/bin/true", {}, "/") == ""


@pytest.mark.real_conda
def test_the_real_conda_says_the_same() -> None:
    executable = os.environ["SAFEINSTALL_TEST_CONDA"]
    said = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["conda", conda.version_of(executable, os.environ, "/")]
