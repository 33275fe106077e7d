"""pip's configuration as we read it, against ``pip config list`` in a real environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from safeinstall.probe import pip_config


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", path], check=True)
    return str(path)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"PIP_CONFIG_FILE": "{home}/named"},
        {"XDG_CONFIG_HOME": "{home}/xdg"},
        {"PIP_CONFIG_FILE": os.devnull},
        {"PIP_CONFIG_FILE": "/nowhere"},
        {"XDG_CONFIG_DIRS": "{home}/a:{home}/b"},
    ],
    ids=str,
)
def test_the_same_as_pip_config_list(
    prefix: str, tmp_path: Path, variables: dict[str, str]
) -> None:
    write(tmp_path / ".pip" / "pip.conf", "[global]\ntimeout = 1\nindex_url = https://a\n")
    write(
        tmp_path / ".config" / "pip" / "pip.conf", "[global]\ntimeout=2\n[install]\nno-deps=yes\n"
    )
    write(tmp_path / "xdg" / "pip" / "pip.conf", "[install]\ntarget = /x\n")
    write(tmp_path / "a" / "pip" / "pip.conf", "[global]\nretries = 1\n")
    write(tmp_path / "b" / "pip" / "pip.conf", "[global]\nretries = 2\n")
    write(tmp_path / "named", "[install]\n--User = no\ntimeout = 5\n")
    write(Path(prefix, "pip.conf"), "[install]\nconstraint = c.txt\n")
    environ = {"HOME": str(tmp_path), "PATH": os.defpath}
    environ |= {key: value.format(home=tmp_path) for key, value in variables.items()}
    listed = subprocess.run(
        [f"{prefix}/bin/pip", "config", "list"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs = {
        line.partition("=")[0]: line.partition("=")[2].strip("'\"")
        for line in listed.splitlines()
        if not line.startswith(":env:")
    }
    assert pip_config.read(prefix, environ, str(tmp_path), str(tmp_path / "cache")) == theirs


def test_a_file_that_is_no_configuration(tmp_path: Path) -> None:
    without = pip_config.read("", {}, str(tmp_path), str(tmp_path / "cache"))
    write(tmp_path / ".pip" / "pip.conf", "nonsense")
    assert pip_config.read("", {}, str(tmp_path), str(tmp_path / "cache")) == without
