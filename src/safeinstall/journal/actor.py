"""Who runs the command: user, machine, terminal, coding agent, CI, and the parent processes."""

from __future__ import annotations

import os

from safeinstall.journal import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Json

# The first variable that is set, and not empty, decides.
AGENTS = (
    ("CLAUDECODE", "claude-code"),
    ("CLAUDE_CODE", "claude-code"),
    ("CURSOR_AGENT", "cursor"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("GEMINI_CLI", "gemini-cli"),
    ("OPENCODE", "opencode"),
    ("OPENCODE_CLIENT", "opencode"),
    ("AUGMENT_AGENT", "augment"),
    ("CLINE_ACTIVE", "cline"),
    ("GOOSE_TERMINAL", "goose"),
    ("ANTIGRAVITY_AGENT", "antigravity"),
    ("TRAE_AI_SHELL_ID", "trae"),
    ("COPILOT_MODEL", "copilot"),
    ("REPL_ID", "replit"),
)

# Variables whose value is the agent's name.
AGENT_NAMES = ("AI_AGENT", "AGENT")

CI = (
    ("GITHUB_ACTIONS", "github-actions"),
    ("GITLAB_CI", "gitlab-ci"),
    ("BUILDKITE", "buildkite"),
    ("CIRCLECI", "circleci"),
    ("JENKINS_URL", "jenkins"),
    ("TEAMCITY_VERSION", "teamcity"),
    ("TF_BUILD", "azure-pipelines"),
    ("BITBUCKET_BUILD_NUMBER", "bitbucket"),
    ("CODEBUILD_BUILD_ID", "codebuild"),
    ("TRAVIS", "travis"),
    ("APPVEYOR", "appveyor"),
    ("DRONE", "drone"),
    ("CIRRUS_CI", "cirrus"),
    ("CI", "ci"),
)


def current(environ: Mapping[str, str]) -> Json:
    """The actor of a record, from this process and the environment variables."""
    pid = os.getpid()
    started, parents = process.describe(pid)
    return {
        "user": _user(),
        "uid": os.getuid(),
        "host": os.uname().nodename,
        "terminal": _terminal(),
        "agent": _agent(environ),
        "ci": _first(CI, environ),
        "parents": parents,
        "pid": pid,
        "started": started,
    }


def machine(environ: Mapping[str, str]) -> str | None:
    """The coding agent or the CI that runs the command; ``None`` if neither is known."""
    return _agent(environ) or _first(CI, environ)


def _user() -> str:
    uid = os.getuid()
    try:
        from pwd import getpwuid

        return getpwuid(uid).pw_name
    except (ImportError, KeyError):  # a container's uid without an account
        return str(uid)


def _terminal() -> str | None:
    for fd in (0, 1, 2):
        try:
            return os.ttyname(fd)
        except OSError:
            continue
    return None


def _agent(environ: Mapping[str, str]) -> str | None:
    named = (environ.get(name, "").strip() for name in AGENT_NAMES)
    return next(filter(None, named), None) or _first(AGENTS, environ)


def _first(table: tuple[tuple[str, str], ...], environ: Mapping[str, str]) -> str | None:
    said = (name for variable, name in table if _is_set(environ.get(variable, "")))
    return next(said, None)


def _is_set(value: str) -> bool:
    """Is this value of a variable neither empty nor a word for "no"?"""
    return value.strip().lower() not in ("", "0", "false", "no")
