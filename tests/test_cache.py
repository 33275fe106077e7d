"""A parsed file is remembered only as long as it is the same file."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from safeinstall import cache, files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def counted(tmp_path: Path) -> tuple[Path, list[str]]:
    path = tmp_path / "file"
    path.write_text("one")
    old = time.time() - 60
    os.utime(path, (old, old))
    return path, []


def parse_into(calls: list[str]) -> Callable[[str], dict[str, str]]:
    def parse(path: str) -> dict[str, str]:
        calls.append(path)
        with open(path) as file:
            return {"text": file.read()}

    return parse


def test_a_young_file_is_not_remembered(counted: tuple[Path, list[str]], tmp_path: Path) -> None:
    path, calls = counted
    for _ in range(2):
        cache.parsed(str(path), parse_into(calls), str(tmp_path / "cache"))
    assert len(calls) == 2  # its ctime is now


def test_an_old_file_is_read_once(
    counted: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls = counted
    monkeypatch.setattr(cache, "_FRESH_NS", -(10**18))
    directory = str(tmp_path / "cache")
    for _ in range(3):
        assert cache.parsed(str(path), parse_into(calls), directory) == {"text": "one"}
    assert len(calls) == 1
    path.write_text("two")
    assert cache.parsed(str(path), parse_into(calls), directory) == {"text": "two"}
    (place,) = (tmp_path / "cache" / "parsed").iterdir()
    assert place.stat().st_mode & 0o777 == 0o600
    whole = place.read_bytes()
    flipped = [
        whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))
    ]
    for damage in (b"", b"nonsense", whole[:-3], *flipped):
        place.write_bytes(damage)
        assert cache.parsed(str(path), parse_into(calls), directory) == {"text": "two"}


def test_a_cache_that_cannot_be_written_costs_nothing(counted: tuple[Path, list[str]]) -> None:
    path, calls = counted
    assert cache.parsed(str(path), parse_into(calls), "/proc/nowhere") == {"text": "one"}


def test_a_family_is_remembered_in_one_file(
    counted: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_FRESH_NS", -(10**18))
    path, calls = counted
    other = tmp_path / "other"
    other.write_text("more")

    def ask(*paths: Path, directory: str = str(tmp_path / "cache")) -> list[str]:
        family = cache.Family("these", directory)
        found = [family.parsed(str(path), parse_into(calls))["text"] for path in paths]
        family.keep()
        return found

    assert ask(path, other) == ask(path, other) == ["one", "more"]
    assert calls == [str(path), str(other)]
    path.write_text("two")
    assert ask(path, other) == ["two", "more"]
    assert calls[2:] == [str(path)]
    assert ask(path) == ["two"]  # the other one is forgotten now
    assert ask(path, other) == ["two", "more"]
    assert calls[3:] == [str(other)]
    (place,) = (tmp_path / "cache" / "families").iterdir()
    place.write_bytes(place.read_bytes()[:-3])
    assert ask(path) == ["two"]
    assert ask(path, directory="") == ask(path, directory="/proc/nowhere") == ["two"]


def test_a_directory_is_the_same_until_an_entry_comes_or_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_FRESH_NS", -(10**18))
    directory = tmp_path / "directory"
    directory.mkdir()
    (directory / "a").write_text("1")

    def ask() -> list[str]:
        family = cache.Family("these", str(tmp_path / "cache"))
        found: list[str] = family.parsed(str(directory), lambda path: sorted(os.listdir(path)))
        family.keep()
        return found

    assert ask() == ask() == ["a"]
    (directory / "b").write_text("2")
    assert ask() == ["a", "b"]


@pytest.mark.parametrize("way", ["alone", "family"])
def test_what_a_failing_disk_answers_is_not_remembered(
    counted: tuple[Path, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    path, _ = counted
    monkeypatch.setattr(cache, "_is_settled", lambda _: True)

    def ask() -> str:
        if way == "alone":
            return str(cache.parsed(str(path), files.read_text, str(tmp_path / "cache")))
        family = cache.Family("some", str(tmp_path / "cache"))
        text = str(family.parsed(str(path), files.read_text))
        family.keep()
        return text

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "read", fail)
        assert ask() == ""
    assert ask() == "one"
