"""What is a reason, and what was meant for the shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.guard import reasons

if TYPE_CHECKING:
    from pathlib import Path

REASONS = """\
the feedstock is ours
as an experiment
a throw-away
to mend it
it is mine
for the paper
if it breaks, I rebuild it
numpy > 2 is needed
numpy==2.1 has the fix
R&D needs the nightly
issue 412
SEC-412, until the feedstock is rebuilt
https://example.org/412 says so
see docs/install.md
two of one name
users asked for it
CPU/GPU mix is meant
größtenteils ungefährlich
mir egal
我们需要这个版本
ต้องใช้รุ่นนี้
""".splitlines()

NO_REASONS = """\

why
x
yes
y
because
please
why why
Why? Why!
"why"
... ...
- -
1 2
your reason
please, please
because why
some reason here
asdf asdf
... …
xxxx yyyy
test testing
foo foobar
override reason
lorem ipsum dolor
123 abc
train.py
はい
""".splitlines()

COMMANDS = """\
python train.py
./train.sh now
/usr/bin/env python
~/bin/run it
../run it
$EDITOR notes
cd /tmp
conda activate nlp
pip list
tool something
export A=1
A=1 something
A= something
something || true
something | less
something && more
echo `date`
echo $(date)
something &
for i in *; do echo $i; done
if true; then echo x; fi
while true; do sleep 1; done
nothing --force
nothing -y here
source env.sh
""".splitlines()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Where ``python`` and ``tool`` are programs, and nothing else is."""
    for name in ("python", "tool", "for", "as"):
        path = tmp_path / name
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return {"PATH": str(tmp_path)}


@pytest.mark.parametrize("text", REASONS)
def test_a_reason(text: str, environ: dict[str, str]) -> None:
    assert reasons.is_reason(text)
    assert reasons.objection(text, environ) == ""


@pytest.mark.parametrize("text", NO_REASONS)
def test_no_reason(text: str, environ: dict[str, str]) -> None:
    assert not reasons.is_reason(text)
    assert reasons.objection(text, environ) == reasons.WANTED


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_no_reason(text: str, environ: dict[str, str]) -> None:
    assert reasons.objection(text, environ) == reasons.COMMAND


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    said = reasons.objection(text, {"PATH": os.defpath})
    assert said or reasons.is_reason(text)


@given(st.sampled_from(sorted(reasons._PLACEHOLDERS)), st.sampled_from(["", "!", "...", "?"]))
def test_a_placeholder_stays_one_however_often_and_with_whatever_marks(
    word: str, mark: str
) -> None:
    assert not reasons.is_reason(f"{word}{mark} {word.upper()} {mark}{word.title()}")


def test_a_ticket_alone_is_a_reason_and_a_placeholder_is_none() -> None:
    assert reasons.lacking("OPS-12", ["OPS-[0-9]+"]) == ""
    assert "OPS" in reasons.lacking("because it is urgent", ["OPS-[0-9]+"])
    assert reasons.lacking("x", ["."]) == reasons.WANTED
