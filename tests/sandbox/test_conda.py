"""The sandbox's conda does what conda does. Run with SAFEINSTALL_TEST_CONDA, these tests hold the
real conda to the same sentences."""

from __future__ import annotations

import glob
import hashlib
import json
import os
from typing import Any

import pytest

from safeinstall.sandbox.world import World


def records(world: World, env: str) -> dict[str, dict[str, Any]]:
    found = {}
    for path in glob.glob(os.path.join(world.env(env), "conda-meta", "*.json")):
        with open(path) as file:
            record = json.load(file)
        found[record["name"]] = record
    return found


def listed(world: World, env: str) -> dict[str, tuple[str, str]]:
    done = world.run(["conda", "list", "--json", "-n", env], check=True)
    return {row["name"]: (row["version"], row["channel"]) for row in json.loads(done.stdout)}


def history(world: World, env: str) -> str:
    with open(os.path.join(world.env(env), "conda-meta", "history")) as file:
        return file.read()


def test_an_environment_is_a_prefix_of_its_own(world: World, conda_env: str) -> None:
    code = (
        "import sys, sysconfig; print(sys.prefix, sys.base_prefix, sysconfig.get_path('purelib'))"
    )
    prefix = world.env(conda_env)
    said = world.run(["python", "-c", code], active=conda_env, check=True).stdout.decode().split()
    python = f"python{said[2].rpartition('python')[2].partition('/')[0]}"
    assert said == [prefix, prefix, f"{prefix}/lib/{python}/site-packages"]


def test_files_have_the_sums_their_record_says(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy", "six"], check=True)
    for name in ("numpy", "six"):
        record = records(world, conda_env)[name]
        entries = [item for item in record["paths_data"]["paths"] if "sha256_in_prefix" in item]
        assert entries
        for item in entries:
            place = next(file for file in record["files"] if file.endswith(item["_path"]))
            with open(os.path.join(world.env(conda_env), place), "rb") as file:
                assert hashlib.sha256(file.read()).hexdigest() == item["sha256_in_prefix"]


def test_editing_an_installed_file_leaves_the_package_cache_alone(
    world: World, conda_env: str
) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy"], check=True)
    for file in records(world, conda_env)["numpy"]["files"]:
        assert os.stat(os.path.join(world.env(conda_env), file)).st_nlink == 1


def test_install_remove_and_the_history_of_it(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "pandas=1.5"], check=True)
    assert listed(world, conda_env)["pandas"] == ("1.5.3", "conda-forge")
    world.run(["conda", "remove", "-y", "-n", conda_env, "python-dateutil"], check=True)
    assert "pandas" not in listed(world, conda_env)
    lines = history(world, conda_env).splitlines()
    assert sum(line.startswith("==> ") for line in lines) == 3
    assert "# update specs: ['pandas=1.5']" in lines
    assert "# remove specs: ['python-dateutil']" in lines
    assert any(line.startswith("+conda-forge/linux-64::pandas-1.5.3-py") for line in lines)
    assert any(line.startswith("-conda-forge/linux-64::pandas-1.5.3-py") for line in lines)
    assert any(line.endswith(f"conda install -y -n {conda_env} pandas=1.5") for line in lines)


