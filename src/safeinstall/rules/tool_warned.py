"""SI402 tool-warned: the tool printed one of the warnings that mean trouble."""

from __future__ import annotations

import os

from safeinstall.argv.typed import words_of
from safeinstall.model import Finding
from safeinstall.output.quoting import paste, quote
from safeinstall.output.wording import first
from safeinstall.rules.shared import conda_owned
from safeinstall.rules.shared.remedies import conda_install, conda_selector, here, pip_install
from safeinstall.specs.requirement import normalize, parse
from safeinstall.specs.tool_warnings import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Facts
    from safeinstall.rules.evidence import Evidence
    from safeinstall.specs.tool_warnings import ToolWarning

CODE = "SI402"
NAME = "tool-warned"

_SAME = ("SI201", "SI202", "SI403")  # a warning about a package that these reported is dropped
_ANEW = ("{install} --force-reinstall ", "{install} --upgrade ")  # of what pip cannot read


class _Named(dict[str, str]):
    """The values for the fields in the table's texts; ``none`` for a field without a value."""

    def __missing__(self, _: str) -> str:
        return "none"


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``warn`` with the meaning of the warnings. The user has just read the warnings themselves,
    so they are not repeated.
    """
    heard, succeeded = evidence.warnings, evidence.succeeded
    known = {
        name for finding in evidence.said if finding.rule in _SAME for name in finding.packages
    }
    counted = [_without(each, known) for each in heard if succeeded or each.kind.lasting]
    news = sorted(filter(None, counted), key=lambda each: TABLE.index(each.kind))
    lines = list(dict.fromkeys(line for each in news for line in _sentences(each)))
    if not lines:
        return
    fixes = tuple(dict.fromkeys(filter(None, (_fix(each, facts) for each in news))))
    yield Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=_message(lines),
        evidence=first(lines),
        fixes=fixes,
        packages=tuple(dict.fromkeys(name for each in news for name in _about(each))),
        lead="Run",
    )


def _message(lines: Sequence[str]) -> str:
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return f"{lines[0]}{more}."


def _sentences(heard: ToolWarning) -> list[str]:
    """One sentence for each package or path that the warning is about."""
    means = heard.kind.means
    if "{names}" in means:
        return [means.format_map(_named(heard.fields))]
    return [means.format_map(_named(group)) for group in _groups(heard)]


def _fix(heard: ToolWarning, facts: Facts) -> str:
    """The command that mends it: conda-owned packages by conda, as the constraints would stop pip;
    the others as the table says.
    """
    if damaged := _damaged_of_conda(heard, facts):
        return conda_install(facts.environment, ["--force-reinstall", damaged])
    theirs = conda_owned.owned(facts)
    needs = [parse(value) for key, value in heard.fields if key == "needs"]
    by_conda = [
        conda_owned.conda_spec(theirs[s.name], s.version) for s in needs if s.name in theirs
    ]
    by_pip = "" if by_conda and len(by_conda) == len(needs) else _by_the_table(heard, facts)
    if not by_conda:
        return by_pip
    first_conda = conda_install(facts.environment, dict.fromkeys(by_conda))
    return " && ".join(filter(None, (first_conda, by_pip)))


def _damaged_of_conda(heard: ToolWarning, facts: Facts) -> str:
    """The conda-owned package whose metadata pip cannot use; ``""`` for none."""
    if heard.kind.tool != "pip" or not heard.kind.fix.startswith(_ANEW):
        return ""
    name = normalize(_named(heard.fields)["name"])
    gone = {
        known: package.name for package in facts.inventory.gone for known in package.distributions
    }
    there = conda_owned.owned(facts).get(name)
    return there.package.name if there else gone.get(name, "")


def _by_the_table(heard: ToolWarning, facts: Facts) -> str:
    command, environment = facts.command, facts.environment
    named = _named(heard.fields)
    quoted = _Named({key: quote(value) for key, value in named.items()})
    typed = {spec.name for spec in command.specs}  # {asked} has these already
    quoted["names"] = paste(n for n in named["names"].split(", ") if normalize(n) not in typed)
    quoted["install"] = pip_install(here(facts), ())
    quoted["conda"] = paste(conda_selector(environment))
    quoted["asked"] = paste(words_of(command))
    quoted["typed"] = paste(command.words)
    return " ".join(heard.kind.fix.format_map(quoted).split())


def _named(fields: Iterable[tuple[str, str]]) -> _Named:
    named = _Named()
    names: list[str] = []
    for key, value in fields:
        named.setdefault(key, value)
        names += [value] if key == "name" else []
    named.setdefault("name", _package_name(named.get("what") or named.get("place", "")))
    named["names"] = ", ".join(dict.fromkeys(names))
    named["leftover"] = named.get("what", "")[1:]
    packages = [_package_name(word) for word in named.get("packages", "").split(", ")]
    named["packages"], named["last"] = " and ".join(packages), packages[-1]
    return named


def _package_name(text: str) -> str:
    """``channel/subdir::name-1.0-build`` or ``…/name-1.0.dist-info``; any other text is a name."""
    if "::" in text:
        return text.rpartition("::")[2].rsplit("-", 2)[0]
    return os.path.basename(text).partition("-")[0] if "-info" in text else text


def _groups(heard: ToolWarning) -> list[list[tuple[str, str]]]:
    """The fields in groups: a new group begins where the name of a field occurs again. A warning
    that lists several packages has a group for each.
    """
    groups: list[list[tuple[str, str]]] = [[]]
    for key, value in heard.fields:
        if any(key == known for known, _ in groups[-1]):
            groups.append([])
        groups[-1].append((key, value))
    return groups


def _without(heard: ToolWarning, known: set[str]) -> ToolWarning | None:
    """The warning without the packages that other rules reported; ``None`` if none is left."""
    groups = [group for group in _groups(heard) if known.isdisjoint(_subjects(group))]
    if not groups:
        return None
    return heard.replace(fields=tuple(field for group in groups for field in group))


def _about(heard: ToolWarning) -> list[str]:
    return [name for group in _groups(heard) for name in _subjects(group)]


def _subjects(group: Iterable[tuple[str, str]]) -> list[str]:
    """The names of the packages that the warning is about."""
    needs = [parse(value).name for key, value in group if key == "needs"]
    return needs or [_package_name(value) for key, value in group if key == "what"]
