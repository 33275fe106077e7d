"""Journals on real files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall import model, settings
from safeinstall.journal import Journal, ids, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TORTURE = os.environ.get("SAFEINSTALL_TORTURE") == "1"


class World:
    """A home directory and an environment."""

    def __init__(self, path: Path) -> None:
        self.home = path / "home"
        self.prefix = path / "envs" / "nlp"
        self.home.mkdir()
        (self.prefix / "conda-meta").mkdir(parents=True)
        self.settings = settings.read({"HOME": str(self.home)})

    def journal(self, *, primary: bool = True) -> Journal:
        return Journal.open(str(self.prefix), self.settings, primary=primary)

    @property
    def primary(self) -> Path:
        return self.prefix / ".safeinstall" / "journal.jsonl"

    @property
    def mirror(self) -> Path:
        return type(self.home)(self.journal().places[-1].path)

    def lines(self, path: Path | None = None) -> list[bytes]:
        return (path or self.primary).read_bytes().splitlines(keepends=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """A small record, as a caller hands it in."""

    def build(kind: str = "drift", **fields: Any) -> dict[str, Any]:
        return {"op": ids.operation(), "kind": kind, **fields}

    return build


def actor(**fields: Any) -> dict[str, Any]:
    known = {
        "user": "ada",
        "uid": 1000,
        "host": os.uname().nodename,
        "terminal": None,
        "agent": None,
    }
    return {**known, "ci": None, "parents": ["bash"], "pid": 1, "started": "x:1", **fields}


def facts(*words: str, prefix: str = "/envs/nlp", name: str = "nlp") -> model.Facts:
    tool = words[0] if words else "pip"
    return model.Facts(
        command=model.Command(
            words=words or ("pip", "install", "numpy"), tool=tool, verb="install", mutates=True
        ),
        executable=f"{prefix}/bin/{tool}",
        environment=model.Environment(prefix=prefix, kind="conda", name=name, python="3.11"),
        inventory=model.Inventory(),
    )


def intent(op: str, *words: str, **fields: Any) -> dict[str, Any]:
    prefix = fields.pop("prefix", "/envs/nlp")
    said: dict[str, Any] = {
        "actor": actor(),
        "facts": facts(*words, prefix=prefix),
        "verdict": model.Verdict("allow"),
        "policy": [],
        "override": None,
        "environ": {},
        "cwd": "/home/ann",
    }
    return record.intent(op, **{**said, **fields})


def outcome(op: str, exit_code: int | None = 0, **fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"signal": None, "duration_ms": 1500, "changes": (), "warnings": ()}
    return record.outcome(op, exit_code=exit_code, **{**said, **fields})
