"""The story of a broken environment, without the guard and with it, on real tools."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from safeinstall.sandbox.entrance import guard
from safeinstall.sandbox.world import World

_CREATE = (
    "conda create -y -q -n {env} -c pytorch python pip numpy pytorch torchvision cudatoolkit=11.8"
)
_TRANSFORMERS = "pip install git+file://{repository}@main"
_LOOK = 'python -c "import torch; print(torch.__version__, torch.cuda.is_available())"'


@dataclass(frozen=True)
class Step:
    """One command of the story. ``{env}``, ``{root}`` and ``{repository}`` stand for real ones."""

    caption: str
    command: str
    active: str = ""  # the active environment
    status: int = 0  # the exit status it has to end with
    guarded: bool = True
    tail: int = 0  # show only so many lines of the output; 0: everything, as it comes
    environ: Mapping[str, str] = field(default_factory=dict)


WITHOUT = (
    Step(
        "First without the guard. conda builds an environment; the GPU works.",
        _CREATE,
        guarded=False,
        tail=6,
    ),
    Step("", _LOOK, active="unguarded", guarded=False),
    Step(
        "pip adds the development version of transformers. It brings an accelerate that wants "
        "a newer torch, so pip replaces conda's, and conda is not told.",
        _TRANSFORMERS,
        active="unguarded",
        guarded=False,
        tail=3,
    ),
    Step(
        "It works, but two CUDA runtimes have met, and the GPU is out of sight.",
        _LOOK,
        active="unguarded",
        guarded=False,
    ),
    Step(
        "Days later: jupyterlab. conda still believes in its own torch, moves "
        "typing_extensions, and tidies away a library that is pip's by now.",
        "conda install -y -q jupyterlab",
        active="unguarded",
        guarded=False,
        tail=10,
    ),
    Step("And torch is dead.", _LOOK, active="unguarded", guarded=False, status=1, tail=1),
)

WITH = (
    Step(
        "The same again with the guard in front of conda and pip. Nothing speaks against "
        "building an environment.",
        _CREATE,
        tail=6,
    ),
    Step(
        "Nothing against pip after conda: this is the right order. But conda's torch stays as "
        "it is; pip takes an accelerate that goes with it.",
        _TRANSFORMERS,
        active="nlp_exp",
        tail=3,
    ),
    Step(
        "Days later. conda's plan is looked at before it is carried out: it would write over "
        "files that are pip's.",
        "conda install -y jupyterlab",
        active="nlp_exp",
        status=77,
    ),
    Step(
        "The way that is offered: the environment is made anew beside the old one, conda first "
        "and pip last, and takes its place.",
        "safeinstall rebuild --add jupyterlab --yes",
        active="nlp_exp",
    ),
    Step(
        "",
        'python -c "import torch, transformers, jupyterlab; print(torch.cuda.is_available())"',
        active="nlp_exp",
    ),
    Step(
        "nlp_exp is active, but some start-up file has put another pip first on PATH.",
        "pip install einops",
        active="nlp_exp",
        status=77,
        environ={"PATH": "{root}/bin:{path}"},
    ),
    Step(
        "No environment is active: this would land in base, where conda itself lives.",
        "conda install -y jupyterlab",
        status=77,
    ),
    Step(
        "And a command that does no harm is not in anybody's way.",
        "pip install einops",
        active="nlp_exp",
    ),
    Step("Everything is on the record, the refusals too.", "safeinstall history --all"),
    Step(
        "And torch still sees the GPU.",
        _LOOK,
        active="nlp_exp",
    ),
    Step(
        "The environment that broke can be made sound, too.",
        "safeinstall rebuild --yes",
        active="unguarded",
    ),
    Step("", _LOOK, active="unguarded"),
)


def play(world: World) -> list[str]:
    """Play both acts; returns what did not end as told, in words."""
    surprises = []
    for name, steps in (("unguarded", WITHOUT), ("nlp_exp", WITH)):
        for step in steps:
            status = perform(world, step, name)
            if status != step.status:
                surprises.append(f"{step.command}: ended with {status}, not {step.status}")
    return surprises


def perform(world: World, step: Step, env: str) -> int:
    """Show the caption, the prompt and the command, then run it; returns its exit status."""
    typed = step.command.format(env=env, repository=world.repository)
    if step.caption:
        caption = textwrap.wrap(step.caption, 76)
        _print("\n" + _coloured("36", "\n".join(f"# {line}" for line in caption)))
    for name, value in step.environ.items():
        shown = value.format(root=world.root, path=f"${name}")
        _print(_prompt(step.active) + f'export {name}="{shown}"')
    _print(_prompt(step.active) + typed)
    status = _run(_started(step, shlex.split(typed)), _environ(world, step), world, step.tail)
    if status:
        _print(_coloured("2", f"[exit status {status}]"))
    return status


def _started(step: Step, words: list[str]) -> list[str]:
    """What the shell functions would make of the words."""
    python, main = guard()
    if words[0] == "safeinstall":
        return [python, "-I", main, *words[1:]]
    return [python, "-I", main, "run", "--", *words] if step.guarded else words


def _environ(world: World, step: Step) -> dict[str, str]:
    environ = world.environ(step.active or None, COLUMNS="80")
    for name, value in step.environ.items():
        environ[name] = value.format(root=world.root, path=environ.get(name, ""))
    return environ


def _run(command: list[str], environ: dict[str, str], world: World, tail: int) -> int:
    sys.stdout.flush()
    done = subprocess.run(
        command,
        env=environ,
        cwd=world.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if tail else None,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if not tail:
        return done.returncode
    lines = done.stdout.decode(errors="replace").rstrip("\n").split("\n")
    if len(lines) > tail:
        _print(_coloured("2", f"[… {len(lines) - tail} lines]"))
    _print("\n".join(lines[-tail:]))
    return done.returncode


def _prompt(active: str) -> str:
    return _coloured("1", f"({active}) $ " if active else "$ ")


def _coloured(code: str, text: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
