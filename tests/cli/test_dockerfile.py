"""``export --format dockerfile``: what it says is done makes the same environment again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import images, kinds
from tests.cli.test_export import SECRET, START, export
from tests.journal.conftest import TORTURE
from tests.lint.files import told_of

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def dockerfile(world: World, name: str, *options: str, **environ: str) -> tuple[str, list[str]]:
    status, text, notes = export(world, name, "--format", "dockerfile", *options, **environ)
    assert status == 0
    assert images.lint(text) == ""
    assert [told.finding for told in told_of(text).told] == []
    return text, notes


def content(world: World, prefix: str) -> tuple[set[str], list[str]]:
    """What conda has records of, and what pip sees."""
    records = {path.name for path in Path(prefix, "conda-meta").glob("*.json")}
    freeze = world.run([f"{prefix}/bin/python", "-m", "pip", "freeze"], check=True).stdout
    return records, sorted(freeze.decode().splitlines())


def assert_shape(instructions: list[images.Instruction], prefix: str) -> None:
    """One layer of conda, cleaned in itself, then one of pip, and nobody is root."""
    words = [found.word for found in instructions]
    assert " ".join(words) == "ARG FROM COPY RUN ENV COPY RUN RUN USER WORKDIR CMD"
    conda, pip, _ = [found.text for found in instructions if found.word == "RUN"]
    assert conda.startswith("conda create --yes ")
    assert conda.endswith("&& conda clean --all --force-pkgs-dirs --yes")
    assert pip.startswith(f"{prefix}/bin/python -m pip install ")
    assert {"--no-cache-dir", "--no-deps", "--require-hashes"} < set(pip.split())
    assert "activate" not in conda + pip
    assert next(found.text for found in instructions if found.word == "USER") == "10001"


def test_the_same_again(world: World, conda_env: str, tmp_path: Path) -> None:
    kinds.together(kinds.by_index, kinds.several_channels, kinds.variables)(
        world, conda_env, tmp_path
    )
    text, notes = dockerfile(world, conda_env)
    assert notes == ["files of no package: conda-meta/pinned"]
    assert_shape(images.read(text), f"/opt/conda/envs/{conda_env}")
    variables = images.play(world, text, tmp_path / "image")
    prefix = f"{tmp_path}/image/opt/conda/envs/{conda_env}"
    assert content(world, prefix) == content(world, world.env(conda_env))
    said = 'command -v python && echo "$OMP_NUM_THREADS $CONDA_PREFIX $CONDA_DEFAULT_ENV"'
    shown = world.run(["/bin/sh", "-c", f"{variables}\n{said}"]).stdout.decode()
    assert shown == f"{prefix}/bin/python\n2 {prefix} {conda_env}\n"
    assert not (tmp_path / "image/home/app/.bashrc").exists()


def test_what_was_asked_for(world: World, conda_env: str, tmp_path: Path) -> None:
    """pip is held to what conda has brought, which the exact versions do by themselves."""
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    world.run(["pip", "install", "pandas[performance]", "cowsay"], conda_env, check=True)
    text, _ = dockerfile(world, conda_env, "--from-requests")
    assert "--platform" not in text
    images.play(world, text, tmp_path / "image")
    anew = content(world, f"{tmp_path}/image/opt/conda/envs/{conda_env}")
    assert anew == content(world, world.env(conda_env))


def test_without_a_pip_of_conda_s(world: World, conda_env: str, tmp_path: Path) -> None:
    """Then it is base's that asks the index here, and that installs there."""
    kinds.by_uv(world, conda_env, tmp_path)
    world.run(["conda", "remove", "-y", "--force", "pip"], conda_env, check=True)
    text, notes = dockerfile(world, conda_env)
    assert notes == []
    images.play(world, text, tmp_path / "image")
    site = kinds.site_packages(f"{tmp_path}/image/opt/conda/envs/{conda_env}")
    assert [path.name for path in site.glob("*.dist-info")] == ["tqdm-4.66.1.dist-info"]


