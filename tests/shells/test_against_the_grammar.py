"""The functions may ask the guard for nothing, but never keep a change from it.

What changes an environment is decided by the real grammars in :mod:`safeinstall.argv`; the
functions must say "guard" to every such line. Thousands of lines go through one shell.
"""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeinstall import argv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.shells.conftest import Lab

Words = tuple[str, ...]


def vocabulary(text: str) -> list[str]:
    return text.split()


NAMES = ("pip", "pip3", "pip3.12", "python", "python3.9", "conda", "mamba", "micromamba", "uv")
PIP = vocabulary(
    """install uninstall list download wheel help config cache -v -q --python --log --isolated
    --version -V -h --help --proxy -r -e --user -y --dry-run -U --pre -i -c --target= -- - x six
    numpy==1 ./here requirements.txt --no-input --debug search hash lock index check freeze"""
)
CONDA = vocabulary(
    """install update upgrade remove uninstall create rename env run list info search config
    clean export doctor check --fix self pypi compare notices init package activate shell.posix
    shell -n -p -y -q -v --json --all -c --dry-run --file --no-plugins --revision -h --help -V
    --version --cwd --debug --no-capture-output x six numpy=1 base repoquery ps auth -r"""
)
PYTHON = vocabulary(
    """-m -mpip -Im -Impip pip conda uv -c -W -Wx -X utf8 -Xutf8 -I -bX -- - script.py -i -u -S
    --check-hash-based-pycs always --version --help -V -E -s -B -O -OO -q -x -P -d -v -vm -?
    pip.__main__ conda.__main__ pass -Wm -Xm -cm -bm"""
)
UV = vocabulary(
    """pip install uninstall sync add remove venv run tool lock list compile --quiet -q --directory
    --project --system --python -r x six init python help --help"""
)

some = st.sampled_from
tails = st.lists(some(PIP + CONDA + UV), max_size=5)
pips = st.tuples(some(NAMES[:3]), st.lists(some(PIP), max_size=6))
pythons = st.tuples(
    some(NAMES[3:5]), st.lists(some(PYTHON), max_size=4), some(("-m", "-Im", "")), tails
)
condas = st.tuples(some(NAMES[5:8]), st.lists(some(CONDA), max_size=6))
envs = st.tuples(
    some(NAMES[5:8]),
    st.just("env"),
    some(("create", "update", "remove", "list", "export", "config")),
    st.lists(some(CONDA), max_size=4),
)
runs = st.tuples(
    some(NAMES[5:8]),
    st.just("run"),
    st.lists(some(("-n", "x", "-p", "/p", "--cwd", "--", "-v", "--no-capture-output")), max_size=3),
    st.one_of(pips, condas, pythons),
)
uvs = st.tuples(some(NAMES[8:]), st.lists(some(UV), max_size=5))


# Lines that do change something, with words put in between.
CHANGES = """\
pip install x
pip3 --python p uninstall -y x
python -X utf8 -Im pip install x
conda install -n e x
conda env create -f e.yml -n e
conda run -n e python -m pip install x
conda create --name e x
micromamba remove -p /e x
mamba update --all
uv pip install x
uv add x""".splitlines()


@st.composite
def stretched(draw: st.DrawFn) -> Words:
    words = draw(some(CHANGES)).split()
    for word in draw(st.lists(some(PIP + CONDA + PYTHON + UV), max_size=3)):
        words.insert(draw(st.integers(1, len(words))), word)
    return tuple(words)


def flat(tree: object) -> Words:
    """The words of a tree of words; options left out are ``""`` at their place."""
    if isinstance(tree, str):
        return (tree,) if tree else ()
    assert isinstance(tree, tuple | list)
    return tuple(word for part in tree for word in flat(part))


lines = st.one_of(pips, pythons, condas, envs, runs, uvs, stretched(), stretched()).map(flat)


def mutates(words: Words) -> bool:
    context = argv.Context(environ={}, cwd="/", read=lambda _: None, pip_config={})
    return argv.parse(words, context).mutates


def asked(lab: Lab, cases: Sequence[Words]) -> list[bool]:
    """For each line: would the function ask the guard?"""
    script = lab.root / "cases"
    calls = (" ".join(map(shlex.quote, words)) for words in cases)
    text = "".join(f"__safeinstall_guards {call}\necho $?\n" for call in calls)
    script.write_bytes(os.fsencode(f"{lab.load}\n{text}"))
    done = subprocess.run(
        lab.command(str(script)), env=lab.environ(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    answers = done.stdout.split()
    assert len(answers) == len(cases)
    return [answer == "0" for answer in answers]


def missed(lab: Lab, cases: Sequence[Words]) -> list[str]:
    """The changes that would pass unseen."""
    changing = [words for words in cases if words[0] in NAMES and mutates(words)]
    answers = asked(lab, changing)
    return [shlex.join(words) for words, ask in zip(changing, answers, strict=True) if not ask]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(lines, min_size=200, max_size=400))
def test_no_change_passes_unseen(lab: Lab, cases: list[Words]) -> None:
    assert missed(lab, cases) == []


DATA = os.path.join(os.path.dirname(__file__), "..", "argv", "data", "conda.json.gz")
CHANGING = {
    *("install", "update", "upgrade", "remove", "uninstall", "create", "rename"),
    *("env create", "env update", "env remove"),
}


def test_what_a_real_conda_read_as_a_change(lab: Lab) -> None:
    """The recorded answers of conda's own parser, a second opinion beside our grammar's."""
    with gzip.open(DATA) as stream:
        recorded = json.load(stream)["cases"]
    cases = [
        ("conda", *words)
        for words, answer in recorded
        if answer["end"] == "read"
        and " ".join(answer["path"]) in CHANGING
        and not answer["values"].get("dry_run")
    ]
    assert len(cases) > 500
    assert [words for words, ask in zip(cases, asked(lab, cases), strict=True) if not ask] == []


@pytest.mark.parametrize("word", ["\udcff", "a\nb", "", " ", "*", "\\", "'", '"', "$x", "`x`", "é"])
def test_odd_words_do_not_disturb(lab: Lab, word: str) -> None:
    cases = [
        ("pip", word, "install", "x"),
        ("python", "-X", word, "-m", "pip", "install", word),
        ("conda", "install", word),
        ("conda", "run", "-n", word, "pip", "install", "x"),
        ("uv", word, "pip", "install", word),
    ]
    assert asked(lab, cases) == [True] * len(cases)
