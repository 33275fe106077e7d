"""How coding agents call a program before they run a command in a shell, after their own manuals.
Data.

Claude Code: https://code.claude.com/docs/en/hooks · Gemini CLI: docs/hooks/reference.md ·
Qwen Code: docs/users/features/hooks.md · Codex: https://developers.openai.com/codex/hooks ·
Cursor: https://cursor.com/docs/agent/hooks · Copilot CLI:
https://docs.github.com/copilot/reference/hooks-reference. opencode has only plugins in JavaScript.
"""

from __future__ import annotations

from safeinstall.value import Value

MINUTE = 60


class Hooked(Value):
    """An agent that has a hook: where it is configured, what it is given, what it may answer."""

    title: str
    directory: str  # of its configuration, in HOME
    variable: str  # names another directory; "" for none
    file: str
    event: str
    tool: str  # its shell tool; "" where the event is about shell commands only
    timeout: int  # ten minutes, in its own unit; conda's solver may be asked
    # How it is told of a block: "stderr" with exit status 2, or JSON on stdout with 0 in the form
    # of "cursor" or "copilot". Both of these ignore stderr, or do not show it to the model.
    answer: str = "stderr"
    # Its list of hooks has groups with a matcher for the tool, each with a list of its own
    grouped: bool = True
    version: bool = False  # the file says the version of its form, 1
    note: str = ""  # what its user must do


HOOKED = {
    "claude-code": Hooked(
        "Claude Code",
        ".claude",
        "CLAUDE_CONFIG_DIR",
        "settings.json",
        "PreToolUse",
        "Bash",
        10 * MINUTE,
    ),
    "codex": Hooked(
        "Codex",
        ".codex",
        "CODEX_HOME",
        "hooks.json",
        "PreToolUse",
        "Bash",
        10 * MINUTE,
        note="Codex runs it once you have trusted it: type /hooks there.",
    ),
    "copilot": Hooked(
        "Copilot CLI",
        ".copilot",
        "COPILOT_HOME",
        "hooks/safeinstall.json",
        "preToolUse",
        "bash",
        10 * MINUTE,
        answer="copilot",
        grouped=False,
        version=True,
    ),
    "cursor": Hooked(
        "Cursor",
        ".cursor",
        "",
        "hooks.json",
        "beforeShellExecution",
        "",
        10 * MINUTE,
        answer="cursor",
        grouped=False,
        version=True,
    ),
    "gemini-cli": Hooked(
        "Gemini CLI",
        ".gemini",
        "",
        "settings.json",
        "BeforeTool",
        "run_shell_command",
        10 * MINUTE * 1000,
    ),
    "qwen-code": Hooked(
        "Qwen Code",
        ".qwen",
        "",
        "settings.json",
        "PreToolUse",
        "run_shell_command",
        10 * MINUTE * 1000,
    ),
}
"""By the canonical names in :mod:`safeinstall.specs.agents`."""

NO_HOOK = {"opencode": ("opencode", ".config/opencode")}
"""Agents without a hook that a file could describe: title, directory of the configuration."""
