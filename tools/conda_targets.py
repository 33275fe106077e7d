"""Ask a real conda which environment it would change, in a table of situations.

    python tools/conda_targets.py CONDA     CONDA: the executable; writes tests/probe/data

conda's own Python answers (this file again, with ``--worker``), from its own ``context``: nothing
is installed and nothing solved. It is made to believe that it is installed in the situation's root,
so that the answers do not depend on where it really lives. ``tests/probe/test_conda_target.py``
compares the stored answers with ours, and with a live conda where one is named.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(os.path.dirname(HERE), "tests", "probe", "data", "conda_targets.json.gz")

Situation = dict[str, Any]

SELECTORS = [
    [],
    ["-n", "one"],
    ["-n", "both"],
    ["-n", "none"],
    ["--name=base"],
    ["-nroot"],
    ["-n", "none", "-n", "one"],
    ["-p", "here/env"],
    ["-p", "./a/../b/"],
    ["-p", "~/mine"],
    ["--prefix=$SCRATCH/env"],
    ["-p${SCRATCH}/x"],
    ["-p", "$UNKNOWN/x"],
    ["-p", "@/root/envs/one"],
    ["-n", "under score"],
]

ACTIVE = [
    {},
    {"CONDA_PREFIX": "@/root/envs/one", "CONDA_DEFAULT_ENV": "one", "CONDA_SHLVL": "1"},
    {"CONDA_PREFIX": "", "CONDA_DEFAULT_ENV": "", "CONDA_SHLVL": "0"},
    {"CONDA_PREFIX": "@/other/x", "CONDA_PREFIX_1": "@/root/envs/one", "CONDA_SHLVL": "2"},
    {"CONDA_PREFIX": "@/gone", "CONDA_DEFAULT_ENV": "gone"},
    {"CONDA_DEFAULT_ENV": "one"},
    {"CONDA_DEFAULT_ENV": "none"},
    {"CONDA_DEFAULT_ENV": "base"},
    {"CONDA_DEFAULT_ENV": "@/other/x"},
    {"CONDA_DEFAULT_ENV": "here/env"},
    {"CONDA_PREFIX": "@/root", "CONDA_DEFAULT_ENV": "base", "CONDA_SHLVL": "1"},
]

CONFIGURATIONS: list[tuple[dict[str, str], dict[str, str]]] = [  # variables, files
    ({}, {}),
    ({"CONDA_ENVS_DIRS": "@/more"}, {}),
    ({"CONDA_ENVS_PATH": "@/more:@/other"}, {}),
    ({"CONDA_ENVS_DIRS": "@/more", "CONDA_ENVS_PATH": "@/other"}, {}),
    ({"CONDA_ENVS_PATH": "~/more:$SCRATCH"}, {}),
    ({"CONDA_ENVS_PATH": ""}, {}),
    ({}, {"@/home/.condarc": "envs_dirs:\n  - @/more\n"}),
    ({}, {"@/home/.condarc": "envs_path: ['~/more', '$SCRATCH/e']\n"}),
    ({}, {"@/root/.condarc": "envs_dirs: [@/more]\n", "@/home/.condarc": "envs_dirs: [@/other]\n"}),
    (
        {},
        {
            "@/root/.condarc": "envs_dirs:  #!final\n  - @/more\n",
            "@/home/.condarc": "envs_dirs: [@/other]\n",
        },
    ),
    ({}, {"@/home/.conda/condarc.d/a.yaml": "envs_dirs: [@/other]\n"}),
    (
        {},
        {
            "@/home/.config/conda/condarc.d/b.yml": "envs_dirs: [@/more]\n",
            "@/home/.config/conda/condarc.d/a.yml": "envs_dirs: [@/other]\n",
        },
    ),
    ({"CONDA_ROOT_PREFIX": "@/other"}, {}),
    ({"CONDARC": "@/my.condarc"}, {"@/my.condarc": "envs_dirs: [@/more]\n"}),
    ({"CONDARC": "@/my.yaml"}, {"@/my.yaml": "envs_dirs: [@/more]\n"}),
    ({"XDG_CONFIG_HOME": "@/xdg"}, {"@/xdg/conda/condarc": "envs_dirs: [@/more]\n"}),
    ({}, {"@/root/envs/one/.condarc": "envs_dirs: [@/more]\n"}),
    ({"CONDA_ENVS_DIRS": "@/more"}, {"@/home/.condarc": "envs_dirs: [@/other]\n"}),
    (
        {},
        {
            "@/home/.condarc": "envs_dirs:\n  - @/more  #!bottom\n",
            "@/root/.condarc": "envs_dirs:\n  - @/other\n",
        },
    ),
    (
        {},
        {
            "@/home/.condarc": "envs_dirs:\n  - @/more\n",
            "@/root/.condarc": "envs_dirs:\n  - @/other  #!top\n",
        },
    ),
    ({}, {"@/home/.condarc": "channels: [conda-forge]\n"}),
]

DIRECTORIES = [
    "@/home",
    "@/work",
    "@/root/envs/one",
    "@/root/envs/both",
    "@/more/both",
    "@/other/both",
    "@/other/x",
    "@/home/.conda/envs/both",
]


def situations() -> list[Situation]:
    """Every selector with every activation, every configuration with a few of both."""
    named = [["-n", "one"], ["-n", "both"], ["-n", "none"], []]
    rows = [(s, a, ({}, {}), w) for s, a, w in itertools.product(SELECTORS, ACTIVE, [True, False])]
    rows += itertools.product(named, ACTIVE[:3] + ACTIVE[5:7], CONFIGURATIONS[1:], [True, False])
    return [
        {
            "selector": selector,
            "environ": {"SCRATCH": "@/scratch", **active, **variables},
            "files": files,
            "root_writable": writable,
        }
        for selector, active, (variables, files), writable in rows
    ]


def lay_out(directory: str, situation: Situation) -> dict[str, str]:
    """Make the situation's files below ``directory``; answers the environment variables."""
    paths = list(DIRECTORIES)
    for path in paths:
        os.makedirs(filled(path, directory), exist_ok=True)
    files = dict(situation["files"])
    if situation["root_writable"]:
        files["@/root/conda-meta/history"] = ""
    for path, text in files.items():
        place = filled(path, directory)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(filled(text, directory))
    environ = {key: filled(value, directory) for key, value in situation["environ"].items()}
    return {
        "HOME": f"{directory}/home",
        "PATH": "/usr/bin:/bin",
        **environ,
    }


