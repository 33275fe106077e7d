"""What docs/team-policy.md says of each profile, judged; and the commands that it shows."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from safeinstall import settings
from safeinstall.cli.policy.cases import judge_all
from safeinstall.files import resources
from safeinstall.settings import Session

if TYPE_CHECKING:
    from pathlib import Path

TEXT = resources.text("docs", "team-policy.md")
CASES = re.findall(r"`--profile ([a-z-]+)`.*?```toml\n(.*?)```", TEXT, re.DOTALL)


def test_each_profile_has_cases() -> None:
    assert [profile for profile, _ in CASES] == ["data-science", "gpu-server", "ci"]


@pytest.mark.parametrize(("profile", "cases"), CASES)
def test_the_cases(tmp_path: Path, profile: str, cases: str) -> None:
    policy, file = tmp_path / "policy.toml", tmp_path / "cases.toml"
    policy.write_text(resources.text("policy/profiles", f"{profile}.toml"))
    file.write_text(cases)
    environ = {"HOME": str(tmp_path)}
    session = Session(settings.read(environ), environ, str(tmp_path))
    out = io.StringIO()
    assert judge_all(str(file), session, out, policy_file=str(policy), kind="machine") == 0, (
        out.getvalue()
    )


def test_the_example_of_a_file_of_cases(tmp_path: Path) -> None:
    page = resources.text("docs", "policy.md")
    (example,) = [
        text for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[[cases]]" in text
    ]
    (tmp_path / "cases.toml").write_text(example)
    (tmp_path / "safeinstall.toml").write_text("")
    environ = {"HOME": str(tmp_path)}
    session = Session(settings.read(environ), environ, str(tmp_path))
    out = io.StringIO()
    assert judge_all(str(tmp_path / "cases.toml"), session, out, policy_file="", kind="") == 0, (
        out.getvalue()
    )


def test_the_commands_can_be_typed(tmp_path: Path) -> None:
    """Those of the first three steps, in their order."""
    (tmp_path / "cases.toml").write_text(CASES[0][1])
    shown = re.findall(r"^(?:\([a-z]+\) )?\$ (.*)$", TEXT, re.MULTILINE)
    lines = [line for line in shown if "history" not in line and "exceptions" not in line]
    ours = shlex.join([sys.executable, "-m", "safeinstall"])
    script = "\n".join(["set -e", f'safeinstall() {{ {ours} "$@"; }}', *lines])
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, check=False
    )
    assert done.returncode == 0, (script, done.stdout.decode()[-2000:], done.stderr.decode())
