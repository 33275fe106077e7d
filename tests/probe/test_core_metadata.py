"""Core metadata, held against ``importlib.metadata`` and ``packaging.metadata``."""

from __future__ import annotations

import email
import glob
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement

from safeinstall.probe import core_metadata
from safeinstall.specs import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = "".join(f"        line {number} of a long license\n" for number in range(3000))
BLANK_LINE = "License: BSD\n        Copyright\n        \n        All rights reserved.\n"
MIT = "License: MIT\n \n \t\n\t\n  x\n"

ODD = {
    "plain": "Metadata-Version: 2.1\nName: x\nVersion: 1.0\nRequires-Dist: a>=1\n\nbody\n",
    "line of blanks": f"Name: x\nVersion: 1\n{BLANK_LINE}Requires-Dist: numpy>=1.22\n\nbody\n",
    "lines of tabs": f"Name: x\nVersion: 1\n{MIT}Requires-Dist: a\nProvides-Extra: e\n\n",
    "behind 64 KiB": f"Name: x\nVersion: 1\nLicense: BSD\n{LONG}Requires-Dist: numpy\n\nbody\n",
    "no end": "Name: x\nVersion: 1\nRequires-Dist: a",
    "no empty line": "Name: x\nVersion: 1\nRequires-Dist: a\n",
    "nothing behind the empty line": "Name: x\nVersion: 1\nRequires-Dist: a\n\n",
    "no requirements": "Name: x\nVersion: 1\n\nbody\n",
    "only in the description": "Name: x\nVersion: 1\n\nRequires-Dist: described\nName: y\n",
    "windows": "Name: x\r\nVersion: 1\r\nLicense: a\r\n  \r\n b\r\nRequires-Dist: a\r\n\r\nb:\r\n",
    "old macintosh": "Name: x\rVersion: 1\rRequires-Dist: a\r\rRequires-Dist: body\r",
    "mixed ends": "Name: x\nVersion: 1\r\nLicense: a\r\r\nRequires-Dist: a\n\n",
    "case": "nAmE: x\nVERSION: 1\nrequires-dist: a\nREQUIRES-DIST: b\nprovides-EXTRA: E\n\n",
    "doubled": "Name: x\nName: y\nVersion: 1\nVersion: 2\nRequires-Dist: a\nRequires-Dist: a\n\n",
    "blanks around": "Name:   x  \nVersion:\t1\t\nRequires-Dist:a\nRequires-Dist:  b \n\n",
    "blank before the colon": "Name: x\nVersion: 1\nRequires-Dist : a\nRequires-Dist: b\n\n",
    "folded": "Name: x\nVersion: 1\nRequires-Dist: a\n  >=1 ;\n\tpython_version>'3'\n\n",
    "folded from the start": "Name:\n x\nVersion:\n 1\nRequires-Dist:\n a\n\n",
    "first line is folded": " folded\n\tagain\nName: x\nVersion: 1\nRequires-Dist: a\n\n",
    "first line is empty": "\nName: x\nVersion: 1\nRequires-Dist: a\n\n",
    "empty": "",
    "no header": "Name: x\nVersion: 1\nLicense: a\nRedistribution is\nRequires-Dist: a\n\n",
    "no header, nothing behind": "Name: x\nVersion: 1\nRequires-Dist: a\nand so on\n\n",
    "not even the first": "What is this\nName: x\nVersion: 1\n\n",
    "byte order mark": "\ufeffName: x\nVersion: 1\nRequires-Dist: a\n\n",
    "from an mbox": "From ann Mon\nName: x\nVersion: 1\nFrom : y\n folded\nRequires-Dist: a\n\n",
    "from at the end": "Name: x\nVersion: 1\nRequires-Dist: a\nFrom here on\n\n",
    "no name before the colon": "Name: x\n: y\n folded\nVersion: 1\nRequires-Dist: a\n\n",
    "no value": "Name: x\nVersion: 1\nRequires-Dist:\nProvides-Extra:\nLicense:\n\n",
    "unicode": "Name: x\nVersion: 1\nAuthor: Ünïcode\u2028\x0b\x0c\x85\nRequires-Dist: a\n\n",
    "not ASCII in a name": "Name: x\nVersion: 1\nÄ: b\nRequires-Dist: a\n\n",
    "visible signs in a name": "Name: x\nVersion: 1\n!~#/[]=;: b\nRequires-Dist: a\n\n",
    "form feed": "Name: x\nVersion: 1\n\x0cRequires-Dist: a\n\n",
    "old spelling": "Name: x\nVersion: 1\nRequires-Dist: a (>=1)\nRequires-Dist: b[c] (<2,>1)\n\n",
    "addresses": "Name: x\nVersion: 1\nRequires-Dist: a @ https://e.org/a;b.whl ; os_name=='x'\n\n",
    "extras": "Name: x\nVersion: 1\nProvides-Extra: a\nProvides-Extra: b-c\nProvides-Extra: a\n\n",
}
BLIND = {
    *("empty", "first line is empty", "not even the first", "byte order mark", "no header"),
    *("blank before the colon", "not ASCII in a name", "form feed"),
}
"""Where a header may stand that is not read."""

