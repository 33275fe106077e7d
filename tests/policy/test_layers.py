"""Where each value comes from, what lost against it and why; the files that a policy is made of."""

from __future__ import annotations

import hashlib
import http.server
import os
import re
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.errors import PolicyError
from safeinstall.files import resources
from safeinstall.model import Environment, Finding
from safeinstall.policy import Circumstances, Layer, fetched, layer
from safeinstall.policy.judge import judge, matches
from safeinstall.policy.load import Address, load
from safeinstall.policy.merge import Policy, merge
from safeinstall.policy.presets import ORDER, PRESETS
from safeinstall.policy.tighten import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = "2026-11-29"
PROD = Environment("/envs/team/prod-api", "conda", name="prod-api")
TRAIN = Environment("/envs/team/train", "conda", name="train")


def read(path: Path, kind: str, text: str) -> Layer:
    path.write_text(text)
    return Layer(kind, str(path), **layer.read(str(path)))


def finding(rule: str = "SI201", level: Any = "block", packages: tuple[str, ...] = ()) -> Finding:
    return Finding(rule, "name", level, "It would break.", packages=packages)


# ---- where a value comes from ------------------------------------------------------------------


def test_each_value_knows_its_line_and_what_lost(tmp_path: Path) -> None:
    machine = read(
        tmp_path / "m.toml",
        "machine",
        "[policy]\npreset = 'strict'\nlocked = ['rules.SI101']\n[rules]\nSI305 = 'block'\n",
    )
    user = read(tmp_path / "u.toml", "user", "[rules]\nSI101 = 'off'\nSI305 = 'warn'\n")
    project = read(
        tmp_path / "p.toml",
        "project",
        "[policy]\nlocked = ['*']\ncontact = 'me'\n[rules]\nSI305 = 'off'\nSI105 = 'block'\n",
    )
    policy = merge([machine, user, project])
    decided = {key: policy.decided[f"rules.{key}.level"] for key in ("SI101", "SI305", "SI105")}
    assert str(decided["SI101"].by) == f"{tmp_path}/m.toml:2:10 (preset strict)"
    locked = decided["SI101"].lost[-1]
    assert (locked.value, str(locked.by)) == ("off", f"{tmp_path}/u.toml:2:9")
    assert locked.why == f"locked by {tmp_path}/m.toml:3:11"
    assert str(decided["SI305"].by) == f"{tmp_path}/u.toml:3:9"
    assert [(lost.value, lost.why.partition(" ")[0]) for lost in decided["SI305"].lost] == [
        ("warn", "replaced"),
        ("block", "replaced"),
        ("off", "may"),
    ]
    assert str(decided["SI105"].by) == f"{tmp_path}/p.toml:6:9"
    assert [lost.key for lost in policy.dropped] == ["policy.locked"]
    assert "project" in policy.decided["policy.contact"].lost[-1].why
    assert str(policy.decided["rules.SI106.level"].by) == f"{tmp_path}/m.toml:2:10 (preset strict)"


def test_a_finding_names_the_line_that_decided(tmp_path: Path) -> None:
    user = read(tmp_path / "u.toml", "user", "[rules]\nSI201 = { mild = 'block' }\n")
    verdict = judge([finding(level="warn"), finding("SI101")], merge([user]), TRAIN, TODAY)
    assert [found.decided_by for found in verdict.findings] == [
        f"{tmp_path}/u.toml:2:18",
        "preset recommended",
    ]


# ---- who may go on, and whom to ask ------------------------------------------------------------


def test_never_holds_for_milder_findings_too_where_they_block() -> None:
    never = Layer("machine", "m", {"rules": {"SI201": {"mild": "block", "override": "never"}}})
    assert not judge([finding(level="warn")], merge([never]), TRAIN, TODAY).overridable


def test_tickets_and_the_general_override() -> None:
    machine = {"policy": {"override": "ticket:OPS-[0-9]+", "contact": "#conda-help"}}
    policy = merge([Layer("machine", "m", machine)])
    verdict = judge([finding()], policy, TRAIN, TODAY)
    assert (verdict.overridable, verdict.tickets) == (True, ("OPS-[0-9]+",))
    assert verdict.contact == "#conda-help"
    assert judge([finding(level="warn")], policy, TRAIN, TODAY).contact == ""
    own = {"rules": {"SI201": {"override": "reason"}}}
    assert not judge(
        [finding()], merge([Layer("machine", "m", machine), Layer("user", "u", own)]), TRAIN, TODAY
    ).tickets
    locked = {"policy": {**machine["policy"], "locked": ["policy.override"]}}
    held = merge([Layer("machine", "m", locked), Layer("user", "u", own)])
    assert judge([finding()], held, TRAIN, TODAY).tickets == ("OPS-[0-9]+",)


