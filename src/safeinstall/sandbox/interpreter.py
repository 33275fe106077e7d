"""``python``, ``pip`` and ``setuptools`` as conda packages, made of an interpreter that is here.

The result is a prefix of its own: its executable, its standard library (without tests and Tk) and
its site-packages are its files; only shared libraries may still come from where Python was built.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from safeinstall.sandbox import SandboxError
from safeinstall.sandbox.archive import PLACEHOLDER, File, Package
from safeinstall.sandbox.distribution import record
from safeinstall.sandbox.packages import python_range

_FACTS = """
import json, os, sys, sysconfig
get = sysconfig.get_config_var
print(json.dumps({
    "executable": os.path.realpath(getattr(sys, "_base_executable", sys.executable)),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "stdlib": os.path.realpath(os.path.dirname(os.__file__)),
    "extensions": get("DESTSHARED") or "",
    "library": os.path.join(get("LIBDIR") or "", get("INSTSONAME") or get("LDLIBRARY") or ""),
    "shared": bool(get("Py_ENABLE_SHARED")),
    "framework": get("PYTHONFRAMEWORKPREFIX") or "",
    "wheels": get("WHEEL_PKG_DIR") or "",
}))
"""

_LEFT_OUT = {
    "EXTERNALLY-MANAGED",
    "__pycache__",
    "dist-packages",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What has to be known about a Python to make a package of it."""

    executable: str
    version: str
    stdlib: str
    extensions: str
    library: str
    shared: bool
    framework: str
    wheels: str

    @property
    def minor(self) -> str:
        """``"3.11"``."""
        return self.version.rpartition(".")[0]