Told = tuple[str, str, list[str], list[str]]


def told(location: Path) -> Told:
    """Name, version, requirements and extras as ``importlib.metadata`` has them."""
    there = importlib.metadata.PathDistribution(location)
    metadata = there.metadata
    return (
        _plain(metadata["Name"] or ""),
        _plain(metadata["Version"] or ""),
        [_plain(text) for text in there.requires or ()],
        [_plain(text) for text in metadata.get_all("Provides-Extra") or ()],
    )


def read(found: core_metadata.Metadata) -> Told:
    texts = (list(map(_plain, found.requires)), list(map(_plain, found.extras)))
    return _plain(found.name), _plain(found.version), *texts


def _plain(text: str) -> str:
    """Folds do not count, and what stands around a value."""
    return " ".join(text.split())


def made(place: Path, metadata: bytes, name: str = "x-1.dist-info") -> Path:
    directory = place / name
    directory.mkdir(exist_ok=True)
    (directory / ("METADATA" if name.endswith("dist-info") else "PKG-INFO")).write_bytes(metadata)
    return directory


@pytest.mark.parametrize("kind", ODD)
def test_odd_ones(tmp_path: Path, kind: str) -> None:
    place = made(tmp_path, ODD[kind].encode())
    found = core_metadata.headers(str(place))
    assert read(found) == told(place)
    whole = core_metadata.read(str(place))
    assert whole == (None if kind in BLIND else found)


@pytest.mark.parametrize("kind", ODD)
def test_packaging_reads_the_same(kind: str) -> None:
    """It takes lists and single values apart, and gives up headers that are doubled."""
    raw, _ = parse_email(ODD[kind].encode())
    found = core_metadata.parse(ODD[kind].encode())
    for theirs, ours in (("requires_dist", found.requires), ("provides_extra", found.extras)):
        assert [_plain(text) for text in raw.get(theirs, ())] == list(ours)  # type: ignore[attr-defined]
    for theirs, one in (("name", found.name), ("version", found.version)):
        assert kind == "doubled" or _plain(str(raw.get(theirs, ""))) == one


LINES = st.one_of(
    st.sampled_from(
        ("Name: x", "Version: 1", "Requires-Dist: a>=1", "requires-dist:b", "Provides-Extra: e")
    ),
    st.sampled_from(
        ("", " ", "\t", " \t folded", "From x", "From: x", ": y", "no header", "A : b")
    ),
    st.tuples(
        st.sampled_from(("", " ", "\t", "Name:", "Requires-Dist:", "License: ")),
        st.text(max_size=12),
    ).map("".join),
)
ENDS = st.sampled_from(("\n", "\r\n", "\r", "\n\n", " \n"))


