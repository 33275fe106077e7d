"""The hook for pre-commit and the Action are what their users read."""

from __future__ import annotations

import os
import re

import yaml

from safeinstall.lint.readers import kinds
from tests.lint.files import corpus, found, told_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def text(*path: str) -> str:
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def test_the_hook_passes_the_files_that_are_read() -> None:
    policies, hook = yaml.safe_load(text(".pre-commit-hooks.yaml"))
    assert policies["entry"] == "safeinstall policy check"
    assert re.search(policies["files"], "a/pyproject.toml")
    pattern = re.compile(hook["files"])
    paths = {
        path for name in ("faulty_others.txt", "sound_others.txt") for path, _, _ in corpus(name)
    }
    known = {path for path in paths if kinds.by_name(path) not in ("", "?")}
    wanted = {*known, "Dockerfile", "docker/Dockerfile.gpu", "app.Dockerfile", "Containerfile"}
    assert {path for path in wanted if not pattern.search(path)} <= {"scripts/cluster.slurm"}
    assert not any(map(pattern.search, ("setup.py", "README.md", "docs/x.yml", "Dockerfile/x.py")))
    assert hook["entry"] == "safeinstall lint"


def test_the_action_is_one_and_lints_clean() -> None:
    action = yaml.safe_load(text("action.yml"))
    assert action["runs"]["using"] == "composite"
    assert all(step["shell"] == "bash" for step in action["runs"]["steps"])
    assert found(told_of(text("action.yml"), "action.yml")) == set()


def test_only_the_linter_imports_the_grammars() -> None:
    importing = set()
    for directory, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in names:
            path = os.path.join(directory, name)
            if name.endswith(".py") and "import tree_sitter" in text(path):
                importing.add(os.path.relpath(path, os.path.join(ROOT, "src", "safeinstall")))
    assert importing
    assert all(path.startswith("lint" + os.sep) for path in importing)
