"""Is the new environment at least as sound as the old one?"""

from __future__ import annotations

import os
import subprocess

from safeinstall.files import read_text, write
from safeinstall.rebuild.tools import apart, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.model import Environment, Inventory
    from safeinstall.probe.soundness import Lack, Soundness

_LONGEST = 600.0  # seconds for all imports
_MOST_ENDS = 50  # modules that may end their process
_TEXT = 1 << 20
_END = "! end"

# Imports each module; one that ends the process does not keep the others from being tried.
_SCRIPT = """\
import importlib, os, pkgutil, sys
done, listed, places = sys.argv[1], sys.argv[2], sys.argv[3:]
wanted = set(open(listed).read().split())
known = {line.split(" ")[1].strip() for line in open(done)}
null = os.open(os.devnull, os.O_RDWR)
for descriptor in (0, 1, 2):
    os.dup2(null, descriptor)
out = open(done, "a")
there = {found.name for found in pkgutil.iter_modules(places)}
for name in sorted((there & wanted) - known):
    out.write("+ " + name + "\\n"); out.flush()
    try:
        importlib.import_module(name)
    except BaseException:
        out.write("- " + name + "\\n"); out.flush()
out.write("! end\\n"); out.flush()
os._exit(0)
"""


def new_lacks(old: Soundness, new: Soundness) -> list[Lack]:
    """The requirements that the new environment does not meet, and that the old one met, or had
    not.
    """
    known = {(lack.by, lack.name) for lack in old.lacks}
    return [lack for lack in new.lacks if (lack.by, lack.name) not in known]


def said(lack: Lack) -> str:
    """In words."""
    return f"{lack.by} needs {lack.wants}, and {lack.there or 'nothing'} would be there"


def losses(new: Soundness, found: Inventory) -> list[str]:
    """What is not there, or not as its installer has written it, one line each."""
    lost = [f"{loss.package.name} would lack {loss.files[0]}" for loss in new.losses]
    over = [f"pip would put its {record.name} over conda's" for record in found.overwritten]
    return lost + over


def unmet_by_pip(python: str, environ: Mapping[str, str]) -> set[str]:
    """The lines of ``pip check``; none where there is no pip, or no Python."""
    if not os.path.exists(python):
        return set()
    done = run([python, "-m", "pip", "check"], apart(environ))
    lines = done.stdout.decode(errors="replace").splitlines()
    return set(lines) if done.returncode and lines else set()


class Imports:
    """Tries to import each top-level module that a package brings, in a process of its Python.
    What somebody has put beside the packages is not run.
    """

    def __init__(
        self,
        environment: Environment,
        names: Iterable[str],
        environ: Mapping[str, str],
        notes: str,
    ) -> None:
        self._environment = environment
        self._environ = apart(environ)
        self._done = os.path.join(notes, f"imports-{os.path.basename(environment.prefix)}")
        write(self._done, b"")
        self._names = f"{self._done}.names"
        write(self._names, "\n".join(sorted(names)).encode("utf-8", "surrogateescape"))
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def result(self) -> tuple[set[str], set[str]]:
        """The modules that can be imported, and those that cannot. Waits."""
        try:
            for _ in range(_MOST_ENDS):
                in_time = self._wait()
                lines = self._lines()
                if self._process is None or _END in lines or not (lines and in_time):
                    break
                self._note_failure(lines[-1])
                self._start()
            tried, failed = (
                {line[2:] for line in self._lines() if line[0] == sign} for sign in "+-"
            )
            return tried - failed, failed
        finally:
            self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        python = os.path.join(self._environment.prefix, "bin", "python")
        try:
            self._process = subprocess.Popen(
                [
                    *(python, "-s", "-B", "-c", _SCRIPT, self._done, self._names),
                    *self._environment.site_packages,
                ],
                env=self._environ,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:  # no Python: nothing can be imported
            self._process = None

    def _wait(self) -> bool:
        """False if it takes too long: what was not tried by then is not judged."""
        if self._process is None:
            return True
        try:
            self._process.wait(_LONGEST)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def _note_failure(self, line: str) -> None:
        """The import that was tried last has ended the process: the next one goes on behind it."""
        with open(self._done, "a", encoding="utf-8") as file:
            file.write(f"- {line[2:]}\n")

    def _lines(self) -> list[str]:
        return read_text(self._done, _TEXT).splitlines()
