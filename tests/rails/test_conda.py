"""conda's plan, seen and judged before it is carried out: on the sandbox's conda and a real one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from safeinstall import argv, settings
from safeinstall.files import read_bytes
from safeinstall.guard.facts import LookedUp
from safeinstall.guard.override import MOMENT
from safeinstall.policy.merge import preset_policy
from safeinstall.probe import place as places
from safeinstall.rails import conda, conda_dry_run, plan_request
from safeinstall.rails.process import Result
from safeinstall.rules import registry
from safeinstall.sandbox.world import World
from safeinstall.settings import Session
from tests.rails.railway import Settled, settled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeinstall.model import Finding
    from safeinstall.rails.conda import PluginRail

REAL = pytest.mark.real_conda
NAME, PURE = "mixed", "pure"
PLUGIN = os.path.dirname(conda.__file__) + "/conda_plugin"
BLOCKED = {
    "over pip": ["conda", "install", "-y", "tqdm"],
    "requirement": ["conda", "install", "-y", "numpy=1.21"],
    "update": ["conda", "update", "-y", "numpy"],
    "remove": ["conda", "remove", "-y", "numpy"],
}
HARMLESS = ["conda", "install", "-y", "joblib"]
NOTHING = ["conda", "install", "-y", "numpy=1.26.4"]


@pytest.fixture(scope="module", params=["sandbox", pytest.param("real", marks=REAL)])
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world with an environment that has conda's numpy, and pip's pandas and tqdm."""
    pytest.importorskip("rattler", reason="the sandbox needs py-rattler")
    conda = os.environ["SAFEINSTALL_TEST_CONDA"] if request.param == "real" else None
    created = World.create(tmp_path_factory.mktemp(request.param), conda)
    created.create_env(NAME, "python", "pip", "numpy=1.26", "requests")
    created.run(["pip", "install", "tqdm", "pandas==2.1.4"], NAME, check=True)
    created.create_env(PURE, "python")  # a real conda's base may have packages of pip's
    yield created
    created.close()


@pytest.fixture
def mixed(template: World) -> Iterator[World]:
    """The same, as it was, for each test."""
    prefix, kept = template.env(NAME), template.directory + "/kept"
    if not os.path.exists(kept):
        shutil.copytree(prefix, kept, symlinks=True)
    yield template
    if content(prefix) != content(kept):
        shutil.rmtree(prefix)
        shutil.copytree(kept, prefix, symlinks=True)


@pytest.fixture
def real(mixed: World) -> World:
    """For what only a real conda does."""
    if not mixed.real:
        pytest.skip("the sandbox's conda has no plugins")
    return mixed


def content(prefix: str) -> dict[str, str]:
    """Every directory, link and file of an environment with a hash of what is in it."""
    found = {}
    for directory, _, names in os.walk(prefix):
        found[os.path.relpath(directory, prefix)] = ""
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") if not os.path.islink(path) else open(os.devnull, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            link = os.readlink(path) if os.path.islink(path) else ""
            found[os.path.relpath(path, prefix)] = digest + link
    return found


class Guarded:
    """One command on its rail: laid, run, explained."""

    def __init__(self, world: World, words: list[str], directory: Path, **environ: str) -> None:
        self.world, self.words = world, words
        self.environ = world.environ(NAME, **environ)
        self.configuration = settings.read(self.environ)
        self.directory = str(directory / "rail")
        os.makedirs(self.directory, exist_ok=True)
        self.met = self.survey()

    def survey(self, *, by_dry_run: bool = False) -> LookedUp:
        context = argv.Context(self.environ, self.world.work, read_bytes, {})
        command = argv.parse(self.words, context)
        session = Session(self.configuration, self.environ, self.world.work)
        executable = places.locate(command.words[0], self.environ, self.world.work)
        place = places.find(command, executable, session)
        return LookedUp(place, session, preset_policy("recommended"), dry_run=by_dry_run)

    def way(self) -> str:
        return self.met.way_to_plan

    def foresee(self, *, by_dry_run: bool = False) -> tuple[LookedUp, tuple[Finding, ...]]:
        met = self.survey(by_dry_run=True) if by_dry_run else self.met
        return met, tuple(registry.look_at_plan(met, met.plan)) if met.plan else ()

    def lay(self, **more: Any) -> PluginRail | None:
        if self.met.way_to_plan != conda.PLUGIN:
            return None
        words = tuple(self.words)
        return conda.lay(self.met, self.met.session, self.directory, typed=words, **more)

    def run(self, **more: Any) -> tuple[subprocess.CompletedProcess[bytes], Settled]:
        rail = self.lay(**more)
        assert rail is not None
        done = subprocess.run(
            list(rail.words),
            executable=shutil.which(rail.words[0], path=rail.environ["PATH"]),
            env=rail.environ,
            cwd=self.world.work,
            input=b"",
            capture_output=True,
            check=False,
        )
        return done, settled(self.met, rail.report(Result(done.returncode)))


