"""Whether somebody has conda, or a mamba in its place, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.argv import Context, parse
from safeinstall.model import Target
from safeinstall.probe import place
from safeinstall.settings import Session

if TYPE_CHECKING:
    from pathlib import Path


def session(directory: Path, *programs: str, **environ: str) -> Session:
    """With these programs on PATH. They are no Python, as a compiled mamba is none."""
    (directory / "bin").mkdir()
    for name in programs:
        (directory / "bin" / name).write_text("#!/bin/sh\n")
        (directory / "bin" / name).chmod(0o755)
    full = {"HOME": str(directory), "PATH": str(directory / "bin"), **environ}
    return Session(settings.read(full), full, str(directory))


@pytest.mark.parametrize(
    ("programs", "environ", "word"),
    [
        ((), {}, "conda"),
        (("conda", "mamba"), {}, "conda"),
        (("mamba", "micromamba"), {}, "mamba"),
        (("micromamba",), {}, "micromamba"),
        (("micromamba",), {"CONDA_EXE": "/opt/conda/bin/conda"}, "conda"),
        ((), {"MAMBA_EXE": "/opt/bin/micromamba"}, "micromamba"),  # its hook has a function
        (("mamba",), {"MAMBA_EXE": "/opt/bin/other"}, "mamba"),
    ],
)
def test_the_word_for_conda(
    tmp_path: Path, programs: tuple[str, ...], environ: dict[str, str], word: str
) -> None:
    assert place.conda_word(session(tmp_path, *programs, **environ)) == word


def test_a_new_environment_of_micromamba_s_is_in_its_root_prefix(tmp_path: Path) -> None:
    """conda would take ~/.conda/envs where base is not there."""
    here = session(tmp_path, "micromamba", MAMBA_ROOT_PREFIX=f"{tmp_path}/mm")
    (tmp_path / "mm").mkdir()
    known = place.conda_installation(here)
    assert (known.mamba, known.root_prefix) == (True, f"{tmp_path}/mm")
    assert known.target_prefix(Target(name="new")) == f"{tmp_path}/mm/envs/new"
    command = parse(
        ["micromamba", "create", "-n", "new", "six"], Context({}, "/", lambda _: None, {})
    )
    found = place.find(command, f"{tmp_path}/bin/micromamba", here)
    assert (found.prefix, found.root_prefix) == (f"{tmp_path}/mm/envs/new", f"{tmp_path}/mm")


@pytest.mark.parametrize("root", ["~/mm", "mm", "{}/mm"])
def test_the_root_prefix_may_be_below_the_home_directory(tmp_path: Path, root: str) -> None:
    root = root.format(tmp_path)
    here = session(tmp_path, "micromamba", MAMBA_ROOT_PREFIX=root)
    expected = f"{tmp_path}/mm/envs/x"
    assert place.conda_installation(here).target_prefix(Target(name="x")) == expected
    words = ["micromamba", f"--root-prefix={root}", "install", "-n", "x", "six"]
    command = parse(words, Context({}, "/", lambda _: None, {}))
    other = here.replace(environ={**here.environ, "MAMBA_ROOT_PREFIX": "/nowhere"})
    assert place.find(command, f"{tmp_path}/bin/micromamba", other).prefix == expected


def test_where_neither_is_known_conda_s_rules_hold(tmp_path: Path) -> None:
    known = place.conda_installation(session(tmp_path))
    assert (known.mamba, known.root_prefix) == (False, "")
    assert known.target_prefix(Target(name="x")) == f"{tmp_path}/.conda/envs/x"


def test_micromamba_beside_conda_has_its_own_root_and_rules(tmp_path: Path) -> None:
    root = tmp_path / "conda"
    (root / "conda-meta").mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin/conda").write_text("#!/bin/sh\n")
    (root / "bin/conda").chmod(0o755)
    here = session(
        tmp_path, "micromamba", CONDA_EXE=f"{root}/bin/conda", MAMBA_ROOT_PREFIX=f"{tmp_path}/mm"
    )
    known = place.conda_installation(here)
    assert (known.mamba, known.root_prefix) == (False, str(root))
    command = parse(
        ["micromamba", "install", "-n", "x", "six"], Context({}, "/", lambda _: None, {})
    )
    found = place.installation_of(command, f"{tmp_path}/bin/micromamba", here)
    assert (found.mamba, found.root_prefix) == (True, f"{tmp_path}/mm")


def test_the_default_root_prefix_is_found_by_the_program(tmp_path: Path) -> None:
    here = session(tmp_path, "micromamba")
    assert place.conda_installation(here).root_prefix == f"{tmp_path}/.local/share/mamba"
    (tmp_path / "micromamba/envs").mkdir(parents=True)
    assert place.conda_installation(here).root_prefix == f"{tmp_path}/micromamba"


def test_a_home_for_another_python_is_none_for_conda(tmp_path: Path) -> None:
    root = tmp_path / "conda"
    for path in ("bin/python3.11", "bin/conda", "lib/python3.11/os.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"#!{root}/bin/python3.11\n" if path == "bin/conda" else "")
        (root / path).chmod(0o755)
    exe = f"{root}/bin/conda"
    here = session(tmp_path, CONDA_EXE=exe, PYTHONHOME="/opt/conda/envs/ml")
    assert place.conda_installation(here).root_prefix == str(root)


@pytest.mark.parametrize(
    ("options", "environ", "place_of_x"),
    [
        ([], {}, "mm/envs"),
        (["--rc-file", "my.yml"], {}, "more"),
        ([], {"MAMBARC": "my.yml"}, "more"),
        (["--no-rc"], {}, "mm/envs"),
        ([], {"MAMBARC": "my.yml", "MAMBA_NO_RC": "true"}, "mm/envs"),
    ],
)
def test_which_files_a_mamba_is_told_to_read(
    tmp_path: Path, options: list[str], environ: dict[str, str], place_of_x: str
) -> None:
    (tmp_path / "my.yml").write_text(f"envs_dirs: [{tmp_path}/more]\n")
    here = session(tmp_path, "micromamba", MAMBA_ROOT_PREFIX=f"{tmp_path}/mm", **environ)
    context = Context(here.environ, here.cwd, lambda _: None, {})
    command = parse(["micromamba", "install", "-n", "x", "six", *options], context)
    found = place.find(command, f"{tmp_path}/bin/micromamba", here)
    assert found.prefix == f"{tmp_path}/{place_of_x}/x"


def test_the_variable_for_a_prefix_counts_before_what_is_active(tmp_path: Path) -> None:
    variables = {"MAMBA_TARGET_PREFIX": f"{tmp_path}/t", "CONDA_PREFIX": f"{tmp_path}/active"}
    here = session(tmp_path, "micromamba", MAMBA_ROOT_PREFIX=f"{tmp_path}/mm", **variables)
    known = place.conda_installation(here)
    assert known.target_prefix(Target()) == f"{tmp_path}/t"
    assert known.target_prefix(Target(name="x")) == f"{tmp_path}/mm/envs/x"
