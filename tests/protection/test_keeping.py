"""Rails go along with what the guard does, and never say a second "no" to what it lets through."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.probe.environment import describe
from safeinstall.protection import keep, ledger
from tests import harness
from tests.protection.conftest import Scene, long
from tests.protection.test_protect import FROZEN, OTHER, protection

if TYPE_CHECKING:
    pass

OWNED = "etc/safeinstall/conda-owns.txt"
GIVEN = {"SAFEINSTALL_REASON": "a test of what follows"}


def test_it_is_renewed_with_what_conda_owns(scene: Scene) -> None:
    scene.ours("protect")
    done = scene.guarded("conda", "install", "-y", "-q", "tqdm")
    assert f"protection of {scene.name}: constraints renewed".encode() in done.stderr
    assert "tqdm===" in (scene / OWNED).read_text()
    scene.bare("conda", "remove", "-y", "-q", "tqdm")
    said = scene.ours("status")
    assert "is out of date: etc/safeinstall/conda-owns.txt" in " ".join(said.split())
    command = re.findall(r"safeinstall (protect.*)", said)[-1]
    scene.ours(*command.split())
    assert "tqdm===" not in (scene / OWNED).read_text()
    assert "1 problem" not in scene.ours("status")


@long
def test_what_somebody_has_taken_out_stays_out(scene: Scene) -> None:
    scene.ours("protect")
    (scene / ".condarc").unlink()
    scene.guarded("conda", "install", "-y", "-q", "tqdm")
    assert not (scene / ".condarc").exists()
    assert protection(scene)["path_conflict"] == "gone"
    assert f"safeinstall protect -p {scene.prefix}" in scene.ours(
        "doctor", "-p", scene.prefix, status=1
    )


def test_a_reason_covers_it(scene: Scene) -> None:
    scene.ours("protect", "--freeze")
    assert scene.guarded("pip", "install", OTHER).returncode == 77
    done = scene.guarded("pip", "install", OTHER, **GIVEN)
    assert done.returncode == 0, done.stderr
    assert (scene / FROZEN).exists()  # by now pip owns something
    forced = scene.guarded("conda", "install", "-yq", "--override-frozen", "tqdm", **GIVEN)
    assert forced.returncode == 0, forced.stderr


def test_what_the_resolver_finds_out_is_explained(scene: Scene) -> None:
    """pip stops at constraints of the guard, which are known to be its own."""
    scene.guarded("conda", "install", "-y", "-q", "numpy=2")
    scene.ours("protect")
    done = scene.guarded("pip", "install", "scipy==1.11.4")
    assert done.returncode == 77
    assert b"blocked by SI202" in done.stderr
    assert harness.advice(done)


@long
def test_what_the_policy_allows_goes_through(scene: Scene, tmp_path: Path) -> None:
    scene.ours("protect")
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[[exceptions]]\nrule = "SI202"\npackages = ["numpy"]\nreason = "ours"\n' + harness.REST
    )
    done = scene.guarded("pip", "install", OTHER, SAFEINSTALL_POLICY=str(policy))
    assert done.returncode == 0, done.stderr


def test_made_anew_it_is_protected_as_before(scene: Scene) -> None:
    scene.bare("bin/pip", "install", "cowsay")
    (scene / "pip.conf").write_text("[list]\nformat = columns\n")
    scene.ours("protect", "--freeze")
    before = protection(scene)
    forced = scene.guarded("conda", "install", "-yq", "--override-frozen", "tqdm")
    assert b"SI104" in forced.stderr
    scene.ours("rebuild", "--yes", "--add", "six")
    assert protection(scene) == before
    assert "six===" in (scene / OWNED).read_text()
    assert scene.bare("conda", "install", "-y", "pytz").returncode == 1  # frozen
    new = f"{scene.name}2"
    scene.ours("rebuild", "--yes", "--to", new)
    other = Scene(scene.world, new)
    assert set(protection(other)) == {*before} - {"frozen"}  # it was made to be changed
    assert new in (other / "pip.conf").read_text()
    scene.world.remove_env(new)
    scene.ours("backups", "--restore", "last", "--yes")
    assert protection(scene) == before
    scene.ours("unprotect", "--yes")
    assert (scene / "pip.conf").read_text() == "[list]\nformat = columns\n"
    assert not (scene / FROZEN).exists()


@long
def test_a_copy_has_rails_of_its_own(scene: Scene) -> None:
    """As ``cp -a`` makes it: with the paths of the other one."""
    scene.ours("protect")
    copy = Scene(scene.world, f"{scene.name}-copy")
    shutil.copytree(scene.prefix, copy.prefix, symlinks=True)
    said = scene.ours("status", "-p", copy.prefix)
    assert "out of date: pip.conf" in " ".join(said.split())
    done = copy.guarded("conda", "install", "-y", "-q", "tqdm")
    assert b"pip.conf renewed" in done.stderr
    assert copy.name in (copy / "pip.conf").read_text()
    assert set(protection(copy).values()) == {"laid"}
    shutil.rmtree(copy.prefix)


def test_the_policy_freezes_what_is_handed_over(scene: Scene) -> None:
    environ = scene.world.environ(scene.name)
    session = settings.Session(settings.read(environ), environ, "/")
    environment = describe(scene.prefix)
    assert keep.keep(environment, session, freeze=True) == ()
    scene.bare("bin/pip", "install", "cowsay")
    assert keep.keep(environment, session, freeze=True) == ("frozen laid",)
    assert describe(scene.prefix).frozen_by_us
    assert ledger.read(scene.prefix).wants == ("frozen",)  # type: ignore[union-attr]
    scene.bare("bin/pip", "uninstall", "-y", "cowsay")
    assert keep.keep(environment, session) == ("frozen taken out",)


# ---- the real conda ----------------------------------------------------------------------------


@pytest.mark.real_conda
@pytest.mark.slow
def test_a_real_conda_clones_and_renames(scene: Scene) -> None:
    """It copies the files with another prefix in them, and drops the mark."""
    scene.ours("protect", "--freeze")
    scene.guarded("pip", "install", "cowsay")
    names = [f"{scene.name}-{n}" for n in ("clone", "ümbenannt")]
    for words in (["create", "-n", names[0], "--clone", scene.name], ["rename", "-n", *names]):
        done = harness.run(scene.world, ["conda", words[0], "-y", *words[1:]])
        assert done.returncode == 0, done.stderr
        there = Scene(scene.world, next(name for name in names[::-1] if name in words))
        assert set(protection(there).values()) == {"laid"}
        assert there.bare("conda", "install", "-y", "tqdm").returncode == 1
        assert b"ResolutionImpossible" in there.bare("bin/pip", "install", OTHER).stderr
        assert there.name in json.loads((there / FROZEN).read_bytes())["message"]
    scene.world.remove_env(names[1])


def test_the_policy_closes_for_conda_what_was_handed_over(scene: Scene, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[policy]\nhandover = "freeze"\n')
    given = {"SAFEINSTALL_POLICY": str(policy)}
    done = scene.guarded("conda", "install", "-yq", "six", **given)
    assert done.returncode == 0, done.stderr
    assert not (scene / FROZEN).exists()  # everything in it is conda's
    done = scene.guarded("pip", "install", "cowsay", **given)
    assert done.returncode == 0, done.stderr
    assert (scene / FROZEN).exists()
    assert b"frozen" in scene.bare("conda", "install", "-yq", "tqdm").stderr.lower()
    scene.ours("unprotect", "-y")
    assert not (scene / FROZEN).exists()