def levels(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.level) for finding in findings]


# ---- both ways ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", BLOCKED.values(), ids=BLOCKED)
def test_the_dry_run_tells_harm_and_changes_nothing(
    mixed: World, tmp_path: Path, words: list[str]
) -> None:
    before = content(mixed.env(NAME))
    met, findings = Guarded(mixed, words, tmp_path).foresee(by_dry_run=True)
    assert met.plan_is_seen
    assert levels(findings) == [("SI201", "block")]
    assert content(mixed.env(NAME)) == before


@pytest.mark.parametrize("words", BLOCKED.values(), ids=BLOCKED)
def test_the_plugin_stops_conda_and_nothing_is_changed(
    real: World, tmp_path: Path, words: list[str]
) -> None:
    before = content(real.env(NAME))
    done, came = Guarded(real, words, tmp_path).run()
    assert done.returncode == 1
    assert came.stopped
    assert levels(came.shown) == [("SI201", "block")]
    text = done.stderr.decode()
    assert "blocked by SI201" in text
    assert text.count("CondaError") == 1
    assert "ClobberError" not in text
    assert content(real.env(NAME)) == before


def test_the_table_says_who_is_hurt(real: World, tmp_path: Path) -> None:
    done, came = Guarded(real, BLOCKED["remove"], tmp_path).run()
    (finding,) = came.shown
    row = " ".join(finding.evidence[1].split())
    assert row == "numpy conda 1.26.4 remove it pandas needs numpy<2,>=1.23"
    assert finding.evidence[1].encode() in done.stderr


def test_who_was_developed_in_place_is_hurt_too(mixed: World, tmp_path: Path) -> None:
    """``setup.py develop`` leaves a link, and the metadata beside the project."""
    project = tmp_path / "own"
    project.mkdir()
    (project / "setup.py").write_text(
        "from setuptools import setup\n"
        "setup(name='my-own', version='1', install_requires=['requests>=2'])\n"
    )
    python = f"{mixed.env(NAME)}/bin/python"
    mixed.run(["conda", "install", "-y", "setuptools"], NAME, check=True)
    develop = [python, "setup.py", "develop", "--no-deps"]
    mixed.run(develop, NAME, cwd=project, check=True)
    guarded = Guarded(mixed, ["conda", "remove", "-y", "requests"], tmp_path)
    _, (finding,) = guarded.foresee(by_dry_run=True)
    assert finding.level == "block"
    assert "my-own needs requests>=2" in finding.evidence[1]


def test_both_ways_say_the_same(real: World, tmp_path: Path) -> None:
    for number, words in enumerate([*BLOCKED.values(), HARMLESS]):
        (tmp_path / str(number)).mkdir()
        guarded = Guarded(real, words, tmp_path / str(number))
        _, ahead = guarded.foresee(by_dry_run=True)
        _, came = guarded.run()
        assert levels(ahead) == levels(came.shown), words


def test_what_does_no_harm_is_let_through(mixed: World, tmp_path: Path) -> None:
    guarded = Guarded(mixed, HARMLESS, tmp_path)
    _, findings = guarded.foresee(by_dry_run=True)
    assert levels(findings) == [("SI201", "warn")]


def test_nothing_to_do_is_no_finding(mixed: World, tmp_path: Path) -> None:
    met, findings = Guarded(mixed, NOTHING, tmp_path).foresee(by_dry_run=True)
    assert met.plan_is_seen
    assert findings == ()


@pytest.mark.parametrize("words", BLOCKED.values(), ids=BLOCKED)
@pytest.mark.parametrize("half", [False, True], ids=["nothing", "half"])
def test_it_makes_no_difference_what_is_unpacked_already(
    mixed: World, tmp_path: Path, words: list[str], half: bool
) -> None:
    """Another conda may be unpacking just now: what has no list of files is not unpacked."""
    packages = tmp_path / "pkgs"
    for name in os.listdir(mixed.store.packages) if half else ():
        (packages / name / "info").mkdir(parents=True)
    guarded = Guarded(mixed, words, tmp_path, CONDA_PKGS_DIRS=str(packages))
    _, findings = guarded.foresee(by_dry_run=True)
    assert levels(findings) == [("SI201", "block")]