def test_a_pattern_of_a_checkout_is_not_taken() -> None:
    project = {"policy": {"override": "ticket:(a+)+$"}}
    assert merge([Layer("project", "p", project)]).rules["SI201"].override == "reason"


# ---- environments and actors -------------------------------------------------------------------

SECTIONS = {
    "environments": [
        {"match": "*/prod-*", "rules": {"SI305": "block", "SI105": {"override": "never"}}},
        {"match": ["train", "tmp-*"], "rules": {"SI201": "warn"}},
    ]
}


def levels(policy: Policy, environment: Environment, *actors: str) -> dict[str, str]:
    here = policy.within(Circumstances(environment.name, environment.prefix, frozenset(actors)))
    return {code: rule.level for code, rule in here.rules.items()}


def test_environments_with_rules_of_their_own() -> None:
    policy = merge([Layer("user", "u", SECTIONS)])
    assert levels(policy, PROD)["SI305"] == "block"
    assert levels(policy, TRAIN)["SI305"] == "warn"
    assert (levels(policy, PROD)["SI201"], levels(policy, TRAIN)["SI201"]) == ("block", "warn")
    project = merge([Layer("project", "p", SECTIONS)])
    assert levels(project, PROD)["SI305"] == "block"
    assert levels(project, TRAIN)["SI201"] == "block"  # a project's file can only tighten


def test_actors_are_held_to_more_and_never_to_less() -> None:
    said = {"actors": {"agent": {"SI305": "block", "SI201": "off"}, "ci": {"SI106": "block"}}}
    policy = merge([Layer("user", "u", said)])
    assert levels(policy, TRAIN)["SI305"] == "warn"
    assert levels(policy, TRAIN, "agent")["SI305"] == "block"
    assert levels(policy, TRAIN, "agent")["SI201"] == "block"
    assert levels(policy, TRAIN, "ci")["SI106"] == "block"
    locked = Layer("machine", "m", {"policy": {"locked": ["*"]}, **said})
    assert levels(merge([locked, Layer("user", "u", {})]), TRAIN, "agent")["SI305"] == "block"
    below = Layer("project", "p", {"actors": {"agent": {"SI101": {"override": "never"}}}})
    here = merge([Layer("user", "u", said), below], Circumstances(actors=frozenset({"agent"})))
    assert here.rules["SI101"].override == "never"


# ---- exceptions --------------------------------------------------------------------------------


def exceptions(**fields: Any) -> Policy:
    row = {"id": "SEC-412", "rule": "SI201", "reason": "because", "owner": "Jane", **fields}
    return merge([Layer("user", "u", {"exceptions": [{"expires": "2026-12-31", **row}]})])


def test_an_expired_exception_is_named_where_it_would_have_matched() -> None:
    policy = exceptions(expires="2026-11-28", packages=["numpy"])
    verdict = judge([finding(packages=("numpy",))], policy, TRAIN, TODAY)
    assert verdict.decision == "block"
    assert "SEC-412 ended on 2026-11-28" in verdict.findings[0].message
    assert "Jane" in verdict.findings[0].message
    other = judge([finding(packages=("scipy",))], policy, TRAIN, TODAY)
    assert "SEC-412" not in other.findings[0].message


def test_why_an_exception_does_not_cover() -> None:
    policy = exceptions(envs=["prod-*"], packages=["numpy"])
    near = matches(finding(packages=("numpy", "scipy")), policy, TRAIN, "2027-01-01")
    assert [(m.other_environment, m.other_packages, m.expired) for m in near] == [
        (True, ("scipy",), True)
    ]
    assert matches(finding(packages=("numpy",)), policy, PROD, TODAY)[0].whole
    assert matches(finding("SI101"), policy, PROD, TODAY) == ()


# ---- files -------------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "etc"
    (directory / "policy.d").mkdir(parents=True)
    monkeypatch.setattr(settings, "SYSTEM_DIRECTORY", str(directory))
    return directory


