"""Which program runs, and which interpreter runs it, compared with what really happens."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import interpreter, tool

if TYPE_CHECKING:
    from pathlib import Path


def script(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def venv(path: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
    return str(path)


REPORT = "import sys; print(sys.prefix)"


def test_path_order_empty_entries_and_our_own_shims(tmp_path: Path) -> None:
    shim = script(tmp_path / "shims" / "pip", "#!/bin/sh\n# safeinstall-shim\n")
    first = script(tmp_path / "one" / "pip", "#!/bin/sh\n")
    script(tmp_path / "two" / "pip", "#!/bin/sh\n")
    path = os.pathsep.join([os.path.dirname(shim), str(tmp_path / "one"), str(tmp_path / "two")])
    assert tool.which("pip", {"PATH": path}, "/") == first
    assert tool.which("pip", {"PATH": "/nowhere:"}, str(tmp_path / "two")) == str(
        tmp_path / "two" / "pip"
    )
    assert tool.which("one/pip", {"PATH": ""}, str(tmp_path)) == first
    assert tool.which("pip\0", {"PATH": path}, "/") is None
    assert tool.which("pip", {"PATH": "/nowhere"}, "/") is None


def test_what_is_not_executable_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pip").write_text("#!/bin/sh\n")
    right = script(tmp_path / "b" / "pip", "#!/bin/sh\n")
    path = f"{tmp_path}/a:{tmp_path}/b"
    assert tool.which("pip", {"PATH": path}, "/") == right


@pytest.mark.parametrize(
    "name", ["plain", "a name with spaces", "long" * 50, "quote'd", "ünïcode"], ids=str.split
)
def test_the_script_that_pip_writes_leads_to_its_environment(tmp_path: Path, name: str) -> None:
    """pip chooses the shebang form by the path's length and characters; we read all of them."""
    prefix = venv(tmp_path / name[:200])
    wheel = make_wheel(tmp_path)
    pip = [sys.executable, "-m", "pip", "--python", f"{prefix}/bin/python", "install", "-q"]
    quiet = ["--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, *quiet, wheel], check=True, env=clean_environ())
    installed = os.path.join(prefix, "bin", "sample-tool")
    ran = subprocess.run([installed], capture_output=True, text=True, check=True)
    found = tool.interpreter_of(installed, dict(os.environ), "/")
    assert found is not None
    assert interpreter.prefix_of(found, {}) == ran.stdout.strip() == prefix


def test_env_and_env_s_shebangs(tmp_path: Path) -> None:
    prefix = venv(tmp_path / "env")
    environ = {"PATH": f"{prefix}/bin:/usr/bin:/bin"}
    for line in (
        "#!/usr/bin/env python3",
        "#!/usr/bin/env -S python3 -I",
        "#! /usr/bin/env python3",
    ):
        path = script(tmp_path / "tool", f"{line}\n{REPORT}\n")
        ran = subprocess.run([path], capture_output=True, text=True, check=True, env=environ)
        found = tool.interpreter_of(path, environ, "/")
        assert found is not None
        assert interpreter.prefix_of(found, {}) == ran.stdout.strip() == prefix


def test_symbolic_links_to_scripts_and_interpreters(tmp_path: Path) -> None:
    prefix = venv(tmp_path / "env")
    path = script(tmp_path / "env" / "bin" / "tool", f"#!{prefix}/bin/python\n{REPORT}\n")
    (tmp_path / "link").symlink_to(path)
    found = tool.interpreter_of(str(tmp_path / "link"), {}, "/")
    assert found is not None
    assert interpreter.prefix_of(found, {}) == prefix
    # CPython follows the link before it looks for pyvenv.cfg beside the interpreter only
    link = tmp_path / "python3"
    link.symlink_to(os.path.realpath(sys.executable))
    ran = subprocess.run([link, "-c", REPORT], capture_output=True, text=True, check=True)
    assert interpreter.prefix_of(str(link), {}) == ran.stdout.strip()


def test_pythonhome_wins(tmp_path: Path) -> None:
    assert interpreter.prefix_of(sys.executable, {"PYTHONHOME": "/a:/b"}) == "/a"


def test_binaries_and_nonsense_are_not_python(tmp_path: Path) -> None:
    assert tool.interpreter_of("/bin/sh", {}, "/") is None
    assert tool.interpreter_of(script(tmp_path / "x", "#!\n"), {}, "/") is None
    assert tool.interpreter_of(script(tmp_path / "y", "#!/bin/sh\necho\n"), {}, "/") is None
    loop = script(tmp_path / "z", f"#!{tmp_path}/z\n")
    assert tool.interpreter_of(loop, {}, "/") is None


PYENV_SHIM = """#!/usr/bin/env bash
set -e
[ -n "$PYENV_DEBUG" ] && set -x

program="${{0##*/}}"

export PYENV_ROOT="{root}"
exec "{root}/libexec/pyenv" exec "$program" "$@"
"""


def test_pyenv_shims(tmp_path: Path) -> None:
    root = tmp_path / "pyenv"
    shim = script(root / "shims" / "pip", PYENV_SHIM.format(root=root))
    for version in ("3.11.4", "3.11.10", "3.12.1"):
        prefix = venv(root / "versions" / version)
        script(root / "versions" / version / "bin" / "pip", f"#!{prefix}/bin/python\n")
    system = script(tmp_path / "usr" / "pip", f"#!{venv(tmp_path / 'sys')}/bin/python\n")
    project = tmp_path / "project" / "deep"
    project.mkdir(parents=True)
    path = f"{root}/shims:{os.path.dirname(system)}"

    def prefix_with(cwd: Path, **extra: str) -> str:
        found = tool.interpreter_of(shim, {"PATH": path, **extra}, str(cwd))
        return os.path.basename(interpreter.prefix_of(found, {}) or "") if found else "none"

    assert prefix_with(tmp_path) == "sys"
    (root / "version").write_text("# comment\n3.12.1\n")
    assert prefix_with(tmp_path) == "3.12.1"
    (tmp_path / "project" / ".python-version").write_text("3.11\n")
    assert prefix_with(project) == "3.11.10"
    assert prefix_with(project, PYENV_VERSION="3.11.4:3.12.1") == "3.11.4"
    assert prefix_with(project, PYENV_VERSION="system") == "sys"
    assert prefix_with(project, PYENV_VERSION="9.9") == "none"


def clean_environ() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "CONDA_", "VIRTUAL"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def make_wheel(directory: Path) -> str:
    """The smallest wheel with a console script."""
    import zipfile

    path = directory / "sample-1.0-py3-none-any.whl"
    info = "sample-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sample.py", "import sys\ndef main(): print(sys.prefix)\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(
            f"{info}/entry_points.txt", "[console_scripts]\nsample-tool = sample:main\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return str(path)
