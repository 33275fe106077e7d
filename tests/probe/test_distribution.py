"""What a distribution says of itself."""

from __future__ import annotations

import csv
import hashlib
import io
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import Package, Resident
from safeinstall.probe import distribution

if TYPE_CHECKING:
    from pathlib import Path

SITE = "lib/python3.11/site-packages"


def described(prefix: Path, name: str, files: dict[str, str]) -> Resident:
    place = prefix / SITE / name
    place.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (place / file).write_text(text)
    return distribution.describe(Package("x", "1", "pip", location=str(place)), str(prefix))


def test_a_wheel(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"code")
    text = urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    record = (
        f"x/__init__.py,sha256={text},4\nx/__pycache__/__init__.cpython-311.pyc,,\n"
        '"x/a,""b"".py",md5=abc,1\n../../../bin/x,sha256=?,9\nx-1.dist-info/RECORD,,\n'
        "../../../../outside,,\n"
    )
    metadata = (
        "Metadata-Version: 2.1\nName: x\nRequires-Dist: numpy>=1\n"
        "requires-dist: b; extra == 'c'\n\nRequires-Dist: described\n"
    )
    found = described(tmp_path, "x-1.dist-info", {"RECORD": record, "METADATA": metadata})
    assert found.requires == ("numpy>=1", "b; extra == 'c'")
    assert dict(zip(found.files, found.sums, strict=True)) == {
        f"{SITE}/x/__init__.py": digest.hexdigest(),
        f'{SITE}/x/a,"b".py': "",
        "bin/x": "",
        f"{SITE}/x-1.dist-info/RECORD": "",
    }


def test_an_egg(tmp_path: Path) -> None:
    requires = "a>=1\n\n[extra]\nb\n\n[:python_version<'3']\nc\n\n[more:python_version<'3']\nd\n"
    listed = "../x.py\nPKG-INFO\n\n"
    files = {"PKG-INFO": "Name: x\n", "requires.txt": requires, "installed-files.txt": listed}
    found = described(tmp_path, "x-1-py3.11.egg-info", files)
    assert found.files == (f"{SITE}/x.py", f"{SITE}/x-1-py3.11.egg-info/PKG-INFO")
    assert found.requires == (
        "a>=1",
        'b; extra == "extra"',
        "c; python_version<'3'",
        "d; (python_version<'3') and extra == \"more\"",
    )


def test_a_link_to_a_project(tmp_path: Path) -> None:
    egg = tmp_path / "src" / "my_own.egg-info"
    (tmp_path / "src" / "other.egg-info").mkdir(parents=True)
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Name: my-own\n")
    (egg / "requires.txt").write_text("filelock>=3\n\n[all]\ntqdm\n")
    link = tmp_path / "my-own.egg-link"
    link.write_text(f"{tmp_path}/src\n../")
    asked = distribution.describe(asked_for(link), str(tmp_path))
    assert asked.requires == ("filelock>=3", 'tqdm; extra == "all"')
    assert asked.files == ()
    for text in ("", "relative\n.", "/nowhere\n.", f"{tmp_path}\n."):
        link.write_text(text)
        lost = distribution.describe(asked_for(link), str(tmp_path))
        assert (lost.requires, lost.unread) == (None, str(link))


def asked_for(link: Path) -> Package:
    return Package("my-own", "", "pip", location=str(link))


def test_nothing_there_is_nothing_said(tmp_path: Path) -> None:
    for name in ("x-1.dist-info", "x.egg-link", "x-1-py3.11.egg-info"):
        gone = Package("x", "1", "pip", location=str(tmp_path / SITE / name))
        assert distribution.describe(gone, str(tmp_path)).files == ()


names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1)


@given(st.lists(names.filter(lambda name: name.isprintable()), unique=True, max_size=5))
def test_record_is_read_as_csv_writes_it(paths: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([path, "", ""] for path in paths)
    assert [path for path, _ in distribution.rows(out.getvalue())] == paths


def test_a_metapackage_beside_the_module_that_has_its_name(tmp_path: Path) -> None:
    """jupyter 1.1.1 lists its metadata alone; ``jupyter.py`` is jupyter_core's."""
    metadata = "Metadata-Version: 2.1\nName: x\nVersion: 1\n\n"
    site = tmp_path / SITE
    site.mkdir(parents=True)
    (site / "x.py").write_text("")
    own = "x-1.dist-info/METADATA,,\nx-1.dist-info/RECORD,,\n"
    files = {"METADATA": metadata, "RECORD": own}
    assert described(tmp_path, "x-1.dist-info", files).partly  # it may have been cut
    (site / "x_core-1.dist-info").mkdir()
    (site / "x_core-1.dist-info" / "RECORD").write_text("x.py,,\nx_core/__init__.py,,\n")
    assert not described(tmp_path, "x-1.dist-info", files).partly
