"""conda's own history: real ones, old ones, damaged ones."""

from __future__ import annotations

import os
import string
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.probe import conda_history
from safeinstall.probe.conda_history import Revision

if TYPE_CHECKING:
    from safeinstall.model import Package
    from safeinstall.sandbox.world import World


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def read(text: str) -> list[Revision]:
    return list(conda_history.parse(text))


def shown(packages: tuple[Package, ...]) -> list[str]:
    return [f"{p.source} {p.name} {p.version} {p.build}" for p in packages]


NOW = """\
==> 2026-11-22 18:58:00 <==
# cmd: /opt/conda/bin/conda create -y -n t python=3.11 six=1.16
# conda version: 26.7.1
+conda-forge/linux-64::python-3.11.7-h3f98586_0_cpython
+conda-forge/noarch::six-1.16.0-pyhd8ed1ab_0
# update specs: ['python=3.11', "six[version='>=1.16']"]
==> 2026-07-22 18:58:02 <==
# cmd: /opt/conda/bin/conda install six=1.17
# conda version: 26.7.1
-conda-forge/noarch::six-1.16.0-pyhd8ed1ab_0
+conda-forge/noarch::six-1.17.0-pyhd8ed1ab_0
# update specs: ['six=1.17']
# neutered specs: ['python']
==> 2026-07-22 18:58:09 <==
# cmd: /opt/conda/bin/conda remove six
-conda-forge/noarch::six-1.17.0-pyhd8ed1ab_0
# remove specs: ['six']
"""


def test_as_conda_writes_it_today(berlin: None) -> None:
    create, update, remove = read(NOW)
    assert create.time == "2026-11-22T17:58:00.000Z"
    assert create.command == "/opt/conda/bin/conda create -y -n t python=3.11 six=1.16"
    assert create.specs == ("python=3.11", "six[version='>=1.16']")
    assert shown(create.added) == [
        "conda-forge python 3.11.7 h3f98586_0_cpython",
        "conda-forge six 1.16.0 pyhd8ed1ab_0",
    ]
    assert update.time == "2026-07-22T16:58:02.000Z"
    assert (shown(update.removed), shown(update.added)) == (
        ["conda-forge six 1.16.0 pyhd8ed1ab_0"],
        ["conda-forge six 1.17.0 pyhd8ed1ab_0"],
    )
    assert update.loosened == ("python",)
    assert (remove.added, remove.specs, remove.unwanted) == ((), (), ("six",))
    assert [p.name for p in conda_history.remembered((create, update, remove))] == ["python"]
    assert conda_history.asked((create, update)) == ("python", "six")
    assert conda_history.asked((create, update, remove)) == ("python",)


def test_as_conda_3_wrote_it() -> None:
    """A revision was the whole state then, and nothing was said of channels."""
    first, second, third = read(
        "==> 2013-05-01 10:00:00 <==\n# cmd: conda create\nnumpy-1.7.1-py27_0\nzlib-1.2.7-0\n"
        "==> 2013-05-02 10:00:00 <==\nnumpy-1.8.0-py27_0.tar.bz2\nzlib-1.2.7-0\n"
        "==> 2014-05-02 10:00:00 <==\n# install specs: python>=3.5.1,jupyter >=1.0.0,<2.0\n"
        "-zlib-1.2.7-0\n+defaults::scikit-learn-0.15-np18py27_0\n"
    )
    assert shown(first.added) == [" numpy 1.7.1 py27_0", " zlib 1.2.7 0"]
    assert (shown(second.removed), shown(second.added)) == (
        [" numpy 1.7.1 py27_0"],
        [" numpy 1.8.0 py27_0"],
    )
    assert third.specs == ("python>=3.5.1", "jupyter >=1.0.0,<2.0")
    assert shown(third.removed) == [" zlib 1.2.7 0"]
    assert shown(third.added) == ["defaults scikit-learn 0.15 np18py27_0"]


def test_as_mamba_writes_it() -> None:
    (only,) = read(
        "==> 2024-01-01 10:00:00 <==\n# cmd: micromamba install -y numpy\n# conda version: 3.8.0\n"
        "+https://conda.anaconda.org/conda-forge/osx-arm64::numpy-1.26.2-py311h7125741_0\n"
        '# update specs: ["numpy", "python[version=\\">=3.9\\"]"]\n'
    )
    assert only.specs == ("numpy", 'python[version=">=3.9"]')
    assert only.added[0].source == "https://conda.anaconda.org/conda-forge"


