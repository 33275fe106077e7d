"""Every command that a rule's message offers is pasted, each where the message was given: it is let
through, does what the message says, and the same command as before has its way or its end.
"""

from __future__ import annotations

import os
import re
from itertools import takewhile

import pytest

from safeinstall.policy.rule_table import TABLE
from tests.advice.scenes import Scene
from tests.advice.stage import HERE, Stage
from tests.advice.table import SCENES
from tests.conftest import REAL_CONDA
from tests.journal.conftest import TORTURE

_LED = re.compile(
    r" (?:Run|To go back|To keep it|To have (?:it|them|conda's) (?:back|from conda)(?: then)?"
    r"|Whether they still work)(?: \(([^()]*)\))?: (.*)"
)
PART = "the rest"  # the note of a command that does a part of what was asked for
BLOCKED = 77


def offered(rule: str, stderr: str) -> list[tuple[str, str]]:
    """The commands of the rule's messages, as they are printed, each with its note."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"(?m)^(?=safeinstall: )", stderr):
        if part.startswith(f"safeinstall: blocked by {rule} "):
            lines = part.partition("\n  instead:\n")[2].splitlines()
            for line in takewhile(lambda line: line.startswith("    "), lines):
                if line.startswith("      ("):
                    found[-1] = found[-1][0], line.strip()[1:-1]
                else:
                    found.append((line.strip(), ""))
        elif part.startswith(f"safeinstall: warning {rule} "):
            found += [(line, note) for note, line in _LED.findall(part.splitlines()[0])]
    return found


def test_every_rule_has_a_scene() -> None:
    about_commands = {rule.code for rule in TABLE if not rule.lint}
    assert {scene.rule for scene in SCENES} == about_commands


def is_walked(scene: Scene) -> bool:
    real = bool(os.environ.get(REAL_CONDA))
    return (TORTURE or not scene.long) and scene.real in (None, real)


@pytest.mark.parametrize(
    "scene", [each for each in SCENES if is_walked(each)], ids=lambda scene: scene.title
)
def test_what_is_offered_ends_it(stage: Stage, scene: Scene) -> None:
    walk = Walk(stage, scene)
    told = walk.told()
    assert f" {scene.rule} " in told, told
    assert scene.says in " ".join(told.split()), told
    commands = offered(scene.rule, told)
    assert len(commands) >= scene.offers, told
    if len(commands) > 1:
        stage.keep()
    for number, (command, note) in enumerate(commands):
        if number:
            stage.restore()
        fault = walk.fault(command, note, refused=number == scene.refused)
        assert not fault, f"{told}\n{command}\n{fault}"


class Walk:
    """The scene, set up, and what comes of commands in it."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        stage.clear()
        scene.set_up(stage)
        policy = {"SAFEINSTALL_POLICY": "{place}/policy.toml"} if scene.policy else {}
        self.stage, self.scene = stage, scene
        self.environ = {**scene.environ, **policy}
        self.line = scene.line.format(**stage.names())
        self.before = stage.problems(HERE, self.environ)

    def told(self) -> str:
        """What is said about the line, which has changed something where it went on."""
        done = self.stage.run(self.line, self.scene.active, self.environ)
        told = done.stderr.decode()
        assert (done.returncode == BLOCKED) == (f"blocked by {self.scene.rule} " in told), told
        return told

    def fault(self, command: str, note: str, *, refused: bool) -> str:
        """What is wrong with the command; "" if it is good."""
        if self.scene.edit:
            self.scene.edit(self.stage)
        known = self.stage.environments()
        more = [self.line] if self.scene.again else []
        done = self.stage.paste([command, *more], self.scene.active, self.environ)
        status, *others = done.statuses or [BLOCKED]
        if status == BLOCKED or bool(status) != refused or BLOCKED in others:
            return f"It is blocked, fails, or ends nothing:\n{done.shown}"
        if self.scene.asks or refused or note == PART:
            return ""
        there = self._where(self.stage.environments() - known)
        return self._lacks(there) or self._left(there)

    def _where(self, made: set[str]) -> str:
        """The environment in which the command has done what it should."""
        named = self.scene.there.format(**self.stage.names())
        return named or (made.pop() if len(made) == 1 else HERE)

    def _lacks(self, there: str) -> str:
        """What is wanted and not there, not even when the line, let through by now, has run."""
        wanted, shown = self.scene.want, ""
        if there == HERE and not (wanted and self._is_there(there, wanted)):
            done = self.stage.paste([self.line], self.scene.active, self.environ)
            shown = done.shown
            if done.statuses == [BLOCKED]:
                return f"It is still blocked:\n{shown}"
        if self._is_there(there, wanted):
            return ""
        return f"{there} has no {wanted}: {self.stage.packages(there)}\n{shown}"

    def _is_there(self, name: str, wanted: tuple[str, ...]) -> bool:
        there = self.stage.packages(name)
        return all(any(meets(there, one) for one in each.split("|")) for each in wanted)

    def _left(self, there: str) -> str:
        """The problems that were not there before."""
        found = {k: v for n in {HERE, there} for k, v in self.problems(n).items()}
        new = [text for kind, text in found.items() if kind not in self.before]
        return f"It leaves {new}" if new else ""

    def problems(self, name: str) -> dict[tuple[str, tuple[str, ...]], str]:
        return self.stage.problems(name, self.environ)


def meets(there: dict[str, tuple[str, str]], wanted: str) -> bool:
    """Is it there, as "numpy 1.26 conda", or is it gone, as "-numpy"?"""
    name, *rest = wanted.lstrip("-").split()
    if wanted.startswith("-") or name not in there:
        return wanted.startswith("-") and name not in there
    version, owner = there[name]
    return all(word == owner or version.startswith(word) for word in rest)
