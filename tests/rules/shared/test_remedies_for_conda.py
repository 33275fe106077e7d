"""What SI201 offers: the words, and that a shell, pip and conda take them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from safeinstall.model import Plan, PlannedPackage, Resident
from safeinstall.rules.shared import remedies_for_conda
from safeinstall.rules.shared.plan_harm import harms
from tests import harness
from tests.rules.facts import facts_of

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

PIP = "python -m pip install "
NEW = "conda create -n nlp-new "
LAST = "  # then pip, last"
URL = "https://conda.anaconda.org/conda-forge/noarch/tqdm-4.65.0-pyhd8ed1ab_0.conda"
HERE = ("conda python 3.11.7", "conda numpy 1.26.4", "pip pandas 2.1.4")


@pytest.mark.parametrize(
    ("line", "go_on", "anew"),
    [
        ("install tqdm=4.65 joblib", "'tqdm==4.65.*' joblib", "--add tqdm=4.65 --add joblib"),
        ("install tqdm=4.65=py_0", "tqdm==4.65", "--add tqdm=4.65=py_0"),
        (
            "install tqdm==4.65 a>=1,<2",
            "tqdm==4.65 'a>=1,<2'",
            "--add tqdm==4.65 --add 'a>=1,<2'",
        ),
        ("install tqdm=4.65|4.66 six", "", "--add 'tqdm=4.65|4.66' --add six"),
        ("install numpy=1.21", "", "--add numpy=1.21"),
        ("install numpy=1.21 six", "six", "--add numpy=1.21 --add six"),
        ("install python=3.12 six", "six", "--add python=3.12 --add six"),
        ("update numpy", "", "--add numpy"),
        ("update tqdm numpy", "--upgrade tqdm", "--add tqdm --add numpy"),
        ("install tqdm==4.65=py_0", "tqdm==4.65", "--add tqdm==4.65=py_0"),
        ("install tqdm=4.65,<5", "'tqdm==4.65.*,<5'", "--add 'tqdm=4.65,<5'"),
        ("install tqdm=*", "tqdm", "--add 'tqdm=*'"),
        ("install tqdm=4.*.0", "", "--add 'tqdm=4.*.0'"),
        ("install -c pytorch pytorch", "torch", "--add pytorch --channel pytorch"),
        ("install a::six", "six", "--add a::six"),
        ("update --all", "", "--update"),
    ],
)
def test_words(line: str, go_on: str, anew: str) -> None:
    expected = [PIP + go_on] if go_on else []
    for tool in ("conda", "mamba", "micromamba"):
        met = facts_of(f"{tool} {line}", *HERE, files={"list.txt": "six=1.16\n"})
        rebuild = f"safeinstall rebuild -n {met.environment.name} {anew}"
        assert remedies_for_conda.fixes(met) == (rebuild, *expected)
        active = met.replace(active=met.environment.prefix)
        assert remedies_for_conda.fixes(active)[0] == f"safeinstall rebuild {anew}"


def test_everything_besides() -> None:
    """Only conda itself has the option."""
    met = facts_of("conda install --update-all tqdm", *HERE)
    assert remedies_for_conda.fixes(met)[0].endswith(" --add tqdm --update")


@pytest.mark.parametrize(
    ("line", "go_on", "afresh"),
    [
        (
            "install --override-channels -c a -c b six",
            "six",
            "--override-channels -c a -c b python=3.11 pip six",
        ),
        ("install --file list.txt", "'six==1.16.*'", "python=3.11 pip --file list.txt"),
    ],
)
def test_what_a_rebuild_cannot_be_told(line: str, go_on: str, afresh: str) -> None:
    for tool in ("conda", "mamba", "micromamba"):
        met = facts_of(f"{tool} {line}", *HERE, files={"list.txt": "six=1.16\n"})
        new = f"{tool} {NEW.removeprefix('conda ')}{afresh}{LAST}"
        assert remedies_for_conda.fixes(met) == (PIP + go_on, new)


def test_what_needs_it_goes_before_it() -> None:
    """pip's own dependents are taken along; which they are is known only where the plan is."""
    met = facts_of("micromamba remove numpy", *HERE)
    residents = (
        Resident("pandas", "2.1.4", "pip", ("numpy<2",)),
        Resident("seaborn", "0.13", "pip", ("pandas>=1",)),
        Resident("tqdm", "4.66", "pip"),
    )
    numpy = PlannedPackage("numpy", "1.26.4")
    found = harms(met, Plan(unlink=(numpy,)), residents)
    pip = "python -m pip uninstall "
    expected = f"{pip}pandas seaborn && micromamba remove numpy"
    assert remedies_for_conda.fixes(met, found, residents) == (expected,)
    assert remedies_for_conda.fixes(met) == ()
    python = PlannedPackage("python", "3.11.7")
    found = harms(met, Plan(unlink=(python,)), residents)
    (everything,) = remedies_for_conda.fixes(met, found, residents)
    assert everything == f"{pip}pandas seaborn tqdm && micromamba remove numpy"


def test_an_older_revision_takes_away_as_well() -> None:
    met = facts_of("conda install --revision 0", *HERE)
    residents = (Resident("pandas", "2.1.4", "pip", ("numpy<2",)), Resident("tqdm", "4", "pip"))
    found = harms(met, Plan(unlink=(PlannedPackage("numpy", "1.26.4"),)), residents)
    (fix,) = remedies_for_conda.fixes(met, found, residents)
    assert fix == "python -m pip uninstall pandas && conda install --revision 0"


