"""Our reading of pip's command line is pip's own, for every release and any words.

``SAFEINSTALL_TEST_EXAMPLES=25000`` makes a hundred thousand comparisons (four releases each).
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safeinstall.argv import Context, parse, pip_options
from safeinstall.model import Command
from tests.argv.oracle import Oracle

EXAMPLES = int(os.environ.get("SAFEINSTALL_TEST_EXAMPLES", "400"))
THOROUGH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def rows_of(command: str) -> list[tuple[list[str], str, str]]:
    """Names, action and check of all options of a command, of every release.

    Whether ``--no-use-pep517`` is refused depends on what is installed beside pip.
    """
    rows = [pip_options.ROWS[int(number)].split(" ") for number in numbers(command)]
    return [(row[0].split(","), row[2], row[3]) for row in rows if row[1] != "use_pep517"]


def numbers(command: str) -> list[str]:
    return pip_options.PARSERS[command].split()


VALUES = st.sampled_from(
    [
        *("numpy", "numpy>=1.2", "x[y]", ".", "./a", "/x", "req.txt", "a b", "", "-", "--", "-y"),
        *("git+https://e.org/x.git@main#egg=x", "https://e.org/x-1-py3-none-any.whl", "a.whl"),
        *("install", "uninstall", "1", "0x1f", "08", "2.5", "yes", "3.11", "3.11.1.2", "k=v"),
        *("pyproject.toml:dev", "a/pylock.toml:dev", "x:dev", "dev", ":all:", "eager", "on"),
        *("P3D", "2024-01-01", "warn", "s", "--dry-run", "-U", "--help", "fast-deps", "off"),
    ]
)


@st.composite
def option_words(draw: st.DrawFn, command: str) -> list[str]:
    """An option as people and machines write it: in full, cut short, stuck to its value."""
    names, action, check = draw(st.sampled_from(rows_of(command)))
    name = draw(st.sampled_from(names))
    value = draw(fitting(check))
    takes = action in ("store", "append") or check.startswith("call")
    if name[1] == "-" and draw(st.booleans()):
        name = name[: draw(st.integers(3, len(name)))]
    style = draw(st.sampled_from(["plain", "plain", "plain", "equals", "stuck", "bare"]))
    if style == "equals":
        return [f"{name}={value}"]
    if style == "stuck" and name[1] != "-":
        return [name + value]
    return [name, value] if takes and style != "bare" else [name]


def fitting(check: str) -> st.SearchStrategy[str]:
    """Mostly values that the option takes."""
    kind, _, detail = check.partition(":")
    if kind == "choice":
        return st.one_of(st.sampled_from(detail.split(",")), VALUES)
    if kind in ("int", "float"):
        return st.one_of(st.sampled_from(["1", "15", "0x10", "-3", "1e3"]), VALUES)
    return VALUES


@st.composite
def clusters(draw: st.DrawFn) -> list[str]:
    """Several short options in one word."""
    letters = draw(st.lists(st.sampled_from("UIvqyrteCifchVnx"), min_size=1, max_size=4))
    return ["-" + "".join(letters), *draw(st.lists(VALUES, max_size=1))]


def words_for(command: str) -> st.SearchStrategy[list[str]]:
    """Options, clusters and arguments, in any order."""
    part = st.one_of(
        option_words(command),
        option_words(command),
        clusters(),
        VALUES.map(lambda word: [word]),
        st.text(max_size=6).filter(lambda text: "\0" not in text).map(lambda text: [text]),
    )
    return st.lists(part, max_size=5).map(lambda parts: [word for some in parts for word in some])


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """``pip`` and what may follow."""
    before = draw(st.one_of(st.just([]), st.just([]), words_for("")))
    verb = draw(
        st.sampled_from(
            ["install"] * 6 + ["uninstall"] * 3 + ["download", "list", "lock", "help", "inspect"]
        )
    )
    return ["pip", *before, verb, *draw(words_for(verb))]


NAMES = [
    *("TARGET", "USER", "NO_USER", "PREFIX", "ROOT", "DRY_RUN", "PYTHON", "REQUIREMENT", "YES"),
    *("EDITABLE", "INDEX_URL", "EXTRA_INDEX_URL", "NO_INDEX", "UPGRADE", "VERSION", "HELP"),
    *("NO_CACHE_DIR", "VERBOSE", "QUIET", "NO_DEPS", "RETRIES", "BREAK_SYSTEM_PACKAGES", "PRE"),
    *(
        "PROGRESS_BAR",
        "CONFIG_SETTINGS",
        "GROUP",
        "NO_USE_PEP517",
        "NO_BINARY",
        "Target",
        "PYPI-URL",
    ),
    *("CONSTRAINT", "DISABLE_PIP_VERSION_CHECK", "AUTO_COMPLETE_NOT", "ISOLATED", "__TARGET"),
]
SETTINGS = st.one_of(
    st.sampled_from(["1", "0", "yes", "no", "true", "OFF", "t", "2", "-1", "/x", "a b", "", "x"]),
    VALUES,
).filter(lambda value: value == value.strip())
ENVIRONS = st.dictionaries(st.sampled_from(NAMES).map("PIP_{}".format), SETTINGS, max_size=2)
KEYS = st.builds(
    "{}.{}".format,
    st.sampled_from(["global", "install", "uninstall", "download"]),
    st.sampled_from([name.lower().replace("_", "-") for name in NAMES if name[0] != "_"]),
)
CONFIGS = st.dictionaries(KEYS, SETTINGS.filter(lambda value: value[:1] != "#"), max_size=2)


def compare(words: list[str], environ: dict[str, str], config: dict[str, str], pip: Oracle) -> bool:
    """Assert that both read the same; does the command change anything?"""
    context = Context(environ, "/home/ann", lambda _: None, config, {"pip": pip.version})
    ours = parse(words, context)
    theirs = pip.ask(words=words[1:], environ=environ, config=config)
    asked = wanted(theirs)
    expected = bool(asked) and not theirs["values"].get("dry_run") and theirs["end"] == "read"
    assert ours.mutates == expected, (ours, theirs)
    assert ours.understood == (theirs["end"] != "refused"), (ours, theirs)
    if theirs["end"] == "read" and ours.verb in ("install", "uninstall"):
        assert ours.verb == theirs["verb"]
        compare_details(ours, theirs)
    return expected


def wanted(theirs: dict[str, Any]) -> list[str]:
    """Everything that pip was asked for, if it was asked to change something."""
    if theirs.get("verb") not in ("install", "uninstall") or theirs["end"] != "read":
        return []
    values = theirs["values"]
    keys = ("editables", "requirements", "dependency_groups", "requirements_from_scripts")
    return [*theirs["rest"], *(item for key in keys for item in values.get(key) or ())]


def compare_details(ours: Command, theirs: dict[str, Any]) -> None:
    """Target, files, indexes and everything asked for."""
    values = theirs["values"]
    target = ours.target
    assert target.python == (theirs["python"] or None)
    assert target.user == bool(values.get("use_user_site"))
    assert target.directory == (values.get("target_dir") or None)
    assert target.scheme_prefix == (values.get("prefix_path") or None)
    assert target.root == (values.get("root_path") or None)
    for key, flag in (("upgrade", "--upgrade"), ("yes", "--yes"), ("dry_run", "--dry-run")):
        assert (flag in ours.flags) == bool(values.get(key)), key
    breaks = bool(values.get("override_externally_managed"))
    assert ("--break-system-packages" in ours.flags) == breaks
    files = [*values["requirements"], *(values.get("constraints") or ())]
    assert list(ours.files) == files
    asked = [*theirs["rest"], *(values.get("editables") or ())]
    assert [spec.raw for spec in ours.specs][: len(asked)] == asked
    assert len(ours.specs) == len(wanted(theirs))
    if "index_url" in values and not values["no_index"]:
        given = [url for url in (values["index_url"],) if url != "https://pypi.org/simple"]
        assert list(ours.indexes) == [*given, *values["extra_index_urls"]]


@pytest.mark.slow
@THOROUGH
@given(words=command_lines(), environ=st.just({}), config=st.just({}))
@example(words=["pip", "--log", "install", "-v", "install", "x"], environ={}, config={})
@example(words=["pip", "install", "-V", "x"], environ={}, config={})
@example(words=["pip", "-V", "--python", "/v", "install", "x"], environ={}, config={})
@example(words=["pip", "install", "--no-dep", "x"], environ={}, config={})
@example(words=["pip", "install", "--python", "/v", "x"], environ={}, config={})
def test_words(
    words: list[str], environ: dict[str, str], config: dict[str, str], oracles: list[Oracle]
) -> None:
    some = [compare(words, environ, config, pip) for pip in oracles]
    if any(some):  # the version unknown: a change that one release makes is never overlooked
        assert parse(words, Context(environ, "/home/ann", lambda _: None, config)).mutates


@pytest.mark.slow
@THOROUGH
@given(words=command_lines(), environ=ENVIRONS, config=CONFIGS)
@example(words=["pip", "install", "x"], environ={"PIP_PYTHON": "/v"}, config={})
@example(words=["pip", "install", "--isolated", "x"], environ={"PIP_TARGET": "/v"}, config={})
def test_words_variables_and_configuration(
    words: list[str], environ: dict[str, str], config: dict[str, str], oracles: list[Oracle]
) -> None:
    some = [compare(words, environ, config, pip) for pip in oracles]
    if any(some):
        assert parse(words, Context(environ, "/home/ann", lambda _: None, config)).mutates
