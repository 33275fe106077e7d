"""Where the staging prefix is, and what is done about a rebuild that was killed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.errors import SafeinstallError
from safeinstall.rebuild import exchange, staging

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/"), min_size=1
).filter(lambda name: name not in (".", "..") and len(os.fsencode(name)) < 200)


def home(place: Path) -> settings.Settings:
    return settings.read({"HOME": str(place / "home")})


@given(NAMES, st.sets(NAMES, max_size=5))
@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_path_is_as_long_and_free(
    tmp_path_factory: pytest.TempPathFactory, name: str, others: set[str]
) -> None:
    above = tmp_path_factory.mktemp("envs")
    for other in {name, *others}:
        (above / other).mkdir()
    prefix = str(above / name)
    try:
        found = staging.path_for(prefix)
    except SafeinstallError:
        return  # of a single character that has no neighbour
    assert len(os.fsencode(found)) == len(os.fsencode(prefix))
    assert os.path.dirname(found) == str(above)
    assert not any(path.startswith(os.path.basename(found)) for path in os.listdir(above))


@given(
    st.from_regex(r"\A[A-Za-z0-9 ()ä'+-]{1,20}\Z").filter(
        lambda n: n.isprintable() and any(c.isalnum() and c.isascii() for c in n)
    )
)
def test_it_is_quoted_alike(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    prefix = f"{tmp_path_factory.mktemp('envs')}/{name}"
    found = staging.path_for(prefix)
    for quoted in (shlex.quote, quote):
        assert len(quoted(found)) == len(quoted(prefix)), found


@pytest.mark.parametrize("step", range(6))
def test_after_each_step_the_same_is_done(tmp_path: Path, step: int) -> None:
    """0: marked. 1: made. 2: filled. 3: exchanged. 4: put away. 5: the mark is gone."""
    known = home(tmp_path)
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    (prefix / "old").write_text("")
    mark = staging.begin("op", str(prefix), known)
    if step == 0:
        os.rmdir(mark.staging)
        mark = mark.replace(new=0)
    if step >= 2:
        Path(mark.staging, "new").write_text("")
    if step >= 3:
        staging.swap(mark)
    if step >= 4:
        staging.finish(mark, known.home)
    if step >= 5:
        staging.forget(mark, known)
        assert staging.left(str(prefix), known) is None
        return
    if step:
        assert staging.left(str(prefix), known) == mark
    done = staging.finish(mark, known.home)
    assert done == (step >= 3)
    assert os.listdir(prefix) == (["new"] if done else ["old"])
    assert os.listdir(mark.backup) == ["old"] if done else not os.path.exists(mark.backup)
    assert sorted(os.listdir(prefix.parent)) == ([".safeinstall", "env"] if done else ["env"])


def test_where_nothing_can_be_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "exchange", lambda *_: False)
    known = home(tmp_path)
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    (prefix / "old").write_text("")
    mark = staging.begin("op", str(prefix), known)
    Path(mark.staging, "new").write_text("")
    # killed between the two renames
    os.rename(prefix, mark.backup)
    assert staging.finish(mark, known.home)
    assert os.listdir(prefix) == ["new"]
    assert os.listdir(mark.backup) == ["old"]


def test_an_environment_that_was_removed_does_not_come_again(tmp_path: Path) -> None:
    """Half of it, as the rebuild had made it by then."""
    known = home(tmp_path)
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    mark = staging.begin("op", str(prefix), known)
    Path(mark.staging, "half").write_text("")
    prefix.rmdir()
    assert not staging.finish(mark, known.home)
    assert os.listdir(prefix.parent) == []


def test_what_somebody_else_has_put_there_is_not_removed(tmp_path: Path) -> None:
    known = home(tmp_path)
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    mark = staging.begin("op", str(prefix), known)
    os.rename(mark.staging, tmp_path / "away")
    os.mkdir(mark.staging)
    Path(mark.staging, "mine").write_text("")
    assert not staging.finish(mark, known.home)
    assert os.listdir(mark.staging) == ["mine"]


def test_conda_s_list_of_environments_keeps_the_others(tmp_path: Path) -> None:
    known = home(tmp_path)
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    listed = Path(known.home, ".conda", "environments.txt")
    listed.parent.mkdir(parents=True)
    mark = staging.begin("op", str(prefix), known)
    listed.write_text(f"{prefix}\n{mark.staging}\n/other\n")
    listed.chmod(0o640)
    staging.finish(mark, known.home)
    assert listed.read_text() == f"{prefix}\n/other\n"
    assert listed.stat().st_mode & 0o777 == 0o640


def test_a_directory_of_another_is_no_place_for_backups(tmp_path: Path) -> None:
    prefix = tmp_path / "envs" / "env"
    prefix.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (prefix.parent / ".safeinstall").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SafeinstallError):
        staging.begin("op", str(prefix), home(tmp_path))
    assert sorted(os.listdir(prefix.parent)) == [".safeinstall", "env"]
    assert os.listdir(tmp_path / "elsewhere") == []
