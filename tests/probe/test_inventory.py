"""Who owns what, from the files, on environments that real pip and a real conda engine made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.probe import inventory, past_changes
from safeinstall.probe.environment import describe
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.model import Inventory
    from safeinstall.sandbox.world import World


def scan(prefix: str) -> Inventory:
    return inventory.scan(describe(prefix))


def owners(prefix: str) -> dict[str, tuple[str, str]]:
    return {package.name: (package.version, package.owner) for package in scan(prefix).packages}


def test_the_same_as_conda_list_says(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "numpy", "pytorch"], conda_env, check=True)
    world.run(["pip", "install", "transformers", "six"], conda_env, check=True)
    ours = owners(prefix)
    listed = json.loads(world.run(["conda", "list", "--json"], conda_env, check=True).stdout)
    theirs = {
        item["name"]: (item["version"], "pip" if item["channel"] == "pypi" else "conda")
        for item in listed
    }
    assert ours == theirs
    assert ours["six"][1] == "pip"
    assert "torch" not in ours  # conda's pytorch brings it
    assert ours["pytorch"][1] == "conda"


def test_a_name_that_differs_between_conda_and_pypi(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "pytorch"], conda_env, check=True)
    world.run(["pip", "install", "six"], conda_env, check=True)
    (pytorch,) = [p for p in scan(world.env(conda_env)).packages if p.name == "pytorch"]
    assert "torch" in pytorch.distributions


def test_where_a_distribution_came_from(world: World, conda_env: str) -> None:
    """Without what is secret in it: it is kept in the journal and in caches."""
    prefix = world.env(conda_env)
    words = ["pip", "install", "pandas==2.1.4", f"git+file://{world.repository}@v4.35.2"]
    world.run(words, conda_env, check=True)
    found = {package.name: package for package in scan(prefix).packages}
    assert json.loads(found["transformers"].origin)["vcs_info"]["vcs"] == "git"
    assert [found[name].requested for name in ("pandas", "transformers", "pytz")] == [1, 1, 0]
    assert found["pandas"].origin == ""
    (note,) = Path(prefix).glob("lib/python3*/site-packages/transformers-*/direct_url.json")
    address = "https://me:s3cr3t-t0ken@h.example/x.zip"
    for text in (json.dumps({"url": address, "archive_info": {}}), "{", "[" * 5000, "1e999"):
        note.write_text(text)
        (package,) = [p for p in scan(prefix).packages if p.name == "transformers"]
        assert "s3cr3t" not in package.origin
        assert ("h.example" in package.origin) == text.startswith('{"url"')


def test_pip_over_conda(world: World, conda_env: str) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    world.run(["pip", "install", "--upgrade", "numpy"], conda_env, check=True)
    found = scan(prefix)
    (numpy,) = [package for package in found.packages if package.name == "numpy"]
    assert numpy.owner == "pip"
    (replaced,) = found.overwritten
    assert (replaced.name, replaced.owner) == ("numpy", "conda")
    assert replaced.version != numpy.version


def test_the_same_version_put_in_again(world: World, conda_env: str) -> None:
    """It is whose it was made by last, though its metadata directory has the same name."""
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "scipy=1.11.4"], conda_env, check=True)
    assert owners(prefix)["scipy"] == ("1.11.4", "conda")
    wanted = ["--no-deps", "--no-index", "-f", str(world.wheels), "scipy==1.11.4"]
    for installer, words in (
        ("pip", ["pip", "install", "--force-reinstall", *wanted]),
        ("uv", [UV or "uv", "pip", "install", "--reinstall", *wanted]),
    ):
        world.run(words, conda_env, check=True)
        found = scan(prefix)
        assert owners(prefix)["scipy"] == ("1.11.4", installer)
        assert [package.name for package in found.overwritten] == ["scipy"]
        assert "scipy" not in {conda.name for conda in found.conda_distributions}
        world.run(["conda", "install", "-y", "--force-reinstall", "scipy"], conda_env, check=True)
        assert owners(prefix)["scipy"] == ("1.11.4", "conda")
        assert not scan(prefix).overwritten


def test_within_one_tick_of_the_clock_files_tell_what_times_cannot(
    world: World, conda_env: str
) -> None:
    """conda's command ends some three milliseconds after it has written the record."""
    prefix = Path(world.env(conda_env))
    world.run(["conda", "install", "-y", "six", "tqdm"], conda_env, check=True)
    for place in prefix.glob("lib/python*/site-packages/*.dist-info"):
        (record,) = (prefix / "conda-meta").glob(f"{place.name.partition('-')[0]}-*.json")
        when = record.stat().st_mtime_ns
        if place.name.startswith("tqdm-"):
            (place / "METADATA").unlink()
        os.utime(place, ns=(when, when))
    found = scan(str(prefix))
    assert [package.name for package in found.gone] == ["tqdm"]
    assert owners(str(prefix))["six"] == ("1.16.0", "conda")


