"""Layers, locks, exceptions: what files say, and what the policy makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.errors import PolicyError
from safeinstall.model import Environment, Finding
from safeinstall.policy import Circumstances, Layer, layer
from safeinstall.policy.judge import judge
from safeinstall.policy.keys import LOCKABLE
from safeinstall.policy.load import load
from safeinstall.policy.merge import SECTIONS, Policy, merge, preset_policy
from safeinstall.policy.presets import ORDER, PRESETS
from safeinstall.policy.rule_table import BY_CODE
from safeinstall.policy.tighten import KEYS

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = Environment("/opt/conda/envs/train-gpu", "conda", name="train-gpu")
TODAY = "2026-11-22"


def content(**sections: Any) -> dict[str, Any]:
    return sections


def said(policy: Policy) -> Policy:
    """The values of a policy, without their places and those that lost."""
    return policy.replace(layers=(), decided={}, dropped=())


def exception(rule: str, **fields: Any) -> dict[str, Any]:
    required = {"id": "E-1", "reason": "because", "owner": "jane", "expires": "2026-12-01"}
    return {"rule": rule, **required, **fields}


def finding(rule: str = "SI201", level: Any = "block", packages: tuple[str, ...] = ()) -> Finding:
    return Finding(rule, "name", level, "message", packages=packages)


def test_every_rule_has_a_level_in_every_preset() -> None:
    for preset in PRESETS.values():
        assert set(preset) >= set(BY_CODE)  # some rules are still to come
        assert set(preset) == set(PRESETS["strict"])


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("[rules\n", ":1:", "Expected"),
        ("schema = 1\n\n[rules]\nSI999 = 'warn'\n", ":4:", "SI999"),
        ("[rules]\nSI101 = 'loud'\n", ":2:", "off, warn, block"),
        ("[policy]\npreset = 'lax'\n", ":2:", "relaxed, recommended, strict"),
        ("schema = 2\n", ":1:", "schema 2"),
        ("colour = 'red'\n", ":1:", "unknown name 'colour'"),
        ("[rules]\nSI101 = { override = 'maybe' }\n", ":2:", "reason, never"),
        ("[[exceptions]]\nrule = 'SI101'\nid = 'E'\n", ":1:", "needs a last day"),
        ("[[exceptions]]\nrule='SI101'\nreason='x'\nexpires='soon'\n", ":1:", "needs an id"),
        ("[policy]\nlocked = 'rules'\n", ":2:", "list of strings"),
        ("rules = 'all'\n", ":1:", "written as [rules]"),
        ("exceptions = 'all'\n", ":1:", "[[exceptions]]"),
        ("a = 'unterminated", ":1:", ""),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_reason(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    path = tmp_path / "safeinstall.toml"
    path.write_text(text)
    with pytest.raises(PolicyError) as caught:
        layer.read(str(path))
    assert str(caught.value).startswith(f"{path}{place}")
    assert reason in str(caught.value)


def test_a_file_that_is_not_text_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "safeinstall.toml"
    path.write_bytes(b"schema = 1\n# \xff\n")
    with pytest.raises(PolicyError, match=r":2:3: not UTF-8"):
        layer.read(str(path))
    with pytest.raises(PolicyError, match="cannot be read"):
        layer.read(str(tmp_path / "none.toml"))


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "safeinstall.toml"
    path.write_text(
        """
