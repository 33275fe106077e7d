"""A number that somebody gives makes neither memory nor time, and no error of ours."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from safeinstall.argv import parse
from safeinstall.model import Sources
from safeinstall.rules import denied_package
from tests.argv.test_parse import EMPTY
from tests.rules.facts import facts_of

if TYPE_CHECKING:
    from safeinstall.model import Command

HUGE = "9999999999"
ENDLESS = "7" * 100_000  # Python reads no more than 4,300 digits

PIP = "pip install six"
LINES = {
    "pip, verbose": (PIP, {"PIP_VERBOSE": HUGE}),
    "pip, quiet": (PIP, {"PIP_QUIET": HUGE}),
    "pip, times": ("pip install six " + "-v" * 2000, {}),
    "pip, letters": ("pip install six -" + "v" * 100_000, {}),
    "pip, timeout": (PIP, {"PIP_TIMEOUT": "1e999999", "PIP_RETRIES": HUGE}),
    "pip, a fraction": (PIP, {"PIP_TIMEOUT": ENDLESS}),
    "conda, verbosity": ("conda install six", {"CONDA_VERBOSITY": HUGE, "CONDA_QUIET": ENDLESS}),
    "conda, letters": ("conda install six -" + "v" * 10_000, {}),
    "mamba, letters": ("mamba install six -" + "v" * 10_000, {}),
    "uv, letters": ("uv pip install six -" + "v" * 10_000, {}),
    "uv, a variable": ("uv pip install six", {"UV_CONCURRENT_DOWNLOADS": ENDLESS}),
    "a release": (f"pip install six=={ENDLESS}", {}),
    "a release of conda's": (f"conda install six={ENDLESS}", {}),
    "a release, by its file": (f"pip install ./six-{ENDLESS}-py3-none-any.whl", {}),
}


def read(line: str, environ: dict[str, str], **more: object) -> Command:
    return parse(line.split(), EMPTY.replace(environ=environ, **more))


@pytest.mark.parametrize("case", LINES)
def test_it_is_read_as_ever(case: str) -> None:
    line, environ = LINES[case]
    tracemalloc.start()
    found = read(line, environ)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.mutates, found
    assert [spec.name for spec in found.specs] == ["six"] or "-v-v" in line
    assert peak < 5_000_000, peak


@pytest.mark.parametrize("variable", ["PIP_VERBOSE", "PIP_QUIET"])
def test_what_pip_refuses(variable: str) -> None:
    for value in (ENDLESS, "-1", "1.5", "many"):
        assert not read(PIP, {variable: value}).understood
    for value in ("0", "no", "1", "yes", " 3 ", HUGE):
        assert read(PIP, {variable: value}).understood


def test_a_configuration_file_counts_alike() -> None:
    found = read(PIP, {}, pip_config={"global.verbose": HUGE, "install.quiet": HUGE})
    assert found.mutates


@pytest.mark.parametrize("flag", ["--dry-run", "--json"])
def test_flags_of_mamba_with_a_number(flag: str) -> None:
    line = f"micromamba install -n x six {flag}="
    assert not read(line + ENDLESS, {}).understood  # CLI11 has numbers of 64 bits
    assert read(line + "1", {}).understood


@pytest.mark.parametrize("version", ["25.²", f"25.{ENDLESS}", "٢٥.٣", "²", ENDLESS])
def test_a_version_of_the_tool_that_is_none(version: str) -> None:
    assert read(PIP, {}, versions={"pip": version}).mutates
    assert read("conda install six", {}, versions={"conda-python": version}).mutates


@pytest.mark.parametrize("deny", ["six<1", "six", "other"])
def test_the_rule_that_compares_releases(deny: str) -> None:
    sources = Sources(deny=(deny,))
    for version in (f"=={ENDLESS}", f"<{ENDLESS}", f"==1.{ENDLESS}.*", f"=={ENDLESS}!1"):
        found = denied_package.look(facts_of(f"pip install six{version}", sources=sources))
        assert (found is not None) == (deny == "six")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "where", ["channels: [*i]", "name: *i", "dependencies: [{pip: [*i]}, six]"]
)
def test_aliases_in_an_environment_file(where: str) -> None:
    """A few lines that would be 10 GB as text."""
    text = f"{BOMB}{where}\n".encode()
    found = read("conda env update -f e.yml", {}, read=lambda _: text)
    assert found.mutates
    for value in ("0x" + "7" * 6000, "7" * 6000, "[[[" * 5000):
        text = f"name: {value}\ndependencies: [{{pip: [six, {value}]}}]\n".encode()
        assert read("conda env update -f e.yml", {}, read=lambda _, text=text: text).mutates