@pytest.mark.skipif(not TORTURE, reason="make torture has it")
def test_a_virtual_environment(world: World, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    world.run([f"{venv}/bin/pip", "install", "cowsay"], check=True)
    words = [sys.executable, "-m", "safeinstall", "export", "-p", str(venv)]
    done = world.run([*words, "--format", "dockerfile", "-o", f"{tmp_path}/Dockerfile"])
    assert (done.returncode, done.stdout) == (0, b"")
    images.play(world, (tmp_path / "Dockerfile").read_text(), tmp_path / "image")
    assert "cowsay==" in content(world, f"{tmp_path}/image/opt/conda/envs/venv")[1][0]


def test_what_is_on_this_machine_alone_is_left_out_and_told(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    kinds.editable(world, conda_env, tmp_path)
    kinds.installed(world.env(conda_env), "nowhere", {})
    text, notes = dockerfile(world, conda_env)
    first, second = notes
    assert first.startswith("thing is an editable install of ")
    assert second == "pip finds no file of nowhere 1.0, which is left out"
    assert all(f"# Not as in the environment: {note}" in text for note in notes)
    assert [found.word for found in images.read(text)].count("COPY") == 1  # nothing is for pip
    assert export(world, conda_env, "--format", "dockerfile", "--strict")[0] == 1


def test_scripts_of_activation(world: World, conda_env: str, tmp_path: Path) -> None:
    """The image's entry point sources those of packages; nobody has the user's own."""
    kinds.activation(world, conda_env, tmp_path)
    prefix = Path(world.env(conda_env))
    text, notes = dockerfile(world, conda_env)
    both = [f"etc/conda/{moment}.d/mine.sh" for moment in ("activate", "deactivate")]
    assert notes == [f"files of no package: {', '.join(both)}"]
    assert "ENTRYPOINT" not in text
    (record,) = prefix.glob("conda-meta/pip-*.json")
    known = json.loads(record.read_text())
    known["files"].append("etc/conda/activate.d/mine.sh")
    record.write_text(json.dumps(known))
    text, notes = dockerfile(world, conda_env)
    assert notes == [f"files of no package: {both[1]}"]
    assert 'ENTRYPOINT ["activated"]' in text
    activated = next(
        file for found in images.read(text) for path, file in found.files if "activated" in path
    )
    script = tmp_path / "activated"
    script.write_text(activated)
    words = ["bash", str(script), "sh", "-c", "echo $PLACE; exit 3"]
    done = world.run(words, environ={"CONDA_PREFIX": str(prefix)})
    assert (done.returncode, done.stdout.decode()) == (3, f"{prefix}\n")


def test_credentials_come_from_a_secret_of_the_build(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    environ = {"PIP_EXTRA_INDEX_URL": f"https://me:{SECRET}@pypi.acme.example/simple"}
    text, notes = dockerfile(world, conda_env, **environ)
    assert SECRET not in text + "".join(notes)
    assert notes == ["the credentials in pip's --extra-index-url are left out"]
    mount = "--mount=type=secret,id=netrc,target=/root/.netrc"
    assert "docker build --secret id=netrc,src=$HOME/.netrc" in text
    assert "~/.netrc has the credentials for pypi.acme.example" in text
    mounted = [found.word for found in images.read(text) if mount in found.options]
    assert mounted == ["RUN", "RUN"]


def test_packages_for_another_system(world: World, conda_env: str) -> None:
    (record,) = Path(world.env(conda_env)).glob("conda-meta/python-*.json")
    known = json.loads(record.read_text())
    known["url"] = "https://conda.anaconda.org/conda-forge/osx-arm64/python-3.11.9-h1_0.conda"
    record.write_text(json.dumps(known))
    words = [sys.executable, "-m", "safeinstall", "export", "--format", "dockerfile"]
    done = world.run([*words, "-p", world.env(conda_env)])
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"for osx-arm64, and no image is; use --from-requests" in done.stderr
    text, _ = dockerfile(world, conda_env, "--from-requests")
    assert START not in text
