"""The metadata directories that conda's records list, found without parsing JSON."""

from __future__ import annotations

import json
import string
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.cache import Family
from safeinstall.probe import conda_metadata

SITE = "lib/python3.11/site-packages"


def read(prefix: Path, *files: str, **more: object) -> tuple[str, ...]:
    document = {"build": "0", "constrains": ["a <2"], "files": list(files), "link": [1], **more}
    return raw(prefix, json.dumps(document, indent=2))


def raw(prefix: Path, text: str) -> tuple[str, ...]:
    (prefix / "conda-meta").mkdir(exist_ok=True)
    (prefix / "conda-meta" / "thing-1-0.json").write_text(text)
    ((_, listed, *_),) = conda_metadata.read(
        str(prefix / "conda-meta"), Family("none", "")
    ).values()
    return listed


def test_only_what_lies_directly_in_site_packages(tmp_path: Path) -> None:
    """setuptools brings distributions within itself, which are nobody's but its own."""
    assert read(
        tmp_path,
        f"{SITE}/setuptools-75.8.0.dist-info/METADATA",
        f"{SITE}/setuptools-75.8.0.dist-info/RECORD",
        f"{SITE}/setuptools/_vendor/packaging-24.2.dist-info/METADATA",
        "share/doc/other-1.0.dist-info/METADATA",
    ) == ("setuptools-75.8.0.dist-info",)


def test_old_ways_of_keeping_metadata(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        f"{SITE}/PyYAML-5.3-py3.11.egg-info",
        f"{SITE}/docopt-0.6.2-py3.11.egg-info/PKG-INFO",
        f"{SITE}/docopt-0.6.2-py3.11.egg-info/top_level.txt",
        f"{SITE}/half-1.0.dist-info/METADATA.orig",
    ) == ("PyYAML-5.3-py3.11.egg-info", "docopt-0.6.2-py3.11.egg-info")


@pytest.mark.parametrize("before", ["share/a].txt", "]", "[]x", 'share/a"],"b.txt', "x,", "[", ""])
def test_brackets_in_names_end_nothing(tmp_path: Path, before: str) -> None:
    assert read(tmp_path, before, f"{SITE}/a-1.dist-info/METADATA") == ("a-1.dist-info",)


def test_what_comes_after_the_files_does_not_count(tmp_path: Path) -> None:
    later = {"paths": [{"_path": f"{SITE}/b-1.dist-info/METADATA"}]}
    listed = read(tmp_path, f"{SITE}/a-1.dist-info/METADATA", paths_data=later)
    assert listed == ("a-1.dist-info",)
    assert read(tmp_path, paths_data=later) == ()


def test_a_long_list_is_read_to_its_end(tmp_path: Path) -> None:
    many = [f"share/thing/file-{number:05}.txt" for number in range(9000)]
    last = f"{SITE}/a-1.dist-info/METADATA"
    assert read(tmp_path, *many, last) == ("a-1.dist-info",)


@pytest.mark.parametrize("text", ["", "{", '{"files": [', "\x00", '{"files": null}', "[]"])
def test_damage_lists_nothing(tmp_path: Path, text: str) -> None:
    assert raw(tmp_path, text) == ()


def test_a_record_without_the_key_is_searched_as_a_whole(tmp_path: Path) -> None:
    text = json.dumps({"depends": ["a"], "paths": [f"{SITE}/a-1.dist-info/METADATA"]})
    assert raw(tmp_path, text) == ("a-1.dist-info",)


def test_what_is_remembered_is_given_up_when_records_change(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    read(tmp_path, f"{SITE}/a-1.dist-info/METADATA")
    meta = tmp_path / "conda-meta"
    (meta / "other-1-0.json").write_text("{}")
    time.sleep(2.1)  # what is younger is not remembered
    for _ in range(3):
        assert remembered(tmp_path, cache)["thing-1-0.json"] == ("a-1.dist-info",)
    text = (meta / "thing-1-0.json").read_text()
    (meta / "thing-1-0.json").unlink()
    (meta / "thing-1-0.json").write_text(text.replace("a-1", "b-1"))
    for _ in range(2):
        assert remembered(tmp_path, cache)["thing-1-0.json"] == ("b-1.dist-info",)
    (meta / "other-1-0.json").unlink()
    assert remembered(tmp_path, cache).keys() == {"thing-1-0.json"}


def remembered(prefix: Path, cache: str) -> dict[str, tuple[str, ...]]:
    family = Family("x", cache)
    found = conda_metadata.read(str(prefix / "conda-meta"), family, cache)
    family.keep()
    return {name: listed for name, (_, listed, *_) in found.items()}


NAMES = st.text(string.ascii_letters + string.digits + "._+ ]['\"\\,{}é", min_size=1, max_size=8)


@given(st.lists(NAMES), st.lists(NAMES), st.sampled_from([None, 1, 2]))
def test_as_a_parser_would_find_them(
    tmp_path_factory: pytest.TempPathFactory, code: list[str], names: list[str], indent: int | None
) -> None:
    """Whatever the other files are called; names of distributions are plain."""
    plain = ["".join(c for c in name if c.isascii() and c.isalnum()) or "x" for name in names]
    files = code + [f"{SITE}/{name}-1.dist-info/METADATA" for name in plain]
    prefix = tmp_path_factory.mktemp("claims")
    document = {"constrains": ["a"], "depends": [], "files": files, "noarch": "python"}
    found = raw(prefix, json.dumps(document, indent=indent))
    assert set(found) == {f"{name}-1.dist-info" for name in plain}


def modules(prefix: Path, *files: str) -> tuple[str, ...]:
    read(prefix, *files)
    ((*_, found),) = conda_metadata.read(str(prefix / "conda-meta"), Family("none", "")).values()
    return found


def test_modules_of_a_package_without_metadata(tmp_path: Path) -> None:
    assert modules(
        tmp_path,
        f"{SITE}/cv2/__init__.py",
        f"{SITE}/cv2/core.so",
        f"{SITE}/gmsh.py",
        f"{SITE}/_native.cpython-311-x86_64-linux-gnu.so",
        f"{SITE}/namespace/part/__init__.py",
        f"{SITE}/tests/__init__.py",
        f"{SITE}/README.txt",
        "lib/other.py",
        f"{SITE}/größe.py",
    ) == ("cv2", "gmsh")
    metadata = f"{SITE}/x-1.dist-info/METADATA"
    assert modules(tmp_path, f"{SITE}/cv2/__init__.py", metadata) == ()
    assert modules(tmp_path, "lib/libpng.so") == ()
