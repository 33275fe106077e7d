"""A rebuild keeps to the policy, to conda's settings, and to what is the user's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.channel import write_channel
from safeinstall.sandbox.wheels import write_project
from tests import harness, kinds
from tests.cli.test_rebuild import backup_of, content, is_left, rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World


@pytest.fixture
def prefix(world: World, conda_env: str) -> Iterator[str]:
    """The prefix of an environment of this test."""
    yield world.env(conda_env)
    world.run(["rm", "-rf", os.path.join(os.path.dirname(world.env("x")), ".safeinstall")])


def policy(tmp_path: Path, text: str) -> dict[str, Any]:
    (tmp_path / "policy.toml").write_text(text)
    return {"SAFEINSTALL_POLICY": str(tmp_path / "policy.toml")}


# ---- what is asked for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["--add=--prefix=/tmp/other", "--add=tqdm"],
        ["--add-pip", "-e ."],
        ["--add-pip", "--index-url https://evil.example/simple"],
        ["--add-pip", "six\n--index-url https://evil.example/simple"],
        ["--add", "tqdm", "--channel=--override-channels"],
        ["--channel", "pytorch"],
        ["--remove", "pandas==2.1.4"],
        ["--add", ""],
    ],
)
def test_an_option_is_no_package(
    world: World, conda_env: str, prefix: str, options: list[str]
) -> None:
    before = content(world, prefix)
    rebuild(world, prefix, "--yes", *options, status=64)
    assert content(world, prefix) == before


def test_a_project_by_its_path(world: World, conda_env: str, prefix: str) -> None:
    """Relative to where the user is."""
    write_project(os.path.join(world.work, "my proj"), "thing", "1.0")
    rebuild(world, prefix, "--yes", "--add-pip", "./my proj")
    assert any(line.startswith("thing @ file://") for line in content(world, prefix)[1])


# ---- the policy --------------------------------------------------------------------------------

CHANNELS = '[sources]\nchannels = ["nowhere"]\n[rules]\nSI302 = "block"\n'
DENIED = '[packages]\ndeny = ["tqdm"]\n'


@pytest.mark.parametrize(
    ("text", "options", "rule"),
    [
        (CHANNELS, ["--add", "six"], "SI302"),
        (CHANNELS, ["--update"], "SI302"),
        (DENIED, ["--add", "tqdm"], "SI304"),
        (DENIED, ["--add-pip", "tqdm"], "SI304"),
        (DENIED, ["--add-pip", "transformers"], "SI304"),  # needs it
    ],
)
def test_the_policy_holds(
    world: World,
    conda_env: str,
    prefix: str,
    tmp_path: Path,
    text: str,
    options: list[str],
    rule: str,
) -> None:
    environ = policy(tmp_path, text)
    before = content(world, prefix)
    words = [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, "--yes", *options]
    done = world.run(words, environ=environ)
    said = done.stderr.decode()
    assert done.returncode in (1, 77), said
    assert rule in said or done.returncode == 1, said
    assert content(world, prefix) == before
    assert is_left(prefix) == []
    if done.returncode == 77:
        assert "conda create" not in said
        operation = harness.history(world, conda_env)[-1]
        assert operation["status"] in ("blocked", "failed")


def test_a_reason_is_kept(world: World, conda_env: str, prefix: str, tmp_path: Path) -> None:
    environ = policy(tmp_path, DENIED)
    environ["SAFEINSTALL_REASON"] = "the board agreed"
    rebuild(world, prefix, "--yes", "--add", "tqdm", **environ)
    (operation,) = harness.history(world, conda_env)
    assert operation["override"] == "the board agreed"
    assert [finding["rule"] for finding in operation["findings"]] == ["SI304"]


@pytest.mark.parametrize(
    "text",
    [
        DENIED + '[rules]\nSI304 = "warn"\n',
        DENIED
        + '[[exceptions]]\nrule = "SI304"\nreason = "needed there"\npackages = ["tqdm"]\n'
        + harness.REST,
    ],
)
def test_it_is_weighed_as_the_policy_says(
    world: World, conda_env: str, prefix: str, tmp_path: Path, text: str
) -> None:
    rebuild(world, prefix, "--yes", "--add", "tqdm", **policy(tmp_path, text))
    assert any(item.startswith("tqdm-") for item in content(world, prefix)[0])


# ---- conda -------------------------------------------------------------------------------------


def test_pins_hold(world: World, conda_env: str, prefix: str) -> None:
    """The sandbox's conda knows pins by the variable only."""
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    pin = "numpy 1.26.*"
    rebuild(world, prefix, "--yes", "--update", CONDA_PINNED_PACKAGES=pin)
    assert any(item.startswith("numpy-1.26") for item in content(world, prefix)[0])


