"""Channels and their priority, as conda merges them; held against the real conda."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import argv, settings
from safeinstall.model import Channels, Command
from safeinstall.probe import channels, condarc
from safeinstall.probe.conda import Installation
from safeinstall.probe.place import conda_installation
from safeinstall.settings import Session
from tests import harness

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def effective(tmp_path: Path, line: str = "conda install x", **environ: str) -> Channels:
    command = argv.parse(line.split(), argv.Context({}, "/", lambda _: None, {}))
    installation = Installation(
        str(tmp_path / "root"),
        environ,
        str(tmp_path / "home"),
        str(tmp_path),
        str(tmp_path / "cache"),
    )
    return channels.effective(command, installation, str(tmp_path / "root/envs/e"))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_files_variables_and_the_command_line(tmp_path: Path) -> None:
    write(tmp_path / "root/.condarc", "channels: [defaults]\nchannel_priority: flexible\n")
    write(tmp_path / "home/.condarc", "channels: [conda-forge]\nchannel_priority: strict\n")
    found = effective(tmp_path)
    assert found.names == ("conda-forge", "defaults")
    assert found.priority == "strict"
    assert effective(tmp_path, CONDA_CHANNELS="a,b").names == ("a", "b", "conda-forge", "defaults")
    assert effective(tmp_path, CONDA_CHANNEL_PRIORITY="disabled").priority == "disabled"
    line = "conda install -c bioconda x"
    assert effective(tmp_path, line).names == ("bioconda", "conda-forge", "defaults")
    assert effective(tmp_path, f"{line} --override-channels").names == ("bioconda",)


def test_where_each_is_configured(tmp_path: Path) -> None:
    write(tmp_path / "root/.condarc", "channels: [defaults]\n")
    write(tmp_path / "home/.condarc", "channels: [conda-forge, defaults]\n")
    found = effective(tmp_path, "conda install -c bioconda x", CONDA_CHANNELS="a")
    root, home = str(tmp_path / "root/.condarc"), str(tmp_path / "home/.condarc")
    assert set(found.origins) == {
        ("defaults", root),
        ("conda-forge", home),
        ("defaults", home),
        ("a", "CONDA_CHANNELS"),
    }


@pytest.mark.real_conda
def test_what_takes_a_channel_out_of_its_file(world: World, tmp_path: Path) -> None:
    """The file need not be the user's own: without it, conda would look in ``~/.condarc``."""
    rc = tmp_path / "own.yml"
    rc.write_text("channels:\n  - conda-forge\n  - https://repo.anaconda.com/pkgs/main\n")
    line = ["conda", "install", "-n", "base", "six"]
    answer = world.run(
        [*harness.GUARD, "check", "--json", "--", *line], environ={"CONDARC": str(rc)}
    )
    findings = json.loads(answer.stdout)["findings"]
    (finding,) = [found for found in findings if found["rule"] == "SI302"]
    (fix,) = [fix for fix in finding["fixes"] if fix.startswith("conda config")]
    world.run(["sh", "-c", fix], check=True)
    assert "anaconda" not in rc.read_text()


def test_final_and_old_words(tmp_path: Path) -> None:
    write(tmp_path / "root/.condarc", "channel_priority: true #!final\n")
    write(tmp_path / "home/.condarc", "channel_priority: strict\n")
    assert effective(tmp_path).priority == "flexible"


@pytest.mark.parametrize(
    ("version", "names"), [("25.7.0", ("defaults",)), ("25.9.0", ()), ("4.12.0", ("defaults",))]
)
def test_an_older_conda_takes_defaults_unasked(
    tmp_path: Path, version: str, names: tuple[str, ...]
) -> None:
    write(tmp_path / f"root/conda-meta/conda-{version}-py311_0.json", "{}")
    write(tmp_path / "root/conda-meta/conda-package-handling-2.2.0-py_0.json", "{}")
    assert effective(tmp_path).names == names


def test_addresses() -> None:
    found = Channels(
        names=("conda-forge", "defaults", "file:///srv/c", "pkgs/pro", "mine/sub", "/srv/d", "two"),
        alias="https://alias.example/c/",
        groups=(("defaults", ("https://repo.example/main", "other")), ("two", ("a", "b"))),
        custom=(("pkgs/pro", "https://pro.example"), ("mine", "https://me.example/")),
    )
    assert [address for _, address in channels.addresses(found)] == [
        "https://alias.example/c/conda-forge",
        "https://repo.example/main",
        "https://alias.example/c/other",
        "file:///srv/c",
        "https://pro.example/pkgs/pro",
        "https://me.example/mine/sub",
        "file:///srv/d",
        "https://alias.example/c/a",
        "https://alias.example/c/b",
    ]


CONDARCS = [
    "channels: [conda-forge, defaults]\n",
    "channels:\n  - a\n  - b #!bottom\nchannel_priority: strict\n",
    "channels: [x] #!final\nchannel_priority: disabled #!final\n",
    "channel_priority: false\ndefault_channels: [https://mirror.example/m]\n",
    "channel_alias: https://alias.example/c\nchannels: [conda-forge]\nchannel_priority: true\n",
    "channel: [old]\n",
    "custom_multichannels:\n  both: [conda-forge, https://two.example/c]\nchannels: [both]\n",
    "custom_multichannels: {defaults: [https://own.example/m]}\ndefault_channels: [other]\n",
]


@pytest.mark.real_conda
@pytest.mark.parametrize("text", CONDARCS)
@pytest.mark.parametrize("variable", ["", "CONDA_CHANNELS", "CONDA_CHANNEL_PRIORITY"])
def test_as_the_real_conda_says(world: World, tmp_path: Path, text: str, variable: str) -> None:
    condarc = tmp_path / "extra.yml"
    condarc.write_text(text)
    more = {"CONDARC": str(condarc)}
    if variable:
        more[variable] = "p,q" if variable == "CONDA_CHANNELS" else "strict"
    environ = world.environ(None, **more)
    keys = ["channels", "channel_priority", "channel_alias", "custom_multichannels"]
    done = world.run(["conda", "config", "--json", "--show", *keys], environ=more)
    said = json.loads(done.stdout)
    installation = conda_installation(Session(settings.read(environ), environ, world.work))
    found = channels.effective(
        Command(("conda",), "conda", verb="install"), installation, installation.root_prefix
    )
    assert list(found.names) == said["channels"]
    assert found.priority == said["channel_priority"]
    assert found.alias.split("://")[1] == said["channel_alias"]["location"]
    for name, members in said["custom_multichannels"].items():
        if name != "local":  # conda-build's output on this machine
            alone = found.replace(names=(name,))
            theirs = [f"{m['scheme']}://{m['location']}/{m['name']}" for m in members]
            assert [address for _, address in channels.addresses(alone)] == theirs


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        *((word, True) for word in ("", "false", "Off", "n", "NO", "non", "none", " 0 ", "0.0")),
        *((word, False) for word in ("true", "yes", "on", "y", "1", "2", "0.1", "f")),
    ],
)
def test_what_conda_takes_for_false(value: str, answer: bool) -> None:
    assert condarc.is_false(value) is answer