@given(st.lists(st.tuples(LINES, ENDS), max_size=12).map(lambda rows: "".join(map("".join, rows))))
@example("Name: x\nFrom a:\n b\nRequires-Dist: a")
def test_whatever_it_says(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    place = made(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"))
    try:
        expected = told(place)
    except UnicodeDecodeError:  # importlib.metadata takes nothing but UTF-8
        return
    assert read(core_metadata.headers(str(place))) == expected


@given(st.binary(max_size=60))
def test_bytes_that_mean_nothing(data: bytes) -> None:
    """Read as the email parser reads them, a byte a character."""
    data = b"Name: x\n" + data + b"\nRequires-Dist: a\n\n"
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("latin-1")
    requires = email.message_from_string(text).get_all("Requires-Dist") or []
    found = core_metadata.parse(data)
    ours = [need.encode("utf-8", "surrogateescape").decode("latin-1") for need in found.requires]
    assert list(map(_plain, ours)) == list(map(_plain, requires))
    assert "a" in found.requires or "\n\n" in text[:-2] or not found.whole


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """``importlib.metadata`` raises an error; the requirements can be read all the same."""
    place = made(tmp_path, "Name: x\nAuthor: Jürg\nRequires-Dist: a\n\n".encode("latin-1"))
    with pytest.raises(UnicodeDecodeError):
        told(place)
    assert read(core_metadata.headers(str(place)))[2] == ["a"]


EGG = """
a>=1
# a comment
[extra]
b @ https://e.org/b.zip

[:python_version<'3']
c
[more:python_version<'3']
d [e]
[]
f
"""


def test_an_egg(tmp_path: Path) -> None:
    place = made(tmp_path, b"Name: x\nVersion: 1\nProvides-Extra: extra\n\n", "x.egg-info")
    (place / "requires.txt").write_text(EGG)
    found = core_metadata.read(str(place))
    assert found is not None
    expected = told(place)
    expected[2].remove("# a comment")  # pip passes over it
    assert read(found) == expected
    made(tmp_path, b"Name: x\nRequires-Dist: z\n\n", "x.egg-info")
    found = core_metadata.read(str(place))
    assert found is not None
    assert read(found) == told(place)
    assert found.requires == ("z",)


def test_an_egg_that_is_a_file(tmp_path: Path) -> None:
    place = tmp_path / "x-1-py3.11.egg-info"
    place.write_text("Metadata-Version: 1.1\nName: x\nVersion: 1\nLicense: BSD\n")
    found = core_metadata.read(str(place))
    assert found is not None
    assert read(found) == told(place)


@pytest.mark.parametrize("kind", ["none", "directory", "fifo", "empty", "zeros", "cut", "huge"])
def test_not_known_is_not_nothing(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"Name: x\nVersion: 1\nRequires-Dist: a\n"
    place = made(tmp_path, text)
    file = place / "METADATA"
    assert core_metadata.read(str(place)) is not None
    (place / "RECORD").write_text(f"x.py,,\nx-1.dist-info/METADATA,sha256=0,{len(text)}\n")
    assert core_metadata.read(str(place)) is not None
    if kind == "zeros":
        file.write_bytes(text[:19] + bytes(len(text) - 19))
    elif kind == "huge":
        monkeypatch.setattr(core_metadata, "LARGEST", len(text) - 1)
    elif kind in ("empty", "cut"):
        file.write_bytes(text[: 0 if kind == "empty" else 19])
    else:
        file.unlink()
    if kind in ("directory", "fifo"):
        (os.mkdir if kind == "directory" else os.mkfifo)(file)
    assert core_metadata.read(str(place)) is None


def test_no_beginning_of_it_needs_less(tmp_path: Path) -> None:
    """Either all of it is known, or that it is not known."""
    text = ODD["line of blanks"].encode()
    place = made(tmp_path, text)
    (place / "RECORD").write_text(f"x-1.dist-info/METADATA,sha256=0,{len(text)}\n")
    found = core_metadata.read(str(place))
    for length in range(len(text)):
        (place / "METADATA").write_bytes(text[:length])
        assert core_metadata.read(str(place)) in (found, None)


REQUIREMENTS = [
    *("a", "A.b_C", "a>=1", "a >= 1 , < 2", "a(>=1)", "a (>=1,<2)", "a~=1.0", "a===1.0", "a!=1.*"),
    *("a[b]", "a [b, C_d]", "a[b](<2)", "a[]>=1", "a;os_name=='x'", "a>=1;os_name=='/x'"),
    *(
        "a ; os_name == 'x'",
        "a @ https://e.org/a.zip",
        "a@https://e.org/a.zip",
        "a[b]@git+https://e",
    ),
    *("a @ https://e.org/a;b ; os_name=='x'", "a @ file:///x/y", "a==1.0+local", "a>=1,"),
]


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_requirements_as_packaging_reads_them(text: str) -> None:
    expected = Requirement(text)
    found = requirement.parse(text)
    assert found.name == requirement.normalize(expected.name)
    assert set(found.extras) == set(map(requirement.normalize, expected.extras))
    assert (found.kind == "name") == (expected.url is None)
    if expected.url is None:
        assert Requirement(f"a{found.version}").specifier == expected.specifier


PIECES = st.tuples(
    st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,6}[A-Za-z0-9])?", fullmatch=True),
    st.sampled_from(("", " ", "  ", "\t")),
    st.sampled_from(("", "[x]", "[x,Y.z]", "[ x , y ]")),
    st.sampled_from(("", " ")),
    st.sampled_from(("", ">=1", "(>=1)", "( >=1 , <2 )", "~=1.1,!=1.2.*", "===1.0", "==1+l")),
    st.sampled_from(("", " ")),
    st.sampled_from(
        ("", ";os_name=='a/b'", "; extra == 'x'", ";python_version<'3' and os_name=='x'")
    ),
)


@given(PIECES.map("".join))
def test_legal_requirements(text: str) -> None:
    try:
        expected = Requirement(text)
    except InvalidRequirement:
        return
    found = requirement.parse(text)
    assert (found.kind, found.name) == ("name", requirement.normalize(expected.name))
    assert set(found.extras) == set(map(requirement.normalize, expected.extras))
    assert Requirement(f"a{found.version}").specifier == expected.specifier


def places() -> Iterator[str]:
    """Every site-packages directory that can be found without a search of the whole disk."""
    yield from {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    roots = ("/usr", "/usr/local", "/opt/*", "/opt/*/envs/*", f"{sys.base_prefix}/../*")
    for root in roots:
        yield from glob.glob(f"{root}/lib*/python*/*-packages")


def test_everything_on_this_machine() -> None:
    locations = {
        os.path.realpath(path)
        for place in places()
        for kind in ("dist-info", "egg-info")
        for path in glob.glob(f"{place}/**/*.{kind}", recursive=True)
    }
    assert len(locations) > 20
    assert compared(locations) == []


def compared(locations: set[str]) -> list[str]:
    """Those that are read in another way than by ``importlib.metadata``."""
    different = []
    for location in locations:
        try:
            expected = told(Path(location))
        except (TypeError, UnicodeDecodeError):  # nothing there, or not UTF-8
            continue
        found = core_metadata.read(location)
        different += [] if found is not None and read(found) == expected else [location]
    return different


WELL_KNOWN = """
    aiohttp==3.9.5 beautifulsoup4==4.12.3 black==24.4.2 boto3==1.34.100 certifi==2024.2.2
    click==8.1.7 cryptography==42.0.7 cython==3.0.10 dask==2024.5.0 django==5.0.6 docutils==0.21.2
    fastapi==0.111.0 flask==3.0.3 grpcio==1.63.0 h5py==3.11.0 ipython==8.24.0 jinja2==3.1.4
    jsonschema==4.22.0 jupyterlab==4.2.0 keras==3.3.3 lxml==5.2.2 matplotlib==3.8.4 mypy==1.10.0
    numba==0.59.1 numpy==1.26.4 openpyxl==3.1.2 pandas==2.2.2 pillow==10.3.0 protobuf==5.26.1
    psycopg2-binary==2.9.9 pydantic==2.7.1 pytest==8.2.0 python-dateutil==2.9.0.post0 pyyaml==6.0.1
    requests==2.31.0 scikit-learn==1.4.2 scipy==1.13.0 setuptools==69.5.1 sqlalchemy==2.0.30
    tensorflow==2.16.1 transformers==4.40.2 xgboost==2.0.3
"""


@pytest.mark.skipif(not os.environ.get("SAFEINSTALL_TORTURE"), reason="needs PyPI: make torture")
def test_well_known_wheels(tmp_path: Path) -> None:
    """pip says where the wheels are; only their metadata are fetched, where the index has them
    apart (PEP 658).
    """
    report = tmp_path / "report.json"
    words = ["install", "--dry-run", "--no-deps", "--ignore-installed", "--only-binary=:all:"]
    words += ["--python-version=3.11", f"--target={tmp_path}/none", f"--report={report}", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", *words, *WELL_KNOWN.split()], check=True)
    there = tmp_path / "there"
    there.mkdir()
    for item in json.loads(report.read_text())["install"]:
        made(there, fetched(item["download_info"]["url"]), f"{item['metadata']['name']}.dist-info")
    assert len(list(there.iterdir())) == len(WELL_KNOWN.split())
    assert compared(set(map(str, there.iterdir()))) == []


def fetched(url: str) -> bytes:
    """The metadata of the wheel there."""
    if not url.startswith("file:"):
        try:
            return bytes(urlopen(f"{url}.metadata").read())
        except HTTPError:  # the index does not have it apart
            pass
    with zipfile.ZipFile(io.BytesIO(urlopen(url).read())) as wheel:
        (name,) = (n for n in wheel.namelist() if n.count("/") == 1 and n.endswith("/METADATA"))
        return wheel.read(name)
