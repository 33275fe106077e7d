"""The time line in the terminal and as a picture."""

from __future__ import annotations

import datetime
import io
import os
import random
import re
import stat
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from safeinstall.cli.saved import write
from safeinstall.errors import OutputError
from safeinstall.probe.past_changes import Episode
from safeinstall.render import graph, svg
from safeinstall.render.look import Look
from safeinstall.report import timeline
from tests.render.operations import blocked, change, drift, operation

if TYPE_CHECKING:
    from pathlib import Path

PAST = (Episode("2026-10-20T10:00:00.000Z", "conda", ("python", "pip")),)
HANDED_OVER = "2026-11-03T10:00:00.000Z"


def story(count: int) -> list[dict[str, Any]]:
    """A life of an environment, newest last."""
    chance = random.Random(count)
    moment = datetime.datetime(2026, 11, 1, 9, tzinfo=datetime.UTC)
    told = []
    for number in range(count):
        moment += datetime.timedelta(minutes=chance.choice([1, 2, 5, 30, 60, 6000]))
        time = moment.isoformat().replace("+00:00", "Z")
        tool = "conda" if chance.random() > number / count else "pip"
        what = [
            operation(tool, "install", "six", time=time, changes=[change("six", None, "1", tool)]),
            operation(tool, "install", "torch", time=time, status="failed"),
            blocked(tool, "install", "numpy==2.1.3", time=time),
            drift(change("numpy", "1.26.4", "2.1.3", "pip", was="conda"), time=time),
            operation("poetry", "add", "日本語" * 30, time=time, status="interrupted"),
        ]
        told.append(what[number % 15 // 3] if number % 3 == 0 else what[0])
    return told


def text(count: int, **look: Any) -> str:
    out = io.StringIO()
    found = timeline.events(story(count), PAST)
    graph.as_text("nlp", found, Look(**look), out, HANDED_OVER)
    return out.getvalue()


def picture(count: int, title: str = "nlp") -> str:
    return svg.drawn(title, timeline.events(story(count), PAST), HANDED_OVER)


@pytest.mark.parametrize("count", [1, 12, 60, 2000])
@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_it_fits(count: int, width: int) -> None:
    assert max(map(cell_len, text(count, width=width).splitlines())) <= width


def test_signs() -> None:
    drawn = text(60, width=100)
    assert "handed over to pip, 2026-11-0" in drawn
    assert "numpy 1.26.4 (conda) → 2.1.3 (pip)" in drawn
    assert "numpy==2.1.3 · SI202" in drawn
    assert "2026-10-20 to " in drawn
    assert "60 operations, 1 before the journal" in drawn
    for sign in "●✗◆○◐◦":
        assert sign in drawn
    plain = text(60, width=100, signs=False)
    assert plain.replace("日本語", "").isascii()
    assert re.search(r"^pip .*[*%x]", plain, re.MULTILINE)


def test_long_histories_become_bars_with_totals() -> None:
    drawn = text(2000, width=100)
    rows = {line.split()[0]: line.split()[-1] for line in drawn.splitlines() if line.strip()}
    assert set("▁▂▃▄▅▆▇█") <= set(drawn)
    told = story(2000)
    assert rows["blocked"] == str(sum(item["status"] == "blocked" for item in told))
    assert rows["drift"] == str(sum(item["status"] == "drift" for item in told))
    assert "2,000 operations" in drawn


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" in text(12, colour=True)
    assert "\x1b" not in text(12)


@pytest.mark.parametrize("count", [1, 12, 60, 2000])
def test_a_picture_is_whole_and_self_contained(count: int) -> None:
    drawn = picture(count)
    tree = ET.fromstring(drawn)
    assert tree.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in drawn
    for part in ("<script", "href", "url(", "@import", "onload"):
        assert part not in drawn
    assert drawn.count("http") == 1  # the name space
    assert "handed over to pip" in drawn or count == 1
    assert len(drawn) < 200_000


def test_everything_hovers() -> None:
    titles = [
        title.text or "" for title in ET.fromstring(picture(60)).iter() if "title" in title.tag
    ]
    said = "\n".join(titles)
    assert "numpy==2.1.3 · SI202  (blocked)" in said
    assert "before the journal: pip, python (2 packages)" in said or "before the journal" in said


@settings(max_examples=40)
@given(st.text(min_size=1), st.text())
def test_any_text_makes_valid_xml(word: str, title: str) -> None:
    told = [blocked("pip", word), drift(change(word, word, word)), operation("pip", word)]
    ET.fromstring(svg.drawn(title, timeline.events(told, ())))


def test_surrogates_and_markup(tmp_path: Path) -> None:
    told = [blocked("pip", "\udcff</svg><script>alert(1)</script>\x1b\x00\ufffe")]
    drawn = svg.drawn("<&>", timeline.events(told, ()))
    write(str(tmp_path / "a.svg"), drawn)
    assert "<script" not in drawn
    ET.fromstring((tmp_path / "a.svg").read_text("utf-8"))


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    for content in ("one", "two"):
        write(str(path), content)
        assert path.read_text() == content
    mask = os.umask(0o022)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert os.listdir(tmp_path) == ["a.svg"]


def test_links_and_devices_are_left_alone(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "link").symlink_to(victim)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        with pytest.raises(OutputError, match="is no file"):
            write(str(tmp_path / name), "x")
    assert victim.read_text() == "mine"
    with pytest.raises(OutputError, match="No such file"):
        write(str(tmp_path / "no" / "where.svg"), "x")
