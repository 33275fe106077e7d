"""``export``: the file that it writes makes the same environment anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests import harness, kinds

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

    Content = tuple[set[str], list[str]]

SECRET = "s3cr3t-t0ken"
START = "safeinstall: not the same elsewhere: "


def export(world: World, name: str, *options: str, **environ: str) -> tuple[int, str, list[str]]:
    """Status, text, and what is not the same elsewhere; not that wheels are on this machine."""
    words = [sys.executable, "-m", "safeinstall", "export", "-p", world.env(name), *options]
    done = world.run(words, environ=environ)
    notes = done.stderr.decode().splitlines()
    assert all(note.startswith(START) for note in notes), notes
    said = [note.removeprefix(START) for note in notes if " is on this machine" not in note]
    return done.returncode, done.stdout.decode(), said


def content(world: World, name: str) -> Content:
    """What conda has records of, and what pip sees."""
    records = {path.name for path in Path(world.env(name), "conda-meta").glob("*.json")}
    freeze = world.run(["pip", "freeze"], name, check=True).stdout.decode()
    return records, sorted(freeze.splitlines())


def made_anew(world: World, text: str, directory: Path) -> Content:
    """What is in the environment that conda alone makes of the file."""
    (directory / "out").mkdir()
    file = directory / "out" / "environment.yml"
    file.write_text(text)
    done = world.run(["conda", "env", "create", "-n", "anew", "-f", str(file)])
    try:
        assert done.returncode == 0, (text, done.stdout.decode(), done.stderr.decode())
        return content(world, "anew")
    finally:
        world.remove_env("anew")


# What is said about each kind that is not the same elsewhere
SAID: dict[kinds.Kind, str] = {
    kinds.from_git: "transformers comes from ",
    kinds.wheel_by_path: "tqdm comes from ",
    kinds.directory: "thing comes from ",
    kinds.editable: "thing is an editable install of ",
    **dict.fromkeys(kinds.OF_NOBODY, "files of no package: "),
}


@pytest.mark.parametrize("kind", harness.few(kinds.REPEATABLE, 2), ids=lambda kind: kind.__name__)
def test_the_same_again(world: World, conda_env: str, tmp_path: Path, kind: kinds.Kind) -> None:
    kind(world, conda_env, tmp_path)
    status, text, notes = export(world, conda_env)
    assert status == 0
    assert made_anew(world, text, tmp_path) == content(world, conda_env)
    said = {SAID[part] for part in kinds.parts(kind) if part in SAID}
    assert len(notes) == len(said)
    assert all(any(note.startswith(start) for note in notes) for start in said)


@pytest.mark.parametrize("kind", harness.few(kinds.DAMAGED, 1), ids=lambda kind: kind.__name__)
def test_what_is_damaged(world: World, conda_env: str, tmp_path: Path, kind: kinds.Kind) -> None:
    """conda can make an environment of the file, and everything is there."""
    kind(world, conda_env, tmp_path)
    text = export(world, conda_env)[1]
    names, again = (
        {line.split("==")[0] for line in found[1]}
        for found in (content(world, conda_env), made_anew(world, text, tmp_path))
    )
    assert names - again == set()


def test_what_pip_put_over_conda_s_is_pip_s(world: World, conda_env: str, tmp_path: Path) -> None:
    """As nothing of conda's needs conda's, the new environment is without the damage."""
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    world.run(["pip", "install", "six==1.17.0"], conda_env, check=True)
    _, text, notes = export(world, conda_env)
    assert notes == ["conda's six, over which pip's lies, is left out"]
    records, freeze = made_anew(world, text, tmp_path)
    assert freeze == content(world, conda_env)[1]
    assert not any(record.startswith("six-") for record in records)


def test_where_conda_s_others_need_it(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "requests"], conda_env, check=True)
    world.run(["pip", "install", "--no-deps", "idna==3.7"], conda_env, check=True)
    _, text, notes = export(world, conda_env)
    assert notes == ["pip's idna lies over conda's, and both are named"]
    assert made_anew(world, text, tmp_path) == content(world, conda_env)


def test_what_is_gone_does_not_come_again(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    world.run(["pip", "uninstall", "-y", "six"], conda_env, check=True)
    _, text, notes = export(world, conda_env)
    assert notes == ["conda's six, which is gone, is left out"]
    assert made_anew(world, text, tmp_path)[1] == content(world, conda_env)[1]


def test_what_was_asked_for(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26", "requests"], conda_env, check=True)
    words = ["pip", "install", "pandas[performance]>=2.1", "cowsay"]
    assert harness.run(world, words, conda_env).returncode == 0
    world.run(["conda", "remove", "-y", "requests"], conda_env, check=True)
    _, text, _ = export(world, conda_env, "--from-requests")
    conda = yaml.safe_load(text)["dependencies"]
    pip = conda.pop()["pip"]
    assert sorted(conda) == ["numpy=1.26", "pip", "python=3.11"]
    assert pip[-2:] == ["cowsay", "pandas[performance]>=2.1"]


def test_what_nobody_has_kept_is_told_of(world: World, conda_env: str) -> None:
    Path(world.env(conda_env), "conda-meta", "history").write_text("")
    assert export(world, conda_env)[2] == []
    said = ["conda's history does not tell what was asked for"]
    assert export(world, conda_env, "--from-requests")[2] == said


def test_settings_of_conda_and_pip_without_secrets(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    kept = {"env_vars": {"OMP_NUM_THREADS": "2", "API_TOKEN": SECRET, "OLD": "***unset***"}}
    Path(world.env(conda_env), "conda-meta", "state").write_text(json.dumps(kept))
    config = tmp_path / "pip.conf"
    config.write_text(
        f"[global]\nindex-url = https://me:{SECRET}@pypi.acme.example/simple\n"
        "[install]\nextra-index-url = https://a.example/simple\n  https://b.example/simple\n"
        "pre = true\n"
    )
    status, text, notes = export(world, conda_env, PIP_CONFIG_FILE=str(config))
    assert status == 0
    assert SECRET not in text + "".join(notes)
    document = yaml.safe_load(text)
    assert document["variables"] == {"OMP_NUM_THREADS": "2"}
    assert document["dependencies"][-1]["pip"][:-1] == [
        "--index-url https://pypi.acme.example/simple",
        "--pre",
        "--extra-index-url https://a.example/simple",
        "--extra-index-url https://b.example/simple",
    ]
    assert sorted(notes) == [
        "the credentials in pip's --index-url are left out",
        "the variable API_TOKEN, which may be a secret, is left out",
    ]


@pytest.mark.parametrize("asked", ["?token=", "?X-Amz-Signature=", "t/"])
def test_a_secret_in_an_address(world: World, conda_env: str, asked: str) -> None:
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    (info,) = Path(world.env(conda_env)).glob("lib/python3*/site-packages/cowsay-*.dist-info")
    secret = "aB3xK9mQ2vR7tY5wZ1cD8eF4gH6jL0nP"
    address = f"https://h.example/{asked}{secret}/x.zip"
    (info / "direct_url.json").write_text(json.dumps({"url": address, "archive_info": {}}))
    _, text, notes = export(world, conda_env, PIP_INDEX_URL=f"https://h.example/{asked}{secret}")
    assert secret not in text + "".join(notes)
    assert "cowsay==" in text
    assert any("cowsay" in note for note in notes)


def test_a_virtual_environment(world: World, tmp_path: Path) -> None:
    first, again = tmp_path / "venv", tmp_path / "again"
    for place in (first, again):
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    world.run([f"{first}/bin/pip", "install", "pandas==2.1.4", "numpy==1.26.4"], check=True)
    words = [sys.executable, "-m", "safeinstall", "export", "-p", str(first)]
    done = world.run([*words, "--format", "requirements", "-o", f"{tmp_path}/r.txt"])
    assert (done.returncode, done.stdout) == (0, b"")
    world.run([f"{again}/bin/pip", "install", "-r", f"{tmp_path}/r.txt"], check=True)
    freezes = [world.run([f"{place}/bin/pip", "freeze"]).stdout for place in (first, again)]
    assert freezes[0] == freezes[1]
    assert b"pandas" in freezes[0]


def test_as_it_was_after_an_operation(world: World, conda_env: str, tmp_path: Path) -> None:
    """Also where something was changed without the guard since."""
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    (wheel,) = Path(world.wheels).glob("tqdm-4.66.1-*")
    assert harness.run(world, ["pip", "install", str(wheel)], conda_env).returncode == 0
    before = content(world, conda_env)
    assert harness.run(world, ["pip", "install", "cowsay"], conda_env).returncode == 0
    world.run(["pip", "uninstall", "-y", "tqdm"], conda_env, check=True)
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    status, text, notes = export(world, conda_env, "--at", "last-1")
    assert status == 0
    assert [note.partition(" ")[0] for note in notes] == ["channels,", "tqdm"]
    assert made_anew(world, text, tmp_path) == before
    done = world.run(
        [sys.executable, "-m", "safeinstall", "export", "-p", world.env(conda_env), "--at", "999"]
    )
    assert done.returncode == 64


def test_strict(world: World, conda_env: str, tmp_path: Path) -> None:
    kinds.editable(world, conda_env, tmp_path)
    assert export(world, conda_env, "--strict")[0] == 1
    assert export(world, conda_env, "--strict", "--format", "requirements")[0] == 1


def test_our_own_door_is_no_file_of_nobody(world: World, conda_env: str) -> None:
    door = [sys.executable, "-m", "safeinstall", "door", "open", "-p", world.env(conda_env)]
    world.run(door, check=True)
    assert list(Path(world.env(conda_env)).glob("lib/python3*/site-packages/*safeinstall*door*"))
    assert export(world, conda_env)[2] == []


def test_a_file_that_cannot_be_read_is_told_of(world: World, conda_env: str) -> None:
    world.run(["pip", "install", "cowsay"], conda_env, check=True)
    (info,) = Path(world.env(conda_env)).glob("lib/python3*/site-packages/cowsay-*.dist-info")
    for text in ("{", "[]", '{"url": 1}', '{"url": "file:///x"}', "[" * 5000):
        (info / "direct_url.json").write_text(text)
        status, written, notes = export(world, conda_env)
        assert status == 0
        assert "cowsay==" in written
        assert notes == ["where cowsay came from cannot be read: its direct_url.json"]


@pytest.mark.parametrize("options", [["--format", "x"], ["-p", "/no/such"], ["-n", "nosuch"]])
def test_wrong_use(world: World, options: list[str]) -> None:
    done = world.run([sys.executable, "-m", "safeinstall", "export", *options])
    assert done.returncode == 64
    assert done.stdout == b""