def test_a_command_that_conda_refuses_is_conda_s_business(mixed: World, tmp_path: Path) -> None:
    words = ["conda", "install", "-y", "no-such-package-at-all"]
    met, findings = Guarded(mixed, words, tmp_path).foresee(by_dry_run=True)
    assert met.plan_is_seen
    assert findings == ()


def test_no_rail_where_pip_owns_nothing(mixed: World, tmp_path: Path) -> None:
    for words in (
        ["conda", "create", "-y", "-n", "other", "python"],
        ["conda", "env", "remove", "-y", "-n", NAME],
        ["conda", "install", "-y", "-n", PURE, "six"],
        ["pip", "install", "six"],
    ):
        guarded = Guarded(mixed, words, tmp_path)
        assert guarded.lay() is None, words
        assert guarded.foresee() == (guarded.met, ()), words


# ---- the plugin --------------------------------------------------------------------------------


def test_a_finding_that_is_no_harm_does_not_stop_conda(real: World, tmp_path: Path) -> None:
    done, came = Guarded(real, HARMLESS, tmp_path).run()
    assert done.returncode == 0, done.stderr.decode()
    assert not came.stopped
    assert levels(came.shown) == [("SI201", "warn")]
    assert done.stderr.decode().count("\n") == 1
    assert os.path.isdir(real.env(NAME) + "/lib/python3.11/site-packages/joblib")


def test_nothing_to_do_is_as_without_us(real: World, tmp_path: Path) -> None:
    bare = real.run(NOTHING, NAME)
    done, came = Guarded(real, NOTHING, tmp_path).run()
    assert (done.returncode, done.stderr) == (bare.returncode, bare.stderr)
    assert done.stdout == bare.stdout
    assert came.findings + came.shown == ()


def test_json_on_stdout_is_conda_s_alone(real: World, tmp_path: Path) -> None:
    done, came = Guarded(real, [*BLOCKED["over pip"], "--json"], tmp_path).run()
    document = json.loads(done.stdout)
    assert came.stopped
    assert "safeinstall" in json.dumps(document)
    (tmp_path / "again").mkdir()
    done, came = Guarded(real, [*HARMLESS, "--json"], tmp_path / "again").run()
    assert json.loads(done.stdout)["success"] is True
    assert not came.stopped


def test_env_update_is_stopped_before_pip_s_turn(real: World, tmp_path: Path) -> None:
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n  - numpy=1.21\n  - pip:\n    - cowsay\n")
    before = content(real.env(NAME))
    done, came = Guarded(real, ["conda", "env", "update", "-f", str(file)], tmp_path).run()
    assert came.stopped, done.stderr.decode()
    assert content(real.env(NAME)) == before


def test_records_of_what_pip_has_replaced_are_still_there_after_a_stop(
    real: World, tmp_path: Path
) -> None:
    """conda deletes such a record whenever it lists an environment."""
    real.run(["pip", "install", "numpy==1.24.4"], NAME, check=True)
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n  - numpy=1.21\n")
    before = content(real.env(NAME))
    for number, words in enumerate(
        (
            ["conda", "install", "-y", "numpy=1.21"],
            ["conda", "remove", "-y", "numpy"],
            ["conda", "env", "update", "-f", str(file)],
        )
    ):
        (tmp_path / str(number)).mkdir()
        done, came = Guarded(real, words, tmp_path / str(number)).run()
        assert came.stopped, done.stderr.decode()
        assert content(real.env(NAME)) == before, words


def test_a_reason_given_beforehand(real: World, tmp_path: Path) -> None:
    guarded = Guarded(real, BLOCKED["over pip"], tmp_path, SAFEINSTALL_REASON="it is mine")
    done, came = guarded.run()
    assert done.returncode == 0, done.stderr.decode()
    assert not came.stopped
    assert came.override == "it is mine"
    assert levels(came.shown) == [("SI201", "block")]


