"""A guard that is broken, in whatever way: the tool runs, once, and one line says so.

A copy of the package is broken for real, below functions that were loaded while it was whole.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import safeinstall
from safeinstall.integration import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.shells.conftest import Lab

PACKAGE = os.path.dirname(safeinstall.__file__)
TORTURE = bool(os.environ.get("SAFEINSTALL_TORTURE"))
STATUS = 7  # the tool's
WORDS = ["install", "a b", "*", ""]
PIP = '#!/bin/sh\nprintf "%s\\037" "$@" >>"$LAB_LOG"\necho >>"$LAB_LOG"\necho out\nexit 7\n'
LOGGED = "".join(word + "\x1f" for word in WORDS) + "\n"

# Tells which modules are loaded when the tool is started and when the guard ends.
TELL = """\
import os, sys
sys.path.append({site!r})
def telling(act):
    def tell(*words, **more):
        os.write(1, "\\n".join([*sys.modules, "", ""]).encode())
        return act(*words, **more)
    return tell
os.posix_spawn, os._exit = telling(os.posix_spawn), telling(os._exit)
from safeinstall.__main__ import main
sys.argv = ["safeinstall", "run", "--", "pip", "install", "x"]
main()
"""


class Installation:
    """The package and a way to its interpreter, to be broken and made whole again."""

    def __init__(self, root: Path) -> None:
        self.site = root / "lib"
        self.package = self.site / "safeinstall"
        self.main = self.package / "__main__.py"
        self.python = root / "bin" / "python"
        shutil.copytree(PACKAGE, self.package)
        shutil.copytree(Path(PACKAGE).parent.parent / "shell", self.package / "shell")
        self.python.parent.mkdir()
        self.python.symlink_to(sys.executable)

    @contextmanager
    def without(self, path: Path) -> Iterator[None]:
        """The path is free to hold something else."""
        kept = path.with_name(f"kept-{path.name}")
        path.rename(kept)
        try:
            yield
        finally:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            kept.rename(path)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture
def guarded(lab: Lab, installation: Installation) -> Lab:
    """A lab whose functions ask the real guard."""
    lab.stub(lab.bin / "pip", PIP)
    main, python = str(installation.main), str(installation.python)
    lab.integration.write_text(template.render(lab.shell, python, main))
    return lab


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def interpreter_without_library(path: Path) -> None:
    """A real one, which finds a library with nothing in it."""
    home = path.parent / "moved"
    shutil.rmtree(home, ignore_errors=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (home / "bin").mkdir(parents=True)
    library = home / "lib" / version
    (library / "lib-dynload").mkdir(parents=True)
    (library / "os.py").write_text("")
    shutil.copy(os.path.realpath(sys.executable), home / "bin" / "python")
    path.symlink_to(home / "bin" / "python")


PYTHONS: dict[str, Callable[[Path], object]] = {
    "gone": lambda _: None,
    "a dangling link": lambda path: path.symlink_to("/no/where"),
    "not executable": lambda path: path.write_text("#!/bin/sh\n"),
    "a directory": lambda path: path.mkdir(),
    "empty": lambda path: script(path, ""),
    "no program": lambda path: script(path, "\x7fELF" + "\0" * 100),
    "of another machine": lambda path: script(path, "\x7fELF\2\1\1" + "\0" * 9 + "\2\0\xf3\0"),
    "of an interpreter that is gone": lambda path: script(path, "#!/no/where\n"),
    "ends with 1": lambda path: script(path, "#!/bin/sh\necho Fatal >&2\nexit 1\n"),
    "ends with 0": lambda path: script(path, "#!/bin/sh\n"),
    "ends with 77": lambda path: script(path, "#!/bin/sh\nexit 77\n"),
    "crashes": lambda path: script(path, "#!/bin/sh\nkill -ABRT $$\n"),
    "is killed": lambda path: script(path, "#!/bin/sh\nkill -KILL $$\n"),
    "without its library": interpreter_without_library,
}

MAINS: dict[str, Callable[[Path], object]] = {
    "gone": lambda _: None,
    "empty": lambda path: path.write_text(""),
    "cut off": lambda path: path.write_text('"""Cut off."""\n\nimport sys\n'),
    "no Python": lambda path: path.write_text("# \n<<<<<<<\n"),
    "with a NUL": lambda path: path.write_text("# \n\0\n"),
    "a directory": lambda path: path.mkdir(),
}

MODULES: dict[str, Callable[[Path], object]] = {
    "gone": lambda _: None,
    "empty": lambda path: path.write_text(""),
    "with a NUL": lambda path: path.write_text("\0"),
    "no Python": lambda path: path.write_text("import\n"),
    "raises": lambda path: path.write_text("raise RuntimeError('two\\nlines')\n"),
}


def expect_the_tool(done: subprocess.CompletedProcess[str], log: Path, *, stdout: str) -> str:
    """The tool has run once, with its words, its output and its status. Returns the one line."""
    assert done.stdout == stdout, done.stderr
    assert log.exists(), done.stderr
    assert log.read_text() == LOGGED
    log.unlink()
    lines = [line for line in done.stderr.splitlines() if "Aborted" not in line]
    lines = [line for line in lines if "Killed" not in line]  # the shells' own words
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("safeinstall: ")
    assert "pip runs unguarded" in lines[0]
    return lines[0]


def in_the_shell(lab: Lab, breaks: Callable[[Path], object], path: Path, inst: Installation) -> str:
    """Load, then break, then use."""
    lab.extra["SAFEINSTALL_LOCK_TIMEOUT"] = "1"
    load = lab.run("pip list >/dev/null; [ $? = 7 ] && echo whole")
    assert (load.stdout, load.stderr) == ("whole\n", "")
    (lab.root / "log").unlink()
    with inst.without(path):
        breaks(path)
        done = lab.run(f"pip {shlex.join(WORDS)}; echo $?")
    return expect_the_tool(done, lab.root / "log", stdout=f"out\n{STATUS}\n")


@pytest.mark.parametrize("state", PYTHONS)
def test_its_python(guarded: Lab, installation: Installation, state: str) -> None:
    in_the_shell(guarded, PYTHONS[state], installation.python, installation)


@pytest.mark.parametrize("state", MAINS)
def test_its_first_file(guarded: Lab, installation: Installation, state: str) -> None:
    in_the_shell(guarded, MAINS[state], installation.main, installation)


@pytest.mark.parametrize("state", MODULES)
@pytest.mark.parametrize("module", ["main.py", "guard/run.py", "rails/process.py"])
def test_a_module(guarded: Lab, installation: Installation, module: str, state: str) -> None:
    in_the_shell(guarded, MODULES[state], installation.package / module, installation)


def test_nothing_is_left_but_the_first_file(guarded: Lab, installation: Installation) -> None:
    def first_file_alone(package: Path) -> None:
        package.mkdir()
        shutil.copy(package.with_name("kept-safeinstall") / "__main__.py", package)

    in_the_shell(guarded, first_file_alone, installation.package, installation)


OPEN = '#!/bin/sh\nfor fd in 2 3 4 5 6 7 8 9; do [ -e /dev/fd/$fd ] && printf "$fd "; done\necho\n'


@pytest.mark.parametrize("redirections", ["", "2>&-", "9</dev/null 8</dev/null"])
def test_a_whole_guard_leaves_no_descriptor_behind(guarded: Lab, redirections: str) -> None:
    guarded.stub(guarded.bin / "pip", OPEN)
    bare = guarded.run(f"\\command pip install x {redirections}", load=False)
    done = guarded.run(f"pip install x {redirections}")
    assert (done.stdout, done.stderr) == (bare.stdout, "")


def test_without_stderr_a_broken_guard_costs_nothing_either(
    guarded: Lab, installation: Installation
) -> None:
    with installation.without(installation.package / "main.py"):
        done = guarded.run("pip install x 2>&-; echo $?")
    assert (done.stdout, done.stderr) == (f"out\n{STATUS}\n", "")


def test_a_tool_that_takes_the_guard_away_runs_once(
    guarded: Lab, installation: Installation
) -> None:
    """As ``pip uninstall safeinstall`` does."""
    away = f"mv {shlex.quote(str(installation.package))} {shlex.quote(str(guarded.root / 'gone'))}"
    guarded.stub(guarded.bin / "pip", PIP.replace("echo out\n", f"echo out\n{away}\n"))
    done = guarded.run(f"pip {shlex.join(WORDS)}; echo $?")
    shutil.move(guarded.root / "gone", installation.package)
    assert done.stdout == f"out\n{STATUS}\n"
    assert (guarded.root / "log").read_text() == LOGGED
    assert done.stderr.count("\n") <= 1
    assert "Traceback" not in done.stderr


def test_a_broken_guard_does_not_keep_a_users_function(
    guarded: Lab, installation: Installation
) -> None:
    own = "function pip { echo mine; return 5; }\n"
    for path in (installation.package / "main.py", installation.python):
        with installation.without(path):
            done = guarded.run(f"{own}{guarded.load}\npip install x; echo $?", load=False)
        assert done.stdout == "mine\n5\n"
        assert done.stderr.count("\n") == 1
        assert "pip runs unguarded" in done.stderr


def test_a_policy_that_wants_a_guard_has_one(guarded: Lab, installation: Installation) -> None:
    """Where the guard is not too broken to read it."""
    policy = guarded.root / "policy.toml"
    policy.write_text('schema = 1\n[policy]\non_guard_error = "block"\n')
    guarded.extra["SAFEINSTALL_POLICY"] = str(policy)
    own = "function conda { echo mine; }\n"
    with installation.without(installation.package / "guard/assess.py"):
        done = guarded.run(
            f"{own}{guarded.load}\npip install x; echo $?; conda install x; echo $?", load=False
        )
    assert done.stdout == "70\n77\n"
    assert done.stderr.count("does not let commands pass unguarded\n") == 2
    assert done.stderr.count("\n") == 2


# ---- without a shell function ------------------------------------------------------------------


@pytest.fixture(scope="module")
def modules(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, bool]:
    """The files of ours that one command needs; is it before the tool is started?"""
    root = tmp_path_factory.mktemp("modules")
    script(root / "pip", "#!/bin/sh\n")
    (root / "tell.py").write_text(TELL.format(site=str(installation.site)))
    before, after, _ = directly(installation, root, [str(root / "tell.py")]).stdout.split("\n\n")
    known = set(before.splitlines())
    paths = {
        installation.site / f"{name.replace('.', '/')}.py": name in known
        for name in after.splitlines()
        if name.startswith("safeinstall.")
    }
    return {path: early for path, early in paths.items() if path.exists()}


def directly(
    installation: Installation, root: Path, words: list[str]
) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": f"{root}:/usr/bin:/bin",
        "HOME": str(root),
        "LC_ALL": "C",
        "LAB_LOG": str(root / "log"),
    }
    return subprocess.run(
        [str(installation.python), "-I", "-S", *words],
        env=environ,
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("state", MODULES if TORTURE else ["gone"])
def test_each_module_in_turn(
    installation: Installation, modules: dict[Path, bool], tmp_path: Path, state: str
) -> None:
    script(tmp_path / "pip", PIP)
    words = [str(installation.main), "run", "--", "pip", *WORDS]
    assert sum(modules.values()) > 40
    for path, early in modules.items():
        if path == installation.main:
            continue
        with installation.without(path):
            MODULES[state](path)
            done = directly(installation, tmp_path, words)
        assert (done.returncode, done.stdout) == (STATUS, "out\n"), (path, done)
        assert (tmp_path / "log").read_text() == LOGGED, (path, done)
        said = done.stderr.splitlines()
        assert all(line.startswith("safeinstall: ") for line in said), (path, done)
        # What is done on the side while the tool runs is left undone where it fails.
        assert len(said) == 1 or (not said and (not early or state == "empty")), (path, done)
        (tmp_path / "log").unlink()