schema = 1
[policy]
id = "acme-ml"
version = "2026.11"
preset = "recommended"
locked = ["rules.SI101", "sources.*"]
on_guard_error = "allow"
on_journal_error = "allow"
[rules]
SI201 = "block"
SI101 = { level = "block", override = "never" }
[sources]
channels = ["conda-forge"]
[packages]
deny = ["tensorflow<2.9"]
[[exceptions]]
rule = "SI201"
envs = ["*/train-*"]
packages = ["numpy"]
id = "train"
owner = "Jane Doe"
reason = "SEC-412, until the feedstock is rebuilt"
expires = 2026-12-01
"""
    )
    read = layer.read(str(path))
    assert read["content"]["exceptions"][0]["expires"] == "2026-12-01"
    policy = merge([Layer("user", str(path), **read)])
    assert policy.rules["SI101"].override == "never"
    assert policy.describe()[0]["id"] == "acme-ml"
    covered = finding(packages=("numpy",))
    assert judge([covered], policy, ENVIRONMENT, TODAY).decision == "allow"
    assert judge([covered], policy, ENVIRONMENT, TODAY).exceptions
    assert judge([covered], policy, ENVIRONMENT, "2026-12-02").decision == "block"
    assert judge([finding(packages=("numpy", "x"))], policy, ENVIRONMENT, TODAY).decision == "block"
    elsewhere = ENVIRONMENT.replace(prefix="/srv/x", name="x")
    assert judge([covered], policy, elsewhere, TODAY).decision == "block"


def test_harm_and_milder_findings() -> None:
    recommended, strict = preset_policy("recommended"), preset_policy("strict")
    mild = finding(level="warn")
    assert judge([mild], recommended, ENVIRONMENT, TODAY).decision == "warn"
    assert judge([mild], strict, ENVIRONMENT, TODAY).decision == "block"
    assert judge([mild], preset_policy("relaxed"), ENVIRONMENT, TODAY).decision == "allow"
    both = judge([mild, finding("SI101")], recommended, ENVIRONMENT, TODAY)
    assert [item.level for item in both.findings] == ["block", "warn"]
    assert judge([], recommended, ENVIRONMENT, TODAY).decision == "allow"


def test_what_was_told_before_is_no_warning_but_may_block() -> None:
    recommended, strict = preset_policy("recommended"), preset_policy("strict")
    mild = finding(level="warn").replace(again=True)
    assert judge([mild], recommended, ENVIRONMENT, TODAY).decision == "allow"
    assert judge([mild], strict, ENVIRONMENT, TODAY).decision == "block"
    harm = finding().replace(again=True)
    assert judge([harm], recommended, ENVIRONMENT, TODAY).decision == "block"


def test_a_rule_that_may_not_be_overridden() -> None:
    said = content(rules={"SI101": {"override": "never"}})
    policy = merge([Layer("machine", "/etc/p", said)])
    assert not judge([finding("SI101")], policy, ENVIRONMENT, TODAY).overridable
    assert judge([finding("SI201")], policy, ENVIRONMENT, TODAY).overridable


def test_a_project_can_not_except_itself() -> None:
    mine = content(exceptions=[exception("SI201")])
    policy = merge([Layer("project", "/p", mine)])
    assert judge([finding()], policy, ENVIRONMENT, TODAY).decision == "block"


levels = st.sampled_from(ORDER)
rule_values = st.one_of(
    levels,
    st.fixed_dictionaries(
        {},
        optional={
            "level": levels,
            "mild": levels,
            "override": st.sampled_from(["reason", "never"]),
        },
    ),
)
names = st.lists(st.sampled_from(["conda-forge", "https://conda.anaconda.org/conda-forge", "b"]))
contents = st.fixed_dictionaries(
    {},
    optional={
        "rules": st.dictionaries(st.sampled_from(sorted(PRESETS["strict"])), rule_values),
        "sources": st.fixed_dictionaries({}, optional={"channels": names, "indexes": names}),
        "packages": st.fixed_dictionaries({}, optional={"deny": names, "prefer_conda": names}),
        "policy": st.fixed_dictionaries(
            {},
            optional={
                "preset": st.sampled_from(sorted(PRESETS)),
                "on_guard_error": st.sampled_from(["allow", "block"]),
                "on_journal_error": st.sampled_from(["allow", "block"]),
                "locked": st.lists(
                    st.sampled_from(
                        ["*", "rules.*", "rules.SI101", "policy.preset", "policy.*", "sources.*"]
                    )
                ),
            },
        ),
    },
)


@given(st.lists(contents, max_size=2), contents)
def test_a_project_only_ever_tightens(above: list[dict[str, Any]], project: dict[str, Any]) -> None:
    kinds = ["machine", "user"]
    layers = [Layer(kind, kind, said) for kind, said in zip(kinds, above, strict=False)]
    without, with_it = merge(layers), merge([*layers, Layer("project", "p", project)])
    for code, before in without.rules.items():
        after = with_it.rules[code]
        assert ORDER.index(after.level) >= ORDER.index(before.level)
        assert ORDER.index(after.mild) >= ORDER.index(before.mild)
        assert (before.override, after.override) != ("never", "reason")
    assert (without.on_guard_error, with_it.on_guard_error) != ("block", "allow")
    assert (without.on_journal_error, with_it.on_journal_error) != ("block", "allow")
    for allowed, left in [
        (without.sources.channels, with_it.sources.channels),
        (without.sources.indexes, with_it.sources.indexes),
    ]:
        assert allowed is None or set(left or ()) <= set(allowed)
    assert set(without.sources.deny) <= set(with_it.sources.deny)
    assert set(without.sources.prefer_conda) <= set(with_it.sources.prefer_conda)


@given(contents, contents)
def test_what_the_machine_locks_stays(machine: dict[str, Any], user: dict[str, Any]) -> None:
    locked = {**machine, "policy": {**machine.get("policy", {}), "locked": ["*"]}}
    alone = merge([Layer("machine", "m", locked)])
    both = merge([Layer("machine", "m", locked), Layer("user", "u", user)])
    assert said(both) == said(alone)


LOCKED = Layer("machine", "m", content(policy={"locked": ["packages.*", "sources.channels"]}))


@pytest.mark.parametrize(
    "user",
    [
        {"rules": {"SI304": "off", "SI302": "off", "SI301": {"level": "off", "mild": "off"}}},
        {"rules": {code: {"override": "reason", "level": "off"} for code in ("SI304", "SI302")}},
        {"policy": {"preset": "relaxed"}},
        {"exceptions": [exception(code) for code in ("SI301", "SI302", "SI304")]},
        {"packages": {"deny": [], "prefer_conda": []}, "sources": {"channels": ["evil"]}},
    ],
)
def test_a_locked_list_is_not_made_dead_by_its_rule(user: dict[str, Any]) -> None:
    below = merge([LOCKED, Layer("user", "u", content(**user))])
    above = merge([LOCKED])
    for code in ("SI301", "SI302", "SI304"):
        now, before = below.rules[code], above.rules[code]
        assert (now.level, now.override) == (before.level, before.override)
        assert ORDER.index(now.mild) >= ORDER.index(before.mild)
    assert below.sources == above.sources
    assert below.exceptions == ()


def test_the_rule_of_a_locked_list_may_still_become_tighter() -> None:
    wanted = {"SI301": "block", "SI304": {"override": "never"}, "SI303": "block", "SI101": "off"}
    rules = merge([LOCKED, Layer("user", "u", content(rules=wanted))]).rules
    assert (rules["SI301"].level, rules["SI304"].override) == ("block", "never")
    assert (rules["SI303"].level, rules["SI101"].level) == ("block", "off")  # not locked


CHANGES: dict[str, dict[str, Any]] = {
    "policy.preset": {"policy": {"preset": "relaxed"}},
    "policy.on_guard_error": {"policy": {"on_guard_error": "block"}},
    "policy.on_journal_error": {"policy": {"on_journal_error": "block"}},
    "policy.override": {"policy": {"override": "never"}},
    "policy.contact": {"policy": {"contact": "x"}},
    "policy.handover": {"policy": {"handover": "freeze"}},
    "policy.environment_names": {"policy": {"environment_names": ["x"]}},
    "environments": {"environments": [{"match": "*", "rules": {"SI101": {"override": "never"}}}]},
    "sources.deny_channels": {"sources": {"deny_channels": ["x"]}},
    "sources.channel_priority": {"sources": {"channel_priority": "strict"}},
    "sources.min_age": {"sources": {"min_age": "3d"}},
    "sources.channels": {"sources": {"channels": ["x"]}},
    "sources.indexes": {"sources": {"indexes": ["x"]}},
    "packages.deny": {"packages": {"deny": ["x"]}},
    "packages.prefer_conda": {"packages": {"prefer_conda": ["x"]}},
    **{f"rules.{code}": {"rules": {code: {"override": "never"}}} for code in PRESETS["strict"]},
}


def test_every_lockable_key_locks_what_it_names_and_nothing_else() -> None:
    """The names are those of the table that files are checked by, and of the merge."""
    assert set(CHANGES) == set(LOCKABLE)
    here = Circumstances("train")
    for name, changed in CHANGES.items():
        user = Layer("user", "u", content(**changed))
        group = name.partition(".")[0] + ".*" if "." in name else name
        for lock in (name, group, "*"):
            machine = Layer("machine", "m", content(policy={"locked": [lock]}))
            assert said(merge([machine, user], here)) == said(merge([machine], here))
        others = [other for other in LOCKABLE if other != name]
        if name in (SECTIONS, "policy.override"):  # what they set are values of rules
            others = [key for key in KEYS if key != name]
        machine = Layer("machine", "m", content(policy={"locked": others}))
        assert said(merge([machine, user], here)) != said(merge([machine], here))


def test_the_lists_of_a_project_tighten() -> None:
    user = content(
        sources={"channels": ["conda-forge", "bioconda"], "indexes": ["https://a/simple"]},
        packages={"deny": ["x<2"]},
    )
    project = content(
        sources={"channels": ["https://conda.anaconda.org/conda-forge/", "evil"]},
        packages={"deny": ["y"]},
    )
    sources = merge([Layer("user", "u", user), Layer("project", "p", project)]).sources
    assert sources.channels == ("conda-forge",)
    assert sources.indexes == ("https://a/simple",)
    assert sources.deny == ("x<2", "y")
    assert merge([Layer("project", "p", project)]).sources.channels == tuple(
        project["sources"]["channels"]
    )
    nothing = content(sources={"channels": ["evil"]})
    assert merge([Layer("user", "u", user), Layer("project", "p", nothing)]).sources.channels == ()


def test_files_are_found_upwards_and_remembered(tmp_path: Path) -> None:
    deep = tmp_path / "project" / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "project" / "safeinstall.toml").write_text("[rules]\nSI101={override='never'}\n")
    configuration = settings.read({"HOME": str(tmp_path / "home")})
    for _ in range(2):
        assert load(configuration, str(deep)).rules["SI101"].override == "never"
    assert load(configuration, str(tmp_path)).rules["SI101"].override == "reason"


def test_the_users_file_and_the_one_named_instead(tmp_path: Path) -> None:
    config = tmp_path / "home" / ".config" / "safeinstall"
    config.mkdir(parents=True)
    (config / "policy.toml").write_text("[rules]\nSI101='warn'\n")
    home = {"HOME": str(tmp_path / "home")}
    assert load(settings.read(home), "/").rules["SI101"].level == "warn"
    other = tmp_path / "other.toml"
    other.write_text("[rules]\nSI101='off'\n")
    named = settings.read({**home, "SAFEINSTALL_POLICY": str(other)})
    assert load(named, "/").rules["SI101"].level == "off"
    missing = settings.read({**home, "SAFEINSTALL_POLICY": str(tmp_path / "none")})
    with pytest.raises(PolicyError):
        load(missing, "/")
