"""Warnings of the real tools: from their output, which stays as it is, to the history."""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from safeinstall.rails import listener
from safeinstall.sandbox import channel
from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.wheels import write_project
from safeinstall.sandbox.world import World
from tests import harness
from tests.argv.oracle import VERSIONS
from tests.rails.railway import pythonpath

if TYPE_CHECKING:
    from collections.abc import Sequence

PIP = ["python", "-m", "pip"]
CONFLICT = "pandas 2.1.4 requires numpy<2,>=1.23, but you have numpy 2.1.3 which is incompatible."
SEEN = ("PYTHONPATH", "SAFEINSTALL_LISTEN", "SAFEINSTALL_PLAN")


def said(done: harness.Completed) -> list[str]:
    """Our lines on stderr about warnings."""
    start = "safeinstall: warning SI402 tool-warned: "
    return [line for line in done.stderr.decode().splitlines() if line.startswith(start)]


def last(world: World, name: str) -> dict[str, Any]:
    """The newest operation."""
    return harness.history(world, name)[-1]


def site(world: World, name: str) -> Path:
    """The site-packages of an environment."""
    (found,) = Path(world.env(name), "lib").glob("python*/site-packages")
    return found


def project(directory: Path, text: str) -> str:
    """A project that runs ``text`` when it is built."""
    write_project(str(directory), "told", "1.0")
    backend = directory / "backend.py"
    backend.write_text(backend.read_text().replace("import ", f"{text}\nimport ", 1))
    return str(directory)


# ---- pip ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_a_conflict_is_named_and_kept(world: World, conda_env: str, version: str) -> None:
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    words = [*PIP, "install", "numpy==2.1.3"]
    done = harness.run(world, words, conda_env, environ=pythonpath(version))
    assert done.returncode == 0
    assert CONFLICT.encode() in done.stderr
    (line,) = said(done)
    assert "tool-warned: pandas 2.1.4 needs numpy<2,>=1.23; here is numpy 2.1.3. Run: " in line
    command = line.partition("Run: ")[2]
    assert command == "python -m pip install numpy==2.1.3 pandas"
    operation = last(world, conda_env)
    assert operation["warnings"][1:] == [CONFLICT]
    # pip itself comes from a directory in PYTHONPATH here
    assert [finding["rule"] for finding in operation["findings"]] == ["SI106", "SI402"]
    assert (operation["status"], operation["verdict"]) == ("done", "warn")


