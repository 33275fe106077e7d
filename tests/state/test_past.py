"""The state before some changes, from the state after them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.journal import changes, record
from safeinstall.model import RECORD, Change, Inventory, Package
from safeinstall.state.past import Past, before

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


def test_another_origin_of_one_version() -> None:
    commits = [Package("a", "1", "pip", "", "vcs", origin=f'{{"url":"{at}"}}') for at in "xy"]
    (made,) = changes.between(Inventory((commits[0],)), Inventory((commits[1],)))
    told = record.as_change(record.change(made))
    assert before(commits[1:], [told]).packages == (commits[0],)


def test_what_an_older_journal_does_not_tell_is_the_same() -> None:
    package = Package("a", "1", "pip", "", "vcs", origin='{"url":"x"}', requested=True)
    older = {"version": "1", "owner": "pip", "source": "vcs"}
    came = record.as_change({"name": "a", "before": None, "after": older})
    assert before([package], [came]) == Past(())


def test_who_has_asked_is_kept() -> None:
    package = Package("a", "1", "pip", requested=True)
    gone = record.as_change(record.change(Change("a", package, None)))
    assert before([], [gone]).packages == (package,)


def test_a_mere_record_is_no_package() -> None:
    gone = Package("a", "1", "conda", source=RECORD)
    assert before([], [Change("a", gone, None)]).packages == ()
