"""What becomes of each of pip's distributions."""

from __future__ import annotations

from safeinstall.model import Package, Resident
from safeinstall.rebuild.layers import Candidate, Ground, divide, pins
from safeinstall.rebuild.nouns import Request


def candidate(
    name: str,
    version: str = "1",
    *requires: str,
    whole: bool = True,
    files: tuple[str, ...] = (),
    requested: bool = False,
    at: str = "",
) -> Candidate:
    package = Package(name, version, "pip", location=f"/e/{at or name}")
    resident = Resident(name, version, "pip", requires, files)
    exact = f"{name}=={version}"
    return Candidate(package, resident, whole, exact, name, requested, "/e")


def ground(
    versions: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
    *,
    same_python: bool = True,
) -> Ground:
    return Ground(versions or {}, files or {}, "3.11", same_python)


def names(layer_part: object) -> list[str]:
    return [getattr(item, "package", item).name for item in layer_part]  # type: ignore[attr-defined]


def test_what_is_whole_and_fits_is_copied() -> None:
    found = divide([candidate("a", "1", "numpy<2")], ground({"numpy": "1.26"}), Request())
    assert (names(found.kept), found.lines) == (["a"], ())


def test_what_does_not_fit_conda_s_packages_is_left_to_pip() -> None:
    found = divide([candidate("a", "1", "numpy<2")], ground({"numpy": "2.0"}), Request())
    assert (names(found.kept), found.lines) == ([], ("a",))


def test_a_state_that_was_there_is_not_mended() -> None:
    """Neither does pip choose what fits, nor does what nobody needs any more go."""
    every = [candidate("a", "1", "numpy<2"), candidate("dead", "1", "b"), candidate("b")]
    conda = ground({"numpy": "2.0", "dead": "1"})
    found = divide(every, conda, Request(exact=True))
    assert (names(found.kept), found.lines) == (["a", "b"], ())


def test_what_is_nowhere_is_installed() -> None:
    missing = [candidate(name, whole=False).replace(prefix="") for name in ("a", "idna")]
    missing = [c.replace(package=c.package.replace(location="")) for c in missing]
    found = divide(missing, ground({"idna": "3.4"}), Request())
    assert (names(found.again), found.lines) == (["a"], ("a==1",))
    assert names(found.left) == ["idna"]


def test_what_was_not_met_before_is_no_reason() -> None:
    found = divide([candidate("a", "1", "missing"), candidate("b")], ground(), Request())
    assert names(found.kept) == ["a", "b"]


def test_what_is_not_whole_or_there_twice_comes_in_its_version() -> None:
    every = [candidate("a", whole=False), candidate("b"), candidate("b", "2", at="other")]
    found = divide(every, ground(), Request())
    assert (names(found.kept), found.lines) == ([], ("a==1", "b==2"))


def test_for_another_python_everything_comes_again() -> None:
    found = divide([candidate("a"), candidate("b")], ground(same_python=False), Request())
    assert found.lines == ("a==1", "b==1")


def test_what_conda_brings_takes_the_place() -> None:
    every = [candidate("numpy", "2.1"), candidate("cv", files=("lib/cv2.so",))]
    found = divide(every, ground({"numpy": "1.26"}, {"lib/cv2.so": "opencv"}), Request())
    assert [(left.package.name, left.why) for left in found.left] == [
        ("numpy", "conda's numpy 1.26 takes its place"),
        ("cv", "conda's opencv has the same files"),
    ]


def test_what_only_they_needed_goes_with_them() -> None:
    every = [
        candidate("torch", "2.1", "cuda", "sympy", requested=True),
        candidate("cuda", "12", "cudnn"),
        candidate("cudnn", "9"),
        candidate("sympy", "1"),
        candidate("other", "1", "sympy", requested=True),
        candidate("alone", "1"),  # nobody knows why it is there
    ]
    found = divide(every, ground({"torch": "2.0"}), Request())
    assert [left.package.name for left in found.left] == ["torch", "cuda", "cudnn"]
    assert names(found.kept) == ["sympy", "other", "alone"]


def test_what_is_asked_for() -> None:
    every = [candidate("a"), candidate("b"), candidate("c", requested=True), candidate("d")]
    request = Request(pip=("a>=2", "new"), without=frozenset(["b"]), update=True)
    found = divide(every, ground(), request)
    assert names(found.kept) == ["d"]
    assert found.lines == ("c", "a>=2", "new")
    assert [left.package.name for left in found.left] == ["b"]


def test_what_pip_s_need_of_conda_s() -> None:
    every = [
        candidate("a", "1", "numpy>=1.21,<2", "torch>=2", 'tqdm; python_version < "3"'),
        candidate("b", "1", "numpy<1.27", 'pandas>=1; extra == "all"', "Requests"),
    ]
    owned = {"numpy": "numpy", "torch": "pytorch", "tqdm": "tqdm", "requests": "requests"}
    assert pins(every, owned, "3.11") == ("numpy <1.27,<2,>=1.21", "pytorch >=2")


def test_what_conda_s_packages_lean_on_is_no_orphan() -> None:
    """Where only a distribution needs it that is left out for conda's package of that name."""
    every = [candidate("requests", "2.32", "certifi"), candidate("certifi")]
    alone = ground({"requests": "2.28"})
    assert names(divide(every, alone, Request()).kept) == []
    leaning = alone.replace(needs=frozenset(["certifi"]))
    assert names(divide(every, leaning, Request()).kept) == ["certifi"]


def test_what_was_left_behind_is_copied_for_its_own_python_alone() -> None:
    place = "lib/python3.10/site-packages"
    every = [candidate("a").replace(stranded=place), candidate("b")]
    found = divide(every, ground(), Request())
    assert (names(found.kept), found.lines) == (["b"], ("a==1",))
    there = ground(same_python=False).replace(places=(place,))
    found = divide(every, there, Request())
    assert (names(found.kept), found.lines) == (["a"], ("b==1",))


def test_what_was_left_behind_and_does_not_fit_any_more_is_left_to_pip() -> None:
    behind = candidate("a", "1", "numpy<1.24").replace(stranded="lib/python3.10/site-packages")
    found = divide([behind], ground({"numpy": "1.26"}), Request())
    assert found.lines == ("a",)