def configured(tmp_path: Path) -> settings.Settings:
    return settings.read({"HOME": str(tmp_path / "home")})


def test_drop_in_files_come_after_the_machine_s_file(tmp_path: Path, machine: Path) -> None:
    (machine / "policy.toml").write_text("[policy]\nlocked=['rules.SI101']\n[rules]\nSI105='off'\n")
    (machine / "policy.d/20-b.toml").write_text("[rules]\nSI105='warn'\nSI101='off'\n")
    (machine / "policy.d/10-a.toml").write_text("[rules]\nSI105='block'\n")
    (machine / "policy.d/README").write_text("no policy")
    policy = load(configured(tmp_path), str(tmp_path))
    assert [each.path.rpartition("/")[2] for each in policy.layers] == [
        "policy.toml",
        "10-a.toml",
        "20-b.toml",
    ]
    assert policy.rules["SI105"].level == "warn"
    assert policy.rules["SI101"].level == "off"  # its lock is for those below
    user = tmp_path / "home/.config/safeinstall/policy.toml"
    user.parent.mkdir(parents=True)
    user.write_text("[rules]\nSI101='block'\nSI105='block'\n")
    below = load(configured(tmp_path), str(tmp_path))
    assert (below.rules["SI101"].level, below.rules["SI105"].level) == ("off", "block")


def test_a_table_in_pyproject_is_a_project_s_policy(tmp_path: Path, machine: Path) -> None:
    text = "[project]\nname = 'x'\n\n[tool.safeinstall.rules]\nSI305 = 'block'\nSI101 = 'off'\n"
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "a").mkdir()
    (tmp_path / "a/pyproject.toml").write_text("[project]\nname = 'y'\n")  # speaks not of us
    policy = load(configured(tmp_path), str(tmp_path / "a"))
    assert str(policy.decided["rules.SI305.level"].by) == f"{tmp_path}/pyproject.toml:5:9"
    assert policy.rules["SI101"].level == "block"
    (tmp_path / "safeinstall.toml").write_text("[rules]\nSI105='block'\n")
    both = load(configured(tmp_path), str(tmp_path / "a"))
    assert (both.rules["SI105"].level, both.rules["SI305"].level) == ("block", "block")
    assert not list(machine.glob("*.toml"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[tool.safeinstall]\nrules = 3\n", ":2:9:"),
        ("[tool.safeinstall.rules]\nSI999 = 'off'\n", ":2:1:"),
        ("[tool]\nsafeinstall = 3\n", ":2:15:"),
        ("[tool.safeinstall\n", ":1:18:"),
        ("[project\n", ""),
        ("[tool.ruff]\nline-length = 'x'\n", ""),
        ("x" * 300_000, ""),
    ],
)
def test_what_is_wrong_in_a_pyproject(tmp_path: Path, text: str, place: str) -> None:
    """A file that others have broken, and that does not speak of us, is none of our business."""
    (tmp_path / "pyproject.toml").write_text(text)
    if not place:
        assert load(configured(tmp_path), str(tmp_path)).layers == ()
        return
    with pytest.raises(PolicyError) as caught:
        load(configured(tmp_path), str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}/pyproject.toml{place}")


