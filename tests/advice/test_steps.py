"""The commands at the end of what ``safeinstall`` itself says: pasted where they were said."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import safeinstall
from tests.advice.scenes import bare, both, cut, guarded
from tests.advice.stage import HERE
from tests.harness import few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.advice.scenes import Act
    from tests.advice.stage import Stage

SOURCE = Path(safeinstall.__file__).parent
_OURS = re.compile(
    r"\bsafeinstall (adopt|backups|check|clean|demo|doctor|export|history|policy|protect|rebuild"
    r"|rule|run|setup|status|undo|unprotect)\b"
)
_STEP = re.compile(r"safeinstall: .*; [a-z ]+: (safeinstall .*)")


class Step(NamedTuple):
    """What was typed, in which module the message is made, and the status of what it offers."""

    line: str
    module: str
    act: Act | None = None
    status: int = 0


TWO_SPOILT = both(
    bare("conda install -y six tqdm"),
    cut("lib/python3*/site-packages/six.py"),
    cut("lib/python3*/site-packages/tqdm/__init__.py"),
)
KNOWN = guarded("pip install cowsay")
DAMAGED = both(KNOWN, bare("echo '{{' >> {prefix}/.safeinstall/journal.jsonl"))
STEPS = (
    Step("safeinstall history show abcdefgh -n work", "journal/select.py", KNOWN),
    Step("safeinstall history diff 99..last -n work", "journal/select.py", KNOWN),
    Step("safeinstall undo 99 -n work --yes", "journal/select.py", KNOWN),
    Step("safeinstall history -n work", "cli/history.py", DAMAGED, 1),  # it names the damage
    Step("safeinstall backups --restore abcdefgh -n work", "cli/backups.py"),
    Step("safeinstall rebuild -n work --add six --yes", "cli/rebuild.py"),
    Step("safeinstall doctor -n work", "cli/doctor.py", TWO_SPOILT),
    Step(
        "safeinstall policy init --profile ci --write",
        "cli/policy/init.py",
        bare("touch safeinstall.toml"),
    ),
    Step(
        "safeinstall unprotect -n work --yes",
        "cli/protect.py",
        bare("safeinstall protect -n work && echo no-compile=1 >> {prefix}/pip.conf"),
    ),
    Step("safeinstall status -n work", "cli/environments.py", both(KNOWN, bare("rm -r {prefix}"))),
)
LOOSE = {
    "cli/demo.py": "what a shell in the demo's world may begin with",
    "cli/fast.py": "usage",
    "cli/agents.py": "what AGENTS.md may say",
    "cli/elsewhere.py": "a step for later, when the new environment is there",
    "cli/rebuild.py": "the NAME is to be chosen",
    "lint/rules/exported.py": "fixes of findings",
    "integration/conda_doctor.py": "how our own command has ended",
    "integration/template.py": "the comment in a startup file",
    "state/dockerfile.py": "a comment in the file",
    "probe/environment.py": "the word by which a mark is known as ours",
    "policy/fetched.py": "pasted where there is a server: tests/cli/test_policy.py",
    "policy/load.py": "as above",
    "protection/constraints.py": "a comment in the file",
    "render/table.py": "a legend: the number is in the table",
    "rules/drift.py": "fixes of findings",
}


@pytest.mark.parametrize("step", few(STEPS, 3), ids=lambda step: step.line)
def test_the_next_step_can_be_taken(stage: Stage, step: Step) -> None:
    """In a shell in which the environment is not active."""
    stage.clear()
    stage.world.create_env(HERE, "python", "pip")
    if step.act:
        step.act(stage)
    said = stage.run(step.line, None, {}).stderr.decode()
    (command,) = _STEP.findall(said)
    done = stage.paste([command], None, {})
    assert done.statuses == [step.status], said + done.shown


def texts(path: Path) -> Iterator[str]:
    """The text literals of a module, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_other_message_has_a_command() -> None:
    loose = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "sandbox" not in path.parts and any(map(_OURS.search, texts(path)))
    }
    assert loose == set(LOOSE)


def test_each_place_is_walked() -> None:
    places = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "leading_to(" in path.read_text(encoding="utf-8")
    }
    assert places - {"output/quoting.py"} == {step.module for step in STEPS}


def test_messages_of_rules_have_none() -> None:
    """Commands are in ``fixes``, for the one place that shows them and the one that tries them."""
    names = {"again", "check", "fix", "line", "uninstall", "update"}
    for path in (SOURCE / "rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "message":
                used = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
                assert used.isdisjoint(names), f"{path}:{node.value.lineno}"
