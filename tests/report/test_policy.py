"""What is told of a policy: values and places, what has no effect, exceptions, explanations."""

from __future__ import annotations

import datetime
import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import settings
from safeinstall.model import Environment, Finding
from safeinstall.policy import Circumstances, Layer
from safeinstall.policy.judge import judge
from safeinstall.policy.layer import examine
from safeinstall.policy.merge import Policy, merge
from safeinstall.policy.presets import MILD
from safeinstall.render.look import Look
from safeinstall.render.policy import exceptions as exceptions_text
from safeinstall.render.policy import explained as explained_text
from safeinstall.render.policy import values as values_text
from safeinstall.report.policy import effect, exceptions, explained, faults, values
from safeinstall.rules.registry import Answer
from tests.policy.test_places import DOTTED, PLAIN, TABLES, mutations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = "2026-11-29"
PROD = Environment("/opt/conda/envs/prod-a", "conda", name="prod-a")
STRICT = {"policy": {"preset": "strict"}}
MACHINE = """\
[policy]
id = "acme"
version = "7"
locked = ["rules.SI101", "packages.deny"]
[packages]
deny = ["six"]
[[environments]]
match = "*/prod-*"
rules = { SI305 = "block" }
[actors.agent]
SI404 = "block"
"""
USER = """\
[policy]
locked = ["rules.*"]
[rules]
SI101 = "off"
SI303 = "warn"
[[exceptions]]
id = "E-1"
rule = "SI101"
reason = "mine"
owner = "ann"
expires = 2027-01-01
[[exceptions]]
id = "E-2"
rule = "SI202"
packages = ["numpy"]
envs = ["train-*"]
reason = "the feedstock is late"
owner = "bob"
expires = 2026-11-01
"""
PROJECT = """\
[policy]
preset = "relaxed"
contact = "me"
[rules]
SI303 = "block"
[[exceptions]]
id = "P-1"
rule = "SI303"
reason = "mine"
owner = "joe"
expires = 2027-01-01
"""


