"""How coding agents make themselves known by environment variables. Data.

Only variables that an agent sets for the commands it runs are listed. What a person sets to
configure an agent (``CODEX_HOME``, ``COPILOT_MODEL``, ``GOOSE_PROVIDER``), and what an editor or a
hosted machine sets in the terminals of persons, too (``CURSOR_TRACE_ID``, ``REPL_ID``), are none.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

UNNAMED = "agent"
"""Stands for an agent that says it is one, but not which."""

NAMING = ("AI_AGENT", "AGENT")
"""Variables in which agents put their name, by convention; some only "1"."""

# How the values of these variables begin, and the agent's canonical name. What follows is a
# version or a surface: "claude-code_2-1-120_agent", "github_copilot_vscode_agent".
_NAMES = {
    "amazon-q": "amazon-q",
    "amp": "amp",
    "antigravity": "antigravity",
    "auggie": "augment",
    "augment": "augment",
    "claude": "claude-code",
    "claudecode": "claude-code",
    "cline": "cline",
    "codex": "codex",
    "copilot": "copilot",
    "crush": "crush",
    "cursor": "cursor",
    "devin": "devin",
    "gemini": "gemini-cli",
    "github-copilot": "copilot",
    "goose": "goose",
    "grok": "grok",
    "junie": "junie",
    "kimi": "kimi",
    "kiro": "kiro",
    "open-code": "opencode",
    "openclaw": "openclaw",
    "opencode": "opencode",
    "openhands": "openhands",
    "pi": "pi",
    "qwen": "qwen-code",
    "replit": "replit",
    "trae": "trae",
    "v0": "v0",
}

# Variables that mean one agent, whatever their value. The first that is set decides.
VARIABLES = (
    ("CLAUDECODE", "claude-code"),
    ("CLAUDE_CODE", "claude-code"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_SANDBOX_NETWORK_DISABLED", "codex"),
    ("CODEX_CI", "codex"),
    ("GEMINI_CLI", "gemini-cli"),
    ("QWEN_CODE", "qwen-code"),
    ("COPILOT_CLI", "copilot"),
    ("COPILOT_AGENT", "copilot"),
    ("COPILOT_AGENT_SESSION_ID", "copilot"),
    ("OPENCODE", "opencode"),
    ("OPENCODE_CLIENT", "opencode"),
    ("CRUSH", "crush"),
    ("GOOSE_TERMINAL", "goose"),
    ("AUGMENT_AGENT", "augment"),
    ("CLINE_ACTIVE", "cline"),
    ("ANTIGRAVITY_AGENT", "antigravity"),
    ("JUNIE_DATA", "junie"),
    ("JUNIE_SHIM_PATH", "junie"),
    ("OPENCLAW_SHELL", "openclaw"),
    ("TRAE_AI_SHELL_ID", "trae"),
    # Last: these are set by editors, in whose terminals other agents may run
    ("CURSOR_AGENT", "cursor"),
    ("VSCODE_AGENT", "copilot"),
)

# Variables that others use, too: what the value has in it, in small letters.
VALUES = (
    ("CURSOR_EXTENSION_HOST_ROLE", "agent-exec", "cursor"),
    ("AWS_EXECUTION_ENV", "amazonq", "amazon-q"),
    ("AWS_EXECUTION_ENV", "kiro", "kiro"),
)

_NO = ("", "0", "false", "no", "off")


def current(environ: Mapping[str, str]) -> str | None:
    """The canonical name of the coding agent that runs the command; ``None`` for none."""
    said = [environ[name] for name in NAMING if is_set(environ.get(name, ""))]
    for value in said:
        if name := _named(value):
            return name
    found = (name for variable, name in VARIABLES if is_set(environ.get(variable, "")))
    return next(found, None) or _by_value(environ) or (UNNAMED if said else None)


def is_set(value: str) -> bool:
    """Is this value of a variable neither empty nor a word for "no"?"""
    return value.strip().lower() not in _NO


def _named(value: str) -> str | None:
    """The agent of which the value is the name, whatever separators and version it has."""
    words = "".join(c if c.isalnum() else "-" for c in value.strip().lower()) + "-"
    return next((name for start, name in _NAMES.items() if words.startswith(f"{start}-")), None)


def _by_value(environ: Mapping[str, str]) -> str | None:
    found = (name for variable, part, name in VALUES if part in environ.get(variable, "").lower())
    return next(found, None)
