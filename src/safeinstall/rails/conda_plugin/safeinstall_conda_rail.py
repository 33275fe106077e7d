"""A guest in conda's process: shows the transaction to safeinstall before it is carried out.

Runs in whatever Python conda runs in (3.8 and later) and finds itself there only because its
directory is on PYTHONPATH for this one process. It decides nothing, and writes nothing but the
plan, beside the request that ``SAFEINSTALL_PLAN`` names. Where anything is amiss conda goes on.
"""
# conda is not here when this is checked
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
    """The request's values by name; empty where there is none."""
    try:
        with open(path, "rb") as file:
            items = file.read().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(item).partition("=") for item in items if item)
    return {name: value for name, _, value in pairs}


def step_back() -> None:
    """What conda starts shall find the variables as the user left them.

    Not in ``conda run``, where the conda that we are here for is yet to be started.
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
    """Asks safeinstall; an error of ours lets conda go on, unless the policy says otherwise."""
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
    """May conda go on? safeinstall speaks to the user by itself."""
    import json
    import subprocess
    import time

    plan = os.path.join(os.path.dirname(PATH), f"plan-{time.time_ns():020d}")
    with open(plan, "w", encoding="ascii") as file:
        json.dump({"unlink": unlink, "link": link}, file)
    stderr, request = os.dup(2), os.open(PATH, os.O_RDONLY)
    try:
        # A file to read in place of stderr, and the real one's number: see output/stderr.py.
        start = [REQUEST["python"], "-I", "-S", REQUEST["main"], f"--stderr={stderr}"]
        with still_spinner():
            status = subprocess.call(
                [*start, "plan", PATH, plan],
                stdout=stderr,  # stdout is conda's alone
                stderr=request,
                pass_fds=[stderr],
            )
        works = os.lseek(request, 0, os.SEEK_CUR) > 0
    finally:
        os.close(stderr)
        os.close(request)
    if works and status > 0 and status != STOP:
        return REQUEST.get("strict") != "yes"  # safeinstall has said why it cannot tell
    if not works or status < 0:
        raise RuntimeError(f"safeinstall ended with status {status}")
    return status == 0


def still_spinner() -> Any:
    """conda's spinner would write into what the user is asked and answers."""
    import contextlib
    import threading

    @contextlib.contextmanager
    def still() -> Iterator[None]:
        threads = threading.enumerate()
        owners: list[Any] = [getattr(getattr(t, "_target", None), "__self__", t) for t in threads]
        spinners = [(owner, owner.fh) for owner in owners if hasattr(owner, "fh")]
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the thread may lag
        for spinner, _ in spinners:
            spinner.fh = nowhere
        try:
            yield
        finally:
            for spinner, handle in spinners:
                spinner.fh = handle

    return still()


def describe(record: Any) -> dict[str, str]:
    """A package, as the plan has it."""
    return {name: str(getattr(record, name)) for name in ("name", "version", "build")}


def unpacked(record: Any) -> dict[str, str]:
    """As :func:`describe`, with the place where it is unpacked, ready to be linked."""
    from conda.core.package_cache_data import PackageCacheData

    entry = PackageCacheData.get_entry_to_link(record)
    return dict(describe(record), extracted=str(entry.extracted_package_dir or ""))


def spare_the_rest() -> None:
    """conda would go on to list every file that collides, and bury what the user has to read."""
    from conda.core.link import UnlinkLinkTransaction

    UnlinkLinkTransaction._verify_prefix_level = staticmethod(lambda _: [])  # noqa: SLF001


def make_action() -> type:
    """The action that conda carries out with each transaction."""
    from conda.core.path_actions import Action
    from conda.exceptions import CondaError

    class Judge(Action):
        """Only looks. An error is returned: one that is raised leaves a directory behind."""

        def verify(self) -> Exception | None:
            self._verified = True
            unlink, link = list(self.unlink_precs or ()), list(self.link_precs or ())
            if (unlink or link) and not may_go_on(str(self.target_prefix), unlink, link):
                spare_the_rest()
                error: Exception = CondaError(WORDS)
                return error
            return None

        def execute(self) -> None:
            """Nothing."""

        def reverse(self) -> None:
            """Nothing."""

        def cleanup(self) -> None:
            """Nothing."""

    return Judge


if REQUEST:
    from conda.plugins import hookimpl

    @hookimpl
    def conda_pre_transaction_actions() -> Iterator[Any]:
        """conda's hook."""
        from conda.plugins.types import CondaPreTransactionAction

        yield CondaPreTransactionAction(name="safeinstall", action=make_action())