@pytest.mark.parametrize("typed", ["it is mine", ""])
def test_a_reason_typed_while_conda_waits(real: World, tmp_path: Path, typed: str) -> None:
    words = [word for word in BLOCKED["over pip"] if word != "-y"]  # with it nobody is asked
    guarded = Guarded(real, words, tmp_path)
    before = content(real.env(NAME))
    rail = guarded.lay()
    assert rail is not None
    environ = {**rail.environ, "TERM": "xterm"}
    child = pexpect.spawn(
        guarded.met.executable, guarded.words[1:], env=environ, timeout=60, encoding="utf-8"
    )
    child.expect_exact("Proceed ([y]/n)?")
    child.sendline("y")
    child.expect_exact("Type a reason")
    child.expect_exact("press Enter to stop: ")
    with pytest.raises(pexpect.TIMEOUT):  # the spinner is still
        child.expect(".", timeout=MOMENT + 0.2)  # by then somebody may have read it
    child.sendline(typed)
    child.expect(pexpect.EOF)
    child.close()
    came = settled(guarded.met, rail.report(Result(child.exitstatus)))
    assert (came.override, came.stopped) == (typed, not typed)
    assert child.exitstatus == (0 if typed else 1)
    assert (content(real.env(NAME)) == before) == (not typed)


def test_what_the_policy_says_counts(real: World, tmp_path: Path) -> None:
    with open(real.work + "/safeinstall.toml", "w") as file:
        file.write("[rules]\nSI201 = { override = 'never' }\n")
    try:
        guarded = Guarded(real, BLOCKED["over pip"], tmp_path, SAFEINSTALL_REASON="please")
        done, came = guarded.run()
    finally:
        os.unlink(real.work + "/safeinstall.toml")
    assert came.stopped
    assert b"allows no override of SI201" in done.stderr


def test_conda_in_conda_run(real: World, tmp_path: Path) -> None:
    words = ["conda", "run", "-n", NAME, *BLOCKED["over pip"]]
    before = content(real.env(NAME))
    done, came = Guarded(real, words, tmp_path).run()
    assert came.stopped, done.stderr.decode()
    assert content(real.env(NAME)) == before


@pytest.mark.parametrize("strict", [False, True])
def test_what_of_ours_is_missing_costs_nobody_a_command(
    real: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    done, came = Guarded(real, BLOCKED["over pip"], tmp_path).run(strict=strict)
    assert (done.returncode == 0) != strict, done.stderr.decode()
    said = [line for line in done.stderr.decode().splitlines() if "safeinstall:" in line]
    assert len(said) == 1
    assert "could not be judged" in said[0]
    assert levels(came.findings) == ([] if strict else [("SI201", "warn")])  # unseen: told
    told = [finding.message for finding in came.findings]
    assert all("conda has changed" in text and "would" not in text for text in told)
    offered = [finding.fixes for finding in came.findings]
    assert offered == ([] if strict else [("python -m pip check",)])  # it is active


def test_a_request_for_another_environment_is_not_for_this_one(real: World, tmp_path: Path) -> None:
    rail = Guarded(real, BLOCKED["over pip"], tmp_path).lay()
    assert rail is not None
    more = {name: rail.environ[name] for name in ("PYTHONPATH", settings.PLAN)}
    words = ["conda", "create", "-y", "-q", "-p", str(tmp_path / "e"), "six", "python"]
    done = real.run(words, NAME, environ=more)
    assert (done.returncode, done.stderr) == (0, b"")
    assert plan_request.answers(rail.directory) == []


def test_the_plugin_steps_back(tmp_path: Path) -> None:
    """What conda starts finds the variables as they were, except inside ``conda run``."""
    code = (
        "import os, safeinstall_conda_rail\n"
        "print(os.environ.get('PYTHONPATH'), 'SAFEINSTALL_PLAN' in os.environ)"
    )
    for path, argument, expected in (
        (PLUGIN, "install", "None False"),
        (f"{PLUGIN}:/x::/y", "install", "/x::/y False"),
        (PLUGIN, "run", f"{PLUGIN} True"),
    ):
        environ = {"PYTHONPATH": path, settings.PLAN: "/nowhere", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code, argument], env=environ, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == expected


# ---- which way ---------------------------------------------------------------------------------


def test_a_conda_that_takes_plugins(real: World, tmp_path: Path) -> None:
    assert Guarded(real, HARMLESS, tmp_path).way() == "plugin"
    assert Guarded(real, ["conda", "env", "update"], tmp_path).way() == "plugin"
    for more in ({"CONDA_NO_PLUGINS": "true"}, {"CONDA_SAFETY_CHECKS": "disabled"}):
        assert Guarded(real, HARMLESS, tmp_path, **more).way() == "dry-run"
    assert Guarded(real, ["conda", "--no-plugins", *HARMLESS[1:]], tmp_path).way() == "dry-run"
    python = os.path.join(os.path.dirname(real.conda), "python")
    assert Guarded(real, [python, "-m", *HARMLESS], tmp_path).way() == "plugin"
    assert Guarded(real, [python, "-I", "-m", *HARMLESS], tmp_path).way() == "dry-run"


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ("safety_checks: disabled", "dry-run"),
        ('"safety_checks": disabled', "dry-run"),
        ("{safety_checks: disabled}", "dry-run"),
        ("safety_checks:\n  disabled", "dry-run"),
        ("safety_checks: warn", "plugin"),
        ("# safety_checks: disabled", "plugin"),
        ("no_plugins: true", "dry-run"),
        ("no_plugins: false  # why not", "plugin"),
    ],
)
def test_a_condarc_counts(real: World, tmp_path: Path, line: str, way: str) -> None:
    (tmp_path / "own.yml").write_text(f"{line}\n")
    guarded = Guarded(real, HARMLESS, tmp_path, CONDARC=str(tmp_path / "own.yml"))
    assert guarded.way() == way


