"""Who runs the command: user, machine, terminal, coding agent, CI, and the parent processes."""

from __future__ import annotations

import os

from safeinstall.journal import process
from safeinstall.specs import agents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Json

# The first variable that is set, and says no "no", decides.
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
        "agent": agents.current(environ),
        "ci": _ci(environ),
        "parents": parents,
        "pid": pid,
        "started": started,
    }


def machine(environ: Mapping[str, str]) -> str | None:
    """The coding agent or the CI that runs the command; ``None`` if neither is known."""
    return agents.current(environ) or _ci(environ)


def kinds(environ: Mapping[str, str]) -> frozenset[str]:
    """Who runs the command, in the words of a policy's ``[actors]``: "agent", "ci", or neither."""
    found = {"agent": agents.current(environ), "ci": _ci(environ)}
    return frozenset(kind for kind, name in found.items() if name)


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


def _ci(environ: Mapping[str, str]) -> str | None:
    return next((name for variable, name in CI if agents.is_set(environ.get(variable, ""))), None)
