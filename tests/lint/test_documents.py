"""The examples in the documents are as they say."""

from __future__ import annotations

import os

import pytest

from safeinstall.policy.rule_table import TABLE
from tests.lint.files import found, told_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FENCE = "```"


def text(*path: str) -> str:
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def example(name: str) -> str:
    """The Dockerfile behind a mark in docs/containers.md."""
    behind = text("docs", "containers.md").partition(f"<!-- lint: {name} -->\n{FENCE}dockerfile\n")[
        2
    ]
    return behind.partition(FENCE)[0]


def test_the_wrong_dockerfile_has_its_five_faults_and_no_other() -> None:
    faults = {(1, "SI506"), (7, "SI501"), (8, "SI302"), (8, "SI503"), (9, "SI202")}
    assert found(told_of(example("wrong"))) == faults


def test_the_document_names_them() -> None:
    for line, code in found(told_of(example("wrong"))):
        assert f"| {line} | [{code}](rules/{code}.md) |" in text("docs", "containers.md")


def test_the_right_dockerfile_has_none() -> None:
    assert found(told_of(example("right"))) == set()


def blocks(code: str) -> list[tuple[str, str]]:
    """The kind and the text of each example on a rule's page, in order."""
    pieces = text("docs", "rules", f"{code}.md").split(FENCE)[1::2]
    return [(piece.partition("\n")[0], piece.partition("\n")[2]) for piece in pieces]


PATHS = {"dockerfile": "Dockerfile", "sh": "export.sh", "yaml": "environment.yml"}
HEADS = {"dockerfile": "FROM condaforge/miniforge3:26.7.2-0\n", "sh": "#!/bin/sh\n"}
PAGES = [rule.code for rule in TABLE if rule.lint]


@pytest.mark.parametrize("code", PAGES)
def test_the_example_of_a_page_is_found(code: str) -> None:
    kind, content = blocks(code)[0]
    if kind == "console":  # a cell of a notebook
        pytest.skip("the corpus has it as a notebook")
    head = "" if content.startswith("FROM") else HEADS.get(kind, "")
    assert code in {rule for _, rule in found(told_of(head + content, PATHS[kind]))}


@pytest.mark.parametrize("code", PAGES)
def test_what_is_to_be_done_instead_is_not(code: str) -> None:
    for kind, content in blocks(code)[1:]:
        if kind in PATHS:
            head = "" if content.startswith("FROM") else HEADS.get(kind, "")
            assert code not in {rule for _, rule in found(told_of(head + content, PATHS[kind]))}


@pytest.mark.parametrize(
    ("wanted", "level"),
    [
        ("numpy==2.1.3", "block"),
        ("'numpy<1.26'", "block"),
        ("'numpy>=1.20'", "warn"),
        ("numpy==1.26.4", "warn"),
        ("numpy", "warn"),
    ],
)
def test_what_is_said_to_replace_conda_s_does_so(wanted: str, level: str) -> None:
    text = (
        "#!/bin/sh\n"
        "conda create -y -n x python=3.12 pip numpy=1.26\n"
        f"conda run -n x pip install {wanted}\n"
    )
    over = [t.finding for t in told_of(text, "x.sh").told if t.finding.rule == "SI202"]
    assert [finding.level for finding in over] == [level]
    certain = "it replaces it." in over[0].message
    assert certain == (level == "block")