def test_plugins_off_is_judged_by_the_dry_run(real: World, tmp_path: Path) -> None:
    off = {"CONDA_NO_PLUGINS": "true", "CONDA_SOLVER": "classic"}
    guarded = Guarded(real, BLOCKED["requirement"], tmp_path, **off)
    assert guarded.lay() is None
    met, findings = guarded.foresee()
    assert met.plan_is_seen
    assert levels(findings) == [("SI201", "block")]


def test_where_there_is_no_way_the_early_finding_stays(template: World, tmp_path: Path) -> None:
    words = ["conda", "env", "update", "-f", "e.yml"]
    off = {"CONDA_NO_PLUGINS": "true"} if template.real else {}
    guarded = Guarded(template, words, tmp_path, **off)
    assert guarded.way() == ""
    met, findings = guarded.foresee(by_dry_run=True)
    assert not met.plan_is_seen
    assert findings == ()


def test_a_tool_that_says_nothing_is_not_trusted(
    mixed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = Guarded(mixed, HARMLESS, tmp_path, CONDA_NO_PLUGINS="1")
    for text in (
        "",
        "no json",
        "[]",
        '{"success": true, "actions": 3}',
        '{"exception_name": "CondaHTTPError"}',
    ):
        tool = tmp_path / "conda"
        tool.write_text(f"#!/bin/sh\nprintf %s '{text}'\n")
        tool.chmod(0o755)
        guarded.met = guarded.survey().replace(executable=str(tool))
        met, findings = guarded.foresee()
        assert (met.plan_is_seen, findings) == (False, ()), text


def test_the_options_of_the_dry_run_stand_before_the_end_of_options() -> None:
    assert conda_dry_run.words(("conda", "install", "--", "six")) == [
        *("conda", "install", "--dry-run", "--json", "--", "six")
    ]


# ---- mamba and micromamba ----------------------------------------------------------------------


def test_mamba_s_answer_is_read_too(mixed: World, tmp_path: Path) -> None:
    """A stand-in that answers as micromamba does: the tool itself is not here."""
    entry = {"name": "tqdm", "version": "4.65.0", "build_string": "pyhd8ed1ab_0", "channel": "x"}
    answer = {"success": True, "dry_run": True, "actions": {"LINK": [entry], "PREFIX": "/e"}}
    tool = tmp_path / "micromamba"
    tool.write_text(f"#!/bin/sh\ncat <<'E'\n{json.dumps(answer)}\nE\n")
    tool.chmod(0o755)
    words = [str(tool), "install", "-y", "-p", mixed.env(NAME), "tqdm"]
    guarded = Guarded(mixed, words, tmp_path)
    assert guarded.way() == "dry-run"
    met, findings = guarded.foresee()
    assert met.plan_is_seen
    assert levels(findings) == [("SI201", "block")]


# ---- the request -------------------------------------------------------------------------------


def test_a_request_keeps_every_byte(tmp_path: Path) -> None:
    words = ("conda", "install", "new\nline", "a=b", "\udcff", "", "🐍")
    written = plan_request.PlanRequest("/p", "/m", words, "/c", "/e", "/r", "/w", "why = so", "yes")
    assert plan_request.read(written.write(str(tmp_path))) == written
    assert os.stat(tmp_path / "request").st_mode & 0o777 == 0o600


def test_plan_is_not_for_people(tmp_path: Path) -> None:
    main = os.path.dirname(settings.__file__) + "/__main__.py"
    for arguments in ([], ["/nowhere", "/nowhere"]):
        done = subprocess.run(
            [sys.executable, "-I", "-S", main, "plan", *arguments], capture_output=True, check=False
        )
        assert done.returncode == 64
        assert b"Traceback" not in done.stderr