def test_a_copy_without_times_is_as_the_environment_was(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """The metadata directories are younger than the records then, every one."""
    world.run(["conda", "install", "-y", "numpy=1.26", "tqdm"], conda_env, check=True)
    copy = tmp_path / "copy"
    shutil.copytree(f"{world.env(conda_env)}/conda-meta", copy / "conda-meta")
    shutil.copytree(
        f"{world.env(conda_env)}/lib", copy / "lib", symlinks=True, copy_function=shutil.copyfile
    )
    assert {p.owner for p in scan(str(copy)).packages} == {"conda"}


def test_where_a_package_came_from(world: World, conda_env: str, tmp_path: Path) -> None:
    project = tmp_path / "proj"
    project.mkdir()
    (project / "thing.py").write_text("")
    (project / "backend.py").write_text(BACKEND)
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "thing"\nversion = "1.0"\n'
    )
    install = ["pip", "install", "--no-build-isolation"]
    world.run([*install, "-e", str(project)], conda_env, check=True)
    world.run([*install, f"git+file://{world.repository}@main", "--no-deps"], conda_env, check=True)
    sources = {p.name: p.source for p in scan(world.env(conda_env)).packages}
    assert sources["thing"] == "editable"
    assert sources["transformers"] == "vcs"


BACKEND = """
import zipfile
FILES = {
    "METADATA": "Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n",
    "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "RECORD": "",
}
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as archive:
        for file, text in FILES.items():
            archive.writestr(f"thing-1.0.dist-info/{file}", text)
    return name
build_editable = build_wheel
"""


@pytest.mark.slow
def test_a_venv(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path], check=True)
    found = describe(str(tmp_path))
    assert (found.kind, found.base, found.externally_managed) == ("venv", False, False)
    assert found.python == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert owners(str(tmp_path))["pip"][1] == "pip"


def test_eggs_links_and_leftovers(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("version = 3.11.7\n")
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in (
        "Old_Style-1.2-py3.11.egg-info",
        "zope.interface-6.0.dist-info",
        "undated.egg-info",
        "empty.egg-info",
        "hollow-1.0.dist-info",
        "~broken-1.0.dist-info",
        "~umpy",
    ):
        (site / name).mkdir(parents=True)
    (site / "Old_Style-1.2-py3.11.egg-info" / "PKG-INFO").write_text("Name: Old_Style\n")
    (site / "linked.egg-link").write_text("/home/ann/linked\n.")
    (site / "distutils_made-0.1-py3.11.egg-info").write_text("Name: distutils_made\n")
    (site / "undated.egg-info" / "PKG-INFO").write_text("Name: undated\nVersion: 3\n")
    (site / "zope.interface-6.0.dist-info" / "METADATA").write_text("Name: zope.interface\n")
    (site / "zope.interface-6.0.dist-info" / "INSTALLER").write_text("uv\n")
    (site / "hollow-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    assert owners(str(tmp_path)) == {
        "distutils-made": ("0.1", "pip"),
        "old-style": ("1.2", "pip"),
        "linked": ("", "pip"),
        "zope-interface": ("6.0", "uv"),
        "undated": ("3", "pip"),
    }
    left = [os.path.basename(path) for path in scan(str(tmp_path)).leftovers]
    assert left == ["empty.egg-info", "hollow-1.0.dist-info", "~broken-1.0.dist-info", "~umpy"]


def test_what_pip_has_uninstalled_is_gone_whatever_conda_believes(
    world: World, conda_env: str
) -> None:
    prefix = world.env(conda_env)
    world.run(["conda", "install", "-y", "tqdm", "pytorch"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "tqdm", "torch"], conda_env, check=True)
    found = scan(prefix)
    assert [package.name for package in found.gone] == ["pytorch", "tqdm"]
    assert not {"pytorch", "tqdm"} & owners(prefix).keys()
    assert not {"torch", "tqdm"} & {there.name for there in found.conda_distributions}
    assert found.overwritten == ()


def test_another_name_on_pypi_is_told_by_the_files(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "pytorch"], conda_env, check=True)
    world.run(["pip", "install", "--no-deps", "-U", "torch==2.1.2"], conda_env, check=True)
    found = scan(world.env(conda_env))
    assert [package.name for package in found.overwritten] == ["pytorch"]
    assert owners(world.env(conda_env))["torch"] == ("2.1.2", "pip")