@pytest.mark.parametrize("name", ["safeinstall.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["fifo", "directory", "device", "huge", "loop"])
def test_hostile_files_of_a_checkout(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(200_000_000)
    else:
        path.symlink_to(path)
    if name == "pyproject.toml":
        assert load(configured(tmp_path), str(tmp_path)).layers == ()
        return
    with pytest.raises(PolicyError):
        load(configured(tmp_path), str(tmp_path))


def test_a_file_extends_others(tmp_path: Path, machine: Path) -> None:
    (machine / "base.toml").write_text("[rules]\nSI105='block'\nSI106='block'\n")
    (machine / "policy.toml").write_text("extends = 'base.toml'\n[rules]\nSI106='off'\n")
    policy = load(configured(tmp_path), str(tmp_path))
    assert (policy.rules["SI105"].level, policy.rules["SI106"].level) == ("block", "off")
    assert policy.layers[0].via == f"{machine}/policy.toml"
    project = tmp_path / "project"
    project.mkdir()
    (project / "safeinstall.toml").write_text("extends = ['a.toml', 'b.toml']\n")
    (project / "a.toml").write_text("[rules]\nSI305='block'\nSI101='off'\n")
    (project / "b.toml").write_text("[rules]\nSI207='block'\n")
    rules = load(configured(tmp_path), str(project)).rules
    assert (rules["SI305"].level, rules["SI207"].level) == ("block", "block")
    assert rules["SI101"].level == "block"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends = 'safeinstall.toml'\n", ":1:11: extends goes round in a circle"),
        ("extends = ['/etc/passwd']\n", ":1:12: a project's file can only extend files"),
        ("extends = '~/x.toml'\n", ":1:11: a project's file can only extend files"),
        ("extends = 'none.toml'\n", "none.toml: cannot be read"),
        ("extends = { url = 'http://a/b', sha256 = 'x' }\n", ":1:19: url is an address"),
        ("extends = { url = 'https://a/b' }\n", ":1:11: extends needs the sha256"),
        ("extends = 3\n", ":1:11: extends is a string"),
    ],
)
def test_what_cannot_be_extended(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "safeinstall.toml").write_text(text)
    with pytest.raises(PolicyError) as caught:
        load(configured(tmp_path), str(tmp_path))
    assert told in str(caught.value)


# ---- addresses ---------------------------------------------------------------------------------

TEXT = b"[rules]\nSI305 = 'block'\n"
SUM = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked for. Plain http in the place of https, which needs a certificate."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = {"/good": TEXT, "/huge": b"#" * 300_000}.get(self.path)
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{running.server_address[1]}"
        monkeypatch.setattr(
            "urllib.request.urlopen",
            lambda url, timeout: urlopen(url.replace("https://a.example", place), timeout=timeout),
        )
        yield asked
        running.shutdown()


def extending(path: str, total: str = SUM) -> str:
    return f"extends = {{ url = 'https://a.example{path}', sha256 = '{total}' }}\n"


def test_an_address_is_fetched_once_and_then_works_without_a_network(
    tmp_path: Path, machine: Path, server: list[str]
) -> None:
    (machine / "policy.toml").write_text(extending("/good"))
    for _ in range(3):
        policy = load(configured(tmp_path), str(tmp_path))
        assert policy.rules["SI305"].level == "block"
        assert policy.layers[0].path == "https://a.example/good"
    assert server == ["/good"]
    kept = tmp_path / f"home/.local/state/safeinstall/policies/{SUM}.toml"
    kept.write_text("[rules]\nSI305 = 'off'\n")  # somebody has changed what is kept
    assert load(configured(tmp_path), str(tmp_path)).rules["SI305"].level == "block"
    assert server == ["/good", "/good"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/good", "has changed: its SHA-256 is " + SUM),
        ("/none", "cannot be fetched: HTTP Error 404"),
        ("/huge", "is larger than 256 KiB"),
    ],
)
def test_what_is_not_what_was_pinned_is_refused(
    tmp_path: Path, machine: Path, server: list[str], path: str, told: str
) -> None:
    (machine / "policy.toml").write_text(extending(path, "0" * 64))
    with pytest.raises(PolicyError) as caught:
        load(configured(tmp_path), str(tmp_path))
    assert f"{machine}/policy.toml:1:11: https://a.example{path}" in str(caught.value)
    assert told in str(caught.value)
    assert server == [path]


def test_a_checkout_fetches_nothing(tmp_path: Path, machine: Path, server: list[str]) -> None:
    (tmp_path / "safeinstall.toml").write_text(extending("/good"))
    policy = load(configured(tmp_path), str(tmp_path))
    assert server == []
    assert policy.rules["SI305"].level == "warn"
    assert [(lost.key, lost.value) for lost in policy.dropped] == [
        ("extends", "https://a.example/good")
    ]
    fetched.file(Address("https://a.example/good", SUM), configured(tmp_path), may_fetch=True)
    assert load(configured(tmp_path), str(tmp_path)).rules["SI305"].level == "block"
    assert not list(machine.glob("*.toml"))


# ---- nothing below loosens a verdict -----------------------------------------------------------

