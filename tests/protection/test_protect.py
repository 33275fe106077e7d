"""Rails in an environment: what they refuse without us, and that they go without a trace."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.cli import protect as command
from safeinstall.errors import OutputError
from safeinstall.protection import lay
from tests import harness
from tests.protection.conftest import BARE, Scene, long

if TYPE_CHECKING:
    from safeinstall.protection.nouns import Laid, Step
    from safeinstall.sandbox.world import World

OTHER = "numpy==2.1.3"  # of what conda owns
FROZEN = "conda-meta/frozen"


def protection(scene: Scene) -> dict[str, str]:
    """The rails with their states."""
    report = json.loads(scene.ours("status", "--json"))
    return {rail["name"]: rail["state"] for rail in report["protected"]}


def test_there_and_back(scene: Scene) -> None:
    before = scene.files()
    assert "Nothing was changed" in scene.ours("protect", "--dry-run")
    assert scene.files() == before
    assert scene.ours("protect").startswith(f"{scene.name}: protected\n")
    assert set(protection(scene).values()) == {"laid"}
    laid = scene.files()
    assert {".condarc", "pip.conf", "etc/safeinstall/conda-owns.txt"} <= laid.keys()
    assert "(as it was)" in scene.ours("protect")
    assert scene.files() == laid
    assert "is removed" in scene.ours("unprotect", "--dry-run")
    assert scene.files() == laid
    assert scene.ours("unprotect", "-y") == f"{scene.name}: not protected any more\n"
    assert scene.files() == before
    assert "is not protected" in scene.ours("unprotect", "-y", status=64)


def test_pip_itself_refuses(scene: Scene) -> None:
    scene.ours("protect")
    done = scene.bare("bin/python", "-m", "pip", "--isolated", "install", OTHER)
    assert done.returncode == 1
    assert b"ResolutionImpossible" in done.stderr
    shell = scene.world.run(["sh", "-c", f"pip install {OTHER}"], scene.name, environ=BARE)
    assert b"The user requested (constraint) numpy===1.26.4" in shell.stdout + shell.stderr
    cleared = ["env", "-i", "SAFEINSTALL=off", str(scene / "bin/pip"), "install", "--no-index"]
    assert scene.bare(*cleared, OTHER).returncode == 1
    assert scene.bare("bin/pip", "install", "cowsay").returncode == 0
    assert scene.bare("bin/pip", "install", "--upgrade", "numpy").returncode == 0  # as it is


@long
def test_where_the_path_has_blanks_and_letters_of_any_language(scene: Scene) -> None:
    place = os.path.join(scene.world.work, "mein env ü 中")
    done = scene.world.run(["conda", "create", "-yq", "-p", place, "python", "pip", "numpy=1.26"])
    assert done.returncode == 0, done.stderr
    scene.ours("protect", "-p", place)
    pip = [os.path.join(place, "bin", "pip"), "install"]
    refused = scene.world.run([*pip, OTHER], environ=BARE)
    assert b"ResolutionImpossible" in refused.stderr
    assert scene.world.run([*pip, "cowsay"], environ=BARE).returncode == 0
    scene.ours("unprotect", "-y", "-p", place)
    shutil.rmtree(place)


def test_conda_itself_refuses_what_was_handed_over(scene: Scene) -> None:
    assert "as soon as pip owns something here" in scene.ours("protect", "--freeze")
    assert not (scene / FROZEN).exists()
    assert scene.guarded("pip", "install", "cowsay").returncode == 0
    refused = scene.bare("conda", "install", "-y", "tqdm")
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert b"EnvironmentIsFrozenError" in said
    assert f"safeinstall rebuild -n {scene.name} --add PACKAGE".encode() in said
    assert scene.guarded("conda", "install", "-y", "tqdm").returncode == 1
    assert scene.bare("bin/pip", "install", "tqdm").returncode == 0


@long
def test_conda_itself_writes_over_no_file_of_pip_s(scene: Scene) -> None:
    scene.ours("protect")
    scene.bare("bin/pip", "install", "six==1.17.0")
    refused = scene.bare("conda", "install", "-y", "six")
    assert refused.returncode == 1
    assert b"ClobberError" in refused.stdout + refused.stderr


@long
def test_what_was_there_comes_back(scene: Scene) -> None:
    conf, condarc = scene / "pip.conf", scene / ".condarc"
    conf.write_bytes(b"[install]\r\nno-compile = true\r\n[global]\nquiet = 0")
    conf.chmod(0o640)
    condarc.write_bytes(b"# mine\nshow_channel_urls: true")
    before = scene.files()
    scene.ours("protect")
    assert b"ResolutionImpossible" in scene.bare("bin/pip", "install", OTHER).stderr
    assert conf.stat().st_mode & 0o777 == 0o640
    scene.ours("unprotect", "-y")
    assert scene.files() == before


@long
def test_what_is_not_ours_stays(scene: Scene) -> None:
    """Each rail by itself: the others are laid."""
    (scene / "pip.conf").symlink_to(scene / "other.conf")
    (scene / ".condarc").write_text("path_conflict: warn\n")
    (scene / FROZEN).write_text("{}")
    scene.bare("bin/pip", "install", "cowsay")
    before = scene.files()
    said = scene.ours("protect", "--freeze", status=1)
    assert f"not laid: {scene / 'pip.conf'} is a link" in said
    assert f"not laid: {scene / '.condarc'} says path_conflict: warn, and stays so" in said
    assert f"not laid: {scene / FROZEN} is there already, and stays as it is" in said
    scene.ours("unprotect", "-y")
    assert scene.files() == before


@long
def test_constraints_of_others_hold_as_well(scene: Scene) -> None:
    """pip reads those of one pip.conf only, and ours comes before the user's."""
    home = Path(scene.world.home, "own constraints.txt")
    home.write_text("six==1.16.0\n")
    config = Path(scene.world.home, ".config", "pip", "pip.conf")
    text = config.read_text()
    config.write_text(f"{text}constraint = {home.parent}/own%20constraints.txt\n")
    shutil.copy(home, f"{home.parent}/own%20constraints.txt")
    try:
        scene.ours("protect")
        for pip in (scene.bare, scene.guarded):
            assert b"1.16.0" in pip("pip", "install", "--dry-run", "six==1.17.0").stdout
            assert pip("pip", "install", "--dry-run", "six==1.17.0").returncode == 1
    finally:
        config.write_text(text)


