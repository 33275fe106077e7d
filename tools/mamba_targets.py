"""Ask a real micromamba which environment it would change, in a table of situations.

    python tools/mamba_targets.py MICROMAMBA     MICROMAMBA: the executable; writes tests/probe/data

The situations are those of ``conda_targets.py``, with files and variables of mamba's own. It is
asked by ``info --json``, which finds the prefix as ``install`` does, and the channels.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conda_targets
from conda_targets import Situation, filled, lay_out, store

TABLE = os.path.join(os.path.dirname(conda_targets.TABLE), "mamba_targets.json.gz")

# ``info`` wants relative paths to have a separator, and expands no variables, as ``install``
SELECTORS = [words for words in conda_targets.SELECTORS if len(words) < 4]

CONFIGURATIONS: list[tuple[dict[str, str], dict[str, str]]] = [  # variables, files
    *conda_targets.CONFIGURATIONS,
    ({}, {"@/home/.mambarc": "envs_dirs: [@/more]\nchannels: [a]\n"}),
    ({}, {"@/root/.mambarc": "envs_dirs: [@/more]\nchannels: [a]\n"}),
    ({}, {"@/home/.mamba/mambarc.d/a.yml": "envs_dirs: [@/more]\nchannels: [a]\n"}),
    ({}, {"@/home/.config/mamba/mambarc": "envs_dirs: [@/more]\nchannels: [a]\n"}),
    ({"XDG_CONFIG_HOME": "@/xdg"}, {"@/xdg/mamba/.mambarc": "envs_dirs: [@/more]\n"}),
    ({"MAMBARC": "@/my.yml"}, {"@/my.yml": "envs_dirs: [@/more]\nchannels: [a, b]\n"}),
    (
        {},
        {
            "@/home/.mambarc": "envs_dirs: [@/more]\nchannels: [a]\n",
            "@/home/.condarc": "envs_dirs: [@/other]\nchannels: [b, a]\n",
            "@/root/.condarc": "channels: [c]\n",
        },
    ),
    (
        {"CONDA_CHANNELS": "d,e"},
        {
            "@/root/envs/one/.mambarc": "envs_dirs: [@/more]\nchannels: [a]\n",
            "@/root/envs/one/.condarc": "channels: [b]\n",
        },
    ),
    ({}, {"@/home/.condarc": "channel_alias: https://a.example\n"}),
    ({"MAMBA_CHANNEL_ALIAS": "https://b.example"}, {}),
    ({"CONDA_CHANNEL_ALIAS": "https://c.example"}, {}),
    ({}, {"@/home/.mambarc": "channels: [defaults]\ndefault_channels: [https://x.example/y]\n"}),
]

MORE = "envs_dirs: [@/more]\nchannels: [a]\n"
FILES = {  # one of each kind: in its place, in the target, named
    "@/home/.mambarc": "envs_dirs: [@/other]\nchannels: [b]\nchannel_alias: https://b.example\n",
    "@/root/envs/one/.mambarc": "channels: [c]\n",
    "@/my.yml": MORE,
    "@/work/here.yaml": "channels: [d]\n",
    "@/work/rc.d/x.yml": "channels: [e]\n",
    "@/home/rc.yml": "channels: [f]\n",
    "@/work/unlikely": MORE,
}
SETTINGS: list[tuple[list[str], dict[str, str]]] = [  # options, variables
    (["--rc-file", "@/my.yml"], {}),
    (["--rc-file=here.yaml"], {}),
    (["--rc-file", "here.yaml", "@/my.yml"], {}),
    (["--rc-file", "@/my.yml", "--rc-file", "~/rc.yml"], {}),
    (["--rc-file", "rc.d"], {}),
    (["--rc-file", "unlikely"], {}),
    (["--rc-file", "gone.yml"], {}),
    (["--no-rc"], {}),
    (["--no-rc"], {"CONDA_CHANNELS": "g", "CONDA_ENVS_DIRS": "@/more"}),
    (["--no-env"], {"CONDA_CHANNELS": "g", "CONDA_ENVS_DIRS": "@/more"}),
    (["--no-env"], {"MAMBARC": "@/my.yml", "MAMBA_CHANNEL_ALIAS": "https://g.example"}),
    (["--no-env"], {"MAMBA_NO_RC": "true"}),
    (["--no-env"], {"MAMBA_TARGET_PREFIX": "@/scratch/t"}),
    ([], {"MAMBA_NO_ENV": "true", "CONDA_CHANNELS": "g", "CONDARC": "@/my.yml"}),
    *(([], {"MAMBA_NO_RC": word}) for word in ("true", "Yes", "on", "y", "false", "off", "1")),
    ([], {"MAMBARC": "@/my.yml"}),
    ([], {"CONDARC": "~/rc.yml"}),
    ([], {"CONDARC": "@/my.yml", "MAMBARC": "here.yaml"}),
    (["--rc-file", "@/home/rc.yml"], {"CONDARC": "@/my.yml", "MAMBARC": "here.yaml"}),
    (["--no-rc"], {"MAMBARC": "@/my.yml"}),
    ([], {"MAMBA_TARGET_PREFIX": "@/scratch/t"}),
    ([], {"MAMBA_TARGET_PREFIX": "both"}),
    ([], {"MAMBA_TARGET_PREFIX": "./here/t/"}),
    ([], {"MAMBA_TARGET_PREFIX": "~/mine"}),
    ([], {"MAMBA_TARGET_PREFIX": ""}),
]


def situations() -> list[Situation]:
    """Every selector with every activation, every configuration with a few of both."""
    named = [["-n", "one"], ["-n", "both"], ["-n", "none"], ["-n", "root"], []]
    active = conda_targets.ACTIVE
    rows = [(s, a, ({}, {}), w) for s, a, w in itertools.product(SELECTORS, active, [True, False])]
    rows += itertools.product(named, active[:3] + active[5:7], CONFIGURATIONS[1:], [True, False])
    told = itertools.product(named, active[:2], SETTINGS)
    rows += [([*s, *options], a, (more, FILES), True) for s, a, (options, more) in told]
    return [
        {
            "selector": selector,
            "environ": {"SCRATCH": "@/scratch", "MAMBA_ROOT_PREFIX": "@/root", **active, **more},
            "files": files,
            "root_writable": writable,
        }
        for selector, active, (more, files), writable in rows
    ]


def ask(micromamba: str, table: list[Situation]) -> tuple[str, list[list[str]]]:
    """Its version; for each situation the prefix and the addresses of the channels, ``@/`` for the
    situation's directory again, or "error".
    """
    version = subprocess.check_output([micromamba, "--version"], text=True).strip()
    with tempfile.TemporaryDirectory() as scratch:
        answers = [
            _ask(micromamba, os.path.join(os.path.realpath(scratch), str(number)), situation)
            for number, situation in enumerate(table)
        ]
    return version, answers


def _ask(micromamba: str, directory: str, situation: Situation) -> list[str]:
    environ = lay_out(directory, situation)
    os.makedirs(f"{directory}/root/envs", exist_ok=True)  # else it is no root prefix
    words = [filled(word, directory) for word in situation["selector"]]
    done = subprocess.run(
        [micromamba, "info", "--json", *words],
        env=environ,
        cwd=f"{directory}/work",
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return ["error"]
    said = json.loads(done.stdout)
    prefix = os.path.normpath(os.path.join(f"{directory}/work", said["env location"]))
    addresses = [url.rpartition("/")[0] for url in said["channels"]]
    return [word.replace(f"{directory}/", "@/") for word in dict.fromkeys((prefix, *addresses))]


def main() -> None:
    """Ask, and store."""
    table = situations()
    store(TABLE, "micromamba", table, *ask(sys.argv[1], table))


if __name__ == "__main__":
    main()
