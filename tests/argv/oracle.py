"""Real pips, each in a long-lived process of its own, to hold our reading against."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Any, Self

VERSIONS = ("23.2.1", "24.3.1", "25.3", "26.3")
HERE = os.path.dirname(os.path.abspath(__file__))
MACHINE = dict(os.environ)  # as it was before the tests got a home of their own
HOME_CACHE = os.path.join(os.path.expanduser("~"), ".cache")
CACHE = os.path.join(MACHINE.get("XDG_CACHE_HOME") or HOME_CACHE, "safeinstall-tests")


def installed(version: str) -> str:
    """The directory of one pip, filled by the pip of this interpreter where it is not there yet.

    The environment of that one call is the machine's own: it has to reach an index.
    """
    place = os.path.join(CACHE, f"pip-{version}")
    if os.path.isdir(place):
        return place
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
        target = os.path.join(fresh, "pip")
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", target]
        subprocess.run([*command, f"pip=={version}"], check=True, env=MACHINE)
        try:
            os.rename(target, place)
        except OSError:  # another process was faster
            assert os.path.isdir(place)
    return place


class Oracle:
    """One pip that answers questions."""

    def __init__(self, version: str) -> None:
        self.version = version
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "pip_worker.py")],
            env={**kept, "PYTHONPATH": installed(version), "PYTHONWARNINGS": "ignore"},
            cwd=os.path.dirname(installed(version)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.answer()["version"] == version

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def answer(self) -> dict[str, Any]:
        """The next line of the process."""
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def ask(self, **question: object) -> dict[str, Any]:
        """What this pip makes of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.answer()
