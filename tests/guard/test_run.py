"""From what is typed to the record, with real pip and a real conda engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

NOTHING_CHANGES = [
    ["pip", "--version"],
    ["pip", "list"],
    ["pip", "show", "pip"],
    ["pip", "no-such-command"],
    ["pip", "install"],
    ["pip", "install", "no-such-package-at-all"],
    ["pip", "install", "--no-such-option"],
    ["pip", "install", "pip"],
    ["pip", "uninstall", "-y", "no-such-package-at-all"],
    ["python", "-c", "import sys; print(sys.argv); sys.exit(5)", "pip", "install"],
    ["python", "-m", "pip", "freeze"],
    ["conda", "--version"],
    ["conda", "list"],
    ["conda", "no-such-command"],
    ["conda", "install", "-y", "no-such-package-at-all"],
    ["conda", "install", "-y", "pip"],
    ["conda", "install", "-y", "--dry-run", "six"],
]


@pytest.mark.parametrize("words", NOTHING_CHANGES, ids=" ".join)
def test_streams_and_status_are_as_without_us(
    world: World, conda_env: str, words: list[str]
) -> None:
    bare = world.run(words, conda_env)
    guarded = harness.run(world, words, conda_env)
    assert guarded.returncode == bare.returncode
    assert _steady(guarded.stdout) == _steady(bare.stdout)
    assert _steady(guarded.stderr) == _steady(bare.stderr)


def _steady(output: bytes) -> list[bytes]:
    """Without what differs between two runs of the same tool: progress and durations."""
    return [line for line in output.splitlines() if b"..." not in line and b"took" not in line]


def test_a_pip_install_is_let_through_and_recorded(world: World, conda_env: str) -> None:
    done = harness.run(world, ["pip", "install", "six==1.16.0"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Successfully installed six-1.16.0" in done.stdout
    assert done.stderr == b""
    (operation,) = harness.history(world, conda_env)
    assert operation["status"] == "done"
    assert operation["verdict"] == "allow"
    assert operation["exit_code"] == 0
    assert operation["argv"] == ["pip", "install", "six==1.16.0"]
    assert operation["environment"]["prefix"] == world.env(conda_env)
    (change,) = operation["changes"]
    assert change["name"] == "six"
    assert change["before"] is None
    assert change["after"]["version"] == "1.16.0"
    assert change["after"]["owner"] == "pip"


def test_conda_over_pip_is_stopped_and_changes_nothing(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    before = content(world.env(conda_env))
    done = harness.run(world, ["conda", "install", "-y", "six"], conda_env)
    assert done.returncode == 77
    text = done.stderr.decode()
    assert "SI201" in text
    assert "pip install six" not in text  # it is there
    assert "safeinstall rebuild --add six" in text
    assert content(world.env(conda_env)) == before
    (operation,) = harness.history(world, conda_env)
    assert operation["status"] == "blocked"
    assert operation["findings"][0]["rule"] == "SI201"
    assert operation["changes"] == []


def test_conda_beside_pip_is_let_through_with_a_line(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "tqdm"], conda_env, check=True)
    done = harness.run(world, ["conda", "install", "-y", "six"], conda_env)
    assert done.returncode == 0
    assert b"warning SI201" in done.stderr
    (operation,) = harness.history(world, conda_env)
    assert (operation["status"], operation["verdict"]) == ("done", "warn")
    assert "six" in [change["name"] for change in operation["changes"]]


def content(prefix: str) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in Path(prefix).rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and ".safeinstall" not in path.parts
        and path.suffix != ".pyc"  # Python's own, written by whatever runs
    }


def test_the_fix_that_a_block_names_works(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    answer = harness.check(world, ["conda", "install", "-y", "six"], conda_env)
    assert answer["status"] == 77
    fix = answer["findings"][0]["fixes"][0]
    done = world.run(["bash", "-c", f"{sys.executable} -m {fix} --yes"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert harness.check(world, ["conda", "install", "-y", "six"], conda_env)["status"] == 0


def test_conda_creates_and_removes_whole_environments(world: World) -> None:
    name = "whole"
    try:
        done = harness.run(world, ["conda", "create", "-y", "-n", name, "python", "pip", "six"])
        assert done.returncode == 0, done.stderr.decode()
        assert b"safeinstall" not in done.stderr
        world.run(["pip", "install", "tqdm"], name, check=True)
        done = harness.run(world, ["conda", "env", "remove", "-y", "-n", name])
        assert done.returncode == 0, done.stderr.decode()
        assert not os.path.exists(os.path.join(world.env(name), "conda-meta", "history"))
        created, drift, removed = harness.history(world, name)
    finally:
        world.remove_env(name)
    statuses = [operation["status"] for operation in (created, drift, removed)]
    assert statuses == ["done", "drift", "done"]
    assert "six" in [change["name"] for change in created["changes"]]
    gone = {change["name"]: change for change in removed["changes"]}
    assert gone["six"]["after"] is None
    assert gone["tqdm"]["before"]["owner"] == "pip"


@pytest.mark.parametrize(
    "words",
    [
        ["conda", "install", "-y", "-n", "{env}", "six"],
        ["conda", "install", "-y", "-p", "{prefix}", "six"],
        ["conda", "run", "-n", "{env}", "conda", "install", "-y", "six"],
        ["conda", "run", "-n", "{env}", "/bin/bash", "-c", "conda install -y six"],
    ],
    ids=" ".join,
)
def test_conda_after_pip_however_it_is_named(
    world: World, conda_env: str, words: list[str]
) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    filled = [word.format(env=conda_env, prefix=world.env(conda_env)) for word in words]
    answer = harness.check(world, filled)
    assert harness.rules(answer) == ["SI201"]
    assert answer["status"] == 77
    assert answer["environment"]["prefix"] == world.env(conda_env)


def test_pip_inside_conda_run_is_judged_where_it_runs(world: World, conda_env: str) -> None:
    words = ["conda", "run", "-n", conda_env, "python", "-m", "pip", "install", "six"]
    answer = harness.check(world, words)
    assert answer["verdict"] == "allow"
    assert answer["environment"]["prefix"] == world.env(conda_env)
    assert harness.run(world, words).returncode == 0
    (operation,) = harness.history(world, conda_env)
    assert operation["changes"][0]["name"] == "six"


def test_base_is_guarded_unless_conda_looks_after_itself(world: World) -> None:
    assert harness.rules(harness.check(world, ["conda", "install", "six"])) == ["SI101"]
    assert harness.rules(harness.check(world, ["conda", "install", "six"], "base")) == ["SI101"]
    assert harness.check(world, ["conda", "install", "six"], "base")["status"] == 77
    named = harness.check(world, ["conda", "install", "-n", "base", "six"])
    assert (named["status"], named["verdict"], harness.rules(named)) == (0, "warn", ["SI101"])
    assert harness.check(world, ["conda", "update", "-n", "base", "conda"])["verdict"] == "allow"
    lost = harness.check(world, ["conda", "remove", "-n", "base", "--force", "openssl"])
    assert harness.rules(lost) == ["SI101"]
    assert harness.check(world, ["conda", "update", "conda"])["verdict"] == "allow"
    assert harness.rules(harness.check(world, ["pip", "install", "six"], "base")) == ["SI101"]
    path = os.path.join(world.root, "bin", "pip")
    assert harness.check(world, [path, "install", "six"])["verdict"] == "warn"


def test_the_wrong_pip(world: World, conda_env: str, tmp_path: Path) -> None:
    """The environment has no pip, so PATH leads on to another environment's."""
    (tmp_path / "nopip.yml").write_text("add_pip_as_python_dependency: false\n")
    create = ["conda", "create", "-y", "-n", "nopip", "python"]
    world.run(create, environ={"CONDARC": str(tmp_path / "nopip.yml")}, check=True)
    bare, other = world.env("nopip"), os.path.join(world.env(conda_env), "bin")
    try:
        more = {"environ": {"PATH": f"{bare}/bin:{other}:{world.environ()['PATH']}"}}
        done = harness.run(world, ["pip", "install", "six"], "nopip", **more)
        assert done.returncode == 77
        text = done.stderr.decode()
        assert "SI102" in text
        assert "conda install -n nopip pip && " in text
        explicit = [f"{other}/pip", "install", "six"]
        assert harness.run(world, explicit, "nopip", **more).returncode == 0
    finally:
        world.remove_env("nopip")


