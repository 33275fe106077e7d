"""``setup --agents``: our hook in the files of coding agents, and out again to the last byte."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safeinstall.integration import agent_hooks
from safeinstall.specs.agent_hooks import HOOKED

USERS = """{
    "model": "opus", "permissions": {"allow": ["Bash(ls:*)"]},
    "hooks": {
        "Stop": [{"hooks": [{"type": "command", "command": "say \\u00e9"}]}],
        "EVENT": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine"}]}
        ]
    },
    "z": 1.50
}"""


class Home:
    """A home directory in which real processes run."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def have(self, *names: str) -> None:
        for name in names:
            (self.home / HOOKED[name].directory).mkdir(parents=True, exist_ok=True)

    def file(self, name: str) -> Path:
        return self.home / HOOKED[name].directory / HOOKED[name].file

    def setup(self, *options: str, status: int = 0, **environ: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "safeinstall", "setup", *options],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "SHELL": "/bin/bash",
                **environ,
            },
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == status, done.stderr
        return done.stdout, done.stderr

    def everything(self) -> dict[str, bytes | None]:
        return {
            str(path.relative_to(self.home)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.home.rglob("*"))
        }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def ours(name: str, value: dict[str, Any]) -> list[Any]:
    return [one for one in value["hooks"][HOOKED[name].event] if agent_hooks.is_ours(one)]


def test_all_agents_there_and_back(home: Home) -> None:
    home.have(*HOOKED)
    for name in ("claude-code", "gemini-cli", "qwen-code"):
        home.file(name).write_text(USERS.replace("EVENT", HOOKED[name].event))
    before = home.everything()

    diff, _ = home.setup("--agents", "--dry-run")
    assert diff.count("+++ ") == len(HOOKED)
    assert home.everything() == before

    said, _ = home.setup("--agents")
    assert "## Installing packages" in said
    assert "type /hooks there" in said
    for name, hooked in HOOKED.items():
        assert f"{hooked.title}: {home.file(name)}: written\n" in said
        value = json.loads(home.file(name).read_text())
        assert ours(name, value) == [agent_hooks.entry(name)]
        assert value.get("version") == (1 if hooked.version else None)
    assert not (home.home / ".bashrc").exists()

    once = home.everything()
    said, _ = home.setup("--agents")
    assert said.count("has the hook already") == len(HOOKED)
    assert home.everything() == once

    home.setup("--agents", "--remove", "--dry-run")
    assert home.everything() == once
    home.setup("--agents", "--remove")
    assert home.everything() == before
    assert home.setup("--agents", "--remove") == ("Nothing to remove.\n", "")


def test_setup_remove_takes_the_hooks_out_too(home: Home) -> None:
    home.have("claude-code")
    home.file("claude-code").write_text("{}")
    home.setup("--agents")
    said, _ = home.setup("--remove", "bash")
    assert said == "Nothing to remove.\n"
    assert ours("claude-code", json.loads(home.file("claude-code").read_text()))
    said, _ = home.setup("--remove")
    assert "the hook was taken out" in said
    assert home.file("claude-code").read_text() == "{}"


def test_only_agents_that_are_there(home: Home) -> None:
    said, _ = home.setup("--agents")
    assert "No coding agent with a hook was found here; known are Claude Code, Codex" in said
    assert home.everything() == {}
    (home.home / ".config/opencode").mkdir(parents=True)
    assert "opencode has no hook in a file" in home.setup("--agents")[0]
    other = home.home / "other"
    other.mkdir()
    home.setup("--agents", CLAUDE_CONFIG_DIR=str(other))
    assert ours("claude-code", json.loads((other / "settings.json").read_text()))


def test_a_link_stays_one_and_the_mode_is_kept(home: Home) -> None:
    home.have("claude-code")
    real = home.home / "dotfiles.json"
    real.write_text('{"a": 1}')
    real.chmod(0o600)
    home.file("claude-code").symlink_to(real)
    home.setup("--agents")
    assert home.file("claude-code").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert ours("claude-code", json.loads(real.read_text()))
    home.setup("--agents", "--remove")
    assert real.read_text() == '{"a": 1}'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{\n  // mine\n  "a": 1\n}', "is no plain JSON: it seems to have comments"),
        ('{\n  "a": 1,\n}', "is not valid JSON (line "),
        ("[]", "is no object in which hooks.BeforeTool is a list"),
        ('{"hooks": []}', "is no object in which"),
        ('{"hooks": {"BeforeTool": {}}}', "is no object in which"),
        ("\xff", "is not valid JSON"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_the_lines_to_add(
    home: Home, content: str, why: str
) -> None:
    """The other agents get theirs all the same."""
    home.have("gemini-cli", "qwen-code")
    home.file("gemini-cli").write_bytes(content.encode("latin-1"))
    said, refused = home.setup("--agents", status=73)
    assert f"{home.file('gemini-cli')} {why}" in refused
    assert "put this into it by hand:\n" in refused
    lines = refused.partition("by hand:\n")[2]
    assert json.loads(lines)["hooks"]["BeforeTool"] == [agent_hooks.entry("gemini-cli")]
    assert home.file("gemini-cli").read_bytes() == content.encode("latin-1")
    assert f"{home.file('qwen-code')}: written" in said

    home.file("gemini-cli").write_text(f"// mine\n{lines}")  # as its user has done
    _, told = home.setup("--agents", "--remove")
    assert "take our hook out of it by hand" in told
    assert not home.file("qwen-code").exists()


def test_a_hook_of_another_place_is_replaced(home: Home) -> None:
    """safeinstall was installed anew elsewhere."""
    home.have("claude-code")
    file = str(home.file("claude-code"))
    now = agent_hooks.add("claude-code", file, b'{"a": 1}')
    old = now.replace(sys.executable.encode(), b"/old/python")
    assert agent_hooks.add("claude-code", file, old) == now
    assert agent_hooks.remove("claude-code", file, old) == b'{"a": 1}'


def test_a_hook_of_the_users_in_one_group_with_ours_stays(home: Home) -> None:
    group = agent_hooks.entry("claude-code")
    group["hooks"].append({"type": "command", "command": "mine"})
    content = json.dumps({"hooks": {"PreToolUse": [group]}}).encode()
    assert agent_hooks.remove("claude-code", "f", content) == content
