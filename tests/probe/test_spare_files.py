"""Files that nobody misses: namespaces, and what is no code."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeinstall.probe.spare_files import declares_namespace, is_spare

SITE = "lib/python3.11/site-packages"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n# only a comment\n",
        '"""A namespace."""\n',
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
        "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
        "import pkg_resources\npkg_resources.declare_namespace(__name__)\n",
        "__import__('pkg_resources').declare_namespace(__name__)\n",
        "try:\n    import pkg_resources\nexcept ImportError:\n    pass\n",
    ],
)
def test_a_namespace(source: str) -> None:
    assert declares_namespace(source.encode())


@pytest.mark.parametrize(
    "source",
    [
        "__version__ = '1'",
        "from .core import *",
        "import os",
        "def f(): ...",
        "try:\n    import cv2\nexcept ImportError:\n    pass",
        "not Python at all",
        "\0",
    ],
)
def test_no_namespace(source: str) -> None:
    assert not declares_namespace(source.encode())


@pytest.mark.parametrize(
    ("path", "spare"),
    [
        ("azure/__init__.py", True),  # written below: a namespace
        ("cv2/__init__.py", False),  # written below: code
        ("gone/__init__.py", False),
        ("x/py.typed", True),
        ("x/LICENSE", True),
        ("README.txt", True),
        ("LICENSE.md", True),
        ("tests/test_x.py", True),
        ("x/tests/test_x.py", False),
        ("license.py", False),
        ("x/license.py", False),
        ("x/data.txt", False),
        ("x/core.py", False),
    ],
)
def test_by_the_path(tmp_path: Path, path: str, spare: bool) -> None:
    for name, text in (("azure", "# nothing\n"), ("cv2", "__version__ = '4'\n")):
        (tmp_path / SITE / name).mkdir(parents=True)
        (tmp_path / SITE / name / "__init__.py").write_text(text)
    assert is_spare(f"{SITE}/{path}", str(tmp_path)) is spare


def test_a_program_is_missed(tmp_path: Path) -> None:
    assert not is_spare("bin/jupyter", str(tmp_path))
    assert not is_spare("tests/x", str(tmp_path))