def test_a_venv_inside_an_active_conda_environment(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    python = os.path.join(world.env(conda_env), "bin", "python")
    make = [python, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path)]
    world.run(make, conda_env, check=True)
    path = f"{tmp_path}/bin:{world.environ(conda_env)['PATH']}"
    environ = {"VIRTUAL_ENV": str(tmp_path), "PATH": path}
    install = ["python", "-m", "pip", "install", "six"]
    done = harness.run(world, install, conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / ".safeinstall" / "journal.jsonl").exists()
    wrong = harness.run(world, ["pip", "install", "six"], conda_env, environ=environ)
    assert wrong.returncode == 77  # conda's pip, while the venv is the inner one


def test_going_on_for_a_reason(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    words = ["conda", "install", "-y", "six"]
    environ = {"SAFEINSTALL_REASON": "  the feedstock is ours "}
    done = harness.run(world, words, conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    (operation,) = harness.history(world, conda_env)
    assert operation["override"] == "the feedstock is ours"
    assert operation["verdict"] == "block"
    assert operation["status"] == "done"
    option = [*harness.GUARD, "run", "--reason=it is ours", "--", "conda", "install", "-y", "idna"]
    assert world.run(option, conda_env).returncode == 0


def test_a_placeholder_is_no_reason(world: World, conda_env: str) -> None:
    """The block's own line, pasted as it is; a word to get past it; the option."""
    world.run(["pip", "install", "six"], conda_env, check=True)
    words = ["conda", "install", "-y", "six"]
    for given, option in (("why", []), ("x", []), ("", ["--reason=please"])):
        environ = {"SAFEINSTALL_REASON": given}
        command = [*harness.GUARD, "run", *option, "--", *words]
        done = world.run(command, conda_env, environ=environ)
        assert done.returncode == 77
        assert done.stderr.decode().count("A reason takes two words or more") == 1
        if given:
            command = [*harness.GUARD, "check", "--", *words]
            assert world.run(command, conda_env, environ=environ).returncode == 77
    assert {item["status"] for item in harness.history(world, conda_env)} == {"blocked"}


def test_what_no_reason_overrides(world: World, conda_env: str, tmp_path: Path) -> None:
    (tmp_path / "safeinstall.toml").write_text("[rules]\nSI201 = { override = 'never' }\n")
    world.run(["pip", "install", "six"], conda_env, check=True)
    words = ["conda", "install", "-y", "six"]
    environ = {"SAFEINSTALL_REASON": "please"}
    done = harness.run(world, words, conda_env, environ=environ, cwd=tmp_path)
    assert done.returncode == 77
    assert "allows no override of SI201" in done.stderr.decode()


def test_switched_off(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    done = harness.run(
        world, ["conda", "install", "-y", "six"], conda_env, environ={"SAFEINSTALL": "off"}
    )
    assert done.returncode == 0
    assert harness.history(world, conda_env) == []


def test_a_broken_policy_stops_what_would_change_something(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    (tmp_path / "safeinstall.toml").write_text("[rules]\n\nSI101 = 'loud'\n")
    done = harness.run(world, ["pip", "install", "six"], conda_env, cwd=tmp_path)
    assert done.returncode == 78
    assert f"{tmp_path}/safeinstall.toml:3:9: " in done.stderr.decode()
    assert harness.run(world, ["pip", "list"], conda_env, cwd=tmp_path).returncode == 0


def test_a_tool_that_is_not_there(world: World) -> None:
    environ = {"PATH": "/nowhere"}
    done = world.run([*harness.GUARD, "run", "--", "pip", "install", "x"], environ=environ)
    assert done.returncode == 127
    assert done.stderr == b"safeinstall: pip: command not found\n"


@pytest.mark.parametrize(
    "arguments", [[], ["--"], ["pip", "install"], ["--reason"], ["--no", "--", "pip"]], ids=" ".join
)
def test_wrong_use_of_run(world: World, arguments: list[str]) -> None:
    done = world.run([*harness.GUARD, "run", *arguments])
    assert done.returncode == 64
    assert b"usage: safeinstall run" in done.stderr


def test_arguments_pass_byte_for_byte(world: World, conda_env: str, tmp_path: Path) -> None:
    """A tool that reports its arguments stands in for pip; the real pip's turn is above."""
    tool = tmp_path / "pip"
    tool.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    tool.chmod(0o755)
    odd = [b"install", b"new\nline", b'it\'s "quoted"', "🐍".encode(), b"\xff\xfe", b"", b"--"]
    variables = world.environ(conda_env)
    command = [*(word.encode() for word in harness.GUARD), b"run", b"--", bytes(tool), *odd]
    for extra in ({}, {"LC_ALL": "C"}):
        done = subprocess.run(command, capture_output=True, env={**variables, **extra}, check=False)
        assert done.stdout.split(b"\0")[:-1] == odd, done.stderr


def test_an_environment_that_is_gone(world: World, conda_env: str) -> None:
    variables = world.environ(conda_env)
    shutil.rmtree(world.env(conda_env))
    for words in (["conda", "install", "-y", "six"], ["pip", "install", "six"]):
        done = world.run([*harness.GUARD, "run", "--", *words], environ=variables)
        assert b"Traceback" not in done.stderr
        assert b"internal error" not in done.stderr
        assert not os.path.exists(os.path.join(world.env(conda_env), ".safeinstall"))


def test_a_prefix_that_cannot_be_written_is_recorded_in_the_mirror(
    world: World, conda_env: str
) -> None:
    if os.geteuid() == 0:
        blocker = Path(world.env(conda_env), ".safeinstall")
        blocker.write_text("a file where the directory would be: not even root can write there")
    else:
        os.chmod(world.env(conda_env), 0o555)
    done = harness.run(world, ["pip", "install", "six"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    os.chmod(world.env(conda_env), 0o755)
    assert [operation["status"] for operation in harness.history(world, conda_env)] == ["done"]


def test_a_journal_with_one_copy_is_told_of_once(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    Path(world.env(conda_env), ".safeinstall").symlink_to(tmp_path)
    done = harness.run(world, ["pip", "install", "six"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr.count(b"one copy only") == 1
    assert [item["status"] for item in harness.history(world, conda_env)] == ["done"]


def test_two_at_once_wait_for_each_other(world: World, conda_env: str, tmp_path: Path) -> None:
    variables = world.environ(conda_env, SAFEINSTALL_LOCK_TIMEOUT="0.3")
    prefix = world.env(conda_env)
    slow = Path(prefix, "bin", "slow-pip")
    tool = Path(prefix, "bin", "pip3.11")
    slow.write_text(f"#!{prefix}/bin/python\nimport time; print('in', flush=True); time.sleep(3)\n")
    slow.chmod(0o755)
    shutil.copy(slow, tool)
    command = [*harness.GUARD, "run", "--"]
    with subprocess.Popen(
        [*command, "pip3.11", "install", "x"], env=variables, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        second = subprocess.run(
            [*command, "pip", "install", "six"], env=variables, capture_output=True, check=False
        )
        assert second.returncode == 75
        assert b"waiting up to 0.3 s" in second.stderr
        patient = {**variables, "SAFEINSTALL_LOCK_TIMEOUT": "60"}
        third = subprocess.run(
            [*command, "pip", "install", "six"], env=patient, capture_output=True, check=False
        )
        assert third.returncode == 0, third.stderr
        assert first.wait() == 0


HEAVY = ("typer", "rich", "psutil", "packaging", "filelock", "importlib.metadata")
COSTLY = ("typing", "re", "enum", "dataclasses", "json", "pathlib", "subprocess", "tomllib", "yaml")


@pytest.mark.parametrize(
    "words",
    [["pip", "install", "six"], ["conda", "install", "-y", "six"], ["pip", "list"]],
    ids=" ".join,
)
def test_what_is_imported_before_the_tool_starts(
    world: World, conda_env: str, tmp_path: Path, words: list[str]
) -> None:
    """A trace of imports, cut where the tool is started; what can be remembered is remembered."""
    time.sleep(2.1)  # a configuration file that is younger is read each time
    harness.check(world, words, conda_env)
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import os, sys\n"
        "def tell(*_, **__):\n"
        "    os.write(1, '\\n'.join(sys.modules).encode()); os._exit(0)\n"
        "os.posix_spawn = os.execve = tell\n"
        f"sys.path.append({os.path.dirname(os.path.dirname(harness.MAIN))!r})\n"
        "from safeinstall.__main__ import main\n"
        f"sys.argv = ['safeinstall', 'run', '--', *{words!r}]\n"
        "main()\n"
    )
    done = world.run([*harness.GUARD[:3], str(probe)], conda_env)
    imported = done.stdout.decode().split("\n")
    assert "safeinstall.guard.run" in imported, done.stderr.decode()
    assert not [name for name in imported if name in (*HEAVY, *COSTLY)]
