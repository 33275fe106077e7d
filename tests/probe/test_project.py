"""What a setup.py says that its project is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall.probe.project import name_of

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = "from setuptools import Extension, setup\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("setup(name='h5py')", "h5py"),
        ('setup(name = "h5py")', "h5py"),
        ('setup(\n    name\t=\n    "h5py",\n)', "h5py"),
        ('name = "h5py"\nsetup(name = name)', "h5py"),
        ('name = "h5py"\nsetup(**options)', "h5py"),
        ('core = Extension(name = "h5py.core")\nsetup(name = "h5py", ext_modules=[core])', "h5py"),
        ('full_name = "x"\nsetup(version="1", name= "h5py")', "h5py"),
        ('if __name__ == "__main__":\n    setup(name ="h5py")', "h5py"),
        ('if name == "x": pass\nself.name = "y"\nsetup(NAME)', ""),
        ("setup(name=NAME)", ""),
        ('setup(name="h5py', ""),
        ("", ""),
    ],
)
def test_the_name_that_stands_in_a_setup_py(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "setup.py").write_text(BEFORE + text)
    assert name_of(str(tmp_path)) == name