def filled(text: str, directory: str) -> str:
    """``@/`` stands for the directory of the situation."""
    return text.replace("@/", f"{directory}/")


def ask(conda: str, table: list[Situation]) -> tuple[str, list[str]]:
    """conda's version and its answers, ``@/`` for the situation's directory again."""
    python = os.path.join(os.path.dirname(os.path.realpath(conda)), "python")
    with tempfile.TemporaryDirectory() as scratch:
        questions = []
        for number, situation in enumerate(table):
            directory = os.path.join(os.path.realpath(scratch), str(number))
            environ = lay_out(directory, situation)
            questions.append([directory, environ, situation["selector"]])
        done = subprocess.run(
            [python, os.path.abspath(__file__), "--worker"],
            input=json.dumps(questions),
            stdout=subprocess.PIPE,
            env={"HOME": scratch, "PATH": "/usr/bin:/bin"},
            text=True,
            check=True,
        )
    version, answers = json.loads(done.stdout)
    return version, answers


def work() -> None:
    """In conda's own Python: answer the questions on standard input."""
    import conda  # type: ignore[import-not-found,unused-ignore]
    from conda.base.context import (  # type: ignore[import-not-found,unused-ignore]
        context,
        determine_target_prefix,
        reset_context,
    )
    from conda.cli.conda_argparse import (  # type: ignore[import-not-found,unused-ignore]
        generate_parser,
    )

    parser = generate_parser()
    answers = []
    for directory, environ, selector in json.load(sys.stdin):
        os.environ.clear()
        os.environ.update(environ)
        # conda, as it would be if it were installed in the situation's root prefix
        sys.prefix = os.environ["CONDA_ROOT"] = f"{directory}/root"
        os.chdir(f"{directory}/work")
        selector = [filled(word, directory) for word in selector]
        arguments = parser.parse_args(["install", *selector, "six"])
        try:
            reset_context()
            context.__init__(argparse_args=arguments)
            answer = str(determine_target_prefix(context, arguments))
        except Exception as error:
            answer = f"error: {type(error).__name__}"
        answers.append(answer.replace(f"{directory}/", "@/"))
    json.dump([conda.__version__, answers], sys.stdout)


def main() -> None:
    """Ask, and store."""
    if sys.argv[1] == "--worker":
        work()
        return
    table = situations()
    store(TABLE, "conda", table, *ask(sys.argv[1], table))


def store(path: str, tool: str, table: list[Situation], version: str, answers: list[Any]) -> None:
    """Write the situations with the answers of this version of the tool."""
    rows = [{**row, "answer": answer} for row, answer in zip(table, answers, strict=True)]
    text = json.dumps({tool: version, "situations": rows}, sort_keys=True)
    with open(path, "wb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
