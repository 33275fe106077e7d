"""Which files of nobody are carried over, and which stay behind."""

from __future__ import annotations

from pathlib import Path

from safeinstall.rebuild.strays import strays

SITE = "lib/python3.11/site-packages"
CARRIED = (
    "share/jupyter/kernels/mine/kernel.json",
    "etc/conda/activate.d/mine.sh",
    "pip.conf",
    "bin/by-hand",
    f"{SITE}/mine.pth",
    f"{SITE}/mine.py",
    f"{SITE}/own/__init__.py",
    f"{SITE}/thing.egg-link",
    "lib/R/library/thing/DESCRIPTION",
)
LEFT = (
    f"{SITE}/tool/left-over.py",  # in the directory of a package
    f"{SITE}/~ool/__init__.py",  # what an interrupted uninstall leaves
    f"{SITE}/ghost-1.0.dist-info/REQUESTED",
)
NEITHER = (
    f"{SITE}/tool/__pycache__/left-over.cpython-311.pyc",
    "conda-meta/tool-1-0.json",
    "conda-meta/history",
    ".safeinstall/journal.jsonl",
)


def test_each_in_its_place(tmp_path: Path) -> None:
    owned = {f"{SITE}/tool/__init__.py", "bin/tool"}
    for path in (*CARRIED, *LEFT, *NEITHER, *owned, "conda-meta/pinned"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    carried, left = strays(str(tmp_path), owned, [SITE])
    assert set(carried) - {"conda-meta/state", "conda-meta/frozen"} == {
        *CARRIED,
        "conda-meta/pinned",
    }
    assert set(left) == set(LEFT)


def test_links_are_carried_as_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("")
    (tmp_path / "link").symlink_to("real")
    assert "link" in strays(str(tmp_path), {"real/file"}, [])[0]
