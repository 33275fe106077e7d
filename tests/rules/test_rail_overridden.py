"""SI104: the ecosystem's own marks, and the tools' own ways past them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import Environment, Forced
from safeinstall.probe import protection
from safeinstall.rules import rail_overridden
from tests import harness
from tests.rules.facts import facts_of
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

STRICT = "[policy]\npreset = 'strict'\n"
SAID = "handed over to pip; ask the platform team"
PEP_668 = """\
; written by hand
[other]
Error=not this one
[externally-managed]
Error-de=Nein
Error=This belongs to the platform team.

 Ask them,
 or make a venv.
Other = x
"""


@pytest.fixture(scope="module")
def marked(world: World) -> Iterator[str]:
    """An environment with both marks; no test changes it."""
    name = f"marked{os.getpid()}"
    prefix = world.create_env(name, "python", "pip", "tqdm")
    write(f"{prefix}/conda-meta/frozen", json.dumps({"message": SAID}))
    write(f"{prefix}/lib/python3.11/EXTERNALLY-MANAGED", PEP_668)
    write(f"{world.home}/strict.toml", STRICT)
    yield name
    world.remove_env(name)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def tried(world: World, line: str, env: str, **more: str) -> tuple[int, str]:
    """Exit status and stderr, in one line, under the strictest preset."""
    environ = {"SAFEINSTALL_POLICY": f"{world.home}/strict.toml", **more}
    done = harness.run(world, line.split(), env, environ=environ)
    return done.returncode, " ".join(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("line", "more", "by"),
    [
        ("conda install -y --override-frozen six", {}, "--override-frozen"),
        ("conda install -y --override-f six", {}, "--override-frozen"),
        ("conda remove -y --override-frozen tqdm", {}, "--override-frozen"),
        (
            "conda install -y six",
            {"CONDA_PROTECT_FROZEN_ENVS": "False"},
            "CONDA_PROTECT_FROZEN_ENVS=False",
        ),
        ("pip install --break-system-packages six", {}, "--break-system-packages"),
        ("pip install --break six", {}, "--break-system-packages"),
        ("pip uninstall -y --break-system-packages tqdm", {}, "--break-system-packages"),
        ("pip install six", {"PIP_BREAK_SYSTEM_PACKAGES": "1"}, "PIP_BREAK_SYSTEM_PACKAGES"),
    ],
)
def test_who_forces_is_stopped(
    world: World, marked: str, line: str, more: dict[str, str], by: str
) -> None:
    status, text = tried(world, line, marked, **more)
    assert status == 77, text
    assert "blocked by SI104 rail-overridden" in text
    assert f"and {by} forces the way." in text
    assert (SAID if "conda" in line else "This belongs to the platform team.") in text


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("conda create -y -n {} tqdm", "conda create"),
        ("conda create -y -n {} --clone base", "conda create"),
        ("conda env create -n {} -f e.yml", "conda env create"),
        ("conda rename -y -n {} other", "conda rename"),
    ],
)
def test_some_commands_never_ask_for_the_mark(
    world: World, marked: str, line: str, by: str
) -> None:
    write(f"{world.work}/e.yml", "dependencies:\n  - tqdm\n")
    answer = harness.check(world, line.format(marked).split())
    (finding,) = [found for found in answer["findings"] if found["rule"] == "SI104"]
    assert finding["level"] == "warn"
    assert finding["message"] == f"{marked} is frozen, and {by} forces the way. It says: {SAID}"


def test_a_frozen_one_in_the_way_of_a_renamed_one(
    world: World, marked: str, conda_env: str
) -> None:
    write(f"{world.create_env('way')}/conda-meta/frozen", '{"message": "do not touch"}')
    for source in (conda_env, marked):
        answer = harness.check(world, ["conda", "rename", "-y", "-n", source, "way"])
        (finding,) = [found for found in answer["findings"] if found["rule"] == "SI104"]
        expected = "way is frozen, and conda rename forces the way. It says: do not touch"
        assert finding["message"] == expected
    world.remove_env("way")


@pytest.mark.real_conda
def test_conda_really_does_not_ask(world: World, conda_env: str) -> None:
    write(f"{world.env(conda_env)}/conda-meta/frozen", "")
    for words in (
        ["conda", "rename", "-y", "-n", conda_env, "ren"],
        ["conda", "create", "-y", "-n", "ren", "six"],
    ):
        write(f"{world.env(words[words.index('-n') + 1])}/conda-meta/frozen", "")
        done = harness.run(world, words)
        assert done.returncode == 0, done.stderr.decode()
        assert b"warning SI104" in done.stderr
    world.remove_env("ren")


@pytest.mark.parametrize(
    ("line", "more", "refusal"),
    [
        ("conda install -y six", {}, "frozen"),
        ("conda install -y six", {"CONDA_PROTECT_FROZEN_ENVS": "true"}, "frozen"),
        ("pip install six", {}, "externally-managed-environment"),
        ("pip install six", {"PIP_BREAK_SYSTEM_PACKAGES": "0"}, "externally-managed-environment"),
    ],
)
def test_who_does_not_is_left_to_the_tool(
    world: World, marked: str, line: str, more: dict[str, str], refusal: str
) -> None:
    done = harness.run(world, line.split(), marked, environ=more)
    assert done.returncode == 1
    assert refusal in (done.stdout + done.stderr).decode()
    assert b"SI104" not in done.stderr


def test_pip_by_its_configuration(world: World, marked: str) -> None:
    config = f"{world.env(marked)}/pip.conf"
    write(config, "[global]\nbreak-system-packages = true\n")
    try:
        status, text = tried(world, "pip install six", marked)
        assert (status, "break-system-packages in pip.conf" in text) == (77, True)
    finally:
        os.unlink(config)


def test_conda_by_its_configuration(world: World, marked: str) -> None:
    config = f"{world.env(marked)}/.condarc"
    write(config, "protect_frozen_envs: false\n")
    try:
        status, text = tried(world, "conda install -y six", marked)
        assert (status, "protect_frozen_envs: false in .condarc" in text) == (77, True), text
    finally:
        os.unlink(config)


@pytest.mark.skipif(not UV, reason="uv is not here")
@pytest.mark.parametrize("variable", [False, True])
def test_uv(world: World, marked: str, variable: bool) -> None:
    option = "" if variable else "--break-system-packages"
    more = {"UV_BREAK_SYSTEM_PACKAGES": "1"} if variable else {}
    python = f"{world.env(marked)}/bin/python"
    status, text = tried(world, f"{UV} pip install {option} --python {python} six", marked, **more)
    assert status == 77, text
    assert "UV_BREAK_SYSTEM_PACKAGES" in text if variable else "--break-system-packages" in text


def test_it_is_a_warning_in_one_line_as_a_rule(world: World, conda_env: str) -> None:
    write(f"{world.env(conda_env)}/conda-meta/frozen", "")
    done = harness.run(world, ["conda", "install", "-y", "--override-frozen", "six"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    (line,) = [line for line in done.stderr.decode().splitlines() if "SI104" in line]
    assert line.endswith("is frozen, and --override-frozen forces the way.")


# ---- what the marks say ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("{}", ""),
        ("[1]", ""),
        ("not JSON", ""),
        ('{"message": 3}', ""),
        ('{"message": " two\\nlines "}', "two\nlines"),
        ("\udcff", ""),
    ],
)
def test_frozen(tmp_path: Path, text: str, reason: str) -> None:
    mark = tmp_path / "frozen"
    mark.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert protection.frozen_reason(str(mark)) == reason
    assert protection.frozen_reason(str(tmp_path / "none")) == ""


def test_externally_managed(tmp_path: Path) -> None:
    mark = tmp_path / "EXTERNALLY-MANAGED"
    mark.write_text(PEP_668)
    said = "This belongs to the platform team.\n\nAsk them,\nor make a venv."
    assert protection.managed_reason(str(mark)) == said
    mark.write_text("[externally-managed]\n")
    assert protection.managed_reason(str(mark)) == ""


LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(st.lists(LINES.filter(lambda line: line[0] not in "#;"), min_size=1, max_size=5))
def test_as_pip_reads_it(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    import configparser

    text = "[externally-managed]\nError = " + "\n  ".join(lines) + "\n"
    mark = tmp_path_factory.mktemp("mark") / "EXTERNALLY-MANAGED"
    mark.write_text(text, encoding="utf-8")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    assert protection.managed_reason(str(mark)) == parser["externally-managed"]["Error"]


# ---- the words -----------------------------------------------------------------------------------


def test_a_long_or_wild_reason_stays_readable() -> None:
    reason = "\n".join(["\x1b[31mred " + "x" * 300, *(f"line {number}" for number in range(20))])
    forced = Forced("/mark", "--override-frozen", reason)
    found = rail_overridden.look(facts_of("conda install six", forced=forced))
    assert found is not None
    assert "\x1b" not in found.message
    assert all(len(line) <= 100 for line in found.evidence)
    assert found.evidence[-1] == "and 15 more lines"


@pytest.mark.parametrize(
    ("line", "kind", "fix"),
    [
        ("conda install six", "conda", "conda create -n nlp-new python=3.11 pip six"),
        ("mamba install six", "conda", "mamba create -n nlp-new python=3.11 pip six"),
        (
            "pip install six",
            "conda",
            "conda create -n nlp-new python=3.11 pip && conda run -n nlp-new ",
        ),
        ("pip install six", "system", "python3 -m venv .venv && .venv/bin/python -m pip install"),
        ("pip uninstall six", "system", ""),
        ("conda remove six", "conda", ""),
        ("conda create -n nlp six", "conda", "conda create -n nlp-new six"),
        ("conda rename -n nlp other", "conda", ""),
    ],
)
def test_an_environment_of_ones_own_is_offered(line: str, kind: str, fix: str) -> None:
    environment = Environment("/opt/nlp", kind, name="nlp", python="3.11")  # type: ignore[arg-type]
    found = rail_overridden.look(
        facts_of(line, environment=environment, forced=Forced("/mark", "it"))
    )
    assert found is not None
    assert (found.fixes[0] if found.fixes else "").startswith(fix)
    assert bool(found.fixes) == bool(fix)
