"""Which coding agent runs a command."""

from __future__ import annotations

import pytest

from safeinstall.specs import agents


@pytest.mark.parametrize(("variable", "name"), agents.VARIABLES)
def test_variables(variable: str, name: str) -> None:
    assert agents.current({variable: "1"}) == name
    assert agents.current({variable: "1", "AGENT": "1"}) == name  # as opencode sets both
    for no in ("", " ", "0", "false", "No", "off"):
        assert agents.current({variable: no}) is None


@pytest.mark.parametrize(("variable", "part", "name"), agents.VALUES)
def test_values_of_variables_that_others_use(variable: str, part: str, name: str) -> None:
    assert agents.current({variable: f"X-{part.upper()}-1"}) == name
    assert agents.current({variable: "AWS_Lambda_python3.12"}) is None


@pytest.mark.parametrize("variable", agents.NAMING)
@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("claude-code", "claude-code"),
        ("claude-code_2-1-120_agent", "claude-code"),
        ("claude", "claude-code"),
        ("ClaudeCode", "claude-code"),
        ("github_copilot_vscode_agent", "copilot"),
        ("github-copilot-cli", "copilot"),
        ("codex_cli", "codex"),
        ("cursor-cli", "cursor"),
        ("gemini_cli", "gemini-cli"),
        ("open_code", "opencode"),
        (" goose ", "goose"),
        ("amp", "amp"),
        ("crush", "crush"),
        ("qwen-code/0.26", "qwen-code"),
        ("ampere", "agent"),
        ("robby\x1b[31m", "agent"),
        ("1", "agent"),
        ("0", None),
        ("", None),
    ],
)
def test_an_agent_may_say_its_name(variable: str, value: str, name: str | None) -> None:
    assert agents.current({variable: value}) == name


def test_the_name_it_says_comes_first() -> None:
    assert agents.current({"AI_AGENT": "cursor", "CLAUDECODE": "1"}) == "cursor"
    assert agents.current({"AI_AGENT": "robby", "CLAUDECODE": "1"}) == "claude-code"
    assert agents.current({"AI_AGENT": "robby", "AGENT": "amp"}) == "amp"


@pytest.mark.parametrize(
    "variable",
    [
        "REPL_ID",
        "CURSOR_TRACE_ID",
        "CODEX_HOME",
        "COPILOT_MODEL",
        "GOOSE_PROVIDER",
        "CLINE_API_KEY",
    ],
)
def test_what_persons_have_is_no_agent(variable: str) -> None:
    assert agents.current({variable: "x"}) is None


def test_every_canonical_name_is_understood_as_a_name() -> None:
    names = {row[-1] for row in (*agents.VARIABLES, *agents.VALUES)}
    for name in names:
        assert agents.current({"AI_AGENT": name}) == name