def test_what_goes_with_what_is_left_out_is_shown(
    world: World, conda_env: str, prefix: str
) -> None:
    world.run(["conda", "install", "-y", "pandas=2.1.4"], conda_env, check=True)
    said = rebuild(world, prefix, "--dry-run", "--remove", "pytz")
    assert "pytz" in said
    assert "pandas" in said
    rebuild(world, prefix, "--yes", "--remove", "pytz")
    names = {item.split("-")[0] for item in content(world, prefix)[0]}
    assert not names & {"pytz", "pandas"}


def test_what_conda_can_no_longer_have(
    world: World, conda_env: str, prefix: str, tmp_path: Path
) -> None:
    """A package that came from a file which is gone; it can be left out."""
    package = Package("ghost", "1", files={"share/ghost": File(b"")})
    write_channel(str(tmp_path / "channel"), [package])
    environ = {"CONDA_PKGS_DIRS": str(tmp_path / "pkgs")}
    words = ["conda", "install", "-y", "-c", f"file://{tmp_path}/channel", "ghost"]
    world.run(words, conda_env, environ=environ, check=True)
    shutil.rmtree(tmp_path / "channel")
    shutil.rmtree(tmp_path / "pkgs")
    said = rebuild(world, prefix, "--yes", status=1)
    assert "conda can no longer have ghost 1 0; without it: --remove ghost" in said
    rebuild(world, prefix, "--yes", "--remove", "ghost")
    assert not os.path.exists(f"{prefix}/share/ghost")


# ---- what is the user's ------------------------------------------------------------------------