def describe(executable: str) -> Interpreter | None:
    """The interpreter behind ``executable``; ``None`` where it does not run."""
    command = [executable, "-I", "-S", "-c", _FACTS]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=True, cwd="/")
        return Interpreter(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None


def find_interpreters() -> list[Interpreter]:
    """The interpreter that is running, and one of another minor version where there is one."""
    own = describe(sys.executable)
    if own is None:
        raise SandboxError(f"{sys.executable} cannot be started on its own")
    for executable in _candidates():
        other = describe(executable)
        if other and other.minor != own.minor and not other.framework:
            return [own, other]
    return [own]


def _candidates() -> Iterator[str]:
    # Older ones first: "python" without a version then is the running interpreter everywhere.
    newest = sys.version_info.minor
    minors = [*range(newest - 1, 8, -1), newest + 1, newest + 2]
    home = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for top in (f"{home}/versions", "/opt/hostedtoolcache/Python"):
        found = sorted(os.listdir(top)) if os.path.isdir(top) else []
        for minor in minors:
            for version in (name for name in found if name.startswith(f"3.{minor}.")):
                for inside in ("", "x64", "arm64"):
                    yield os.path.join(top, version, inside, "bin", f"python3.{minor}")
    for minor in minors:
        path = shutil.which(f"python3.{minor}")
        if path and "shims" not in path:
            yield path


def python_packages(interpreter: Interpreter, builds: int) -> Iterator[Package]:
    """``python`` in some builds, and the bundled ``pip`` (and ``setuptools``) for it."""
    with tempfile.TemporaryDirectory() as stage:
        _stage(interpreter, stage)
        files = _collect(stage)
        for number in range(builds):
            note = File(f"build {number}\n".encode())
            yield Package(
                name="python",
                version=interpreter.version,
                build=f"h{number}_{number}_cpython",
                number=number,
                files={**files, "share/python/BUILD": note},
            )
        for wheel in _bundled_wheels(interpreter):
            yield _from_wheel(wheel, interpreter, stage)


def _stage(interpreter: Interpreter, stage: str) -> None:
    """Lay the prefix out in ``stage`` and make sure that it works there."""
    minor = interpreter.minor
    stdlib = os.path.join(stage, "lib", f"python{minor}")
    shutil.copytree(interpreter.stdlib, stdlib, symlinks=True, ignore=_leave_out)
    if interpreter.extensions and not interpreter.extensions.startswith(interpreter.stdlib):
        shutil.copytree(interpreter.extensions, f"{stdlib}/lib-dynload", dirs_exist_ok=True)
    os.makedirs(f"{stdlib}/site-packages")
    with open(f"{stdlib}/site-packages/README.txt", "w") as file:
        file.write("Installed packages live here.\n")
    if os.path.exists(f"{stdlib}/sysconfig.py"):  # a package since 3.14
        _straighten_debian(stdlib)
    os.makedirs(f"{stage}/bin")
    shutil.copy(_binary(interpreter), f"{stage}/bin/python{minor}")
    for name in ("python", "python3"):
        os.symlink(f"python{minor}", f"{stage}/bin/{name}")
    if interpreter.framework:
        _take_out_of_framework(interpreter, stage)
    elif not _works(stage, minor) and interpreter.shared:
        shutil.copy(interpreter.library, f"{stage}/lib/")
    if not _works(stage, minor):
        raise SandboxError(
            f"{interpreter.executable} does not work from another directory, "
            "so no conda package can be made of it; run this with another Python"
        )
    _compile(os.path.join(stage, "bin", "python"), stage)


def _leave_out(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name in _LEFT_OUT or name.startswith("config-")]


_ONE_SCHEME = """
for _name in ("posix_local", "deb_system"):
    _INSTALL_SCHEMES[_name] = _INSTALL_SCHEMES["posix_prefix"]
"""
_CUSTOMIZE = """\
import site
import sysconfig

site.addsitedir(sysconfig.get_path("purelib"))
"""


def _straighten_debian(stdlib: str) -> None:
    """Debian's Python installs below ``local/`` and ``dist-packages``; conda's never does."""
    with open(f"{stdlib}/sysconfig.py", encoding="utf-8") as file:
        source = file.read()
    if "posix_local" not in source:
        return
    with open(f"{stdlib}/sysconfig.py", "w", encoding="utf-8") as file:
        file.write(source + _ONE_SCHEME)
    # The module site itself is frozen into the executable and cannot be changed.
    customize = f"{stdlib}/sitecustomize.py"
    if os.path.lexists(customize):
        os.unlink(customize)
    with open(customize, "w", encoding="utf-8") as file:
        file.write(_CUSTOMIZE)


def _binary(interpreter: Interpreter) -> str:
    """On macOS the executable of a framework build is a launcher for the one inside an app."""
    version = os.path.dirname(os.path.dirname(interpreter.executable))
    inner = os.path.join(version, "Resources", "Python.app", "Contents", "MacOS", "Python")
    return inner if interpreter.framework and os.path.exists(inner) else interpreter.executable


def _take_out_of_framework(interpreter: Interpreter, stage: str) -> None:
    version = os.path.dirname(os.path.dirname(interpreter.executable))
    binary = f"{stage}/bin/python{interpreter.minor}"
    shutil.copy(f"{version}/Python", f"{stage}/Python")
    change = ["-change", f"{version}/Python", "@executable_path/../Python"]
    subprocess.run(["install_name_tool", *change, binary], check=True, capture_output=True)
    for path in (f"{stage}/Python", binary):
        subprocess.run(["codesign", "-f", "-s", "-", path], check=True, capture_output=True)


def _works(stage: str, minor: str) -> bool:
    code = (
        "import sys, sysconfig, ctypes, zlib; purelib = sysconfig.get_path('purelib'); "
        "print(sys.prefix, purelib, sep='\\n'); assert purelib in sys.path"
    )
    command = [f"{stage}/bin/python{minor}", "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    real = os.path.realpath(stage)
    expected = [real, f"{real}/lib/python{minor}/site-packages"]
    said = [os.path.realpath(line) for line in done.stdout.splitlines()]
    return done.returncode == 0 and said == expected


def _compile(python: str, top: str) -> None:
    """Byte code that is never checked against the source: modification times do not matter."""
    # -f: what Python has compiled for itself on the way here goes by modification times
    options = ["-q", "-f", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", top]
    command = [python, "-I", "-m", "compileall", *options, os.path.join(top, "lib")]
    subprocess.run(command, check=False, capture_output=True, env={})


def _collect(top: str) -> dict[str, File]:
    files: dict[str, File] = {}
    for directory, directories, names in os.walk(top):
        links = [name for name in directories if os.path.islink(os.path.join(directory, name))]
        for name in [*names, *links]:
            path = os.path.join(directory, name)
            files[os.path.relpath(path, top)] = _read(path)
    return files


def _read(path: str) -> File:
    if os.path.islink(path) and not os.path.isabs(os.readlink(path)):
        return File(b"", link=os.readlink(path))
    with open(path, "rb") as file:
        return File(file.read(), executable=os.access(path, os.X_OK), shared=True)


def _bundled_wheels(interpreter: Interpreter) -> list[str]:
    for directory in (
        os.path.join(interpreter.stdlib, "ensurepip", "_bundled"),
        interpreter.wheels,
    ):
        if directory and os.path.isdir(directory):
            names = [name for name in sorted(os.listdir(directory)) if name.endswith(".whl")]
            wheels = [os.path.join(directory, name) for name in names]
            if any(os.path.basename(wheel).startswith("pip-") for wheel in wheels):
                return [
                    w for w in wheels if os.path.basename(w).startswith(("pip-", "setuptools-"))
                ]
    raise SandboxError(
        f"{interpreter.executable} brings no pip along (ensurepip): install it, on Debian with "
        f"'apt install python{interpreter.minor}-venv', or run this with another Python"
    )


def _from_wheel(wheel: str, interpreter: Interpreter, stage: str) -> Package:
    name, version = os.path.basename(wheel).split("-")[:2]
    site_packages = f"lib/python{interpreter.minor}/site-packages"
    information = f"{site_packages}/{name}-{version}.dist-info"
    with tempfile.TemporaryDirectory() as target:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(os.path.join(target, site_packages))
        os.unlink(os.path.join(target, information, "RECORD"))
        _compile(os.path.join(stage, "bin", "python"), target)
        files = _collect(target)
    files[f"{information}/INSTALLER"] = File(b"conda\n")
    files |= _scripts(interpreter) if name == "pip" else {}
    files[f"{information}/RECORD"] = File(_record(files, site_packages))
    return Package(
        name=name,
        version=version,
        build=f"py{interpreter.minor.replace('.', '')}_0",
        depends=(python_range(interpreter.minor),),
        files=files,
    )


def _record(files: dict[str, File], site_packages: str) -> bytes:
    listed = {
        os.path.relpath(path, site_packages): file.data
        for path, file in files.items()
        if not path.endswith(".pyc")
    }
    installer = next(path for path in listed if path.endswith(".dist-info/INSTALLER"))
    return record(listed, installer.replace("INSTALLER", "RECORD"))


def _scripts(interpreter: Interpreter) -> dict[str, File]:
    source = (
        f"#!{PLACEHOLDER}/bin/python\nimport sys\n"
        "from pip._internal.cli.main import main\nsys.exit(main())\n"
    )
    names = ("pip", "pip3", f"pip{interpreter.minor}")
    return {f"bin/{name}": File(source.encode(), executable=True) for name in names}