level = st.sampled_from(ORDER)
override = st.sampled_from(["reason", "never", "ticket:X"])
rule = st.one_of(
    level, st.fixed_dictionaries({}, optional={"level": level, "mild": level, "override": override})
)
rules = st.dictionaries(st.sampled_from(sorted(PRESETS["strict"])), rule, max_size=4)
exception = st.fixed_dictionaries(
    {
        "id": st.just("E"),
        "rule": st.sampled_from(sorted(PRESETS["strict"])),
        "reason": st.just("r"),
        "owner": st.just("o"),
        "expires": st.sampled_from(["2026-01-01", "2027-01-01"]),
    }
)
heads = st.fixed_dictionaries(
    {}, optional={"preset": st.sampled_from(sorted(PRESETS)), "override": override}
)
contents = st.fixed_dictionaries(
    {},
    optional={
        "policy": heads,
        "rules": rules,
        "environments": st.lists(
            st.fixed_dictionaries({"match": st.sampled_from(["*", "prod-*"]), "rules": rules}),
            max_size=2,
        ),
        "actors": st.fixed_dictionaries({}, optional={"agent": rules, "ci": rules}),
        "exceptions": st.lists(exception, max_size=2),
    },
)
found = st.builds(
    finding,
    st.sampled_from(sorted(PRESETS["strict"])),
    st.sampled_from(["block", "warn"]),
)
who = st.sampled_from([frozenset(), frozenset({"agent"}), frozenset({"ci"})])


def strictness(verdict: Any) -> tuple[int, bool]:
    order = ("allow", "warn", "block").index(verdict.decision)
    return order, order == 2 and not verdict.overridable


@given(st.lists(contents, max_size=2), contents, st.lists(found, max_size=3), who)
def test_a_project_s_file_never_loosens_a_verdict(
    above: list[Any], project: Any, findings: list[Finding], actors: frozenset[str]
) -> None:
    here = Circumstances(PROD.name, PROD.prefix, actors)
    layers = [Layer(k, k, said) for k, said in zip(("machine", "user"), above, strict=False)]
    without = judge(findings, merge(layers, here), PROD, TODAY)
    with_it = judge(findings, merge([*layers, Layer("project", "p", project)], here), PROD, TODAY)
    assert strictness(with_it) >= strictness(without)
    assert set(without.tickets) <= set(with_it.tickets) or not with_it.overridable


@given(contents, contents, st.lists(found, max_size=3), who)
def test_a_layer_below_never_loosens_what_is_locked(
    machine: Any, user: Any, findings: list[Finding], actors: frozenset[str]
) -> None:
    here = Circumstances(PROD.name, PROD.prefix, actors)
    locked = {**machine, "policy": {**machine.get("policy", {}), "locked": ["*"]}}
    top = Layer("machine", "m", locked)
    without = judge(findings, merge([top], here), PROD, TODAY)
    with_it = judge(findings, merge([top, Layer("user", "u", user)], here), PROD, TODAY)
    assert strictness(with_it) >= strictness(without)
    assert set(without.tickets) <= set(with_it.tickets) or not with_it.overridable


@given(contents, st.lists(found, max_size=3), who)
def test_to_be_an_agent_never_loosens_a_verdict(
    user: Any, findings: list[Finding], actors: frozenset[str]
) -> None:
    layers = [Layer("user", "u", user)]
    person = merge(layers, Circumstances(PROD.name, PROD.prefix))
    machine = merge(layers, Circumstances(PROD.name, PROD.prefix, actors))
    assert strictness(judge(findings, machine, PROD, TODAY)) >= strictness(
        judge(findings, person, PROD, TODAY)
    )


@given(st.lists(contents, min_size=1, max_size=3))
def test_every_value_has_a_source(said: list[Any]) -> None:
    kinds = ("machine", "user", "project")
    policy = merge([Layer(k, k, each) for k, each in zip(kinds, said, strict=False)])
    assert set(policy.decided) >= set(KEYS)
    assert all(str(decided.by) for decided in policy.decided.values())
    assert all(lost.why for decided in policy.decided.values() for lost in decided.lost)


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    text = resources.text("docs", "policy.md")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) > 1
    policies = [example for example in examples if "[[cases]]" not in example]
    for number, example in enumerate(policies):
        read(tmp_path / f"{number}.toml", "user", example)


def test_every_key_stands_in_the_documentation() -> None:
    text = resources.text("docs", "policy.md")
    for key in KEYS:
        assert key.rpartition(".")[2] in text, key


