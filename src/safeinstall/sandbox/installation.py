"""A conda installation that runs the sandbox's conda: executable, hook, root prefix."""

from __future__ import annotations

import importlib.resources
import os
import shlex
import sys

import safeinstall

_EXECUTABLE = """\
#!/bin/sh
exec {python} -I -c {code} {source} {root} "$@"
"""
# As conda's own: a program in Python, which base's interpreter runs
_PROGRAM = """\
#!{interpreter}
import os, sys
words = [{python!r}, "-I", "-c", {code!r}, {source!r}, {root!r}, *sys.argv[1:]]
os.execv(words[0], words)
"""
_LONGEST = 127  # bytes of a first line that every kernel reads
_CODE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from safeinstall.sandbox.conda.main import start; "
    "start(sys.argv[1], sys.argv[2:])"
)


def write_installation(root: str) -> str:
    """Put conda into the root prefix; returns the path of its executable."""
    words = {"python": sys.executable, "code": _CODE, "source": _source(), "root": root}
    script = _EXECUTABLE.format(**{key: shlex.quote(word) for key, word in words.items()})
    for directory in ("bin", "condabin"):
        path = os.path.join(root, directory, "conda")
        _write(path, script)
        os.chmod(path, 0o755)  # noqa: S103 - a program is for everybody to run
    executable = os.path.join(root, "bin", "conda")
    hook = importlib.resources.files(__package__) / "content" / "conda.sh"
    exports = f"export CONDA_EXE={shlex.quote(executable)}\nexport _CE_M=''\nexport _CE_CONDA=''\n"
    _write(os.path.join(root, "etc", "profile.d", "conda.sh"), exports + hook.read_text())
    return executable


def write_program(root: str) -> None:
    """Replace conda's executable by a program in Python, as there is a Python in base now."""
    interpreter = os.path.join(root, "bin", "python")
    if len(os.fsencode(interpreter)) + len("#!") > _LONGEST:
        return
    words = {"python": sys.executable, "code": _CODE, "source": _source(), "root": root}
    text = _PROGRAM.format(interpreter=interpreter, **words)
    for directory in ("bin", "condabin"):
        _write(os.path.join(root, directory, "conda"), text)


def _source() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(safeinstall.__file__)))


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
