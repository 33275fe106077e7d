"""Files moved to a prefix of another length."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from safeinstall.rebuild.moving import Mover


def moved(source: Path, target: Path, *paths: str) -> Mover:
    target.mkdir(parents=True)
    mover = Mover(str(target), str(source))
    mover.copy(str(source), paths)
    return mover


def test_text_is_written_anew_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    source, target = tmp_path / "old", tmp_path / "a-longer-name"
    source.mkdir()
    others = f"{source}-more/bin:{source}/envs/other/bin"
    (source / "text").write_text(f"{source}\n{source}/bin:{others}\n")
    (source / "text").chmod(0o640)
    os.utime(source / "text", (1e9, 1e9))
    (source / "program").write_bytes(b"\0" + os.fsencode(source))
    (source / "empty").touch()
    (source / "link").symlink_to(source / "text")
    (source / "relative").symlink_to("text")
    moved(source, target, "text", "program", "empty", "link", "relative", "not-there")
    assert (target / "text").read_text() == f"{target}\n{target}/bin:{others}\n"
    status = (target / "text").stat()
    assert (status.st_mode & 0o777, status.st_mtime) == (0o640, 1e9)
    assert (target / "program").read_bytes() == (source / "program").read_bytes()
    assert os.readlink(target / "link") == str(target / "text")
    assert os.readlink(target / "relative") == "text"


@pytest.mark.parametrize("name", ["short", "deep" * 40, "with a blank"])
@pytest.mark.parametrize("options", ["", " -E"])
def test_a_script_starts(tmp_path: Path, name: str, options: str) -> None:
    source, target = tmp_path / "old", tmp_path / name
    (source / "bin").mkdir(parents=True)
    script = source / "bin" / "hello"
    script.write_text(f"#!{source}/bin/python{options}\nprint('hello')\n")
    script.chmod(0o755)
    moved(source, target, "bin/hello")
    (target / "bin" / "python").symlink_to(sys.executable)
    done = subprocess.run([target / "bin" / "hello"], capture_output=True, text=True, check=True)
    assert done.stdout == "hello\n"


def test_byte_code_is_compiled_once_more(tmp_path: Path) -> None:
    source, target = tmp_path / "old", tmp_path / "a-longer-name"
    source.mkdir()
    for name in ("one", "two"):
        (source / f"{name}.py").write_text("value = 1\n")
    py_compile.compile(str(source / "one.py"), doraise=True)
    (whole,) = source.glob("__pycache__/*")
    compiled = os.path.relpath(whole, source)
    mover = moved(source, target, "one.py", "two.py", compiled)
    mover.complete(sys.executable, os.environ)
    assert [path.name for path in target.glob("__pycache__/*")] == [os.path.basename(compiled)]
    assert os.fsencode(source / "one.py") not in (target / compiled).read_bytes()
