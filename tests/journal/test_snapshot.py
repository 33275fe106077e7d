"""What was changed since the last record, by the packages of then and of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.canonical import encode
from safeinstall.journal import ids, snapshot
from safeinstall.model import Change, Inventory, Package
from tests.journal.conftest import World, intent, outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMPY = Package("numpy", "2.0.2", "conda", build="py311_0")


def origin(commit: str) -> str:
    vcs_info = {"vcs": "git", "commit_id": commit}
    return encode({"url": "file:///thing", "vcs_info": vcs_info}).decode()


THING = Package("thing", "1.0", "pip", source="vcs", origin=origin("aaa"), requested=True)
OTHERS = (NUMPY.replace(build="py311_1"), THING.replace(origin=origin("bbb")))


def drift(world: World, *now: Package, kept: Sequence[Package] = ()) -> tuple[Change, ...]:
    snapshot.keep(world.journal(), -1, Inventory(tuple(kept)))
    return snapshot.drift(world.journal(), Inventory(now))


def test_another_build_and_another_commit(world: World) -> None:
    both = (NUMPY, THING)
    assert drift(world, *both, kept=both) == ()
    found = drift(world, *OTHERS, kept=both)
    assert [(change.before, change.after) for change in found] == list(
        zip(both, OTHERS, strict=True)
    )


def test_records_tell_them_as_well(world: World) -> None:
    op = ids.operation()
    world.journal().append(intent(op, "pip", "install", "thing", prefix=str(world.prefix)))
    changes = [Change(p.name, None, p) for p in (NUMPY, THING)]
    world.journal().append(outcome(op, changes=changes))
    assert drift(world, NUMPY, THING) == ()
    assert {change.after for change in drift(world, *OTHERS)} == set(OTHERS)


def test_what_an_older_record_does_not_tell_is_no_change(world: World) -> None:
    bare = (NUMPY.replace(build=""), THING.replace(origin=""))
    assert drift(world, NUMPY, THING, kept=bare) == ()
    index = THING.replace(source="", origin="")
    assert len(drift(world, THING, kept=[index])) == 1