def test_history_shows_them(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    harness.run(world, ["pip", "install", "numpy==2.1.3"], conda_env)
    command = [sys.executable, "-m", "safeinstall", "history"]
    shown = world.run([*command, "show", "last", "-p", world.env(conda_env)]).stdout.decode()
    assert CONFLICT in shown
    assert "warn" in world.run([*command, "-p", world.env(conda_env)]).stdout.decode()


def test_switched_off_the_line_is_gone_and_the_record_is_not(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text("[rules]\nSI402 = 'off'\n")
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    environ = {"SAFEINSTALL_POLICY": str(tmp_path / "policy.toml")}
    done = harness.run(world, ["pip", "install", "numpy==2.1.3"], conda_env, environ=environ)
    assert said(done) == []
    operation = last(world, conda_env)
    assert (operation["verdict"], operation["findings"]) == ("allow", [])
    assert operation["warnings"][1:] == [CONFLICT]


@pytest.mark.parametrize(
    "verb", harness.few([["install", "cowsay"], ["uninstall", "-y", "six"]], 1)
)
def test_what_pip_has_left_behind_is_removed_by_the_command(
    world: World, conda_env: str, verb: list[str]
) -> None:
    world.run(["pip", "install", "six"], conda_env, check=True)
    left = site(world, conda_env) / "~umpy-1.21.6.dist-info"
    left.mkdir()
    (left / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.21.6\n")
    done = harness.run(world, ["pip", *verb], conda_env)
    assert done.stderr.count(b"Ignoring invalid distribution") >= 1
    (line,) = said(done)
    assert len(last(world, conda_env)["warnings"]) == 1
    subprocess.run(line.partition("Run: ")[2], shell=True, check=True)
    assert not left.exists()
    assert said(harness.run(world, ["pip", "install", "tqdm"], conda_env)) == []


def test_files_that_pip_has_no_list_of(world: World, conda_env: str) -> None:
    old = site(world, conda_env) / "cowsay-5.0.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: cowsay\nVersion: 5.0\n\n")
    (old / "RECORD").write_text("")
    done = harness.run(world, ["pip", "install", "-U", "cowsay"], conda_env)
    assert done.returncode == 0, done.stderr.decode()
    (line,) = said(done)
    assert "no list of the files of cowsay" in line


def test_what_a_rule_has_said_already(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    environ = {"SAFEINSTALL_REASON": "a throw-away"}
    done = harness.run(world, ["pip", "install", "tensorflow"], conda_env, environ=environ)
    assert done.returncode == 0
    assert b"scipy 1.7.3 requires numpy" in done.stderr
    assert said(done) == []
    assert any("scipy 1.7.3 requires numpy" in line for line in last(world, conda_env)["warnings"])


def test_what_was_stopped_keeps_its_warnings(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    (site(world, conda_env) / "~umpy-1.dist-info").mkdir()
    done = harness.run(world, ["pip", "install", "tensorflow"], conda_env)
    assert done.returncode == 77
    assert b"SI402" not in done.stderr
    operation = last(world, conda_env)
    assert operation["status"] == "blocked"
    assert "~umpy" in operation["warnings"][0]


def test_a_virtual_environment(world: World, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    more = {"VIRTUAL_ENV": str(venv), "PATH": f"{venv}/bin{os.pathsep}{os.environ['PATH']}"}
    world.run(["pip", "install", "pandas==2.1.4"], environ=more, check=True)
    done = harness.run(world, ["pip", "install", "numpy==2.1.3"], environ=more)
    assert "pandas 2.1.4 needs numpy" in said(done)[-1]
    # from elsewhere: this pip only starts the one that works
    aside = ["pip", "--python", str(venv / "bin/python"), "install", "pandas==2.1.4", "numpy<2"]
    assert said(harness.run(world, aside, environ=more)) == []
    again = [*aside[:4], "numpy==2.1.3"]
    assert "pandas 2.1.4 needs numpy" in said(harness.run(world, again, environ=more))[-1]


def test_where_nobody_can_listen_pip_s_own_log_tells_why_it_stopped(
    world: World, conda_env: str
) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], conda_env, check=True)
    for options in (["-I"], ["-Es"]):
        words = ["python", *options, "-m", "pip", "install", "tensorflow"]
        done = harness.run(world, words, conda_env)
        assert done.returncode == 77, options
        assert b"numpy 1.21.6 would have become" in done.stderr


# ---- pip's streams -----------------------------------------------------------------------------

FAILS = "print('this is why'); raise SystemExit('no compiler')"


@pytest.mark.parametrize("version", harness.few([VERSIONS[0], VERSIONS[-1], *VERSIONS[1:-1]], 2))
@pytest.mark.parametrize("options", [[], ["-q"], ["-v"]], ids=" ".join)
def test_why_a_build_failed_is_shown_as_without_us(
    world: World, conda_env: str, tmp_path: Path, version: str, options: list[str]
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)  # a rail is laid
    broken = project(tmp_path / "broken", FAILS)
    words = [*PIP, "install", *options, "--no-build-isolation", broken]
    environ = pythonpath(version)
    bare = world.run(words, conda_env, environ=environ)
    done = harness.run(world, words, conda_env, environ=environ)
    assert b"this is why" in bare.stdout + bare.stderr
    assert (done.returncode, unhurried(done.stdout)) == (bare.returncode, unhurried(bare.stdout))
    assert unhurried(done.stderr).endswith(unhurried(bare.stderr))


def unhurried(output: bytes) -> bytes:
    """Without durations and the names of temporary files."""
    return re.sub(rb"\d+\.\d+s|/tmp/\S+", b"", output)


def test_a_terminal_is_pip_s_own(world: World, conda_env: str, tmp_path: Path) -> None:
    """The spinner of a build, colours, the width of the terminal."""
    words = ["pip", "install", "--no-build-isolation", project(tmp_path / "p", FAILS)]
    environ = {**world.environ(conda_env), "TERM": "xterm-256color"}

    def transcript(command: Sequence[str]) -> str:
        child = pexpect.spawn(
            shutil.which(command[0], path=environ["PATH"]) or command[0],
            list(command[1:]),
            env=environ,
            cwd=world.work,
            dimensions=(24, 100),
            timeout=60,
            encoding="utf-8",
        )
        child.expect(pexpect.EOF)
        child.close()
        return re.sub(r"/tmp/\S+|\x08.|\d+\.\d+s", "", str(child.before))

    bare = transcript(words)
    assert "\x1b[" in bare
    assert "Preparing metadata" in bare
    guarded = transcript([*harness.GUARD, "run", "--", *words])
    assert guarded.endswith(bare)
    assert "this is why" in guarded


def test_the_users_log_is_the_users(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    texts = []
    for name, run in (("bare", world.run), ("guarded", lambda *a: harness.run(world, *a))):
        run(["pip", "install", "--log", str(tmp_path / name), "numpy"], conda_env)
        lines = (tmp_path / name).read_text().splitlines()
        texts.append([re.sub(r"/tmp/\S+|-c \S+", "", line[24:]) for line in lines])
    bare, guarded = (
        {line for line in text if "constraint" not in line and "conda-owns" not in line}
        for text in texts
    )
    assert guarded == bare


# ---- the guest -----------------------------------------------------------------------------------


def test_what_is_built_finds_the_variables_as_they_were(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    text = (
        "import json, os\n"
        f"json.dump([os.environ.get(name) for name in {SEEN!r}], open({str(told)!r}, 'w'))"
    )
    directory = project(tmp_path / "p", text)
    for options, path in (([], None), (["-q"], "/x:/y"), (["-q"], None)):
        environ = {"PYTHONPATH": path} if path else {}
        words = ["pip", "install", *options, "--no-build-isolation", directory]
        told.unlink(missing_ok=True)
        world.run(words, conda_env, environ=environ)
        bare = json.loads(told.read_text())
        told.unlink()
        harness.run(world, words, conda_env, environ=environ)
        assert json.loads(told.read_text()) == bare
    into = ["--python-version", "3.11", "--no-deps", "--target", str(tmp_path / "t")]
    told.unlink()
    harness.run(world, ["pip", "install", *into, "--no-build-isolation", directory], conda_env)
    assert json.loads(told.read_text()) == [None] * len(SEEN)


@pytest.mark.parametrize("shown", ["always", "error::ResourceWarning"])
def test_where_python_shows_every_warning(world: World, conda_env: str, shown: str) -> None:
    words = ["pip", "install", "no-such-thing"]
    bare = world.run(words, conda_env, environ={"PYTHONWARNINGS": shown})
    done = harness.run(world, words, conda_env, environ={"PYTHONWARNINGS": shown})
    assert (done.stdout, done.stderr) == (bare.stdout, bare.stderr)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_the_pip_that_another_one_starts(world: World, conda_env: str, by: str) -> None:
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    python = f"{world.env(conda_env)}/bin/python"
    options, environ = ([], {"PIP_PYTHON": python})
    if by == "option":
        options, environ = (["--python", python], {})
    words = ["pip", *options, "install", "numpy==2.1.3"]
    done = harness.run(world, words, conda_env, environ=environ)
    assert done.returncode == 0
    assert CONFLICT in last(world, conda_env)["warnings"]


@pytest.mark.parametrize(
    ("line", "is_other"),
    [
        ("conda run pip install x", True),
        ("conda -v run pip install x", True),
        ("conda shell.posix activate", True),
        ("conda install -n run x", False),
        ("conda install run", False),
    ],
)
def test_a_conda_that_starts_another(
    line: str, is_other: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sitecustomize", pytest)  # it expects to be one itself
    theirs = runpy.run_path(os.path.join(listener._GUEST, "sitecustomize.py"))
    monkeypatch.setattr(sys, "argv", line.split())
    assert theirs["starts_another_conda"]() is is_other


def test_what_conda_starts_finds_the_variables_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugin = os.path.join(os.path.dirname(listener._GUEST), "conda_plugin")
    for line, stays in (("conda run x", True), ("conda install -n run x", False)):
        monkeypatch.setenv("SAFEINSTALL_PLAN", "/nowhere")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join((plugin, "/mine")))
        monkeypatch.setattr(sys, "argv", line.split())
        runpy.run_path(os.path.join(plugin, "safeinstall_conda_rail.py"))
        assert ("SAFEINSTALL_PLAN" in os.environ) is stays
        assert os.environ["PYTHONPATH"].endswith("/mine")
        assert (plugin in os.environ["PYTHONPATH"]) is stays


@pytest.mark.skipif(
    os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "sitecustomize.py")),
    reason="this Python brings its own, which comes first",
)
@pytest.mark.parametrize("text", ["print('mine')", "raise ValueError('mine')", "import no_such"])
def test_the_module_of_the_same_name_is_let_in(world: World, conda_env: str, text: str) -> None:
    (site(world, conda_env) / "sitecustomize.py").write_text(text)
    words = ["pip", "install", "no-such-thing"]
    bare = world.run(words, conda_env)
    done = harness.run(world, words, conda_env)
    assert (done.stdout, done.stderr) == (bare.stdout, bare.stderr)
    assert b"mine" in bare.stdout + bare.stderr or b"no_such" in bare.stderr


def test_a_directory_that_cannot_be_written_costs_nothing(world: World, conda_env: str) -> None:
    words = ["pip", "install", "no-such-thing"]
    bare = world.run(words, conda_env)
    for seat in ("pip,resolver /nowhere/at/all", "pip", "", "conda,pip /dev/null"):
        environ = {"PYTHONPATH": listener._GUEST, "SAFEINSTALL_LISTEN": seat}
        done = world.run(words, conda_env, environ=environ)
        assert (done.stdout, done.stderr) == (bare.stdout, bare.stderr)


def test_the_guest_can_be_read_by_old_pythons() -> None:
    text = Path(listener._GUEST, "sitecustomize.py").read_text()
    ast.parse(text, feature_version=(3, 5))
    assert "__future__" not in text


@pytest.fixture
def standin(tmp_path: Path) -> dict[str, str]:
    """A conda that is not here: an older one's words, by an older one's way of saying them."""
    package = tmp_path / "lib" / "conda" / "cli"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "main.py").write_text(
        "import logging, sys\n"
        "handler = logging.StreamHandler(sys.stderr)\n"
        "handler.setFormatter(logging.Formatter("
        "'%(levelname)s %(name)s:%(funcName)s(%(lineno)d): %(message)s'))\n"
        "log = logging.getLogger('conda.base.context')\n"
        "log.addHandler(handler)\n"
        "def main():\n"
        "    sys.stdout.write('Solving environment: ')\n"
        "    log.warning('Conda is constrained to only using the old .tar.bz2 file format '\n"
        "        'because you have conda-build installed, and it is <3.18.3.')\n"
        "    print('\\b\\b/', end='')\n"
        "    print('50%\\r', end='', file=sys.stderr)\n"
        "    print('done')\n"
        "    print(sys.stdout.isatty(), sys.stdout.fileno(), sys.stdout.encoding)\n"
        "    sys.stderr.writelines(['a\\n', 'b\\n'])\n"
        "    sys.stdout.flush()\n"
        "    sys.stdout.buffer.write(b'\\xff\\n')\n"
        "    return sys.stdout is sys.__stdout__\n"
    )
    return {"PYTHONPATH": str(tmp_path / "lib")}


def test_words_of_an_older_conda(standin: dict[str, str], tmp_path: Path) -> None:
    from safeinstall.rails import tool_output

    words = [sys.executable, "-c", "from conda.cli.main import main; print(main())"]
    environ = {**os.environ, **standin}
    bare = subprocess.run(words, env=environ, capture_output=True, check=True)
    lent = {
        "PYTHONPATH": f"{listener._GUEST}:{standin['PYTHONPATH']}",
        "SAFEINSTALL_LISTEN": f"conda {tmp_path}",
    }
    done = subprocess.run(words, env={**environ, **lent}, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (bare.stdout, bare.stderr)
    (one,) = tool_output.heard(str(tmp_path))
    assert one.lines[0].startswith("WARNING conda.base.context:main(8): Conda is constrained")
    assert (tmp_path / "conda.err").read_text().splitlines()[1:] == ["a", "b"]


# ---- conda -------------------------------------------------------------------------------------

NAME = "heard"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with the real conda and a cache of packages of its own, which is damaged on purpose;
    its channel ``chan`` has packages that share a file.
    """
    created = World.create(tmp_path_factory.mktemp("heard"), os.environ["SAFEINSTALL_TEST_CONDA"])
    rc = Path(created.home, ".condarc")
    rc.write_text(rc.read_text().replace(f"{created.store.packages}-real", f"{created.home}/pkgs"))
    shared = [
        Package(
            name=name,
            version="1.0",
            files={"share/same": File(name.encode()), f"share/{name}": File(b"x")},
        )
        for name in ("one", "other", "third")
    ]
    channel.write_channel(f"{created.directory}/chan", shared)
    yield created
    created.close()


@pytest.fixture
def kept(real: World) -> Iterator[World]:
    """The same, with a fresh environment."""
    real.create_env(NAME, "python", "pip", "requests")
    yield real
    real.remove_env(NAME)


def install(world: World, *words: str) -> list[str]:
    return ["conda", "install", "-y", "-c", f"file://{world.directory}/chan", *words]


@pytest.mark.real_conda
def test_two_packages_with_one_file(kept: World) -> None:
    refused = {"CONDA_PATH_CONFLICT": "prevent"}
    done = harness.run(kept, install(kept, "one", "other"), NAME, environ=refused)
    assert b"ClobberError" in done.stderr
    assert (done.returncode, said(done)) == (1, [])
    environ = {"CONDA_PATH_CONFLICT": "warn"}
    done = harness.run(kept, install(kept, "one", "other"), NAME, environ=environ)
    assert done.returncode == 0
    (line,) = said(done)
    assert "one and other brought the same file share/same" in line
    assert line.endswith(f"Run: conda remove -n {NAME} other")
    done = harness.run(kept, install(kept, "third"), NAME, environ=environ)
    assert "third was linked over a file that was there: share/same" in said(done)[0]
    assert "ClobberWarning" in last(kept, NAME)["warnings"][0]


@pytest.mark.real_conda
def test_a_pin_that_was_passed_over(kept: World) -> None:
    Path(kept.env(NAME), "conda-meta", "pinned").write_text("six=1.15\n")
    words = ["conda", "install", "-y", "--solver", "classic", "six=1.16"]
    (line,) = said(harness.run(kept, words, NAME))
    assert "passed over the pin six=1.15" in line
    assert last(kept, NAME)["warnings"][0].startswith("WARNING conda.core.solve:_add_specs")


@pytest.mark.real_conda
def test_an_inconsistent_environment_also_where_conda_fails(kept: World) -> None:
    (record,) = Path(kept.env(NAME), "conda-meta").glob("urllib3-*.json")
    record.unlink()
    words = ["conda", "install", "-y", "--solver", "classic", "no-such-package-at-all"]
    done = harness.run(kept, words, NAME)
    assert done.returncode == 1
    words = ["conda", "install", "-y", "--solver", "classic", "six"]
    done = harness.run(kept, words, NAME)
    (line,) = said(done)
    assert "lack what they need: requests" in line
    assert line.endswith(f"conda update -n {NAME} requests")


@pytest.mark.real_conda
def test_a_damaged_copy_is_mended_by_the_command(kept: World) -> None:
    kept.run(install(kept, "one"), NAME, check=True)
    kept.run(["conda", "remove", "-y", "one"], NAME, check=True)
    copy = Path(kept.home, "pkgs", "one-1.0-0", "share", "one")
    copy.write_text("longer than it was")
    (line,) = said(harness.run(kept, install(kept, "one"), NAME))
    command = line.partition("Run: ")[2]
    assert command.startswith(f"rm -r {kept.home}/pkgs/one-1.0-0 && conda install")
    full = f"{command} -y -c file://{kept.directory}/chan"
    subprocess.run(["sh", "-c", full], env=kept.environ(NAME), check=True, capture_output=True)
    assert Path(kept.env(NAME), "share", "one").read_text() == "x"


@pytest.mark.real_conda
def test_what_conda_keeps_to_itself_of_the_pip_it_starts(kept: World, tmp_path: Path) -> None:
    """conda shows pip's stdout, and of a pip that succeeded nothing else."""
    kept.run(["pip", "install", "pandas==2.1.4"], NAME, check=True)
    file = tmp_path / "e.yml"
    file.write_text("channles: [x]\ndependencies:\n- pip\n- pip:\n  - numpy==2.1.3\n")
    words = ["conda", "env", "update", "-n", NAME, "-f", str(file)]
    done = harness.run(kept, words, NAME)
    assert done.returncode == 0, done.stderr.decode()
    assert CONFLICT.encode() not in done.stderr
    (line,) = said(done)
    assert "pandas 2.1.4 needs numpy<2,>=1.23; here is numpy 2.1.3 (and 1 more)" in line
    warnings = last(kept, NAME)["warnings"]
    assert CONFLICT in warnings
    assert " - channles" in warnings


@pytest.mark.real_conda
@pytest.mark.parametrize(
    "words",
    [
        ["conda", "install", "-y", "six"],
        ["conda", "install", "-y", "--json", "idna"],
        # once in thirty times the threads of the rattler solver abort conda, bare as guarded
        ["conda", "install", "-y", "--solver", "classic", "no-such-package-at-all"],
        ["conda", "run", "pip", "install", "no-such-package-at-all"],
    ],
    ids=" ".join,
)
def test_conda_s_streams_are_as_without_us(kept: World, words: list[str]) -> None:
    runs = []
    kept.run(["conda", "install", "-y", "--download-only", "six", "idna"], NAME)
    for run in (kept.run, lambda *a: harness.run(kept, *a)):
        runs.append(run(words, NAME))
        kept.remove_env(NAME)
        kept.create_env(NAME, "python", "pip", "requests")
    bare, done = runs
    assert done.returncode == bare.returncode
    assert unhurried(done.stdout) == unhurried(bare.stdout)
    lines = [line for line in done.stderr.splitlines() if not line.startswith(b"safeinstall:")]
    typed = [re.sub(rb" -c \S+/conda-owns.txt", b"", line) for line in lines]
    # conda lists channels in no order
    assert sorted(typed) == sorted(bare.stderr.splitlines())


@pytest.mark.real_conda
def test_a_terminal_is_conda_s_own(kept: World) -> None:
    """The spinner turns, the question is asked where it is answered."""
    environ = {**kept.environ(NAME), "TERM": "xterm"}
    command = [*harness.GUARD, "run", "--", "conda", "install", "six"]
    child = pexpect.spawn(command[0], command[1:], env=environ, timeout=60, encoding="utf-8")
    child.expect_exact("Solving environment: ")
    child.expect(r"[-\\|/]\x20?\x08")
    child.expect_exact("Proceed ([y]/n)? ")
    child.sendline("y")
    child.expect_exact("Executing transaction: ")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