def test_what_was_asked_for_is_in_the_record_and_holds(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy=1.23"], check=True)
    assert records(world, conda_env)["numpy"]["requested_specs"] == ["numpy=1.23"]
    world.run(["conda", "install", "-y", "-n", conda_env, "scipy"], check=True)
    assert listed(world, conda_env)["numpy"][0] == "1.23.5"
    world.run(["conda", "update", "-y", "-n", conda_env, "numpy"], check=True)
    assert listed(world, conda_env)["numpy"][0] != "1.23.5"


def test_a_dry_run_as_json_tells_the_plan_and_changes_nothing(world: World, conda_env: str) -> None:
    before = history(world, conda_env)
    command = ["conda", "install", "--dry-run", "--json", "-n", conda_env, "requests"]
    plan = json.loads(world.run(command, check=True).stdout)
    assert plan["success"]
    assert plan["dry_run"]
    assert plan["prefix"] == plan["actions"]["PREFIX"] == world.env(conda_env)
    assert "UNLINK" not in plan["actions"]
    link = {item["name"]: item for item in plan["actions"]["LINK"]}
    assert link["requests"]["dist_name"] == "requests-2.31.0-pyhd8ed1ab_0"
    assert link["requests"]["channel"] == "conda-forge"
    assert history(world, conda_env) == before
    assert "requests" not in records(world, conda_env)


def test_nothing_to_do(world: World, conda_env: str) -> None:
    before = history(world, conda_env)
    done = world.run(["conda", "install", "-n", conda_env, "pip"], check=True)
    assert b"# All requested packages already installed." in done.stdout
    command = ["conda", "install", "--json", "-n", conda_env, "pip"]
    message = json.loads(world.run(command, check=True).stdout)["message"]
    assert message == "All requested packages already installed."
    assert history(world, conda_env) == before


@pytest.mark.parametrize(
    ("answer", "installed"), [(b"y\n", True), (b"\n", True), (b"", True), (b"n\n", False)]
)
def test_the_question(world: World, conda_env: str, answer: bytes, installed: bool) -> None:
    done = world.run(["conda", "install", "-n", conda_env, "six"], input=answer)
    assert done.returncode == 0
    assert b"Proceed ([y]/n)? " in done.stdout
    assert ("six" in records(world, conda_env)) is installed


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("install -n ENV nosuch", 1, "PackagesNotFoundInChannelsError"),
        ("install -n ENV numpy=2 scipy=1.7.3", 1, "UnsatisfiableError"),
        ("install -n ENV", 1, "CondaValueError: too few arguments"),
        ("install -n nosuch six", 1, "EnvironmentLocationNotFound"),
        ("install -n ENV -p /x six", 2, "not allowed with argument"),
        ("update -n ENV numpy", 1, "PackageNotInstalledError"),
        ("remove -n ENV numpy", 1, "PackagesNotFoundInPrefixError"),
        ("list -n ENV nosuch", 1, "CondaValueError: No packages match"),
        ("create -y six", 2, "-n/--name -p/--prefix is required"),
        ("create -y -n base six", 1, "reserved environment name"),
        ("nosuch", 2, "invalid choice"),
        ("activate ENV", 1, "conda init"),
    ],
)
def test_refusals(world: World, conda_env: str, words: str, status: int, said: str) -> None:
    argv = [conda_env if word == "ENV" else word for word in words.split()]
    done = world.run(["conda", *argv])
    assert (done.returncode, done.stdout.count(said.encode())) == (status, 0)
    assert said in done.stderr.decode()


def test_errors_as_json(world: World, conda_env: str) -> None:
    done = world.run(["conda", "install", "--json", "-n", conda_env, "nosuch"])
    error = json.loads(done.stdout)
    assert done.returncode == 1
    assert error["exception_name"] == "PackagesNotFoundInChannelsError"
    assert error["packages"] == ["nosuch"]


def test_listing_forgets_what_pip_has_replaced(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy=1.23"], check=True)
    world.run(["pip", "install", "-q", "numpy==1.26.4"], active=conda_env, check=True)
    assert "numpy" in records(world, conda_env)
    assert listed(world, conda_env)["numpy"] == ("1.26.4", "pypi")
    assert "numpy" not in records(world, conda_env)


def test_conda_writes_over_what_pip_owns(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "-q", "tqdm"], active=conda_env, check=True)
    world.run(["conda", "install", "-y", "-n", conda_env, "tqdm"], check=True)
    code = "import tqdm; print(tqdm.__version__)"
    assert world.run(["python", "-c", code], active=conda_env).stdout == b"4.65.0\n"
    assert listed(world, conda_env)["tqdm"] == ("4.66.1", "pypi")


def test_unless_it_is_told_to_respect_files(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "-q", "tqdm"], active=conda_env, check=True)
    environ = {"CONDA_PATH_CONFLICT": "prevent"}
    done = world.run(["conda", "install", "-y", "-n", conda_env, "tqdm"], environ=environ)
    assert done.returncode == 1
    assert b"ClobberError" in done.stderr
    assert "tqdm" not in records(world, conda_env)


def test_a_frozen_environment(world: World, conda_env: str) -> None:
    with open(os.path.join(world.env(conda_env), "conda-meta", "frozen"), "w") as file:
        file.write('{"message": "handed over to pip"}')
    command = ["conda", "install", "-y", "-n", conda_env, "six"]
    done = world.run(command)
    assert done.returncode == 1
    assert b"EnvironmentIsFrozenError" in done.stderr
    assert b"handed over to pip" in done.stderr
    world.run([*command, "--override-frozen"], check=True)


def test_python_moves_only_when_asked(world: World, conda_env: str) -> None:
    version = records(world, conda_env)["python"]["version"]
    world.run(["conda", "update", "-y", "-n", conda_env, "--all"], check=True)
    minor = version.rpartition(".")[0]
    assert records(world, conda_env)["python"]["version"].startswith(f"{minor}.")