def test_a_record_that_conda_list_has_deleted(world: World, conda_env: str) -> None:
    """What stands there then is pip's, and what conda once put there is only in its history."""
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    world.run(["pip", "install", "--upgrade", "numpy"], conda_env, check=True)
    world.run(["conda", "list"], conda_env, check=True)
    found = scan(world.env(conda_env))
    assert found.overwritten == ()
    assert owners(world.env(conda_env))["numpy"][1] == "pip"
    (lost,) = past_changes.lost(describe(world.env(conda_env)), found)
    assert (lost.name, lost.version[:4], lost.owner) == ("numpy", "1.23", "conda")


def test_two_halves_of_a_namespace_have_an_owner_each(tmp_path: Path) -> None:
    """google-auth and google-api-core share a directory, and no metadata."""
    conda_record(tmp_path, "google-auth", "2.0", "google/auth/__init__.py", "google_auth-2.0")
    distribution(tmp_path, "google_auth-2.0", "conda")
    distribution(tmp_path, "google_api_core-1.0", "pip")
    assert owners(str(tmp_path)) == {
        "python": ("3.11.7", "conda"),
        "google-auth": ("2.0", "conda"),
        "google-api-core": ("1.0", "pip"),
    }


def test_the_word_in_installer_decides_nothing_against_the_files(tmp_path: Path) -> None:
    conda_record(tmp_path, "six", "1.16.0", "six.py", "six-1.16.0")
    distribution(tmp_path, "six-1.16.0", "pip")  # put in again by pip
    distribution(tmp_path, "idna-3.4", "conda")  # whose record is gone
    distribution(tmp_path, "rich-13.0", "conda-pypi")
    distribution(tmp_path, "tqdm-4.0", "uv")
    assert {name: owner for name, (_, owner) in owners(str(tmp_path)).items()} == {
        "python": "conda",
        "six": "conda",
        "idna": "pip",
        "rich": "conda-pypi",
        "tqdm": "uv",
    }


def test_what_a_package_vendors_is_not_what_pip_installs(tmp_path: Path) -> None:
    vendored = "setuptools/_vendor/packaging-24.2.dist-info/METADATA"
    conda_record(tmp_path, "setuptools", "75.8.0", vendored, "setuptools-75.8.0")
    distribution(tmp_path, "setuptools-75.8.0", "conda")
    distribution(tmp_path, "packaging-24.2", "pip")
    assert owners(str(tmp_path))["packaging"] == ("24.2", "pip")


def test_versions_that_conda_spells_in_its_own_way(tmp_path: Path) -> None:
    conda_record(tmp_path, "certifi", "2023.07.22", "certifi/core.py", "certifi-2023.7.22")
    distribution(tmp_path, "certifi-2023.7.22", "conda")
    found = scan(str(tmp_path))
    assert owners(str(tmp_path))["certifi"] == ("2023.07.22", "conda")
    (certifi,) = found.conda_distributions
    assert (certifi.version, certifi.package.version) == ("2023.7.22", "2023.07.22")


def test_a_python_without_the_global_lock(tmp_path: Path) -> None:
    conda_record(tmp_path, "python", "3.13.0", "bin/python", "", python=False)
    (tmp_path / "lib" / "python3.13t" / "site-packages").mkdir(parents=True)
    found = describe(str(tmp_path))
    assert found.python == "3.13"
    assert found.site_packages == (f"{tmp_path}/lib/python3.13t/site-packages",)


def test_without_a_python_nobody_can_say_what_is_gone(tmp_path: Path) -> None:
    conda_record(tmp_path, "six", "1.16.0", "six.py", "six-1.16.0", python=False)
    assert [package.name for package in scan(str(tmp_path)).packages] == ["six"]


