"""What is offered is understood, guarded, let through, and ends what it is offered for."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.model import Environment
from safeinstall.output.quoting import paste
from safeinstall.probe import repodata
from safeinstall.rules.shared.remedies import Here, pip_in
from tests import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.sandbox.world import World

REBUILD = "safeinstall rebuild --add "


@pytest.fixture(scope="module")
def env(world: World) -> Iterator[str]:
    """conda's python, pip and requests; pip's numpy and pandas."""
    name = f"advice{os.getpid()}"
    world.create_env(name, "python", "pip", "requests")
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4"], name, check=True)
    yield name
    for made in (name, f"{name}-new"):
        world.remove_env(made)


def stopped(world: World, line: str, active: str | None, **environ: str) -> list[str]:
    done = harness.pasted(world, line, active, environ=environ)
    assert done.returncode == 77, (done.stdout.decode(), done.stderr.decode())
    return harness.advice(done)


def test_what_breaks_by_conda_is_not_offered_by_pip(world: World, env: str) -> None:
    """pandas needs numpy>=1.23, whoever brings another one."""
    assert stopped(world, "conda install -y numpy=1.21", env) == [f"{REBUILD}numpy=1.21"]


@pytest.mark.parametrize("spec", ["numpy", "pandas"])
def test_what_is_there_is_not_offered(world: World, env: str, spec: str) -> None:
    assert stopped(world, f"conda install -y {spec}", env) == [f"{REBUILD}{spec}"]


def test_what_the_policy_stops_is_not_offered(world: World, env: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[packages]\ndeny = ["tqdm"]\n')
    fixes = stopped(world, "conda install -y numpy=1.21 tqdm", env, SAFEINSTALL_POLICY=str(policy))
    assert fixes == []


def test_nor_by_a_warning(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4"], conda_env, check=True)
    policy = tmp_path / "policy.toml"
    for denied, offered in (
        ("tqdm", " Run: python -m pip install numpy==2.1.3 pandas"),
        ("pandas", ""),
    ):
        policy.write_text(f'[packages]\ndeny = ["{denied}"]\n')
        environ = {"SAFEINSTALL_POLICY": str(policy)}
        words = ["pip", "install", "--force-reinstall", "numpy==2.1.3"]
        done = harness.run(world, words, conda_env, environ=environ)
        assert done.returncode == 0, done.stderr.decode()
        (line,) = [each for each in done.stderr.decode().splitlines() if "SI402" in each]
        said, run, command = line.partition(" Run: ")
        assert "pandas 2.1.4 needs numpy<2" in said
        assert run + command == offered


def test_into_base_nothing_is_offered(world: World, env: str) -> None:
    """base is active as nothing else is; the pip in front is that of the environment."""
    path = f"{world.env(env)}/bin:{world.environ('base')['PATH']}"
    (fix,) = stopped(world, "pip install six", "base", PATH=path)
    assert fix == f"conda activate {env} && pip install six"


def test_a_directory_called_envs_gives_no_name(world: World, tmp_path: Path) -> None:
    """ "-n work" would lead into another environment, or to none."""
    prefix = str(tmp_path / "envs" / "work")
    create = ["conda", "create", "-y", "-q", "-p", prefix, "python", "pip", "requests"]
    world.run(create, check=True)
    uninstall = [f"{prefix}/bin/python", "-m", "pip", "uninstall", "-y", "requests"]
    fixes = harness.advice(harness.run(world, uninstall))
    assert f"conda remove -p {prefix} requests" in fixes
    done = harness.pasted(world, f"conda remove -y -p {prefix} requests")
    assert done.returncode == 0, done.stderr.decode()
    shutil.rmtree(prefix)


# ---- every form, pasted ------------------------------------------------------------------------


def forms(world: World, env: str, tmp_path: Path) -> dict[str, tuple[Here, str | None]]:
    """The environment, and what is active in the shell, for each form of a pip command."""
    prefix = world.env(env)
    venv = str(tmp_path / "venv")
    if not os.path.exists(venv):
        world.run([f"{prefix}/bin/python", "-m", "venv", venv], check=True)
    named = Environment(prefix, "conda", name=env, by_name=True)
    moved = Environment(str(tmp_path / "by-path"), "conda", name="by-path")
    return {
        "active": (Here(named, python=prefix), env),
        "named": (Here(named), None),
        "by path": (Here(moved), None),
        "venv": (Here(Environment(venv, "venv", name="venv")), None),
    }


@pytest.mark.parametrize("form", harness.few(["named", "venv", "active", "by path"], 1))
def test_each_form_goes_through_the_guard(
    world: World, env: str, tmp_path: Path, form: str
) -> None:
    """It asks nothing that nobody sees, and the quotes hold."""
    here, active = forms(world, env, tmp_path)[form]
    prefix = here.environment.prefix
    if form == "by path":
        world.run(["conda", "create", "-y", "-q", "-p", prefix, "python", "pip"], check=True)
    journal = Path(prefix, ".safeinstall", "journal.jsonl")
    before = journal.read_text().count('"intent"') if journal.exists() else 0
    install = pip_in(here, "install", ["six>=1.15,<1.17", "cowsay"])
    done = harness.pasted(world, install, active)
    assert done.returncode == 0, done.stderr.decode()
    uninstall = pip_in(here, "uninstall", ["six", "cowsay"])
    line = f'SAFEINSTALL_REASON="to mend it" {uninstall}'
    done = harness.pasted(
        world, line, active, input=b"y\ny\n", environ={"PIP_CONFIG_FILE": os.devnull}
    )
    assert done.returncode == 0, (done.stdout, done.stderr.decode())
    assert b"Successfully uninstalled six-1.16.0" in done.stdout
    assert journal.read_text().count('"intent"') == before + 2
    if form == "by path":
        shutil.rmtree(prefix)


def test_what_the_guard_stops_is_stopped_in_each_form(
    world: World, env: str, tmp_path: Path
) -> None:
    for here, active in list(forms(world, env, tmp_path).values())[:2]:
        line = pip_in(here, "uninstall", ["requests", "-y"])
        fixes = stopped(world, line, active)
        assert any(paste(["conda", "remove", "-n", env, "requests"]) in fix for fix in fixes)


# ---- a new environment that takes the place of the old one -------------------------------------

YES = {"CONDA_ALWAYS_YES": "1"}


def owners(world: World, name: str) -> dict[str, str]:
    """Whose each package is, by what conda lists and what pip lists."""
    listed = world.run(["pip", "list", "--format=freeze"], name, check=True).stdout.decode()
    by_conda = {
        path.name.rsplit("-", 2)[0].replace("_", "-")
        for path in Path(world.env(name), "conda-meta").glob("*.json")
    }
    names = (line.partition("==")[0].lower().replace("_", "-") for line in listed.split())
    return dict.fromkeys(names, "pip") | dict.fromkeys(by_conda, "conda")


def in_place_of(world: World, env: str, line: str) -> dict[str, str]:
    """What is in the new environment when the offered line has run."""
    (new,) = [fix for fix in stopped(world, line, env) if "create -n" in fix]
    done = harness.pasted(world, new, env, environ=YES)
    assert done.returncode == 0, (new, done.stdout.decode(), done.stderr.decode())
    check = world.run(["pip", "check"], f"{env}-new")
    assert check.returncode == 0, check.stdout.decode()
    there = owners(world, f"{env}-new")
    world.remove_env(f"{env}-new")
    return there


def made_anew(world: World, env: str, line: str) -> dict[str, str]:
    """What is in the environment when the offered line has run."""
    (rebuild,) = [fix for fix in stopped(world, line, env) if fix.startswith(REBUILD)]
    command = f"{sys.executable} -m {rebuild} --yes"
    done = harness.pasted(world, command, env)
    assert done.returncode == 0, (rebuild, done.stdout.decode(), done.stderr.decode())
    check = world.run(["pip", "check"], env)
    assert check.returncode == 0, check.stdout.decode()
    status = [sys.executable, "-m", "safeinstall", "doctor", "-n", env]
    assert b"nothing is wrong" in world.run(status).stdout
    return owners(world, env)


def test_by_conda_it_has_what_both_were_asked_for(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "requests"], conda_env, check=True)
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4"], conda_env, check=True)
    there = made_anew(world, conda_env, "conda install -y numpy=1.23")
    assert there["requests"] == there["numpy"] == there["pip"] == "conda"
    assert there["pandas"] == "pip"


def test_a_name_that_is_taken_is_not_offered(world: World, env: str) -> None:
    """conda would ask whether to remove what has that name, and the guard stops that."""
    taken = Path(f"{world.env(env)}-new", "conda-meta")
    taken.mkdir(parents=True)
    line = "conda install -y --override-channels -c conda-forge numpy=1.21"
    (new,) = stopped(world, line, env)
    assert new.startswith(f"conda create -n {env}-new2 ")
    shutil.rmtree(taken.parent)


def test_where_conda_takes_over(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "requests"], conda_env, check=True)
    world.run(["pip", "install", "numpy==1.26.4", "pandas==2.1.4"], conda_env, check=True)
    there = made_anew(world, conda_env, "conda install -y pandas=1.5")
    assert there["requests"] == there["pandas"] == "conda"


def test_by_pip_it_has_what_is_not_in_its_way(world: World, conda_env: str) -> None:
    """conda's opencv has the files of what albumentations needs; conda's requests has not."""
    world.run(["conda", "install", "-y", "opencv", "requests"], conda_env, check=True)
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    there = in_place_of(world, conda_env, "pip install albumentations")
    assert there["requests"] == there["pip"] == "conda"
    assert there["albumentations"] == there["opencv-python-headless"] == there["cowsay"] == "pip"
    assert "opencv" not in there


def test_pip_is_held_to_what_conda_is_asked_for(world: World, conda_env: str) -> None:
    """Else pip would take a pandas that needs another numpy, and write that over conda's."""
    world.run(["conda", "install", "-y", "numpy=1.26", "requests"], conda_env, check=True)
    world.run(["pip", "install", "pandas==2.1.4"], conda_env, check=True)
    fixes = stopped(world, "pip install numpy==2.0.2", conda_env)
    (new,) = [fix for fix in fixes if "create -n" in fix]
    assert new.endswith(" -m pip install pandas numpy==2.0.2")
    harness.pasted(world, new, conda_env, environ=YES)
    assert owners(world, f"{conda_env}-new")["numpy"] == "conda"
    assert world.run(["pip", "check"], f"{conda_env}-new").returncode == 0
    world.remove_env(f"{conda_env}-new")