def test_a_package_by_its_address_comes_alone() -> None:
    """conda refuses names and addresses in one command."""
    met = facts_of(f"conda install -c pytorch {URL}", *HERE)
    assert remedies_for_conda.fixes(met) == (
        PIP + "tqdm==4.65.0",
        f"{NEW}python=3.11 pip && conda install -n nlp-new {URL}{LAST}",
    )


E_YML = "name: nlp\nchannels: [pytorch]\ndependencies: ['six=1.16', {pip: ['tqdm>4']}]\n"


@pytest.mark.parametrize("tool", ["conda", "mamba", "micromamba"])
def test_a_file_of_an_environment_is_added_to_what_is_there(tool: str) -> None:
    met = facts_of(f"{tool} env update -f e.yml", *HERE, files={"e.yml": E_YML})
    anew = "--add six=1.16 --add-pip 'tqdm>4' --channel pytorch"
    assert remedies_for_conda.fixes(met) == (f"safeinstall rebuild -n nlp {anew}",)


@pytest.mark.parametrize(
    ("option", "more"),
    [
        ("--prune ", ""),
        ("", "- pip: ['-e .']\n"),
        ("", "- pip: ['--index-url https://a.example/simple', six]\n"),
        ("", "- pip: ['--find-links /w', six]\n"),
        ("", "channels: [nodefaults]\n"),
        ("", "channels: ['https://ann:s3cret@a.example/c']\n"),
    ],
)
def test_a_file_that_a_rebuild_cannot_be_told_makes_another_one(option: str, more: str) -> None:
    met = facts_of(
        f"conda env update {option}-f e.yml",
        *HERE,
        files={"e.yml": f"name: nlp\ndependencies:\n- six\n{more}"},
    )
    (fix,) = remedies_for_conda.fixes(met)
    assert fix.startswith("conda env create -n nlp-new -f e.yml")


@pytest.mark.parametrize("option", ["--rc-file my.yml", "--no-rc"])
def test_which_configuration_counts_is_said_again(option: str) -> None:
    """``--rc-file`` takes all words up to the next option; a rebuild has no such options."""
    met = facts_of(f"micromamba install numpy=1.21 {option}", *HERE)
    expected = f"micromamba create {option} -n nlp-new python=3.11 pip numpy=1.21"
    assert remedies_for_conda.fixes(met) == (f"{expected}{LAST}",)


# ---- pasted ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    """An environment that has conda's numpy, and pip's pandas and tqdm."""
    name = f"out{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.26", "requests")
    world.run(["pip", "install", "tqdm", "pandas==2.1.4"], name, check=True)
    yield name
    world.remove_env(name)


@pytest.fixture
def others(world: World) -> dict[str, str]:
    """Files and addresses to ask for."""
    with open(f"{world.work}/e.yml", "w") as file:
        file.write("channels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy=1.21\n")
    with open(f"{world.work}/list.txt", "w") as file:
        file.write("tqdm=4.65\n")
    url = f"file://{world.channel}/noarch/tqdm-4.65.0-pyhd8ed1ab_0.conda"
    return {"url": url}


def offered(world: World, env: str, line: str) -> list[str]:
    off = {"CONDA_NO_PLUGINS": "true", "CONDA_SOLVER": "classic"}
    check = [*harness.GUARD, "check", "--json", "--", "conda", *line.split()]
    answer = json.loads(world.run(check, env, environ=off).stdout)
    (finding,) = [found for found in answer["findings"] if found["rule"] == "SI201"]
    assert finding["level"] == "block"
    return list(finding["fixes"])


@pytest.mark.parametrize(
    "line",
    [
        "install -y tqdm joblib=1.3",
        "update -y numpy",
        "install -y numpy=1.21",
        "install -y -c pytorch pytorch tqdm",
        "install -y --file list.txt",
        "install -y {url}",
        "env update -f e.yml",
        "update -y --all",
    ],
)
def test_pasted(world: World, mixed: str, others: dict[str, str], line: str) -> None:
    fixes = offered(world, mixed, line.format(**others))
    assert fixes
    for fix in fixes:
        if "tqdm==4.65" in fix:
            continue  # pip has no such wheel here
        yes = {"CONDA_ALWAYS_YES": "true"}
        command = fix if "conda" in fix.split()[0] else f"{fix} --dry-run"
        if command.startswith("safeinstall"):
            command = f"{sys.executable} -m {command}"
        done = world.run(["sh", "-c", command], mixed, environ=yes)
        shutil.rmtree(world.env(f"{mixed}-new"), ignore_errors=True)
        assert done.returncode == 0, (fix, done.stderr.decode(), done.stdout.decode())


def test_pasted_pips_goes_before_condas(world: World) -> None:
    name = f"away{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.26")
    world.run(["pip", "install", "tqdm", "pandas==2.1.4"], name, check=True)
    (fix,) = offered(world, name, "remove -y numpy")
    world.run(["sh", "-c", fix], name, check=True)
    left = world.run(["pip", "list", "--format=freeze"], name, check=True).stdout.decode()
    world.remove_env(name)
    assert "tqdm" in left
    assert "numpy" not in left
    assert "pandas" not in left


def test_pasted_before_all_goes(world: World) -> None:
    name = f"bare{os.getpid()}"
    prefix = world.create_env(name, "python", "pip")
    world.run(["pip", "install", "tqdm", "cowsay"], name, check=True)
    (fix,) = offered(world, name, "remove -y python")
    world.run(["sh", "-c", fix], name, check=True)
    left = os.listdir(os.path.join(prefix, "conda-meta"))
    world.remove_env(name)
    assert not any(entry.startswith("python-") for entry in left)
