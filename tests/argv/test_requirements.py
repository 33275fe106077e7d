"""Requirements and requirements files, held against pip's own reading."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safeinstall.argv import Context, parse, pip_words
from safeinstall.model import Spec
from safeinstall.specs import addresses, requirement
from tests.argv.oracle import Oracle
from tests.argv.test_parse import understand

EXAMPLES = int(os.environ.get("SAFEINSTALL_TEST_EXAMPLES", "400"))
THOROUGH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

REQUIREMENTS = [
    *("numpy", "Numpy", "numpy==1.26.4", "numpy>=1.2,<2", "numpy >= 1.2", "ruamel.yaml~=0.17"),
    *(
        "x[a]",
        "x[a,B_c]>=1",
        "x [a] (>=1)",
        "x(>=1)",
        "x>=1 ; python_version>'3'",
        "x;os_name=='a'",
    ),
    *("x @ https://e.org/x.zip", "x[a]@git+https://e.org/x.git@main", "x @ file:///a/x.whl"),
    *("git+https://e.org/x.git", "git+https://e.org/x.git@v1#egg=X_y", "git+ssh://git@e.org/x"),
    *("hg+https://e.org/x#egg=x&subdirectory=a", "svn+svn://e.org/x#egg=x", "bzr+lp:x#egg=x"),
    *(
        "https://e.org/x-1.0-py3-none-any.whl",
        "https://e.org/x-1.0.tar.gz#egg=x",
        "ftp://e.org/x.zip",
    ),
    *(
        "https://e.org/x.zip ; python_version > '3'",
        "file:///a/x-1.0.tar.gz",
        "HTTPS://e.org/x.zip",
    ),
    *("x-1.0-py3-none-any.whl", "./x-1.0-1-py3-none-any.whl", "x.tar.gz", "./x.zip", "a/x.tgz"),
    *("x==1.0+local", "x===1.0", "x!=1", "x<2,>1,!=1.5", "x == 1.*", "A.B-C_d"),
]


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_what_pip_makes_of_a_requirement(text: str, oracles: list[Oracle]) -> None:
    compare(text, oracles[-1].ask(requirement=text, editable=False), editable=False)


@pytest.mark.parametrize("text", [text for text in REQUIREMENTS if "egg=" in text or " @ " in text])
def test_what_pip_makes_of_an_editable_requirement(text: str, oracles: list[Oracle]) -> None:
    compare(text, oracles[-1].ask(requirement=text, editable=True), editable=True)


def compare(text: str, theirs: dict[str, Any], *, editable: bool) -> None:
    ours = requirement.parse(text, editable=editable)
    if "error" in theirs:
        return
    assert ours.raw == text
    assert ours.name == requirement.normalize(theirs["name"]), (ours, theirs)
    assert sorted(ours.extras) == sorted(map(requirement.normalize, theirs["extras"]))
    if theirs["link"]:
        scheme = theirs["link"].partition(":")[0].lower()
        kinds = {"file": "path", "http": "url", "https": "url", "ftp": "url"}
        assert ours.kind == kinds.get(scheme, "vcs")
    else:
        assert ours.kind == "name"
        clauses = ours.version.replace(" ", "").split(",") if ours.version else []
        assert sorted(clauses) == sorted(filter(None, theirs["version"].split(",")))


letters = st.text(alphabet="abZ9._-", min_size=1, max_size=5)
built = st.builds(
    "{}{}{}{}".format,
    letters,
    st.sampled_from(["", "[a]", "[a,b]", " [ a ] "]),
    st.sampled_from(["", "==1.0", ">=1,<2", " ~= 1.2", "(>1)", " @ https://e.org/x.zip"]),
    st.sampled_from(["", " ; python_version>'3'", ";os_name=='x'"]),
)


@THOROUGH
@given(text=built)
def test_what_pip_makes_of_any_requirement(text: str, oracles: list[Oracle]) -> None:
    compare(text, oracles[-1].ask(requirement=text, editable=False), editable=False)


LINES = [
    *("numpy", "numpy>=1 # why", "#only", "", "   ", "six==1.16 \\", "    --hash=sha256:aa", "\\"),
    *(
        "-e ./here",
        "-e git+https://e.org/x#egg=x",
        "--editable=.",
        "-i https://i/",
        "x --hash=md5:1",
    ),
    *("--extra-index-url https://${HOST}/", "${NAME}==1", "$NAME", "${lower}", "${UNSET}", "--pre"),
    *(
        "-r more.txt",
        "-c limits.txt",
        "--requirement sub/deep.txt",
        "a b",
        "x ; python_version>'3'",
    ),
    *("git+https://e.org/x.git@main", "./local[extra]", "x#y", "x\t#z", "-f 'a b'", "--no-index"),
    *("--index-url=https://'j'/", "# a\\", "y\\ ", "-rmore.txt", "--req more.txt"),
]


@THOROUGH
@given(lines=st.lists(st.sampled_from(LINES), max_size=7), ending=st.sampled_from(["\n", "\r\n"]))
@example(lines=["a \\", "# b", "c"], ending="\n")
@example(lines=["a \\", "b"], ending="\n")
@example(lines=["-c limits.txt", "--extra-index-url https://${HOST}/"], ending="\n")
@example(lines=["--no-index", "-i https://i/"], ending="\n")
def test_what_pip_reads_from_a_file(
    lines: list[str], ending: str, tmp_path: Path, oracles: list[Oracle]
) -> None:
    (tmp_path / "sub").mkdir(exist_ok=True)
    (tmp_path / "sub" / "deep.txt").write_text("deep\n-r ../more.txt\n")
    (tmp_path / "more.txt").write_text("more>=1\n")
    limits = "limit<2\n-i https://of-limits/\n--extra-index-url https://more-of-limits/\nlast\n"
    (tmp_path / "limits.txt").write_text(limits)
    path = tmp_path / "r.txt"
    path.write_bytes(ending.join(lines).encode())
    environ = {"NAME": "named", "HOST": "h", "lower": "no"}
    indexes = [addresses.PYPI, "https://typed/"]
    theirs = oracles[-1].ask(file=str(path), environ=environ, indexes=indexes)
    context = Context(environ, str(tmp_path), read, {}, {"pip": oracles[-1].version})
    ours = parse(["pip", "install", "--extra-index-url", "https://typed/", "-r", "r.txt"], context)
    if "error" in theirs:
        return
    found = [(spec.raw, spec.editable, place(spec)) for spec in ours.specs]
    expected = [
        (item["requirement"], item["editable"], (os.path.basename(item["file"]), item["line"]))
        for item in theirs["requirements"]
    ]
    assert found == expected
    assert [*[addresses.PYPI] * ours.asks_pypi, *ours.indexes] == theirs["indexes"]


def place(spec: Spec) -> tuple[str, int]:
    file, _, line = spec.origin.rpartition(":")
    return os.path.basename(file), int(line)


def read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


@THOROUGH
@given(text=st.text(alphabet="ab '\"\\\t-", max_size=12))
def test_words_are_divided_as_shlex_does_it(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:  # an open quote, which pip refuses
        return
    assert pip_words.shell_words(text) == expected


def test_a_circle_ends() -> None:
    files = {"/home/ann/a.txt": b"one\n-r b.txt\n", "/home/ann/b.txt": b"two\n-r a.txt\n"}
    command = understand("pip install -r a.txt", read=files.get)
    assert [spec.name for spec in command.specs] == ["one", "two", ""]
    assert command.specs[2].kind == "file"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfn\xc3\xa4me",
        "\ufeffnäme".encode("utf-16-le"),
        b"# -*- coding: latin-1 -*-\nn\xe4me",
        "näme".encode(),
    ],
)
def test_encodings(data: bytes) -> None:
    command = understand("pip install -r r.txt", read={"/home/ann/r.txt": data}.get)
    assert [spec.raw for spec in command.specs] == ["näme"]


def test_a_file_that_is_no_text_does_no_harm() -> None:
    command = understand("pip install -r r.txt", read={"/home/ann/r.txt": b"\xff\0\xfe\x80"}.get)
    assert command.mutates


def test_indexes_of_a_file() -> None:
    data = b"-i https://a/\n--extra-index-url https://b/\nx\n"
    command = understand("pip install -i https://c/ -r r.txt", read={"/home/ann/r.txt": data}.get)
    assert command.indexes == ("https://a/", "https://b/")  # -i in the file replaces the typed one
    assert not command.asks_pypi
    held = understand("pip install -c r.txt x", read={"/home/ann/r.txt": data}.get)
    assert (held.indexes, held.asks_pypi) == (command.indexes, False)
    assert [spec.raw for spec in held.specs] == ["x"]
    files = {"/home/ann/n.txt": b"-c r.txt\n", "/home/ann/r.txt": data}
    assert understand("pip install -r n.txt x", read=files.get).indexes == command.indexes
    for line in ("-c file:///home/ann/r.txt x", "-r file:///home/ann/n.txt x"):
        assert understand(f"pip install {line}", read=files.get).indexes == command.indexes
    environ = {"PIP_CONSTRAINT": "r.txt"}
    held = understand("pip install x", environ=environ, read={"/home/ann/r.txt": data}.get)
    assert held.indexes == command.indexes


def test_dependency_groups() -> None:
    data = b'[dependency-groups]\ndev = ["a>=1", {include-group = "Test_x"}]\ntest-x = ["b"]\n'
    command = understand("pip install --group dev", read={"/home/ann/pyproject.toml": data}.get)
    assert [spec.name for spec in command.specs] == ["a", "b"]
    missing = understand("pip install --group dev")
    assert [spec.kind for spec in missing.specs] == ["file"]
    broken = understand("pip install --group dev", read={"/home/ann/pyproject.toml": b"["}.get)
    assert broken.mutates


def test_requirements_of_a_script() -> None:
    data = b'#!/usr/bin/python\n# /// script\n# dependencies = ["a>=1"]\n# ///\nprint()\n'
    line = "pip install --requirements-from-script s.py"
    command = understand(line, read={"/home/ann/s.py": data}.get)
    assert [spec.name for spec in command.specs] == ["a"]
