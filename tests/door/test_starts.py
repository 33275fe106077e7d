"""Interpreters that run neither pip nor conda: with a door they load nothing more."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from safeinstall.door import files
from safeinstall.model import Environment
from safeinstall.probe.environment import describe

MANY = 10_000 if os.environ.get("SAFEINSTALL_TORTURE") == "1" else 100
SHOW = "import sys; print(len(sys.path), *sorted(sys.modules))"

# Each prints what its processes have loaded; {n}: how many processes
KINDS = {
    "one after the other": """
import subprocess, sys
words = [["-c", SHOW], ["-Ic", SHOW], ["-E", "-s", "-c", SHOW], ["-X", "utf8", "-c", SHOW, "pip"],
         ["-W", "ignore", "-c", SHOW, "--", "conda"], ["-B", "-u", "-OO", "-c", SHOW, "a/pip.txt"]]
said = {}
for number in range({n}):
    chosen = words[number % len(words)]
    done = subprocess.run([sys.executable, *chosen], capture_output=True, check=True)
    assert not done.stderr, done.stderr
    said.setdefault(str(chosen), set()).add(done.stdout)
print(said)
""",
    "a pool of multiprocessing": """
import multiprocessing, sys
def loaded(_):
    return " ".join(sorted(sys.modules))
if __name__ == "__main__":
    for method in ("spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2, maxtasksperchild=1) as pool:
            print(method, *sorted(set(pool.map(loaded, range({n} // 2), chunksize=1))))
""",
    "a tree of processes": """
import subprocess, sys
depth = int(sys.argv[1]) if len(sys.argv) > 1 else 0
if depth < 4:
    for _ in range(max(1, {n} // 30)) if not depth else range(2):
        done = subprocess.run([sys.executable, __file__, str(depth + 1)], capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
    sys.stdout.buffer.write(done.stdout)
else:
    print(*sorted(sys.modules))
""",
    "virtual environments": """
import subprocess, sys, tempfile
for _ in range(max(1, {n} // 100)):
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, "-m", "venv", "--without-pip", place]
        done = subprocess.run(words, capture_output=True, check=True)
        assert (done.stdout, done.stderr) == (b"", b"")
""",
}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    prefix = str(tmp_path / "venv")
    python = shutil.which("python3") or "python3"
    subprocess.run([python, "-m", "venv", "--without-pip", prefix], check=True)
    return describe(prefix)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_said_and_nothing_more_is_loaded(
    environment: Environment, tmp_path: Path, kind: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"SHOW = {SHOW!r}\n" + KINDS[kind].replace("{n}", str(MANY // 4)))
    other = environment.site_packages[0] + "/other.pth"  # since 3.13 a .pth file costs a codec
    Path(other).write_text("# of somebody else\n")
    files.put(environment)
    with_door = run(environment, script)
    files.take_out(environment)
    assert run(environment, script) == with_door
    assert with_door[1] == ""


def run(environment: Environment, script: Path) -> tuple[str, str]:
    done = subprocess.run(
        [f"{environment.prefix}/bin/python", str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "HOME": str(script.parent)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("line", ["-c pass", "-m json.tool --help", "-m pip --version"])
def test_no_process_is_started(environment: Environment, line: str, tmp_path: Path) -> None:
    files.put(environment)
    trace = tmp_path / "trace"
    python = f"{environment.prefix}/bin/python"
    words = ["strace", "-f", "-e", "trace=execve", "-o", str(trace), python, *line.split()]
    subprocess.run(words, capture_output=True, check=False)
    started = [text for text in trace.read_text().splitlines() if "execve(" in text]
    assert len(started) == 1