@long
def test_what_was_edited_since_is_left(scene: Scene) -> None:
    before = scene.files()
    scene.ours("protect")
    conf = scene / "pip.conf"
    conf.write_text(conf.read_text() + "no-compile = true\n")
    said = scene.ours("unprotect", "-y", status=1)
    assert f"{conf} was changed since, and stays" in said
    assert "no-compile" in conf.read_text()
    assert scene.bare("bin/pip", "install", "cowsay").returncode == 0  # what it names is there
    scene.bare("bin/pip", "uninstall", "-y", "cowsay")
    scene.ours("unprotect", "-y", "--force")
    assert scene.files() == before


@long
def test_an_edited_file_that_is_protected_again_keeps_the_edit(scene: Scene) -> None:
    scene.ours("protect")
    conf = scene / "pip.conf"
    conf.write_text("[list]\nformat = json\n" + conf.read_text())
    scene.ours("protect")
    scene.ours("unprotect", "-y")
    assert conf.read_text() == "[list]\nformat = json\n"


def test_an_interrupted_protect_can_be_taken_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = scene.world.environ(scene.name)
    session = settings.Session(settings.read(environ), environ, "/")
    before, change, done = scene.files(), lay._change, list[str]()

    def fail(prefix: str, step: Step, laid: Laid | None) -> None:
        if done:
            raise OSError(28, "No space left on device")
        done.append(step.path)
        change(prefix, step, laid)

    monkeypatch.setattr(lay, "_change", fail)
    wish = command.Wish(("safeinstall", "protect"))
    with pytest.raises(OutputError, match="No space"):
        command.protect(scene.prefix, session, wish, sys.stdout)
    assert scene.files() != before
    scene.ours("unprotect", "-y")
    assert scene.files() == before


def test_it_is_in_the_journal(scene: Scene) -> None:
    scene.ours("protect")
    scene.ours("unprotect", "-y")
    done = harness.history(scene.world, scene.name)
    told = [(" ".join(each["argv"][:2]), each["status"]) for each in done]
    assert told[-2:] == [("safeinstall protect", "done"), ("safeinstall unprotect", "done")]
    assert '"rails":["constraints laid","pip.conf laid"' in (
        scene / ".safeinstall/journal.jsonl"
    ).read_text(encoding="utf-8")


BY_PYENV = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*")))


@pytest.mark.parametrize("prefix", ["/usr", *BY_PYENV[:1]])
def test_what_is_the_system_s_is_refused(scene: Scene, prefix: str) -> None:
    if os.path.isdir(os.path.join(prefix, "bin")):
        assert "belongs to the operating system" in scene.ours("protect", "-p", prefix, status=64)


def test_a_venv_and_what_is_somebody_else_s_are_refused(scene: Scene, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    assert "no conda environment" in scene.ours("protect", "-p", str(tmp_path / "v"), status=64)
    if os.geteuid() == 0:
        os.chown(scene.prefix, 12345, -1)
        assert "belongs to another user" in scene.ours("protect", status=64)
        os.chown(scene.prefix, 0, -1)


# ---- base --------------------------------------------------------------------------------------


def test_pip_says_in_the_user_s_language_why_base_is_closed(
    fresh_world: World, tmp_path: Path
) -> None:
    scene = Scene(fresh_world, "base")
    scene.ours("protect", "-n", "base")
    said = scene.bare("bin/pip", "install", "six")
    assert said.returncode == 1
    assert b"This is the base environment" in said.stderr
    assert b"safeinstall unprotect -n base" in said.stderr
    make = ["localedef", "-i", "zh_CN", "-f", "UTF-8", str(tmp_path / "zh_CN.UTF-8")]
    if shutil.which("localedef") and subprocess.run(make, capture_output=True).returncode == 0:
        chinese = {"LANG": "zh_CN.UTF-8", "LOCPATH": str(tmp_path)}
        said = scene.bare("bin/pip", "install", "six", **chinese)
        assert "这是 base 环境" in said.stderr.decode()
    given = {"SAFEINSTALL_REASON": "six is needed in base"}
    assert scene.guarded("pip", "install", "six", **given).returncode == 0
    assert "base: not protected any more" in scene.ours("setup", "--remove")
    assert not list(Path(scene.prefix).glob("lib/*/EXTERNALLY-MANAGED"))


def test_an_update_of_python_moves_the_mark(fresh_world: World) -> None:
    other = harness.other_python()
    scene = Scene(fresh_world, "base")
    scene.ours("protect", "-n", "base")
    done = scene.guarded(
        *("conda", "install", "-y", "-n", "base", f"python={other}"),
        SAFEINSTALL_REASON="to see what follows",
    )
    assert done.returncode == 0, done.stderr
    assert b"EXTERNALLY-MANAGED laid" in done.stderr
    assert [path.parent.name for path in Path(scene.prefix).glob("lib/*/EXTERNALLY-MANAGED")] == [
        f"python{other}"
    ]
