"""What uv's files say of ``uv pip``, against what the real uv makes of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safeinstall.argv import Context, parse
from safeinstall.files import read_bytes
from safeinstall.model import Command
from safeinstall.probe import uv, uv_config
from tests.uv import UV

needs_uv = pytest.mark.skipif(UV is None, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")

PYTHON = '[pip]\npython = "{0}"\n'
BY_PROJECT = '[tool.uv.pip]\npython = "{0}"\n'
PROJECT = '[project]\nname = "x"\nversion = "1"\n'
SPACE = '[tool.uv.workspace]\nmembers = ["de*"]\n'
ELSEWHERE = SPACE.replace("de*", "d/*")
ALL = "[pip]\nreinstall = true\nupgrade = true\nbreak-system-packages = true\nsystem = true\n"

PLACES: list[tuple[dict[str, str], list[str], dict[str, str]]] = [
    ({"p/uv.toml": "A"}, [], {}),
    ({"p/uv.toml": "A"}, ["--python", "{B}"], {}),
    ({"p/uv.toml": "A"}, [], {"UV_PYTHON": "{B}"}),
    ({"p/uv.toml": "A"}, [], {"VIRTUAL_ENV": "{B}"}),
    ({"p/uv.toml": "A"}, ["--system"], {}),
    ({"p/uv.toml": "A"}, ["--no-config"], {"VIRTUAL_ENV": "{B}"}),
    ({"p/uv.toml": "A"}, ["--isolated"], {"VIRTUAL_ENV": "{B}"}),
    ({"p/uv.toml": "A"}, [], {"UV_NO_CONFIG": "1", "VIRTUAL_ENV": "{B}"}),
    ({"p/uv.toml": "A"}, [], {"UV_NO_CONFIG": "false", "VIRTUAL_ENV": "{B}"}),
    ({"p/uv.toml": "A", "home/.config/uv/uv.toml": "B"}, [], {}),
    ({"home/.config/uv/uv.toml": "B"}, [], {}),
    ({"xh/uv/uv.toml": "A", "home/.config/uv/uv.toml": "B"}, [], {"XDG_CONFIG_HOME": "{T}/xh"}),
    ({"xd/uv/uv.toml": "A"}, [], {"XDG_CONFIG_DIRS": "/nowhere:{T}/xd"}),
    (
        {"xd/uv/uv.toml": "A", "home/.config/uv/uv.toml": "B"},
        [],
        {"XDG_CONFIG_DIRS": "{T}/xd"},
    ),
    ({"p/uv.toml": "A", "o/x.toml": "B"}, ["--config-file", "../../o/x.toml"], {}),
    ({"p/uv.toml": "A", "o/x.toml": "B"}, [], {"UV_CONFIG_FILE": "../../o/x.toml"}),
    ({"p/uv.toml": "A", "o/x.toml": "B"}, ["--no-config", "--config-file", "../../o/x.toml"], {}),
    ({"p/deep/x.toml": "A", "p/x.toml": "B"}, ["--directory", "..", "--config-file", "x.toml"], {}),
    ({"p/uv.toml": "A", "o/uv.toml": "B"}, ["--project", "../../o"], {}),
    ({"p/uv.toml": "A", "o/uv.toml": "B"}, ["--directory", "../../o"], {}),
    ({"p/uv.toml": "A", "o/uv.toml": "B"}, [], {"UV_PROJECT": "../../o"}),
    ({"p/uv.toml": "A", "o/uv.toml": "B"}, [], {"UV_WORKING_DIR": "../../o"}),
    ({"p/pyproject.toml": BY_PROJECT + "A"}, [], {}),
    ({"p/uv.toml": "A", "p/deep/pyproject.toml": PROJECT}, [], {}),
    (
        {"p/uv.toml": "A", "p/deep/pyproject.toml": PROJECT + "[tool.uv]\n"},
        [],
        {"VIRTUAL_ENV": "{B}"},
    ),
    ({"p/uv.toml": "A", "p/deep/pyproject.toml": "]["}, [], {}),
    ({"p/uv.toml": "A", "p/deep/uv.toml": "offline = true\n"}, [], {"VIRTUAL_ENV": "{B}"}),
    ({"p/pyproject.toml": PROJECT, "p/deep/uv.toml": "A"}, [], {"VIRTUAL_ENV": "{B}"}),
    ({"p/pyproject.toml": PROJECT + BY_PROJECT + "B", "p/deep/uv.toml": "A"}, [], {}),
    ({"p/pyproject.toml": BY_PROJECT + "B", "p/deep/uv.toml": "A"}, [], {}),
    ({"p/pyproject.toml": ELSEWHERE + BY_PROJECT + "B", "p/deep/uv.toml": "A"}, [], {}),
    (
        {
            "p/pyproject.toml": SPACE + BY_PROJECT + "B",
            "p/deep/pyproject.toml": PROJECT,
            "p/deep/uv.toml": "A",
        },
        [],
        {},
    ),
    (
        {
            "p/pyproject.toml": ELSEWHERE + BY_PROJECT + "B",
            "p/deep/pyproject.toml": PROJECT,
            "p/deep/uv.toml": "A",
        },
        [],
        {},
    ),
    (
        {
            "p/pyproject.toml": PROJECT + "[tool.uv]\nmanaged = false\n" + BY_PROJECT + "B",
            "p/deep/uv.toml": "A",
        },
        [],
        {},
    ),
]

SETTINGS: list[tuple[str, str, list[str]]] = [
    (ALL, "", []),
    (ALL, "", ["--no-reinstall", "--no-upgrade", "--no-system", "--no-break-system-packages"]),
    (ALL, "", ["--reinstall-package", "a"]),
    (ALL, "", ["--prefix", "P", "--python", "3.12"]),
    ("reinstall = true\nupgrade = true\n", "", []),
    ("reinstall = true\n", "[pip]\nreinstall = false\n", []),
    ("[pip]\nreinstall = false\n", "reinstall = true\n", []),
    ("[pip]\nreinstall = false\n", "", ["--reinstall-package", "c"]),
    ('[pip]\nreinstall-package = ["a"]\n', '[pip]\nreinstall-package = ["Num_Py"]\n', []),
    ('reinstall-package = ["a"]\n[pip]\nreinstall-package = ["d"]\n', "", []),
    ('reinstall-package = ["a"]\n', "", ["--reinstall-package", "c"]),
    ('reinstall-package = ["a"]\n', "", ["--no-reinstall"]),
    ('reinstall-package = ["a"]\n', "[pip]\nsystem = true\n", []),
    ("", "", ["--reinstall", "--no-reinstall"]),
    ('[pip]\ntarget = "T"\n', '[pip]\nsystem = true\nprefix = "X"\n', []),
    ('[pip]\nprefix = "X"\n', "", []),
    ('[pip]\nprefix = "X"\n', "", ["--prefix", "P"]),
    ('[pip]\nprefix = "X"\n', "", ["--target", "P"]),
    ('[pip]\ntarget = "T"\n', "", ["--prefix", "P"]),
]


def context(tmp_path: Path, environ: dict[str, str]) -> Context:
    def read(directory: str, named: str) -> dict[str, Any]:
        home, cache = str(tmp_path / "home"), str(tmp_path / "cache")
        return uv_config.read(directory, named, environ, home, cache)

    return Context(environ, str(tmp_path / "p/deep"), read_bytes, {}, {}, read)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="module")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = {name: str(tmp_path_factory.mktemp("venvs") / name) for name in "AB"}
    for path in found.values():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
    return found


@needs_uv
@pytest.mark.parametrize("case", PLACES, ids=str)
def test_which_files_count(
    tmp_path: Path,
    venvs: dict[str, str],
    case: tuple[dict[str, str], list[str], dict[str, str]],
) -> None:
    files, options, variables = case
    for directory in ("p/deep", "home"):
        (tmp_path / directory).mkdir(parents=True)
    for name, text in files.items():
        write(tmp_path / name, content(text, venvs))
    known = {"T": tmp_path, **venvs}
    options = [option.format(**known) for option in options]
    environ = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}
    environ |= {name: value.format(**known) for name, value in variables.items()}
    there = context(tmp_path, environ)
    target = parse(["uv", "pip", "install", *options, "x"], there).target
    found = uv.target_prefix(target, environ, there.cwd)
    assert found
    told = asked(["list", "-v", *options], environ, there.cwd)
    assert f"environment at: {found}\n" in told, told


def content(text: str, venvs: dict[str, str]) -> str:
    """The letter at the end is the environment that the file leads to."""
    if text[-1:] not in venvs:
        return text
    form = text[:-1] or PYTHON
    return form.replace("{0}", venvs[text[-1]])


def asked(words: list[str], environ: dict[str, str], cwd: str) -> str:
    assert UV is not None
    command = [UV, "pip", *words, "--offline"]
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True)
    return done.stdout + done.stderr


@needs_uv
@pytest.mark.parametrize("case", SETTINGS, ids=str)
def test_what_they_say(tmp_path: Path, case: tuple[str, str, list[str]]) -> None:
    project, user, options = case
    (tmp_path / "p/deep").mkdir(parents=True)
    write(tmp_path / "p/uv.toml", project)
    write(tmp_path / "home/.config/uv/uv.toml", user)
    environ = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}
    there = context(tmp_path, environ)
    command = parse(["uv", "pip", "install", *options, "x"], there)
    told = asked(["install", "--show-settings", *options, "x"], environ, there.cwd)
    assert ours(command) == theirs(told)


def ours(command: Command) -> dict[str, object]:
    again = "--reinstall" in command.flags
    target = command.target
    return {
        "python": target.python or "",
        "system": target.system,
        "break": "--break-system-packages" in command.flags,
        "target": target.directory or "",
        "prefix": target.scheme_prefix or "",
        "reinstall": ["all"] if again else sorted(command.reinstalls),
        "upgrade": "--upgrade" in command.flags,
    }


def theirs(text: str) -> dict[str, object]:
    """``--show-settings``; of target and prefix uv takes the first one."""
    settings = text[text.index("    settings: PipSettings") :]

    def said(name: str) -> str:
        found = re.search(rf"\n        {name}: (.*?)(?=\n        \S+:|\n    }})", settings, re.S)
        assert found, (name, settings)
        return re.sub(r"\s+", " ", found[1])

    def quoted(name: str) -> list[str]:
        return re.findall(r'"(.*?)"', said(name))

    target = "".join(quoted("target"))
    again = said("reinstall")
    return {
        "python": "".join(quoted("python")),
        "system": said("system") == "true,",
        "break": said("break_system_packages") == "true,",
        "target": target,
        "prefix": "" if target else "".join(quoted("prefix")),
        "reinstall": ["all"] if "All" in again else sorted(quoted("reinstall")),
        "upgrade": "All" in said("upgrade"),
    }


def test_files_that_are_no_configuration(tmp_path: Path) -> None:
    cwd = str(tmp_path)
    for text in ("][", "pip = 3\n", "[pip]\npython = 3\nreinstall = 'x'\n", "pip = 1979-05-27\n"):
        write(tmp_path / "uv.toml", text)
        assert uv_config.read(cwd, "", {}, cwd, str(tmp_path / "cache")) == {}
        assert uv_config.read(cwd, f"{cwd}/uv.toml", {}, cwd, "") == {}
    assert uv_config.read(cwd, "/nowhere/uv.toml", {}, cwd, "") == {}
