"""The machine's own policy below /etc, in a mount namespace in which /etc is ours for a moment."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests import harness

if TYPE_CHECKING:
    from pathlib import Path

INSIDE = """
set -e
mount -t tmpfs tmpfs {place}
mkdir {place}/upper {place}/work {place}/home
mount -t overlay overlay -o lowerdir=/etc,upperdir={place}/upper,workdir={place}/work /etc
mkdir -p /etc/safeinstall/policy.d
"""


def in_own_etc(place: Path, script: str) -> subprocess.CompletedProcess[str]:
    words = ["unshare", "-m", "bash", "-c", INSIDE.format(place=place) + script]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    if in_own_etc(tmp_path, "true").returncode:
        pytest.skip("needs the right to mount: unshare -m")
    return tmp_path


def test_what_the_machine_locks_no_file_and_no_variable_loosens(place: Path) -> None:
    check = " ".join([*harness.GUARD, "check", "--", "conda", "create", "-n", "x", "python"])
    script = f"""
export HOME={place}/home SAFEINSTALL_REASON="urgent fix for production" CI=1 AI_AGENT=x
cat > /etc/safeinstall/policy.toml <<'END'
[policy]
locked = ["policy.environment_names", "policy.override"]
environment_names = ["ml-*"]
END
cat > /etc/safeinstall/policy.d/10.toml <<'END'
[policy]
override = "never"
locked = ["rules.SI107"]
END
cat > {place}/lax.toml <<'END'
[policy]
preset = "relaxed"
environment_names = ["*"]
override = "reason"
[rules]
SI107 = {{ level = "off", override = "reason" }}
[[environments]]
match = "*"
rules = {{ SI107 = "off" }}
[[exceptions]]
id = "A-1"
rule = "SI107"
reason = "x"
owner = "x"
expires = 2999-01-01
END
mkdir -p {place}/home/.config/safeinstall {place}/bin
printf '#!/bin/sh\\n' > {place}/bin/conda && chmod +x {place}/bin/conda
export PATH={place}/bin:$PATH
cp {place}/lax.toml {place}/home/.config/safeinstall/policy.toml
cp {place}/lax.toml {place}/home/safeinstall.toml
cd {place}/home
{check} > {place}/said 2>&1; echo $?
SAFEINSTALL_POLICY={place}/lax.toml {check} 2>/dev/null; echo $?
cat {place}/said
"""
    done = in_own_etc(place, script.replace(f"{check} > ", f"set +e; {check} > "))
    assert done.stdout.split("\n")[:2] == ["77", "77"], done.stdout + done.stderr
    assert "SI107" in done.stdout
    assert "The policy allows no override" in done.stdout or "none, the policy" in done.stdout


def test_the_shells_of_all_users_in_the_real_places(place: Path) -> None:
    ours = f"{sys.executable} -m safeinstall"
    script = f"""
export HOME={place}/home PATH=/usr/bin:/bin
find {place}/upper -type f > {place}/before
{ours} setup --system --no-doors > /dev/null 2>&1
bash -lic 'type -t pip' 2>/dev/null | tail -1
bash -ic 'type -t pip' 2>/dev/null | tail -1
zsh -ic 'whence -w pip' 2>/dev/null | tail -1
{ours} setup --system --remove > /dev/null
ls -A /etc/safeinstall
"""
    done = in_own_etc(place, script)
    assert done.stdout.splitlines() == ["function", "function", "pip: function", "policy.d"], done
