"""The format of a file of cases for ``policy test``, and what came of a case. Pure.

A case names a command, an environment by a description, and the verdict that is expected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safeinstall.policy import ACTORS
from safeinstall.policy.keys import CODES
from safeinstall.policy.kinds import (
    Choice,
    Day,
    Flag,
    Name,
    Pattern,
    Strings,
    Table,
    Tables,
    Text,
    Wrong,
    nearest,
    shown,
)
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from safeinstall.model import Json, Verdict
    from safeinstall.policy.places import Path, Place

_LONGEST = 1000  # characters of a text
VERDICTS = ("allow", "warn", "block")


class Code(Value):
    """The code of a rule, in a list."""

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is what is no rule's."""
        if value not in CODES:
            meant = nearest(value, CODES)
            hint = f"; did you mean {meant}?" if meant else ""
            yield Wrong(path, f"{path[-2]}: there is no rule {shown(value)}{hint}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"enum": list(CODES)}


class Installed(Value):
    """An installed package in a list, with its version behind ``mark``, and conda's build."""

    mark: str  # "=", or "=="
    example: str

    @property
    def _regex(self) -> str:
        build = r"(=[^=\s]+)?" if self.mark == "=" else ""
        return rf"[A-Za-z0-9][A-Za-z0-9._-]*{self.mark}[^=\s]+{build}"

    def wrong(self, value: Any, path: Path) -> Iterator[Wrong]:
        """Wrong is a package without a version, and a range."""
        if not re.fullmatch(self._regex, value):
            said = f"{shown(value)} is no installed package; write it as {self.example}"
            yield Wrong(path, f"{path[-2]}: {said}")

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "string", "pattern": f"^{self._regex}$"}


ENVIRONMENT = Table(
    {
        "name": Text(_LONGEST),
        "prefix": Pattern(r"/.*", "an absolute path"),
        "kind": Choice(("conda", "venv")),
        "base": Flag(),
        "python": Pattern(r"\d+\.\d+", "a version such as 3.12"),
        "channels": Strings(Name(_LONGEST)),
        "conda": Strings(Installed("=", "numpy=1.26.4")),
        "pip": Strings(Installed("==", "torch==2.4.0")),
    }
)

CASE = Table(
    {
        "about": Text(_LONGEST),
        "command": Text(_LONGEST),
        "expect": Choice(VERDICTS),
        "rules": Strings(Code()),
        "actor": Choice(ACTORS),
        "environment": ENVIRONMENT,
    },
    needed=(
        ("command", 'a case needs a command: command = "pip install numpy"'),
        ("expect", f"a case needs what to expect, one of {', '.join(VERDICTS)}"),
    ),
    called="[cases]",
)

DOCUMENT = Table(
    {
        "policy": Text(_LONGEST),
        "today": Day(),
        "environment": ENVIRONMENT,
        "cases": Tables(CASE),
    },
    needed=(("cases", "a file of cases needs [[cases]]"),),
    called="a file of cases",
)


class Case(Value):
    """A command in an environment, and what is expected."""

    command: str
    expect: str
    rules: tuple[str, ...] = ()  # each has to be among the findings
    actor: str = ""
    environment: Mapping[str, Any] = {}
    about: str = ""
    place: Place = (0, 0)  # line and column of the command


def read(found: Json) -> list[Case]:
    """The cases in a checked file; those without an environment have the one of the file."""
    content, places = found["content"], found["places"]
    usual = content.get("environment", {})
    return [
        Case(
            **{**said, "rules": tuple(said.get("rules", ()))},
            **({} if "environment" in said else {"environment": usual}),
            place=places.get(("cases", at, "command"), (0, 0)),
        )
        for at, said in enumerate(content["cases"])
    ]


def failure(case: Case, verdict: Verdict) -> str:
    """What is not as expected; ``""`` if all is."""
    said = {finding.rule for finding in verdict.findings}
    missing = [rule for rule in case.rules if rule not in said]
    if verdict.decision != case.expect:
        return f"expected {case.expect}, got {verdict.decision}"
    return f"nothing is said by {', '.join(missing)}" if missing else ""


def reasons(verdict: Verdict, rules: list[Json]) -> str:
    """The findings with the lines that decided about them, and the exceptions that were used.
    ``rules`` are those of :func:`safeinstall.report.policy.explained.asked`.
    """
    found = [
        f"{rule['rule']} {each['outcome']}, by {each['decided_by']['where']}"
        for rule in rules
        for each in rule["findings"]
        if each["outcome"] != "excepted"
    ]
    found += [f"exception {used}" for used in verdict.exceptions]
    return "; ".join(dict.fromkeys(found)) or "no rule has found anything"