def test_nothing_is_dropped_without_a_word(world: World, conda_env: str, prefix: str) -> None:
    place = Path(prefix)
    mine = ["data/__pycache__/mine.txt", "data/model.pyc", "conda-meta/notes.txt", "conda-meta/x/y"]
    for path in mine:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text("mine")
    (place / "data" / "empty").mkdir()
    os.mkfifo(place / "data" / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(place / "data")
        listening.bind("socket")
        os.chdir("/")
    with (place / "data" / "sparse").open("wb") as file:
        file.write(b"begin")
        file.seek(1 << 30)
        file.write(b"end")
        file.truncate((1 << 30) + (1 << 20))
    size = (place / "data" / "sparse").stat().st_size
    said = rebuild(world, prefix, "--yes")
    assert all((place / path).read_text() == "mine" for path in mine)
    assert (place / "data" / "empty").is_dir()
    assert "data/pipe" in said
    assert "data/socket" in said
    assert (place / "data" / "sparse").stat().st_size == size
    assert (place / "data" / "sparse").stat().st_blocks * 512 < 1 << 22
    with (place / "data" / "sparse").open("rb") as file:
        file.seek(1 << 30)
        assert file.read(3) == b"end"


def test_edits_of_conda_s_files_are_named(world: World, conda_env: str, prefix: str) -> None:
    world.run(["conda", "install", "-y", "six"], conda_env, check=True)
    module = kinds.site_packages(prefix) / "six.py"
    text = module.read_text()
    module.unlink()
    module.write_text(text + "# mine\n")
    said = rebuild(world, prefix, "--yes")
    assert "six.py is not as conda has written it" in said
    assert module.read_text() == text
    inside = os.path.relpath(module, prefix)
    assert Path(backup_of(prefix), inside).read_text() == text + "# mine\n"


def test_owner_and_group(world: World, tmp_path: Path) -> None:
    """With conda's files copied, as on another file system: a hard link is the cache's as well."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    prefix = str(tmp_path / "shared")
    words = ["conda", "create", "-y", "-q", "-p", prefix, "python", "pip"]
    world.run(words, check=True)
    for directory, _, files in os.walk(prefix):
        os.chown(directory, 12345, 12346)
        os.chmod(directory, 0o2775)
        for name in files:
            path = os.path.join(directory, name)
            if os.lstat(path).st_nlink == 1:
                os.chown(path, 12345, 12346, follow_symlinks=False)
    (Path(prefix) / "mine").write_text("")
    os.chown(f"{prefix}/mine", 12345, 12346)
    rebuild(world, prefix, "--yes")
    for path in ("", "bin", "lib", "conda-meta", "mine", "conda-meta/history"):
        status = os.stat(os.path.join(prefix, path))
        assert (status.st_uid, status.st_gid) == (12345, 12346), path
    assert stat.S_IMODE(os.stat(f"{prefix}/lib").st_mode) == 0o2775


def test_what_lies_beside_the_packages_is_not_run(
    world: World, conda_env: str, prefix: str, tmp_path: Path
) -> None:
    script = kinds.site_packages(prefix) / "mine.py"
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('x')\n")
    rebuild(world, prefix, "--yes")
    assert script.exists()
    assert not (tmp_path / "ran").exists()


# ---- ways to fail ------------------------------------------------------------------------------


def test_where_there_is_no_place_nothing_stays(world: World, conda_env: str, prefix: str) -> None:
    """And the guard works on."""
    if os.geteuid() != 0:
        pytest.skip("only root can forbid it to root")
    above = os.path.dirname(prefix)
    if subprocess.run(["chattr", "+i", above], capture_output=True).returncode:
        pytest.skip("this file system knows no attributes")
    try:
        said = rebuild(world, prefix, "--yes", status=70)
    finally:
        subprocess.run(["chattr", "-i", above], check=True)
    assert "Operation not permitted" in said
    done = harness.run(world, ["pip", "uninstall", "-y", "nothing-here"], conda_env)
    assert (done.returncode, b"internal" in done.stderr) == (0, False)
    rebuild(world, prefix, "--yes")


def test_where_another_user_has_the_backups(world: World, conda_env: str, prefix: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    place = Path(os.path.dirname(prefix), ".safeinstall")
    place.mkdir(mode=0o700, exist_ok=True)
    os.chown(place, 12345, 12345)
    own = place.with_name(f".safeinstall-{os.getuid()}")
    try:
        rebuild(world, prefix, "--yes")
        assert len(list((own / conda_env).iterdir())) == 1
        assert list(place.iterdir()) == []
    finally:
        os.chown(place, os.getuid(), os.getgid())
        world.run(["rm", "-rf", str(own)])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_it_alone(world: World, conda_env: str, prefix: str, number: int) -> None:
    before = content(world, prefix)
    with subprocess.Popen(
        [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, "--yes"],
        env=world.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        said = next((line for line in process.stderr if b"conda's layer" in line), b"").decode()
        process.send_signal(number)
        said += process.stderr.read().decode()
    if "made anew" not in said:  # it was quicker
        assert process.returncode != 0
        assert "is as it was" in said, said
    assert is_left(prefix) == []
    assert content(world, prefix) == before


def test_no_process_is_left(world: World, conda_env: str, prefix: str) -> None:
    kinds.installed(prefix, "slow", {})
    place = kinds.site_packages(prefix) / "slow" / "__init__.py"
    place.write_text("import time\ntime.sleep(60)\n")
    rebuild(world, prefix, "--yes", "--add-pip", "no-such-package", status=1)
    running = [p for p in psutil.process_iter() if _is_of(p, prefix)]
    assert running == []


def _is_of(process: psutil.Process, prefix: str) -> bool:
    try:
        return any(word.startswith(prefix) for word in process.cmdline())
    except psutil.Error:
        return False


def test_the_journal_cannot_be_written_in_the_end(
    world: World, conda_env: str, prefix: str
) -> None:
    """It says what is done, and the next command writes it down."""
    if os.geteuid() != 0:
        pytest.skip("only root can forbid it to root")
    places = [f"{world.home}/.local/state/safeinstall", f"{prefix}/.safeinstall"]
    rebuild(world, prefix, "--yes")
    kinds.installed(prefix, "trap", {})
    locking = ["chattr", "-R", "+i", *places]
    (kinds.site_packages(prefix) / "trap" / "__init__.py").write_text(
        f"import subprocess\nif '/{conda_env}/' not in __file__:\n    subprocess.run({locking})\n"
    )
    info = next(kinds.site_packages(prefix).glob("trap-*.dist-info"))
    rows = (info / "RECORD").read_text().splitlines()
    kept = [row if "trap/__init__.py" not in row else "trap/__init__.py,," for row in rows]
    (info / "RECORD").write_text("\n".join(kept) + "\n")
    try:
        words = [sys.executable, "-m", "safeinstall", "rebuild", "-p", prefix, "--yes"]
        done = world.run(words)
    finally:
        everywhere = [places[0], os.path.dirname(prefix)]
        subprocess.run(["chattr", "-R", "-i", *everywhere], check=False, capture_output=True)
    said = done.stderr.decode()
    assert done.returncode == 74, said
    operation = harness.history(world, conda_env)[-1]
    anew = os.path.exists(f"{os.path.dirname(prefix)}/.safeinstall/{conda_env}/{operation['op']}")
    assert ("is made anew, but" if anew else "is as it was") in said, said
    rebuild(world, prefix, "--dry-run")
    assert is_left(prefix) == []
    (again,) = [item for item in harness.history(world, conda_env) if item["op"] == operation["op"]]
    assert again["status"] == ("done" if anew else "interrupted")
