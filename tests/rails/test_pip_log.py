"""What is read from pip's log; the logs themselves are made by real pips in ``test_pip_rail``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.rails import pip_log
from safeinstall.rails.pip_log import Wish

LOG = """\
2026-11-22T19:52:04,603 1 location(s) to search for versions of Typing.Extensions:
2026-11-22T19:52:04,603 Found link https://x/t-4.8.0.whl (from https://x/) , version: 4.8.0
2026-11-22T19:52:04,655 Will try a different candidate, due to conflict:
2026-11-22T19:52:04,655     a[x] 1.0 depends on numpy<2.0.0, !=1.25 and >=1.24
2026-11-22T19:52:04,655     The user requested b[y,z]
2026-11-22T19:52:04,655 This is     no 1.0 depends on wish
2026-11-22T19:52:04,655     a 0.9 depends on ignored>=1
2026-11-22T19:52:04,655 The conflict is caused by:
2026-11-22T19:52:04,655     The user requested numpy 1.26.4 (from /w/numpy-1.26.4-py3-none-any.whl)
2026-11-22T19:52:04,655     The user requested (constraint) numpy==1.21.6,==1.26.4
2026-11-22T19:52:04,656
2026-11-22T19:52:04,657   The conflict is caused by:
2026-11-22T19:52:04,657       The user requested of-a-build 1
2026-11-22T19:52:04,657   Successfully installed of-a-build-1
2026-11-22T19:52:05,656 Requirement already satisfied: six>=1 in /e/lib (from a) (1.16.0)
2026-11-22T19:52:06,656 Installing collected packages: a, typing-extensions
2026-11-22T19:52:06,656 Successfully installed a-0.9 typing_extensions-4.8.0.post1
"""


def test_everything_that_counts() -> None:
    assert pip_log.parse(LOG) == pip_log.Log(
        wishes=(
            Wish("numpy", "<2.0.0,!=1.25,>=1.24", "a", "1.0"),
            Wish("b", ""),
            Wish("numpy", "==1.26.4"),
            Wish("numpy", "==1.21.6,==1.26.4", constraint=True),
        ),
        offered={"typing-extensions": ("4.8.0",)},
        chosen={"six": "1.16.0", "a": "0.9", "typing-extensions": "4.8.0.post1"},
        began=True,
    )


def test_what_a_build_needs_is_not_what_was_asked_for() -> None:
    """As newer releases of pip have it with ``--use-feature=inprocess-build-deps``."""
    deeper = "  Installing collected packages: setuptools\n"
    assert not pip_log.parse(deeper).began
    assert not pip_log.parse("2026-11-22T19:52:06,656 " + deeper).began


@given(st.text(), st.lists(st.sampled_from(LOG.splitlines())))
def test_any_text_is_read(text: str, lines: list[str]) -> None:
    pip_log.parse(text)
    pip_log.parse("\n".join([*lines, text, *lines]))