@pytest.fixture
def layers(tmp_path: Path) -> tuple[Layer, ...]:
    found = []
    for kind, text in (("machine", MACHINE), ("user", USER), ("project", PROJECT)):
        path = str(tmp_path / f"{kind}.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        content, wrong = examine(path)
        assert not wrong
        found.append(Layer(kind, path, **content))
    return tuple(found)


def shown(layers: tuple[Layer, ...], *actors: str, environment: Environment = PROD) -> Any:
    circumstances = Circumstances(environment.name, environment.prefix, frozenset(actors))
    return values.shown(merge(layers, circumstances), environment, circumstances, TODAY)


def where(layer: Layer, place: str) -> str:
    return f"{layer.path}:{place}"


def test_a_value_has_its_place_and_what_lost(layers: tuple[Layer, ...]) -> None:
    machine, user, project = layers
    found = shown(layers)["values"]
    assert found["rules.SI305.level"]["value"] == "block"
    assert found["rules.SI305.level"]["by"]["where"] == where(machine, "9:19")
    assert found["rules.SI303.level"]["by"]["where"] == where(project, "5:9")
    (before, mine) = found["rules.SI303.level"]["lost"]
    assert (before["value"], before["replaced"]) == ("off", True)
    assert (mine["value"], mine["by"]["where"]) == ("warn", where(user, "5:9"))
    (off,) = found["rules.SI101.level"]["lost"]
    assert off["by"]["where"] == where(user, "4:9")
    assert off["why"] == f"locked by {where(machine, '4:11')}"
    assert not any(found["rules.SI102.level"]["lost"])  # the project's preset is told of once
    assert [key for key, said in found.items() if said["differs"]] == [
        "packages.deny",
        *("rules.SI301.mild", "rules.SI303.level", "rules.SI305.level"),
    ]


def test_what_has_no_effect(layers: tuple[Layer, ...]) -> None:
    _, user, project = layers
    found = [(each["by"]["where"], each["entry"]) for each in shown(layers)["without_effect"]]
    assert found == [
        (where(user, "2:11"), "policy.locked"),
        (where(user, "4:9"), "rules.SI101.level"),
        (where(user, "6:1"), "exceptions"),  # locked
        (where(user, "12:1"), "exceptions"),  # ended
        (where(project, "3:11"), "policy.contact"),
        (where(project, "6:1"), "exceptions"),
    ]


def test_a_preset_without_effect(tmp_path: Path) -> None:
    """A project's is without, where it makes no rule tighter."""
    loose = Layer("project", "/p", {"policy": {"preset": "relaxed"}})
    (told,) = effect.without_effect(merge([Layer("user", "/u", STRICT), loose]), TODAY)
    assert (told.key, told.value) == ("policy.preset", "relaxed")
    usual = {preset["SI301"] for preset in (MILD["relaxed"], MILD["recommended"])}
    assert usual == {"warn", "off"}  # here it is the tighter one
    assert effect.without_effect(merge([loose]), TODAY) == []


def test_what_is_for_others(layers: tuple[Layer, ...]) -> None:
    def entries(found: Any) -> list[str]:
        return [each["entry"] for each in found["elsewhere"]]

    assert entries(shown(layers)) == ["actors"]
    assert entries(shown(layers, "agent")) == []
    other = Environment("/opt/conda/envs/nlp", "conda", name="nlp")
    assert entries(shown(layers, environment=other)) == ["environments", "actors"]


def text(write: Any, *args: Any, width: int = 80, **more: Any) -> str:
    out = io.StringIO()
    write(*args, Look(width=width), out, **more)
    return out.getvalue()


def fits(told: str, width: int = 80) -> bool:
    """Only a line that is one long word (a path) may be wider."""
    lines = told.splitlines()
    return all(len(line) <= width or " " not in line.strip() for line in lines)


def test_as_text(layers: tuple[Layer, ...]) -> None:
    short = text(values_text.as_text, shown(layers, "agent"))
    assert "policy for prod-a (/opt/conda/envs/prod-a), for an agent\n" in short
    assert '\n  packages.deny = ["six"]\n' in short
    assert "SI102" not in short
    long = text(values_text.as_text, shown(layers), origin=True, width=200)
    assert f"machine, {layers[0].path}:9:19\n" in long
    assert f"locked by {layers[0].path}:4:11\n" in long
    assert "without effect:" in long
    assert 'rules.SI102.level = "block"  (preset recommended)' in long
    assert fits(short)
    assert fits(text(values_text.as_text, shown(layers), origin=True))


def test_without_any_file() -> None:
    found = values.shown(merge(()), None, Circumstances(), TODAY)
    told = text(values_text.as_text, found)
    assert told.splitlines() == [
        "policy for no environment",
        "",
        "no policy file counts here",
        "",
        "nothing differs from the preset recommended",
    ]


def test_all_rules_with_their_levels(layers: tuple[Layer, ...]) -> None:
    rows = values.rules(merge(layers, Circumstances(PROD.name, PROD.prefix)))
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    levels = {row["code"]: (row["harm"], row["mild"]) for row in rows}
    assert levels["SI305"] == ("block", "warn")
    told = text(values_text.rules, rows)
    assert all(len(line) <= 80 for line in told.splitlines())
    assert "`" not in told


# ---- exceptions ------------------------------------------------------------------------------


def listed(layers: tuple[Layer, ...], *records: Any) -> list[Any]:
    used = exceptions.used(records)
    return exceptions.listed(merge(layers), used, datetime.date.fromisoformat(TODAY))


def test_exceptions_with_days_left_and_last_use(layers: tuple[Layer, ...]) -> None:
    rows = listed(
        layers,
        {"time": "2026-10-01T00:00:00.000Z", "exceptions": ["SI202 E-2: the feedstock is late"]},
        {"time": "2026-10-09T00:00:00.000Z", "exceptions": ["SI202 E-2: another: text"]},
        {"time": "2026-11-09T00:00:00.000Z", "exceptions": None},
        {"kind": "outcome"},
    )
    found = {row["id"]: (row["days_left"], row["expired"], row["counts"]) for row in rows}
    assert found == {"E-2": (-28, True, True), "E-1": (33, False, False), "P-1": (33, False, False)}
    assert [row["last_used"] for row in rows] == ["2026-10-09T00:00:00.000Z", None, None]
    why = {row["id"]: row["why"] for row in rows}
    assert why["P-1"] == "does not count in a project's file"
    assert why["E-1"].startswith("locked by ")
    told = text(exceptions_text.as_text, rows)
    assert "E-2  SI202  EXPIRED on 2026-11-01\n  for numpy, in train-*: the feedstock" in told
    assert "owner bob; last used 2026-10-09\n" in told
    assert "P-1  SI303  33 days left (until 2027-01-01)\n" in told
    assert "no record has used it" in told
    assert fits(told)


def test_exceptions_that_end_soon(layers: tuple[Layer, ...]) -> None:
    rows = listed(layers)
    assert [row["id"] for row in exceptions.ending(rows, 7)] == ["E-2"]
    assert len(exceptions.ending(rows, 33)) == 3


def test_records_name_the_exception(layers: tuple[Layer, ...]) -> None:
    """As a judgement writes it, the list reads it."""
    (exception,) = (e for e in merge(layers).exceptions if e.id == "E-2")
    policy = merge(()).replace(exceptions=(exception.replace(expires="2027-01-01", envs=()),))
    finding = Finding("SI202", "pip-over-conda", "block", "harm", packages=("numpy",))
    verdict = judge([finding], policy, PROD, TODAY)
    assert verdict.decision == "allow"
    record = {"time": "2026-11-29", "exceptions": list(verdict.exceptions)}
    assert exceptions.used([record]) == {"SI202 E-2": "2026-11-29"}


# ---- explain ---------------------------------------------------------------------------------


def explanation(policy: Policy, *found: Finding) -> list[Any]:
    answers = [Answer("SI202", "look", found), Answer("SI101", "look", ())]
    return explained.asked(answers, policy, PROD, TODAY, ["SI204"])


FOUND = Finding("SI202", "pip-over-conda", "block", "It would break.", packages=("numpy", "scipy"))


def test_which_line_decided_and_why_an_exception_does_not_cover(layers: tuple[Layer, ...]) -> None:
    policy = merge(layers)
    base, over, two = explanation(policy, FOUND)
    assert [rule["rule"] for rule in (base, over, two)] == ["SI101", "SI202", "SI204"]
    assert (base["findings"], two["findings"], two["enforced"]) == ([], [], True)
    (finding,) = over["findings"]
    assert (finding["harm"], finding["level"], finding["outcome"]) == (True, "block", "block")
    assert finding["decided_by"]["where"] == "preset recommended"
    (match,) = finding["exceptions"]
    assert not match["covers"]
    assert match["why_not"] == [
        "it is for train-*",
        "it ended on 2026-11-01",
        "it does not name scipy",
    ]
    assert "SI202" not in explained.not_asked([base, over, two])
    assert "SI304" in explained.not_asked([base, over, two])


@pytest.mark.parametrize("level", ["off", "warn", "block"])
@pytest.mark.parametrize("mild", ["off", "warn", "block"])
@pytest.mark.parametrize("said", ["warn", "block"])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("excepted", [False, True])
def test_the_outcome_is_the_verdicts(
    level: str, mild: str, said: Any, again: bool, excepted: bool
) -> None:
    """The explanation never tells anything else than the judge has decided."""
    exception = {"id": "E", "rule": "SI202", "reason": "r", "owner": "o", "expires": "2027-01-01"}
    content = {
        "rules": {"SI202": {"level": level, "mild": mild}},
        "exceptions": [exception] * excepted,
    }
    policy = merge([Layer("user", "/u", content)])
    finding = FOUND.replace(level=said, again=again)
    verdict = judge([finding], policy, PROD, TODAY)
    outcome = explanation(policy, finding)[1]["findings"][0]["outcome"]
    kept = [finding.level for finding in verdict.findings]
    assert kept == ([outcome] if outcome in ("warn", "block") else [])
    assert bool(verdict.exceptions) == (outcome == "excepted")


def test_an_explanation_as_text(layers: tuple[Layer, ...]) -> None:
    rules = explanation(merge(layers), FOUND)
    report = {
        "words": ["pip", "install", "numpy>2"],
        "verdict": "block",
        "environment": values.place(PROD),
        "actors": ["ci"],
        "rules": rules,
        "not_asked": explained.not_asked(rules),
        "overridable": True,
        "tickets": ["ABC-[0-9]+"],
        "files": values.files(merge(layers)),
    }
    told = text(explained_text.as_text, report)
    head = "pip install 'numpy>2' in prod-a (/opt/conda/envs/prod-a), for CI: block\n"
    assert told.startswith(head)
    assert "SI101 base-env: found nothing\n" in told
    assert "SI204 two-runtimes: found nothing; pip's resolver is held to it" in told
    assert "past it: by a reason that names a ticket (ABC-[0-9]+)\n" in told
    assert fits(told)


# ---- check -----------------------------------------------------------------------------------


def remarks(path: Path, kind: str = "machine") -> list[str]:
    configuration = settings.read({"HOME": str(path.parent)})
    found = faults.ordered(faults.remarks([(kind, str(path))], configuration, TODAY))
    return [str(remark).removeprefix(f"{path}") for remark in found]


def test_all_faults_at_once_in_order(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("[rules]\nSI999 = 'warn'\nSI101 = 'loud'\n[policy]\nlocked = ['SI101', 'x']\n")
    found = remarks(path)
    assert [each.split(": ")[0] for each in found] == [":2:1", ":3:9", ":5:11", ":5:20"]
    assert "did you mean rules.SI101?" in found[2]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("machine", 0), ("user", 1), ("project", 4)],
)
def test_what_has_no_effect_where_the_file_stands(tmp_path: Path, kind: str, expected: int) -> None:
    path = tmp_path / "p.toml"
    path.write_text(
        "[policy]\nlocked = ['rules.*']\ncontact = 'me'\n[rules]\nSI101 = 'off'\n"
        "[[exceptions]]\nid = 'E'\nrule = 'SI202'\nreason = 'r'\nowner = 'o'\n"
        "expires = 2027-01-01\n"
    )
    found = remarks(path, kind)
    assert len(found) == expected, found
    assert all(": warning: " in each for each in found)


