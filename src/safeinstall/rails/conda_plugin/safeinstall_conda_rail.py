"""A conda plugin: shows conda's transaction to safeinstall before it is carried out.

Runs in the Python that runs conda (3.8 and later), and only because its directory is on PYTHONPATH
for this one process. It decides nothing, and writes only the plan, beside the request file that
``SAFEINSTALL_PLAN`` names. If anything fails, conda goes on, unless the policy says otherwise.
"""
# conda is not installed where this file is type-checked
# mypy: disable-error-code="import-not-found,misc,untyped-decorator"

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

VARIABLE = "SAFEINSTALL_PLAN"  # as in safeinstall.settings
STOP = 77  # as in safeinstall.errors
WORDS = "safeinstall has stopped this; nothing in the environment was changed"


def read_request(path: str) -> dict[str, str]:
    """The values of the request file, by name; empty where there is no such file."""
    try:
        with open(path, "rb") as file:
            items = file.read().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(item).partition("=") for item in items if item)
    return {name: value for name, _, value in pairs}


def step_back() -> None:
    """Remove our variables again, so that programs that conda starts do not inherit them.

    Not in ``conda run``: the conda inside, for which they are meant, is still to be started.
    """
    if next((word for word in sys.argv[1:] if word[:1] != "-"), "") == "run":
        return
    os.environ.pop(VARIABLE, None)
    ours = os.path.dirname(os.path.abspath(__file__))
    path = os.environ.pop("PYTHONPATH", "").split(os.pathsep)
    left = [place for place in path if place != ours]
    if left:
        os.environ["PYTHONPATH"] = os.pathsep.join(left)


PATH = os.environ.get(VARIABLE, "")
REQUEST = read_request(PATH) if PATH else {}
step_back()


def may_go_on(prefix: str, unlink: Sequence[Any], link: Sequence[Any]) -> bool:
    """Ask safeinstall about the transaction. After an error of ours conda goes on, unless the
    policy says otherwise.
    """
    try:
        if os.path.realpath(prefix) != os.path.realpath(REQUEST["prefix"]):
            return True
        return judged([describe(record) for record in unlink], [unpacked(r) for r in link])
    except KeyboardInterrupt:
        return False
    except Exception as error:
        sys.stderr.write(f"\nsafeinstall: the plan could not be judged: {error!r:.300}\n")
        return REQUEST.get("strict") != "yes"


def judged(unlink: list[dict[str, str]], link: list[dict[str, str]]) -> bool:
    """May conda go on? Starts safeinstall, which shows its findings to the user itself."""
    import json
    import subprocess
    import time

    plan = os.path.join(os.path.dirname(PATH), f"plan-{time.time_ns():020d}")
    with open(plan, "w", encoding="ascii") as file:
        json.dump({"unlink": unlink, "link": link}, file)
    stderr, request = os.dup(2), os.open(PATH, os.O_RDONLY)
    try:
        # safeinstall gets a file to read as its stderr, and the number of the real stderr: see
        # output/stderr.py. That it has read the file shows below that it works.
        start = [REQUEST["python"], "-I", "-S", REQUEST["main"], f"--stderr={stderr}"]
        with still_spinner():
            status = subprocess.call(
                [*start, "plan", PATH, plan],
                stdout=stderr,  # only conda writes to the real stdout
                stderr=request,
                pass_fds=[stderr],
            )
        works = os.lseek(request, 0, os.SEEK_CUR) > 0
    finally:
        os.close(stderr)
        os.close(request)
    if works and status > 0 and status != STOP:
        return REQUEST.get("strict") != "yes"  # safeinstall has shown why it could not judge
    if not works or status < 0:
        raise RuntimeError(f"safeinstall ended with status {status}")
    return status == 0


def still_spinner() -> Any:
    """A context in which conda's spinner is silent: it would write into our question."""
    import contextlib
    import threading

    @contextlib.contextmanager
    def still() -> Iterator[None]:
        threads = threading.enumerate()
        owners: list[Any] = [getattr(getattr(t, "_target", None), "__self__", t) for t in threads]
        spinners = [(owner, owner.fh) for owner in owners if hasattr(owner, "fh")]
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - threads may use it later
        for spinner, _ in spinners:
            spinner.fh = nowhere
        try:
            yield
        finally:
            for spinner, handle in spinners:
                spinner.fh = handle

    return still()


def describe(record: Any) -> dict[str, str]:
    """Name, version and build of a package, for the plan; for Python its site-packages, too."""
    found = {name: str(getattr(record, name)) for name in ("name", "version", "build")}
    declared = getattr(record, "python_site_packages_path", None)  # CEP 17
    return dict(found, python_site_packages_path=str(declared)) if declared else found


def unpacked(record: Any) -> dict[str, str]:
    """As :func:`describe`, with the directory in which the package is unpacked."""
    from conda.core.package_cache_data import PackageCacheData

    entry = PackageCacheData.get_entry_to_link(record)
    return dict(describe(record), extracted=str(entry.extracted_package_dir or ""))


def spare_the_rest() -> None:
    """Keep conda from listing every file that collides: the list would hide our message."""
    from conda.core.link import UnlinkLinkTransaction

    UnlinkLinkTransaction._verify_prefix_level = staticmethod(lambda _: [])  # noqa: SLF001


def make_action() -> type:
    """The action that conda carries out with each transaction."""
    from conda.core.path_actions import Action
    from conda.exceptions import CondaError

    class Judge(Action):
        """Judges the transaction in ``verify``. The error is returned, not raised: after a raised
        error, conda leaves a directory behind.
        """

        def verify(self) -> Exception | None:
            self._verified = True
            unlink, link = list(self.unlink_precs or ()), list(self.link_precs or ())
            if (unlink or link) and not may_go_on(str(self.target_prefix), unlink, link):
                spare_the_rest()
                error: Exception = CondaError(WORDS)
                return error
            return None

        def execute(self) -> None:
            """Does nothing."""

        def reverse(self) -> None:
            """Does nothing."""

        def cleanup(self) -> None:
            """Does nothing."""

    return Judge


if REQUEST:
    from conda.plugins import hookimpl

    @hookimpl
    def conda_pre_transaction_actions() -> Iterator[Any]:
        """The plugin hook that conda calls before each transaction."""
        from conda.plugins.types import CondaPreTransactionAction

        yield CondaPreTransactionAction(name="safeinstall", action=make_action())