def test_what_pip_owns_is_told_from_the_rest() -> None:
    (only,) = read("==> 2024-01-01 10:00:00 <==\n+pypi/pypi::rich-13.7-pypi_0\n")
    assert only.added[0].owner == "pip"


@pytest.mark.parametrize(
    "text",
    [
        "// not relevant to conda, but it looks for this file",
        "==> ",
        "==> 2026-11-22 18:58:00\n+a-1-0",
        "+a-1-0\n-b-2-0\n",
        "\x00\x01\udcff",
    ],
)
def test_without_a_header_nothing_is_said(text: str) -> None:
    assert read(text) == []


def test_damage_counts_as_not_said() -> None:
    (first, second, third) = read(
        "==> yesterday <==\n+half-of-\n+six-1.16-0\n+\n-\n# cmd\n#\n# update specs: ['six', 'ha\n"
        "==> 2026-99-22 18:58:00 <==\n"
        "==> 0000-00-00 00:00:00 <==\n+six-1.16-0\n-never-1-0\n+two words-1-0\n"
    )
    assert (first.time, first.command, first.specs) == ("", "", ("six",))
    assert [p.name for p in first.added] == ["six"]
    assert (second.added, second.removed, third.added, third.removed) == ((), (), (), ())


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert conda_history.read(str(tmp_path)) == ()
    (tmp_path / "conda-meta" / "history").mkdir(parents=True)
    assert conda_history.read(str(tmp_path)) == ()


WORDS = st.text(string.printable[:95], min_size=1, max_size=12)


@given(st.lists(WORDS.map(lambda word: word.rstrip("@") or "x")))
def test_specs_come_back_as_python_wrote_them(specs: list[str]) -> None:
    (only,) = read(f"==> 2026-11-22 18:58:00 <==\n# update specs: {specs!r}\n")
    assert list(only.specs) == specs


NAMES = st.sampled_from(("numpy", "scikit-learn", "zlib"))
STATES = st.lists(st.dictionaries(NAMES, st.sampled_from(("1.0", "2.0", "2.1"))), max_size=5)


@given(STATES, st.booleans())
def test_states_and_differences_tell_the_same(states: list[dict[str, str]], full: bool) -> None:
    """Written as a state each or as what changed, the same changes are read."""
    text, before = "", dict[str, str]()
    for state in states:
        text += "==> 2026-11-22 18:58:00 <==\n"
        gone = [f"{n}-{v}-0" for n, v in before.items() if state.get(n) != v]
        come = [f"{n}-{v}-0" for n, v in state.items() if before.get(n) != v]
        if full and state:
            text += "".join(f"{n}-{v}-0\n" for n, v in state.items())
        else:
            text += "".join([*(f"-c::{x}\n" for x in gone), *(f"+c::{x}\n" for x in come)])
        before = state
    if not full:
        text = text.replace("c::", "")
    left = {p.name: p.version for p in conda_history.remembered(read(text))}
    assert left == before


@given(st.text())
def test_any_text_at_all_is_read(text: str) -> None:
    for revision in read(f"==> 2026-11-22 18:58:00 <==\n{text}"):
        assert revision.removed + revision.added is not None


def test_a_history_that_a_conda_has_written(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.23"], conda_env, check=True)
    world.run(["conda", "install", "-y", "numpy=1.26"], conda_env, check=True)
    world.run(["conda", "remove", "-y", "numpy"], conda_env, check=True)
    create, first, second, third = conda_history.read(world.env(conda_env))
    assert {"python", "pip"} <= {p.name for p in create.added}
    assert create.command.split()[1] == "create"
    (numpy,) = (p for p in first.added if p.name == "numpy")
    assert (numpy.version[:4], first.specs) == ("1.23", ("numpy=1.23",))
    assert numpy in second.removed
    assert "numpy" in {p.name for p in third.removed}
    assert third.unwanted == ("numpy",)
    path = os.path.join(world.env(conda_env), "conda-meta", "history")
    written = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(os.stat(path).st_mtime - 1))
    assert third.time[:13] == written[:13] or third.time > written
