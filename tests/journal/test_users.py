"""Several users of one environment, with their real user ids; root alone can try that."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safeinstall import settings
from safeinstall.errors import EnvironmentBusy
from safeinstall.journal import Journal, copies, ids, permissions, read, rotation, seal, store
from safeinstall.journal.lock import Lock
from safeinstall.journal.verify import verify
from tests.journal.test_torture import forked

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")

ADA, BOB, EVE = 47_001, 47_002, 47_003
GROUP = 47_000  # of Ada and Bob
LOADED = (copies, rotation, permissions)


class Shared:
    """An environment, and a home for each user."""

    def __init__(self, path: Path) -> None:
        path.chmod(0o755)
        self.prefix = path / "env"
        (self.prefix / "conda-meta").mkdir(parents=True)
        self.homes = {uid: path / str(uid) for uid in (0, ADA, BOB, EVE)}
        for uid, home in self.homes.items():
            home.mkdir(mode=0o700)
            os.chown(home, uid, uid)

    @property
    def primary(self) -> Path:
        return self.prefix / ".safeinstall" / "journal.jsonl"

    def give(self, uid: int, gid: int, mode: int) -> None:
        """Change the owner and the mode of the environment."""
        for path in (self.prefix / "conda-meta", self.prefix):
            os.chown(path, uid, gid)
            path.chmod(mode)

    def settings(self, uid: int) -> settings.Settings:
        return settings.read({"HOME": str(self.homes[uid])})

    def journal(self, uid: int) -> Journal:
        return Journal.open(str(self.prefix), self.settings(uid))

    def files(self, uid: int) -> tuple[str, ...]:
        return read.of_prefix(str(self.prefix), self.settings(uid).state_dir)

    def append(self, uid: int, umask: int = 0o022, **fields: Any) -> tuple[dict[str, Any], str]:
        """A record by that user; the record, and what was said of the other copy."""

        def work() -> Any:
            journal = self.journal(uid)
            environment = {"prefix": str(self.prefix)}
            said = {"op": ids.operation(), "kind": "drift", "by": uid, "environment": environment}
            return [journal.append({**said, **fields}), journal.problem]

        full, problem = self.by(uid, work, umask)
        return full, problem

    def by(self, uid: int, work: Callable[[], Any], umask: int = 0o022) -> Any:
        """Do something as that user, in a process of its own; the answer as JSON."""
        reading, writing = os.pipe()

        def child() -> None:
            groups = [GROUP] if uid in (ADA, BOB) else []
            os.setgroups(groups)
            os.setgid(uid)
            os.setuid(uid)
            os.umask(umask)
            try:
                answer = json.dumps({"answer": work()})
            except BaseException:
                answer = json.dumps({"error": traceback.format_exc()})
            os.write(writing, answer.encode())

        pid = forked(child)
        os.close(writing)
        with open(reading, "rb") as file:
            said = json.loads(file.read())
        os.waitpid(pid, 0)
        assert "error" not in said, said["error"]
        return said["answer"]

    def status(self, uid: int) -> str:
        answer: str = self.by(uid, lambda: verify(str(self.prefix), self.files(uid)).status)
        return answer

    def writers(self, uid: int) -> list[int]:
        """Who wrote the records that this user sees, oldest first."""
        answer: list[int] = self.by(
            uid, lambda: [r["by"] for r in read.records(self.files(uid), []) if "by" in r][::-1]
        )
        return answer


@pytest.fixture
def shared() -> Iterator[Shared]:
    # not below tmp_path, which nobody else may enter
    path = Path(tempfile.mkdtemp(prefix="safeinstall-test-"))
    yield Shared(path)
    shutil.rmtree(path)


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
@pytest.mark.parametrize("mode", [0o2775, 0o775, 0o3775])
def test_a_group_writes_one_chain(
    shared: Shared, umask: int, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LIMIT", 1500)
    shared.give(ADA, GROUP, mode)
    turns = [ADA, BOB, ADA, BOB, BOB, ADA, ADA, BOB] * 2
    for number, uid in enumerate(turns):
        full, problem = shared.append(uid, umask)
        assert (full["seq"], problem) == (number, "")
    assert shared.writers(ADA) == shared.writers(BOB) == turns
    assert shared.status(ADA) == shared.status(BOB) == "verified"
    closed = sorted(shared.primary.parent.glob("journal-0*.jsonl"))
    assert closed
    for path in (shared.primary, *closed):
        status = path.stat()
        assert (stat.S_IMODE(status.st_mode), status.st_gid) == (0o660, GROUP)
    for uid in (ADA, BOB):
        mirror = Path(shared.journal(uid).places[-1].path)
        assert (stat.S_IMODE(mirror.stat().st_mode), mirror.stat().st_uid) == (0o600, uid)


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_operation_lock_holds_between_users(shared: Shared, umask: int) -> None:
    shared.give(ADA, GROUP, 0o2775)
    place = shared.journal(ADA).places[0]

    def lock() -> Lock:
        return Lock(place.root, place.directory, 0, lambda: None)

    def take() -> str:
        try:
            with lock():
                return "taken"
        except EnvironmentBusy:
            return "busy"

    assert shared.by(ADA, take, umask) == "taken"
    with lock():
        assert shared.by(BOB, take, umask) == "busy"
    assert shared.by(BOB, take, umask) == "taken"


def test_who_may_not_write_the_environment_keeps_a_journal_of_their_own(shared: Shared) -> None:
    shared.give(ADA, ADA, 0o755)
    shared.append(ADA)
    for number in range(2):
        full, problem = shared.append(EVE)
        assert (full["seq"], problem) == (number, "")  # nothing to be said: that is how it is
    shared.append(ADA)
    assert len(shared.primary.read_bytes().splitlines()) == 2
    assert shared.status(ADA) == shared.status(EVE) == "verified"
    assert shared.writers(EVE) == [EVE, EVE]  # Ada's is for Ada
    assert shared.by(EVE, lambda: next(shared.journal(EVE).backwards())["by"]) == EVE


def test_a_journal_that_all_may_read_is_seen_by_those_who_may_not_write(shared: Shared) -> None:
    shared.give(ADA, GROUP, 0o2755)  # the group may read
    shared.append(ADA)
    _, problem = shared.append(BOB)
    shared.append(ADA)
    assert problem == ""
    assert shared.writers(BOB) == [ADA, BOB, ADA]
    assert shared.status(BOB) == "verified"
    assert shared.by(BOB, lambda: next(shared.journal(BOB).backwards())["by"]) == BOB


@pytest.mark.parametrize("what", ["file", "directory"])
def test_another_users_journal_where_we_may_write_is_told_of_once(
    shared: Shared, what: str
) -> None:
    shared.give(ADA, GROUP, 0o2775)
    shared.append(BOB)
    shared.primary.chmod(0o600)
    if what == "directory":
        shared.primary.parent.chmod(0o700)
    before = shared.primary.read_bytes()
    problems = [shared.append(ADA)[1] for _ in range(3)]
    assert problems == [f"{shared.primary}: Permission denied", "", ""]
    assert shared.primary.read_bytes() == before
    assert shared.writers(ADA) == [ADA, ADA, ADA]
    assert shared.status(ADA) == "verified"


@pytest.mark.parametrize("what", ["file", "directory"])
def test_who_may_not_read_anything_is_told_so(shared: Shared, what: str) -> None:
    shared.give(0, 0, 0o755)
    shared.append(0)
    if what == "file":
        shared.primary.parent.chmod(0o755)
    prefix = str(shared.prefix)

    def ask() -> list[Any]:
        damages: list[read.Damage] = []
        found = list(read.records(shared.files(EVE), damages))
        report = verify(prefix, shared.files(EVE))
        said = [str(damage) for damage in damages]
        return [found, said, report.status, [problem.file for problem in report.problems]]

    found, said, status, files = shared.by(EVE, ask)
    assert (found, status) == ([], "unreadable")
    assert said == [f"{shared.primary}: cannot be read: Permission denied"]
    assert str(shared.primary) in files
    shared.append(EVE)
    assert shared.by(EVE, ask)[1:3] == [[], "verified"]  # her own


def test_a_closed_file_that_may_not_be_read_is_told_of(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LIMIT", 600)
    shared.give(ADA, ADA, 0o755)
    for _ in range(6):
        shared.append(ADA)
    closed = sorted(shared.primary.parent.glob("journal-0*.jsonl"))[0]
    os.chown(closed, 0, 0)
    said = shared.by(
        ADA,
        lambda: [
            [p.status, p.file] for p in verify(str(shared.prefix), shared.files(ADA)).problems
        ],
    )
    assert ["unreadable", str(closed)] in said
    assert shared.writers(ADA) == [ADA] * 6  # with what the mirror has


@pytest.mark.parametrize("planted", ["symlink", "directory link", "fifo", "directory", "device"])
def test_what_another_user_has_planted_is_not_written_to(shared: Shared, planted: str) -> None:
    shared.give(ADA, GROUP, 0o2775)
    victim = shared.homes[ADA] / "precious"
    shared.by(ADA, lambda: victim.write_text("precious\n"))

    def plant() -> None:
        if planted == "directory link":
            shared.primary.parent.symlink_to(victim.parent)
            return
        shared.primary.parent.mkdir()
        shared.primary.parent.chmod(0o2777)
        if planted == "symlink":
            shared.primary.symlink_to(victim)
        elif planted == "fifo":
            os.mkfifo(shared.primary, 0o666)
            shared.primary.chmod(0o666)
        elif planted == "directory":
            shared.primary.mkdir()

    shared.by(BOB, plant)
    if planted == "device":
        os.mknod(shared.primary, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        shared.primary.chmod(0o666)
    full, problem = shared.append(ADA)
    assert full["seq"] == 0
    assert problem
    assert victim.read_text() == "precious\n"
    assert sorted(path.name for path in victim.parent.iterdir()) == [".local", "precious"]
    assert shared.writers(ADA) == [ADA]


def test_a_hard_link_to_a_file_of_ours_is_broken(shared: Shared) -> None:
    shared.give(ADA, GROUP, 0o2775)
    victim = shared.prefix / "precious"
    shared.by(ADA, lambda: victim.write_text("precious\n"))
    victim.chmod(0o664)  # as in a shared environment; else the kernel does not let Bob link it

    def plant() -> None:
        shared.primary.parent.mkdir()
        shared.primary.parent.chmod(0o2777)
        os.link(victim, shared.primary)

    shared.by(BOB, plant)
    shared.append(ADA)
    assert victim.read_text() == "precious\n"
    assert shared.writers(ADA) == [ADA]


def test_root_by_sudo_leaves_everything_to_its_user(shared: Shared) -> None:
    """``sudo conda install``, with the user's own HOME as some systems keep it."""
    shared.give(ADA, ADA, 0o755)
    shared.homes[0] = shared.homes[ADA]
    shared.append(0, 0o077, env={"SUDO_USER": "ada"})
    place = shared.journal(ADA).places[0]
    with Lock(place.root, place.directory, 0, lambda: None):
        pass
    full, problem = shared.append(ADA)
    assert (full["seq"], problem) == (1, "")
    for above in (shared.prefix / ".safeinstall", shared.homes[ADA]):
        for path in (above, *above.rglob("*")):
            assert path.stat().st_uid == ADA, path
    assert shared.status(ADA) == "verified"


def test_roots_own_environment_used_by_all(shared: Shared) -> None:
    shared.give(0, 0, 0o755)
    shared.append(0)
    assert [shared.append(uid)[1] for uid in (ADA, BOB, ADA)] == ["", "", ""]
    shared.append(0)
    assert len(shared.primary.read_bytes().splitlines()) == 2
    assert shared.writers(ADA) == [ADA, ADA]
    assert shared.status(0) == shared.status(ADA) == shared.status(BOB) == "verified"
    first = seal.read(shared.primary.read_bytes().splitlines(keepends=True)[0])
    assert first
    assert first["by"] == 0