# ---- what a reviewer has broken ----------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    ["a{99999999999}", "(" * 90 + ")" * 90, "[[a]", "(?i)" + "[ -\uffff]" * 3000, "", "("],
)
def test_no_pattern_makes_the_guard_step_aside(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "safeinstall.toml").write_text(f"[policy]\noverride = 'ticket:{pattern}'\n")
    begun = time.process_time()
    try:
        assert load(configured(tmp_path), str(tmp_path)).rules["SI101"].override == "reason"
    except PolicyError as error:
        assert str(error).startswith(f"{tmp_path}/safeinstall.toml:2:12: override")  # noqa: PT017
    assert time.process_time() - begun < 2


def test_a_bug_of_ours_does_not_count_as_no_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "safeinstall.toml").write_text("[rules]\nSI101 = 'block'\n")

    def broken(_: str) -> dict[str, Any]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(layer, "read", broken)
    with pytest.raises(PolicyError, match="a bug"):
        load(configured(tmp_path), str(tmp_path))


def test_what_was_fetched_names_no_file_of_this_machine(
    tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"extends = 'base.toml'\n"
    total = hashlib.sha256(text).hexdigest()
    (machine / "policy.toml").write_text(extending("/good", total))
    kept = tmp_path / "home/.local/state/safeinstall/policies"
    kept.mkdir(parents=True)
    (kept / f"{total}.toml").write_bytes(text)
    evil = tmp_path / "here/https:/a.example"
    evil.mkdir(parents=True)
    (evil / "base.toml").write_text("[rules]\nSI101 = 'off'\n")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(PolicyError, match="can only extend addresses"):
        load(configured(tmp_path), str(tmp_path / "here"))


@pytest.mark.parametrize("base", ["../base.toml", "a/../../base.toml", "/etc/passwd", "~/x"])
def test_a_project_extends_what_lies_below_it(tmp_path: Path, base: str) -> None:
    (tmp_path / "base.toml").write_text("")
    project = tmp_path / "project"
    project.mkdir()
    (project / "safeinstall.toml").write_text(f"extends = '{base}'\n")
    with pytest.raises(PolicyError, match="in its own directory or below it"):
        load(configured(tmp_path), str(project))


def test_files_that_extend_many_take_no_time(tmp_path: Path) -> None:
    for number in range(6):
        text = f"extends = [{', '.join([repr(f'{number + 1}.toml')] * 12)}]\n"
        (tmp_path / f"{number}.toml").write_text(text)
    (tmp_path / "6.toml").write_text("")
    (tmp_path / "safeinstall.toml").write_text("extends = '0.toml'\n")
    with pytest.raises(PolicyError, match="more than"):
        load(configured(tmp_path), str(tmp_path))


def test_many_faults_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "safeinstall.toml"
    path.write_text("[rules]\n" + "".join(f"SI{n} = 'x'\n" for n in range(900, 15_000)))
    begun = time.process_time()
    with pytest.raises(PolicyError, match=":2:1: "):
        load(configured(tmp_path), str(tmp_path))
    assert time.process_time() - begun < 3


def test_a_rule_of_a_locked_section_has_no_exceptions_below() -> None:
    section = [{"match": "*", "rules": {"SI305": {"override": "never"}}}]
    machine = {"policy": {"locked": ["environments"]}, "environments": section}
    user = {"exceptions": [exception_of("SI305")], "rules": {"SI305": "off", "SI101": "off"}}
    here = Circumstances(PROD.name, PROD.prefix)
    policy = merge([Layer("machine", "m", machine), Layer("user", "u", user)], here)
    assert policy.exceptions == ()
    assert (policy.rules["SI305"].level, policy.rules["SI101"].level) == ("warn", "off")


def exception_of(rule: str) -> dict[str, str]:
    fields = ("id", "reason", "owner")
    return {"rule": rule, **dict.fromkeys(fields, "x"), "expires": "2999-01-01"}


def test_what_is_said_of_all_rules_does_not_reach_a_locked_one() -> None:
    machine = {"policy": {"override": "never", "locked": ["rules.SI304"]}}
    user = {"policy": {"override": "ticket:."}}
    rules_ = merge([Layer("machine", "m", machine), Layer("user", "u", user)]).rules
    assert (rules_["SI304"].override, rules_["SI101"].override) == ("never", "ticket:.")


def test_an_age_has_an_end(tmp_path: Path) -> None:
    (tmp_path / "safeinstall.toml").write_text("[sources]\nmin_age = '9999999999w'\n")
    with pytest.raises(PolicyError, match="longer than a hundred years"):
        load(configured(tmp_path), str(tmp_path))