def conda_record(
    prefix: Path, name: str, version: str, file: str, metadata: str, *, python: bool = True
) -> None:
    site = "lib/python3.11/site-packages"
    (prefix / "conda-meta").mkdir(exist_ok=True)
    if python and not list((prefix / "conda-meta").glob("python-*")):
        conda_record(prefix, "python", "3.11.7", "bin/python", "", python=False)
        (prefix / site).mkdir(parents=True)
    files = [f"{site}/{file}", *([f"{site}/{metadata}.dist-info/METADATA"] if metadata else [])]
    text = json.dumps({"name": name, "files": files}, indent=2)
    (prefix / "conda-meta" / f"{name}-{version}-0.json").write_text(text)


def distribution(prefix: Path, directory: str, installer: str) -> None:
    place = prefix / "lib/python3.11/site-packages" / f"{directory}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\n")
    (place / "INSTALLER").write_text(f"{installer}\n")


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    missing = describe(str(tmp_path / "none"))
    assert missing.kind == "missing"
    assert inventory.scan(missing).packages == ()
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "not-a-record.json").write_text("{")
    assert describe(str(tmp_path)).kind == "conda"
    assert [p.name for p in scan(str(tmp_path)).packages] == ["not"]


def test_base_is_known_by_what_only_a_root_has(world: World, conda_env: str) -> None:
    assert describe(world.root).base
    assert describe(world.root).name == "base"
    assert not describe(world.env(conda_env)).base
    condabin = Path(world.env(conda_env), "condabin")
    condabin.mkdir(exist_ok=True)
    (condabin / "conda").touch()  # as after "conda install conda" in an ordinary environment
    assert not describe(world.env(conda_env)).base
    assert not describe(world.env(conda_env), world.root).base
    assert describe(world.root, world.root).base


def test_by_its_name_conda_finds_what_is_in_its_own_directories(tmp_path: Path) -> None:
    root, other, home = tmp_path / "root", tmp_path / "work", tmp_path / ".conda"
    (root / "conda-meta").mkdir(parents=True)
    for place, known, unknown in ((root, True, True), (other, False, False), (home, True, True)):
        prefix = place / "envs" / "nlp"
        (prefix / "conda-meta").mkdir(parents=True)
        assert describe(str(prefix), str(root)).by_name is known
        assert describe(str(prefix)).by_name is unknown
    assert not describe(str(root / "envs" / "nlp"), str(other)).by_name
    assert not describe(str(root / "nlp"), str(root)).by_name
    assert describe(str(root), str(root)).by_name


def test_what_a_file_lists_that_is_no_record_is_not_conda_s(tmp_path: Path) -> None:
    conda_record(tmp_path, "numpy", "1.26.4", "numpy.py", "numpy-1.26.4")
    distribution(tmp_path, "six-1.16.0", "pip")
    six = {"files": ["lib/python3.11/site-packages/six-1.16.0.dist-info/METADATA"]}
    (tmp_path / "conda-meta" / "six.json").write_text(json.dumps(six))
    assert owners(str(tmp_path))["six"] == ("1.16.0", "pip")


def test_what_changes_in_place_between_two_looks_is_seen(tmp_path: Path) -> None:
    conda_record(tmp_path, "numpy", "1.26.4", "numpy.py", "numpy-1.26.4")
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    distribution(tmp_path, "six-1.16.0", "pip")
    egg = site / "tool.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Name: tool\nVersion: 1.0\n")
    before = owners(str(tmp_path))
    assert before == owners(str(tmp_path))
    assert before["six"] == ("1.16.0", "pip")
    (egg / "PKG-INFO").write_text("Name: tool\nVersion: 2.0\n")
    conda_record(tmp_path, "odd", "1.0.2", "odd.py", "odd-1.0_2")
    distribution(tmp_path, "odd-1.0_2", "conda")
    for version in ("1.0-2", "1.0-2.post9"):
        (site / "odd-1.0_2.dist-info" / "METADATA").write_text(f"Version: {version}\n")
        (seen,) = scan(str(tmp_path)).conda_distributions
        assert seen.version == version
    assert owners(str(tmp_path))["tool"] == ("2.0", "pip")
    (site / "six-1.16.0.dist-info" / "INSTALLER").write_text("uv")
    assert owners(str(tmp_path))["six"] == ("1.16.0", "uv")
    (site / "six-1.16.0.dist-info" / "METADATA").unlink()
    assert "six" not in owners(str(tmp_path))
    assert scan(str(tmp_path)).leftovers


def test_the_systems_own_python() -> None:
    system = describe("/usr")
    assert system.kind == "system"
    if system.site_packages:
        assert {package.owner for package in scan("/usr").packages} <= {"system", "pip", "debian"}
