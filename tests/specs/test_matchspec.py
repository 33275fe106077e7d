"""conda's specs and files. The names and channels are those that conda's MatchSpec finds."""

from __future__ import annotations

import pytest

from safeinstall.specs import matchspec
from tests.argv.test_parse import understand


@pytest.mark.parametrize(
    ("text", "name", "channel", "version", "kind"),
    [
        ("numpy", "numpy", "", "", "name"),
        ("NumPy", "numpy", "", "", "name"),
        ("numpy=1.2", "numpy", "", "=1.2", "name"),
        ("numpy==1.2", "numpy", "", "==1.2", "name"),
        ("numpy>=1.2,<2", "numpy", "", ">=1.2,<2", "name"),
        ("numpy 1.2.* py311_0", "numpy", "", "1.2.* py311_0", "name"),
        ("numpy~=1.2", "numpy", "", "~=1.2", "name"),
        ("numpy!=1.2", "numpy", "", "!=1.2", "name"),
        ("numpy(optional)", "numpy", "", "(optional)", "name"),
        ("conda-forge::numpy", "numpy", "conda-forge", "", "name"),
        ("conda-forge/linux-64::numpy=1.2", "numpy", "conda-forge", "=1.2", "name"),
        ("conda-forge:ns:numpy", "numpy", "conda-forge", "", "name"),
        ("https://e.org/c/noarch::six", "six", "https://e.org/c", "", "name"),
        ("nvidia/label/cuda-11.8.0::cuda", "cuda", "nvidia/label/cuda-11.8.0", "", "name"),
        ("numpy[version='>=1.2,<3']", "numpy", "", ">=1.2,<3", "name"),
        ("numpy[channel='c',version=1]", "numpy", "c", "1", "name"),
        ("numpy=1.2[version='>=1.3']", "numpy", "", ">=1.3", "name"),
        ("python>=3.8[build=*_cpython]", "python", "", ">=3.8", "name"),
        ("_libgcc_mutex", "_libgcc_mutex", "", "", "name"),
        (
            "https://e.org/c/linux-64/six-1.16.0-py_0.conda",
            *("six", "https://e.org/c", "=1.16.0=py_0", "url"),
        ),
        (
            "https://e.org/c/noarch/a-b-1.0-0.tar.bz2#0123",
            *("a-b", "https://e.org/c", "=1.0=0", "url"),
        ),
        ("file:///c/noarch/a-1.0-0.conda", "a", "file:///c", "=1.0=0", "path"),
        ("./six-1.16.0-py_0.conda", "six", "", "=1.16.0=py_0", "path"),
        ("odd.conda", "", "", "", "path"),
    ],
)
def test_specs(text: str, name: str, channel: str, version: str, kind: str) -> None:
    spec = matchspec.parse(text)
    assert (spec.name, spec.channel, spec.version, spec.kind) == (name, channel, version, kind)
    assert spec.raw == text


ENVIRONMENT = b"""
name: nlp
channels: [conda-forge, defaults]
dependencies:
  - python=3.11
  - conda-forge::numpy
  - pip
  - pip:
    - torch==2.1
    - -e ./here
    - git+https://e.org/x.git
    - -r more.txt
variables: {A: b}
"""


def test_an_environment_file() -> None:
    command = understand("conda env create", read={"/home/ann/environment.yml": ENVIRONMENT}.get)
    assert command.mutates
    assert command.target.name == "nlp"
    assert command.channels == ("conda-forge", "defaults")
    found = [(spec.name, spec.kind, spec.installer) for spec in command.specs]
    assert found == [
        *(("python", "name", ""), ("numpy", "name", ""), ("pip", "name", "")),
        *(("torch", "name", "pip"), ("", "path", "pip"), ("", "vcs", "pip"), ("", "file", "pip")),
    ]
    assert command.specs[4].editable


def test_the_pip_part_is_a_requirements_file_beside_the_environment_s() -> None:
    files = {
        "/home/ann/sub/e.yml": b"dependencies: [pip: [-r more.txt, --extra-index-url=https://e.org,"
        b" '--editable=./here  # ours', '-c limits.txt']]",
        "/home/ann/sub/more.txt": b"six==${SIX}\n-r lost.txt\n-r e.yml\n",
    }
    line = "conda env create -n x -f sub/e.yml"
    command = understand(line, read=files.get, environ={"SIX": "1.16"})
    assert [(spec.raw, spec.kind, spec.origin) for spec in command.specs] == [
        ("six==1.16", "name", "more.txt:1"),
        ("lost.txt", "file", "sub/e.yml"),
        ("e.yml", "file", "sub/e.yml"),  # a circle
        ("./here", "path", "sub/e.yml"),
    ]
    assert {spec.installer for spec in command.specs} == {"pip"}
    assert command.indexes == ("https://e.org",)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("conda env create -n other", "other"),
        ("conda env update", "nlp"),
        ("conda env update -n other", "other"),
        ("conda create -f environment.yml", "nlp"),
        ("mamba env create -f environment.yml", "nlp"),
        ("micromamba create -f environment.yml", "nlp"),
        ("conda install --file environment.yml", None),
        ("conda update --file environment.yml", None),
    ],
)
def test_which_environment_a_file_means(line: str, name: str | None) -> None:
    command = understand(line, read={"/home/ann/environment.yml": ENVIRONMENT}.get)
    assert command.mutates
    assert command.target.name == name
    assert command.specs[0].name == "python"


@pytest.mark.parametrize("data", [b"[", b"- a\n- b\n", b"name: [1]\ndependencies: 3\n", b"\xff"])
def test_a_file_that_is_no_environment_does_no_harm(data: bytes) -> None:
    command = understand("conda env update -n x", read={"/home/ann/environment.yml": data}.get)
    assert command.mutates
    assert command.target.name == "x"


def test_a_prefix_in_a_file() -> None:
    data = b"prefix: /envs/x\ndependencies: [a]\n"
    read = {"/home/ann/environment.yml": data}.get
    assert understand("conda env create", read=read).target.prefix == "/envs/x"
    assert understand("conda env update", read=read).target.prefix is None


def test_a_file_without_a_name_is_not_enough_to_create() -> None:
    read = {"/home/ann/environment.yml": b"dependencies: [a]\n"}.get
    command = understand("conda env create", read=read)
    assert (command.mutates, command.understood) == (False, False)
    assert understand("conda env create").mutates  # nothing is known of a file not to be read


def test_package_lists() -> None:
    files = {
        "/home/ann/list.txt": b"# platform: linux-64\nnumpy=1.2\n\nsix  # why\n",
        "/home/ann/exact.txt": b"@EXPLICIT\nhttps://e.org/c/noarch/a-1.0-0.conda#0123\n",
    }
    command = understand("conda install --file list.txt --file=exact.txt b", read=files.get)
    assert command.files == ("list.txt", "exact.txt")
    assert [spec.name for spec in command.specs] == ["b", "numpy", "six", "a"]
    assert command.specs[1].origin == "list.txt:2"
    assert command.specs[3].kind == "url"


def test_yaml_is_loaded_for_a_file_alone() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from safeinstall.argv import Context, parse\n"
        "context = Context({}, '/', {'/e.yml': b'name: x'}.get, {})\n"
        "parse(['conda', 'install', 'x'], context)\n"
        "assert 'yaml' not in sys.modules\n"
        "parse(['conda', 'env', 'create', '-f', 'e.yml'], context)\n"
        "assert 'yaml' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
