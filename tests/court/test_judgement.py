"""What is harm, whose it is, and what became of it: on facts that are made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.court import judgement as j
from tests.court.facts import NOTHING, Distribution, Facts, Record
from tests.court.judgement import Run, crosses, judge
from tests.court.store import NAMESPACES
from tests.court.truth import ABROAD, ALONE, BOTH, VARIANT, Problem, harm, problems

SITE = "lib/python3.11/site-packages"
GOOD = {"version": "1.0"}


def distribution(name: str, owner: str, version: str = "1.0", **more: object) -> Distribution:
    directory = f"{SITE}/{name}-{version}.dist-info"
    sums = {f"{directory}/RECORD": "", f"{SITE}/{name}.py": "1"}
    found = Distribution(name, version, directory, owner, sums, imports={name: GOOD})
    return replace(found, **more)  # type: ignore[arg-type]


def record(found: Distribution) -> Record:
    return Record(found.name, found.version, "0", "", found.sums, True)


def facts(*found: Distribution, **states: dict[str, str]) -> Facts:
    """``states`` by name: what is not as it should be."""
    records = {d.name: record(d) for d in found if d.owner == "conda"}
    known = {d.name if d.owner == "conda" else d.directory: states.get(d.name, {}) for d in found}
    return Facts(records, found, known, "3.11", None, 0, site=SITE)


def run(what: Facts, status: int = 0, stderr: str = "", stdout: str = "") -> Run:
    tree = {path: f"{d.owner} {d.version}" for d in what.distributions for path in d.sums}
    tree |= {path: state for states in what.states.values() for path, state in states.items()}
    return Run(status, stdout, stderr, tree, what)


NUMPY = distribution("numpy", "conda")
SIX = distribution("six", "pip")
SCIPY = distribution("scipy", "conda", requires=("numpy",))
FINE = facts(NUMPY, SIX)
BROKEN = facts(NUMPY, SIX, numpy={f"{SITE}/numpy.py": "changed"})


def test_a_good_environment_has_no_problem() -> None:
    assert not problems(FINE)
    assert not problems(NOTHING)


@pytest.mark.parametrize(
    ("after", "kind", "victim"),
    [
        (BROKEN, "file", "conda"),
        (facts(NUMPY, SIX, six={f"{SITE}/six.py": "gone"}), "file", "pip"),
        (
            facts(NUMPY, SIX, distribution("six", "conda", "0.9", imports={"six": GOOD})),
            "two metadata directories",
            "both",
        ),
        (facts(NUMPY, replace(SIX, unmet=(("numpy", "<1", "1.0"),))), "requirement", "pip"),
        (facts(replace(NUMPY, imports={"numpy": {"error": "no"}}), SIX), "import", "conda"),
        (facts(replace(NUMPY, imports={"numpy": {"version": "2"}}), SIX), "conda list", "conda"),
        (replace(FINE, python="3.12", site=SITE.replace("11", "12")), "stranded", "pip"),
        (replace(FINE, site=SITE.replace("11", "11t")), "stranded", "pip"),
        (replace(FINE, gpu=False, runtimes=2), "two CUDA runtimes, no GPU", "both"),
        (replace(FINE, strays=frozenset({f"{SITE}/old/x.py"})), "belongs to nobody", "both"),
        (facts(NUMPY), "lost", "pip"),
    ],
)
def test_each_kind_of_harm_is_seen(after: Facts, kind: str, victim: str) -> None:
    found = {(problem.kind, problem.victim) for problem in harm(FINE, after, "conda")}
    assert (kind, victim) in found


def test_what_is_for_the_user_to_decide_has_to_be_told() -> None:
    gpu = replace(FINE, gpu_builds=frozenset({"numpy"}))
    pip = distribution("pip", "conda")
    for before, after, kind, rule in (
        (FINE, replace(FINE, outside=frozenset({"tqdm"})), ABROAD, "SI103"),
        (gpu, FINE, VARIANT, "SI206"),
        (facts(NUMPY, SIX, pip), FINE, ALONE, "SI201"),
    ):
        assert {problem.kind for problem in harm(before, after, "conda")} == {kind}
        runs = (run(before), run(after), run(after, 0, f"safeinstall: warning {rule}"))
        assert judge("conda", (), *runs).label == j.TOLD
        assert judge("conda", (), *runs[:2], run(after)).label == j.MISSED
    assert not harm(gpu, FINE, "conda", named={"numpy"})


def test_nobody_misses_what_only_opens_a_directory() -> None:
    path = f"{SITE}/azure/__init__.py"
    for digest, kinds in ((next(iter(NAMESPACES)), set()), ("1", {"file"})):
        azure = distribution("azure", "conda", sums={path: digest})
        before, after = facts(azure), facts(azure, azure={path: "gone"})
        assert {problem.kind for problem in harm(before, after, "pip")} == kinds


def test_an_environment_file_is_the_work_of_both() -> None:
    before, unmet = facts(NUMPY), (("six", "<1", "1.0"),)
    scipy = replace(SCIPY, unmet=unmet)
    label = {
        "pip": j.OWN_PIP,  # the pip: part alone
        "conda": j.STOPPED,
    }
    for owner, expected in label.items():
        mine = facts(NUMPY, SIX, replace(scipy, owner=owner))
        done = run(before, 77, WORD)
        assert judge(BOTH, (), run(before), run(mine), done).label == expected
    refused = run(FINE, 77, WORD)  # conda's half is done
    assert judge(BOTH, (), run(before), run(BROKEN), refused).label == j.STOPPED
    assert judge("pip", (), run(before), run(BROKEN), refused).label == j.CHANGED
    blind = run(FINE, 77, f"{WORD}: this cannot be found out\n  beforehand here.")
    assert judge(BOTH, (), run(FINE), run(FINE), blind).label == j.BLIND


def test_what_conda_has_put_there_anew_is_not_stranded() -> None:
    """An emptied record lists no files, so conda leaves those of the old Python."""
    anew = replace(NUMPY, directory=NUMPY.directory.replace("3.11", "3.12"))
    for old, kinds in ((NUMPY, set()), (replace(NUMPY, owner="pip"), {"stranded"})):
        after = replace(facts(anew, old), site=SITE.replace("11", "12"), python="3.12")
        assert {p.kind for p in problems(after) if p.kind == "stranded"} == kinds


def test_what_is_as_conda_has_written_it_is_condas_own_affair() -> None:
    """pip brings the very file that conda had brought, and with it the old error."""
    broken = replace(NUMPY, imports={"numpy": {"error": "no pkg_resources"}})
    mended = facts(NUMPY, SIX, numpy={f"{SITE}/numpy/__init__.py": "changed"})
    assert not {p for p in harm(mended, facts(broken, SIX), "pip") if p.kind == "import"}
    assert {p.kind for p in harm(FINE, facts(broken, SIX), "pip")} == {"import"}


def test_which_of_two_pip_takes_is_chance() -> None:
    old, new = distribution("six", "conda", "0.9"), distribution("six", "pip", "1.1")
    kinds = {p.kind for p in harm(facts(NUMPY, SIX, old), facts(NUMPY, new, old), "pip")}
    assert "one of two changed, by chance" in kinds
    assert not harm(facts(NUMPY, SIX, old), facts(NUMPY, SIX, old), "pip")


def test_what_was_broken_before_is_no_harm() -> None:
    assert not harm(BROKEN, BROKEN, "pip")


def test_what_a_tool_takes_away_of_its_own_is_no_harm() -> None:
    assert not harm(FINE, facts(NUMPY), "pip")
    assert not harm(FINE, facts(SIX), "conda")


def test_the_line_is_crossed_where_the_other_tool_is_hurt() -> None:
    pips, condas = Problem("import", "a", "a", "pip"), Problem("import", "scipy", "scipy", "conda")
    assert crosses(condas, "pip", FINE)
    assert crosses(pips, "conda", FINE)
    assert not crosses(pips, "pip", FINE)
    assert not crosses(condas, "conda", facts(SCIPY, NUMPY))


def test_what_conda_builds_on_a_rotten_foundation_of_pips_is_the_mix() -> None:
    scipy = replace(SCIPY, unmet=(("numpy", "<2", "2.0"),))
    problem = Problem("import", "scipy", "scipy", "conda")
    assert crosses(problem, "conda", facts(scipy, distribution("numpy", "pip", "2.0")))
    assert not crosses(problem, "conda", facts(scipy, distribution("numpy", "conda", "2.0")))


def test_what_conda_has_a_record_of_is_broken_by_force_only() -> None:
    problem = Problem("requirement", "scipy", "numpy<2", "pip")
    again = replace(distribution("scipy", "pip"), recorded=True)  # pip's, in conda's version
    assert crosses(problem, "conda", facts(distribution("scipy", "pip")))
    assert not crosses(problem, "conda", facts(again))
    assert crosses(Problem("file", "scipy", "scipy.py", "pip"), "conda", facts(again))


WORD = "safeinstall: blocked by SI202"
UNMET = facts(NUMPY, replace(SIX, unmet=(("numpy", "<1", "1.0"),)))


@pytest.mark.parametrize(
    ("bare", "guarded", "label"),
    [
        (run(BROKEN), run(FINE, 77, WORD), j.STOPPED),
        (run(BROKEN), run(FINE, 1, WORD), j.STOPPED),
        (run(FINE), run(FINE, 1, WORD), j.NEEDLESS),
        (run(BROKEN), run(BROKEN, 77, WORD), j.CHANGED),
        (run(BROKEN), run(BROKEN), j.MISSED),
        (run(BROKEN), run(FINE), j.ASIDE),
        (run(FINE), run(BROKEN), j.MISSED),
        (run(FINE), run(FINE, 77, WORD), j.NEEDLESS),
        (run(FINE), run(FINE), j.THROUGH),
        (run(FINE, 1), run(FINE, 1), j.FAILED),
        (run(FINE, 1), run(FINE, 77, WORD), j.FAILED),
        (run(UNMET), run(UNMET), j.OWN_PIP),
        (run(UNMET), run(FINE, 77, WORD), j.OWN_PIP),
    ],
)
def test_every_outcome_has_a_name(bare: Run, guarded: Run, label: str) -> None:
    judged = judge("pip", (), run(FINE), bare, guarded)
    assert judged.label == label
    assert judged.stopped == (guarded.status != bare.status)


def test_what_goes_through_has_to_do_and_say_the_same() -> None:
    said = judge("pip", (), run(FINE), run(FINE, stdout="done\n"), run(FINE, stdout="well done\n"))
    assert said.differences == ("stdout -done", "stdout +well done")
    crashed = judge("pip", (), run(FINE), run(FINE), run(FINE, -6, "Fatal Python error"))
    assert (crashed.label, crashed.stopped) == (j.THROUGH, False)
    assert crashed.differences == ("exit status 0, guarded -6",)
    fewer = judge("pip", (), run(FINE), run(FINE), run(facts(NUMPY)))
    assert f"{SITE}/six.py" in fewer.differences
    passing = "Created wheel: /a/tmp/xyz sha256=" + "{}" * 64 + "\n"
    one, other = (run(FINE, stdout=passing.format(*digit * 64)) for digit in "ab")
    assert not judge("pip", (), run(FINE), one, other).differences


def test_a_fault_of_the_guard_is_seen_whatever_came_of_it() -> None:
    said = "safeinstall: warning SI404: could not be read: rule SI202; please report this"
    judged = judge("pip", (), run(FINE), run(FINE), run(FINE, 1, said))
    assert judged.differences
