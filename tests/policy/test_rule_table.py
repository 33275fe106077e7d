"""The table of rules is the only list of them: modules, pages and documents are as it says."""

from __future__ import annotations

import importlib
import io
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from tools import rule_tables

from safeinstall.cli.rule import rule as print_page
from safeinstall.completion.answer import Typed
from safeinstall.completion.source import Source
from safeinstall.completion.table import ROOT as ROOT_COMMAND
from safeinstall.errors import UsageError
from safeinstall.lint import rules as lint_rules
from safeinstall.model import Facts
from safeinstall.policy.rule_table import BY_CODE, TABLE, Rule
from safeinstall.rules import registry
from safeinstall.rules.evidence import Evidence

if TYPE_CHECKING:
    from pathlib import Path

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOOKS = ("look", "hold", "look_at_plan", "explain")

OF_COMMANDS = tuple(rule for rule in TABLE if not rule.lint)
OF_FILES = tuple(rule for rule in TABLE if rule.lint)

each_rule = pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.code)
each_of_commands = pytest.mark.parametrize("rule", OF_COMMANDS, ids=lambda rule: rule.code)
each_of_files = pytest.mark.parametrize("rule", OF_FILES, ids=lambda rule: rule.code)


def text(*path: str) -> str:
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def test_codes_names_and_modules_are_unique() -> None:
    for field in ("code", "name", "module"):
        assert len({getattr(rule, field) for rule in TABLE}) == len(TABLE)


# ---- the code ----------------------------------------------------------------------------------


@each_of_commands
def test_the_module_bears_the_code_and_the_name(rule: Rule) -> None:
    module = registry.module(rule)
    assert (rule.code, rule.name) == (module.CODE, module.NAME)
    assert module.__doc__.startswith(f"{rule.code} {rule.name}: ")


@each_of_commands
def test_the_module_has_the_hooks_of_its_row_and_no_other(rule: Rule) -> None:
    module = registry.module(rule)
    named = {hook for hook in HOOKS if getattr(rule, hook)}
    assert named
    assert {hook for hook in HOOKS if hasattr(module, hook)} == named
    assert all(callable(getattr(module, hook)) for hook in named)


@each_of_files
def test_a_rule_about_files_has_no_hook_for_commands(rule: Rule) -> None:
    module = importlib.import_module(f"safeinstall.lint.rules.{rule.module}")
    assert not any(getattr(rule, hook) for hook in HOOKS)
    assert (rule.code, rule.name) == (module.CODE, module.NAME)
    assert (module.__doc__ or "").startswith(f"{rule.code} {rule.name}: ")
    assert module in lint_rules.RULES


@each_rule
def test_the_hooks_are_about_facts_and_evidence_that_there_are(rule: Rule) -> None:
    facts = {hook: getattr(rule, hook) for hook in ("look", "hold", "look_at_plan")}
    for hook, fact in facts.items():
        assert not fact or fact in Facts._fields or hasattr(Facts, fact), hook
    assert set(rule.explain) <= set(Evidence._fields)


def stems(package: object) -> list[str]:
    directory = os.path.dirname(str(getattr(package, "__file__", "")))
    return sorted(name[:-3] for name in os.listdir(directory) if name.endswith(".py"))


def test_every_module_with_a_code_has_a_row() -> None:
    modules = (importlib.import_module(f"safeinstall.rules.{stem}") for stem in stems(registry))
    with_code = {
        module.__name__.rpartition(".")[2] for module in modules if hasattr(module, "CODE")
    }
    assert with_code == {rule.module for rule in OF_COMMANDS}


def test_every_module_about_files_is_asked_and_its_codes_have_rows() -> None:
    names = [stem for stem in stems(lint_rules) if stem != "__init__"]
    modules = [importlib.import_module(f"safeinstall.lint.rules.{stem}") for stem in names]
    assert sorted(module.__name__ for module in modules) == sorted(
        module.__name__ for module in lint_rules.RULES
    )
    codes = {module.CODE for module in modules if hasattr(module, "CODE")}
    assert codes <= BY_CODE.keys()
    assert codes >= {rule.code for rule in OF_FILES}


# ---- the documents -----------------------------------------------------------------------------


@each_rule
def test_there_is_a_page(rule: Rule) -> None:
    assert text("docs", "rules", f"{rule.code}.md").startswith(f"# {rule.code} {rule.name}\n")


def test_there_is_no_page_without_a_rule() -> None:
    pages = os.listdir(os.path.join(ROOT, "docs", "rules"))
    assert sorted(pages) == sorted(f"{code}.md" for code in BY_CODE)


@each_rule
def test_it_stands_once_in_each_table(rule: Rule) -> None:
    named = f"[{rule.code} {rule.name}]"
    row = next(line for line in text("README.md").splitlines() if f"{named}(docs/rules/" in line)
    assert rule.fires in row
    assert text("README.md").count(named) == 1
    assert text("docs", "policy.md").count(f"{named}(rules/{rule.code}.md)") == 1


def test_the_documents_are_up_to_date() -> None:
    assert rule_tables.main(["--check"]) == 0, "run: make tables"


def test_a_table_that_is_out_of_date_is_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    for name in rule_tables.TABLES:
        shutil.copy(os.path.join(ROOT, name), tmp_path / name)
    monkeypatch.setattr(rule_tables, "ROOT", str(tmp_path))
    changed = tmp_path / "README.md"
    changed.write_text(text("README.md").replace("[SI205 drift]", "[SI205 draft]"), "utf-8")
    assert rule_tables.main(["--check"]) == 1
    assert "draft" in changed.read_text("utf-8")  # a check writes nothing
    assert rule_tables.main([]) == 0
    for name in rule_tables.TABLES:
        assert (tmp_path / name).read_text("utf-8") == text(name)
    changed.write_text(text("README.md").replace(rule_tables.END, ""), "utf-8")
    with pytest.raises(ValueError, match=r"README\.md"):
        rule_tables.main([])


# ---- the commands ------------------------------------------------------------------------------


def test_completion_offers_the_rules_of_the_table() -> None:
    offered = Source({"HOME": "/nowhere"}, "/").values("rule", "", Typed(ROOT_COMMAND))
    assert list(offered) == [(rule.code, rule.name) for rule in TABLE]


@each_rule
def test_its_page_can_be_printed(rule: Rule) -> None:
    out = io.StringIO()
    assert print_page(rule.code.lower(), out) == 0
    assert out.getvalue() == text("docs", "rules", f"{rule.code}.md")


def test_the_rules_of_the_table_are_named_where_one_is_unknown() -> None:
    with pytest.raises(UsageError, match=", ".join(BY_CODE)):
        print_page("SI999", io.StringIO())
