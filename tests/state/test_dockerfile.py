"""The text of a Dockerfile: nothing that was read from an environment is an instruction in it."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from packaging.direct_url import DirectUrl

from safeinstall.state import dockerfile
from safeinstall.state.lock import Archive
from safeinstall.state.nouns import CondaPackage, Distribution, State
from tests import images

EVIL = "\nEOF\nRUN evil"
CHANNEL = "https://conda.anaconda.org/conda-forge"
PYTHON = CondaPackage(
    "python", "3.11.9", "h1_0", url=f"{CHANNEL}/linux-64/python-3.11.9-h1_0.conda", sha256="a" * 64
)


def text_of(requests: bool = False, **parts: Any) -> str:
    state = State(name="x", python="3.11.9", conda=(PYTHON,)).replace(**parts)
    archives = {"cowsay": Archive("https://a.example/cowsay-6.0.whl", "e" * 64)}
    return dockerfile.text(state, archives, requests, dockerfile.lacking(state))


def origin(**parts: object) -> DirectUrl:
    return DirectUrl.from_dict(parts)


def files(text: str) -> dict[str, str]:
    every = [file for found in images.read(text) for file in found.files]
    return {path.rpartition("/")[2]: content for path, content in every}


def test_a_commit_has_no_sum_and_is_apart() -> None:
    commit = {"vcs": "git", "commit_id": "c" * 40}
    archive = {"hashes": {"sha256": "d" * 64}}
    text = text_of(
        pip=(
            Distribution("cowsay", "6.0"),
            Distribution("x", "1", origin=origin(url="https://g.example/x.git", vcs_info=commit)),
            Distribution("y", "1", origin=origin(url="https://g.example/y.zip", archive_info={})),
            Distribution(
                "z", "1", origin=origin(url="https://g.example/z.zip", archive_info=archive)
            ),
        ),
        pip_options=("--index-url https://i.example/simple",),
    )
    assert files(text)["requirements.txt"].splitlines() == [
        "--index-url https://i.example/simple",
        f"cowsay==6.0 --hash=sha256:{'e' * 64}",
        f"z @ https://g.example/z.zip#sha256={'d' * 64}",
    ]
    assert files(text)["unhashed.txt"].splitlines() == [
        "--index-url https://i.example/simple",
        f"x @ git+https://g.example/x.git@{'c' * 40}",
        "y @ https://g.example/y.zip",
    ]
    own = "/opt/conda/envs/x/bin/python"
    assert f"/opt/conda/bin/python -m pip --python {own} install" in text  # conda brings no pip
    assert images.lint(text) == ""


def test_what_a_new_environment_has_by_itself() -> None:
    """A pip that has renewed itself lies over conda's, which is then not in conda's list."""
    archives = {"pip": Archive("https://a.example/pip-25.0.whl", "e" * 64)}
    bare = State(name="x", python="3.11", pip=(Distribution("pip", "25.0", requested=True),))
    assert "requirements.txt" not in dockerfile.text(bare, archives, False, ())
    renewed = dockerfile.text(bare.replace(conda=(PYTHON,)), archives, False, ())
    assert files(renewed)["requirements.txt"].startswith("pip==25.0 --hash=")


@pytest.mark.parametrize("requests", [False, True])
def test_nothing_of_an_environment_is_an_instruction(requests: bool) -> None:
    text = text_of(
        requests,
        name="a b\nEOF\nRUN x",
        channels=(f"c{EVIL}",),
        conda=(PYTHON, CondaPackage("e", "1", "0", url=f"https://x/linux-64/e-1-0.conda{EVIL}")),
        pip=(
            Distribution("y", "1", origin=origin(url=f"https://y/y.zip{EVIL}", archive_info={})),
            Distribution("EOF", ""),
        ),
        pip_options=(f"--pre{EVIL}", "EOF"),
        variables={"A": EVIL, f"B{EVIL}": "1"},
        logins=(f"host{EVIL}",),
    )
    assert not any("evil" in found.text for found in images.read(text) if found.word != "COPY")
    assert {found.word for found in images.read(text)} <= {
        *("ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "CMD")
    }


@pytest.mark.parametrize(
    "value", ["", "a b", "$HOME ${HOME}", '"', "\\", "'", "a\\$b\\\\\"c'", "é"]
)
def test_a_variable_has_its_value(value: str) -> None:
    """Within double quotes a Dockerfile and a shell agree."""
    text = text_of(variables={"THE_VALUE": value})
    (env,) = [found.text for found in images.read(text) if found.word == "ENV"]
    line = f'export {env}\nprintf %s "$THE_VALUE"'
    assert subprocess.run(["sh", "-c", line], capture_output=True).stdout.decode() == value


def test_what_cannot_be_written_is_told() -> None:
    state = State(name="", python="", variables={"A": "a\nb", "B C": "1", "D": "1"})
    assert [line.split(" ")[2] for line in dockerfile.lacking(state)] == ["A", "B"]
    text = dockerfile.text(state, {}, False, dockerfile.lacking(state))
    assert "/opt/conda/envs/environment/bin" in text
    assert images.lint(text) == ""


@pytest.mark.parametrize(
    ("platform", "image"), [("linux-64", "linux/amd64"), ("linux-aarch64", "linux/arm64")]
)
def test_conda_s_packages_are_for_one_platform(platform: str, image: str) -> None:
    text = text_of(conda=(PYTHON.replace(url=PYTHON.url.replace("linux-64", platform)),))
    assert f"FROM --platform={image} " in text


@pytest.mark.parametrize("platform", ["osx-arm64", "win-64", "linux-armv7l"])
def test_no_image_is_for_this_platform(platform: str) -> None:
    with pytest.raises(ValueError, match=platform):
        text_of(conda=(PYTHON.replace(url=PYTHON.url.replace("linux-64", platform)),))