def test_environment_files(world: World, conda_env: str) -> None:
    path = os.path.join(world.work, "environment.yml")
    with open(path, "w") as file:
        file.write(
            "name: from_file\nchannels: [conda-forge]\n"
            "dependencies:\n- python\n- pip\n- six\n- pip:\n  - cowsay\n"
        )
    world.run(["conda", "env", "create", "-f", path], check=True)
    try:
        found = listed(world, "from_file")
        assert found["six"] == ("1.16.0", "conda-forge")
        assert found["cowsay"] == ("6.1", "pypi")
        world.run(["conda", "env", "update", "-n", conda_env, "-f", path], check=True)
        assert listed(world, conda_env)["cowsay"] == ("6.1", "pypi")
        world.run(["conda", "install", "-y", "-n", conda_env, "tqdm", "joblib"], check=True)
        with open(path, "w") as file:
            file.write("dependencies:\n- python\n- pip\n- joblib\n")
        world.run(["conda", "env", "update", "--prune", "-n", conda_env, "-f", path], check=True)
        assert {"six", "tqdm"}.isdisjoint(records(world, conda_env))
        assert {"python", "joblib"} <= set(records(world, conda_env))
        world.run(["conda", "env", "remove", "-y", "-n", "from_file"], check=True)
        assert not os.path.exists(os.path.join(world.env("from_file"), "conda-meta"))
    finally:
        world.remove_env("from_file")


def test_who_is_where(world: World, conda_env: str) -> None:
    about = json.loads(world.run(["conda", "info", "--json"], active=conda_env).stdout)
    assert about["root_prefix"] == world.root
    assert about["active_prefix"] == world.env(conda_env)
    assert about["active_prefix_name"] == conda_env
    assert world.env(conda_env) in about["envs"]
    base = world.run(["conda", "info", "--base"]).stdout.decode().strip()
    assert base == world.root


def test_run_passes_everything_on(world: World, conda_env: str) -> None:
    code = "import os, sys; print(os.environ['CONDA_PREFIX'], sys.argv[1:]); sys.exit(3)"
    done = world.run(["conda", "run", "-n", conda_env, "python", "-c", code, "-n", "x"])
    assert done.returncode == 3
    assert done.stdout.decode() == f"{world.env(conda_env)} ['-n', 'x']\n"


def test_an_explicit_list_recreates_an_environment(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "pandas"], check=True)
    said = world.run(["conda", "list", "--explicit", "--sha256", "-n", conda_env], check=True)
    path = os.path.join(world.work, "explicit.txt")
    with open(path, "wb") as file:
        file.write(said.stdout)
    try:
        world.run(["conda", "create", "-y", "-n", "again", "--file", path], check=True)
        assert listed(world, "again") == listed(world, conda_env)
        requested = records(world, "again")["six"]["requested_spec"]
        assert requested == "conda-forge/noarch::six==1.16.0=pyhd8ed1ab_0"
    finally:
        world.remove_env("again")


def test_a_package_file_by_its_url(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "six"], check=True)
    url = records(world, conda_env)["six"]["url"].replace("six-1.16.0", "six-1.15.0")
    url = url.replace(".conda", ".tar.bz2")
    world.run(["conda", "install", "-y", "-n", conda_env, url], check=True)
    assert listed(world, conda_env)["six"][0] == "1.15.0"
    done = world.run(["conda", "install", "-y", "-n", conda_env, url.replace("1.15", "9")])
    assert done.returncode == 1


def test_no_deps_moves_nothing_but_what_is_named(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "numpy=1.21", "scipy=1.7"], check=True)
    command = ["conda", "install", "-y", "-n", conda_env, "--no-deps", "scikit-learn=1.3"]
    world.run(command, check=True)
    there = {name: record["version"] for name, record in records(world, conda_env).items()}
    assert there["scikit-learn"] == "1.3.2"
    assert (there["numpy"], there["scipy"]) == ("1.21.6", "1.7.3")
    assert "joblib" not in there


def test_a_forced_reinstallation_puts_lost_files_back(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "-n", conda_env, "six"], check=True)
    path = next(file for file in records(world, conda_env)["six"]["files"] if file[-6:] == "six.py")
    os.unlink(os.path.join(world.env(conda_env), path))
    command = ["conda", "install", "-y", "-n", conda_env, "--force-reinstall", "six"]
    world.run(command, check=True)
    assert os.path.exists(os.path.join(world.env(conda_env), path))
