"""What several operations changed together."""

from __future__ import annotations

import collections
import io
import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from safeinstall import model
from safeinstall.cli import history
from safeinstall.journal import ids
from safeinstall.journal.net import net_changes
from safeinstall.model import Change, Package
from tests.journal.conftest import World, intent, outcome

if TYPE_CHECKING:
    Side = dict[str, Any]

PIPS = Package("numpy", "1.26.4", "pip")
CONDAS = Package("numpy", "2.0.2", "conda", build="py311_0")


def ran(world: World, *changes: Change) -> None:
    op = ids.operation()
    world.journal().append(intent(op, "pip", "install", "numpy", prefix=str(world.prefix)))
    world.journal().append(outcome(op, changes=changes))


def diff(world: World, names: str = "baseline..") -> str:
    out = io.StringIO()
    assert history.history_diff(names, [str(world.prefix)], world.settings, {}, out) == 0
    return out.getvalue()


def test_two_owners_may_have_a_package_of_one_name(world: World) -> None:
    ran(world, Change("numpy", None, PIPS))
    ran(world, Change("numpy", None, CONDAS))
    assert diff(world) == "numpy ∅ → 1.26.4\nnumpy ∅ → 2.0.2\n"
    ran(world, Change("numpy", PIPS, None))
    assert diff(world) == "numpy ∅ → 2.0.2\n"
    assert diff(world, "last-2..") == "numpy 1.26.4 (pip) → 2.0.2 (conda)\n"


def test_a_replacement_by_another_owner_is_one_line(world: World) -> None:
    ran(world, Change("numpy", None, CONDAS))
    ran(world, Change("numpy", CONDAS, None))
    ran(world, Change("numpy", None, PIPS))
    ran(world, Change("numpy", PIPS, PIPS.replace(version="2.1.3")))
    assert diff(world, "last-3..") == "numpy 2.0.2 (conda) → 2.1.3 (pip)\n"
    ran(world, Change("numpy", PIPS.replace(version="2.1.3"), CONDAS))
    assert diff(world, "last-4..") == ""


def test_an_owner_follows_itself_first() -> None:
    newer = [PIPS.replace(version="1.26.5"), CONDAS.replace(version="2.0.3")]
    changes = [side(CONDAS), side(PIPS)], [side(item) for item in newer]
    told = [{"name": "numpy", "before": item, "after": None} for item in changes[0]]
    told += [{"name": "numpy", "before": None, "after": item} for item in changes[1]]
    found = net_changes([{"changes": told}])
    assert [(item["before"]["owner"], item["after"]["owner"]) for item in found] == [
        ("conda", "conda"),
        ("pip", "pip"),
    ]


def test_another_build_is_a_change_and_a_build_not_known_is_none(world: World) -> None:
    rebuilt = CONDAS.replace(build="py311_1")
    ran(world, Change("numpy", CONDAS, rebuilt))
    assert diff(world) == "numpy 2.0.2 py311_0 → 2.0.2 py311_1\n"
    ran(world, Change("numpy", rebuilt.replace(build=""), None))
    assert diff(world) == "numpy 2.0.2 → ∅\n"


def test_what_an_older_record_does_not_tell_is_no_change() -> None:
    older: Side = side(PIPS) | {"source": "vcs"}
    newer = older | {"origin": {"url": "x"}, "requested": True}
    came, went = (
        {"name": "numpy", "before": before, "after": after}
        for before, after in ((None, newer), (older, None))
    )
    assert net_changes([{"changes": [came]}, {"changes": [went]}]) == []
    index = {"name": "numpy", "before": side(PIPS), "after": None}
    assert len(net_changes([{"changes": [came]}, {"changes": [index]}])) == 1


def test_a_record_that_conda_lost_was_no_package(world: World) -> None:
    ran(world, Change("numpy", CONDAS, PIPS))
    ran(world, Change("numpy", CONDAS.replace(source=model.RECORD), None))
    assert diff(world) == "numpy 2.0.2 (conda) → 1.26.4 (pip)\n"


def side(package: Package) -> Side:
    return {"version": package.version, "owner": package.owner}


Resident = tuple[str, str, str]  # name, version, owner
RESIDENTS = st.tuples(
    st.sampled_from(["numpy", "six"]), st.sampled_from("123"), st.sampled_from(["conda", "pip"])
)
State = collections.Counter[Resident]


@st.composite
def operations(draw: st.DrawFn) -> tuple[State, list[dict[str, Any]], State]:
    """A state, what was done to it, newest first, and what it then is."""
    before = draw(st.lists(RESIDENTS, max_size=4))
    state, told = list(before), []
    for _ in range(draw(st.integers(0, 6))):
        left = draw(st.permutations(state))[: draw(st.integers(0, 3))]
        come = draw(st.lists(RESIDENTS, max_size=3))
        for resident in left:
            state.remove(resident)
        state += come
        told.append(
            {"changes": [made for name in ("numpy", "six") for made in of(name, left, come)]}
        )
    return State(before), told[::-1], State(state)


def of(name: str, left: list[Resident], come: list[Resident]) -> list[dict[str, Any]]:
    sides = ([shown(item) for item in these if item[0] == name] for these in (left, come))
    return [
        {"name": name, "before": before, "after": after}
        for before, after in itertools.zip_longest(*sides)
    ]


def shown(resident: Resident) -> Side:
    return {"version": resident[1], "owner": resident[2]}


@given(operations())
def test_the_net_makes_the_state_after_of_the_state_before(
    done: tuple[State, list[dict[str, Any]], State],
) -> None:
    before, newest_first, after = done
    net = net_changes(newest_first)
    state = State(before)
    for item in net:
        for number, one in ((-1, item["before"]), (1, item["after"])):
            if one:
                state[(item["name"], one["version"], one["owner"])] += number
    assert min(state.values(), default=0) >= 0
    assert +state == +after
    assert all(item["before"] != item["after"] for item in net)
