"""The state before some changes, from the state after them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.journal import changes, record
from safeinstall.model import RECORD, Change, Inventory, Package
from safeinstall.state.past import before

NAMES = st.sampled_from(["a", "b", "c", "d"])
PACKAGES = st.builds(
    Package,
    NAMES,
    st.sampled_from(["1", "2"]),
    st.sampled_from(["conda", "pip"]),
    st.sampled_from(["", "h_0"]),
)
STATES = st.lists(PACKAGES, unique_by=lambda p: (p.name, p.owner)).map(
    lambda found: tuple(sorted(found, key=lambda p: (p.name, p.owner)))
)


def plain(packages: tuple[Package, ...]) -> list[tuple[str, ...]]:
    return [(p.name, p.version, p.owner, p.build) for p in packages]


@given(STATES, STATES)
def test_there_and_back(first: tuple[Package, ...], then: tuple[Package, ...]) -> None:
    made = changes.between(Inventory(first), Inventory(then))
    target = before(then, [record.as_change(record.change(change)) for change in made])
    assert plain(target.packages) == plain(first)
    assert target.since == ()


def test_what_was_changed_later_stays() -> None:
    change = Change("a", Package("a", "1", "pip"), Package("a", "2", "pip"))
    target = before([Package("a", "3", "pip")], [change])
    assert plain(target.packages) == [("a", "3", "pip", "")]
    assert target.since == ("a",)


def test_a_mere_record_is_no_package() -> None:
    gone = Package("a", "1", "conda", source=RECORD)
    assert before([], [Change("a", gone, None)]).packages == ()