def test_the_files_that_are_extended(tmp_path: Path) -> None:
    path, base = tmp_path / "p.toml", tmp_path / "base.toml"
    path.write_text('extends = ["base.toml", "none.toml"]\n')
    base.write_text("[rules]\nSI1 = 'off'\n")
    found = remarks(path)
    assert found[0].startswith(f"{base}:2:1: unknown name 'SI1'")
    assert found[1].startswith(f":1:25: extends {tmp_path}/none.toml: cannot be read")
    base.write_text('extends = "p.toml"\n')
    path.write_text('extends = "base.toml"\n')
    assert remarks(path)[0].startswith(f"{base}:1:11: extends goes round in a circle")
    path.write_text('extends = "/etc/base.toml"\n')
    (told,) = remarks(path, "project")
    assert told.startswith(":1:11: a project's file can only extend files")
    digest = "0" * 64
    path.write_text(f'extends = {{ url = "https://x.invalid/p", sha256 = "{digest}" }}\n')
    (told,) = remarks(path)  # nothing is fetched
    assert told.startswith(":1:11: warning: extends 'https://x.invalid/p' has no effect: not there")


def test_a_pyproject_of_others(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.other]\nx = 1\n")
    assert remarks(path, "project") == []
    path.write_text("[tool.other]\nx = 1\n[tool.safeinstall.rules]\nSI101 = 'loud'\n")
    assert remarks(path, "project")[0].startswith(":4:9: SI101 is one of off, warn, block")


def every_mutation() -> Iterator[str]:
    step = 1 if os.environ.get("SAFEINSTALL_TORTURE") == "1" else 3
    for template in (PLAIN, DOTTED, TABLES):
        yield from (case.text for case in [*mutations(template)][::step])


def test_no_mutated_policy_is_too_much(tmp_path: Path) -> None:
    """All of them have an error, and none breaks the check, in whatever layer the file stands."""
    path = tmp_path / "p.toml"
    texts = list(every_mutation())
    assert len(texts) > 300
    for number, mutated in enumerate(texts):
        path.write_text(mutated)
        found = remarks(path, ("machine", "user", "project")[number % 3])
        assert found, mutated
        assert all(each.isprintable() for each in found)
    assert effect.differing(merge(())) == {}