def test_of_two_with_the_same_files_only_one_comes(world: World, conda_env: str) -> None:
    """conda's opencv lies below the files of pip's."""
    world.run(["conda", "install", "-y", "opencv", "requests"], conda_env, check=True)
    world.run(["pip", "install", "opencv-python-headless", "pandas==2.1.4"], conda_env, check=True)
    there = made_anew(world, conda_env, "conda install -y requests pandas=1.5")
    assert there["requests"] == there["pandas"] == "conda"
    assert there["opencv-python-headless"] == "pip"
    assert "opencv" not in there


def test_what_conda_takes_over_under_another_name(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "opencv-python-headless", "cowsay"], conda_env, check=True)
    there = made_anew(world, conda_env, "conda install -y opencv")
    assert there["opencv"] == "conda"
    assert there["cowsay"] == "pip"
    assert "opencv-python-headless" not in there


# ---- what the channels have --------------------------------------------------------------------


def repodata_cached(world: World, home: Path) -> dict[str, str]:
    """The package list of the world's channel as conda keeps it, looked at by the guard."""
    where = home / "pkgs" / "cache"
    where.mkdir(parents=True)
    for subdir in ("noarch", repodata.this_platform()):
        shutil.copy(Path(world.channel, subdir, "repodata.json"), where / f"{subdir}.json")
        state = {"url": f"file://{world.channel}/{subdir}"}
        (where / f"{subdir}.info.json").write_text(json.dumps(state))
    variables = {"XDG_CACHE_HOME": str(home / "cache")}
    cache = settings.read(world.environ(None, **variables)).cache_dir
    assert repodata.refresh([str(where)], cache) == 2
    return variables


@pytest.mark.parametrize(
    ("line", "conda_has_it"),
    [
        ("pip install numpy==2.1.3", False),  # conda has 2.0.2 and older
        ("pip install six==1.17.0", False),
        ("pip install requests==2.28.2", True),
        ("pip install 'idna>=99'", False),
    ],
)
def test_what_no_channel_has_is_not_offered(
    world: World, conda_env: str, tmp_path: Path, line: str, conda_has_it: bool
) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "six", "requests"], conda_env, check=True)
    nothing = str(tmp_path / "nothing")  # of ours: conda has its lists of packages
    first_day = stopped(world, line, conda_env, XDG_CACHE_HOME=nothing)
    known = stopped(world, line, conda_env, **repodata_cached(world, tmp_path))
    assert first_day == known
    assert any(fix.startswith("conda install") for fix in known) == conda_has_it, known
    (new,) = [fix for fix in known if fix.startswith("conda create")]
    wish = line.split()[2]
    create, by_pip = new.split(" && ") if " && " in new else (new, "")
    assert (wish in create) == conda_has_it
    assert (wish in by_pip) != conda_has_it, new
