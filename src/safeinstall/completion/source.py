"""The values for completion: environments, operations, packages and others, read from the disk.

Errors are not handled here: ``command.answer`` ends the list of candidates without a message.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text, resources
from safeinstall.integration.template import TEMPLATES
from safeinstall.settings import read as read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from safeinstall.completion.answer import Typed
    from safeinstall.journal.read import Damage
    from safeinstall.model import Json
    from safeinstall.probe.conda import Installation
    from safeinstall.settings import Settings

    Values = Iterator[tuple[str, str]]

SHELLS = ("bash", "zsh", "fish")
_NEWEST = 50  # operations that are candidates, or are searched for names
_WIDE = 60  # characters of a command in a description
_TIMES = {
    "today": "since midnight",
    "yesterday": "the day before",
    "monday": "the latest one",
    "1h": "an hour ago",
    "3d": "three days ago",
    "1w": "a week ago",
}


class Source:
    """The values for one user, in one session."""

    def __init__(self, environ: Mapping[str, str], cwd: str) -> None:
        self.environ = environ
        self.cwd = cwd
        self.settings: Settings = read_settings(environ)

    def values(self, kind: str, begun: str, typed: Typed) -> Values:
        """The values of a kind with their descriptions; ``:files`` for file names."""
        known: dict[str, Callable[[str, Typed], Values]] = {
            "environment": self._environments,
            "prefix": self._prefixes,
            "operation": self._operations,
            "package": self._packages,
            "tool": self._tools,
            "verdict": self._verdicts,
            "status": self._statuses,
            "actor": self._actors,
            "rule": self._rules,
            "time": self._times,
            "acting": self._acting,
            "form": self._forms,
            "layer": self._layers,
            "profile": self._profiles,
        }
        if kind in known:
            yield from known[kind](begun, typed)
        elif kind in ("shell", "completing"):
            yield from ((name, "") for name in (SHELLS if kind == "completing" else TEMPLATES))
        elif kind == "format":
            from safeinstall.state.export import EVERY

            yield from ((name, "") for name in EVERY)
        elif kind == "file":
            yield ":files", ""

    def _installation(self) -> Installation:
        from safeinstall.model import Target
        from safeinstall.probe.place import conda_installation
        from safeinstall.settings import Session

        found = conda_installation(Session(self.settings, self.environ, self.cwd))
        return found.replace(target=Target())

    def _environments(self, _: str, __: Typed) -> Values:
        """Environments that ``-n`` finds, and removed ones that still have a journal."""
        installation, seen = self._installation(), {"base"}
        if installation.root_prefix:
            yield "base", installation.root_prefix
        for directory in installation.envs_dirs():
            for name in sorted(names_in(directory)):
                path = os.path.join(directory, name)
                if name not in seen and os.path.isdir(os.path.join(path, "conda-meta")):
                    seen.add(name)
                    yield name, path
        for prefix in self._with_journals():
            if os.path.basename(prefix) not in seen and not os.path.exists(prefix):
                yield os.path.basename(prefix), f"gone: {prefix}"

    def _prefixes(self, _: str, __: Typed) -> Values:
        listed = read_text(os.path.join(self.settings.home, ".conda", "environments.txt"))
        for prefix in dict.fromkeys([*listed.split("\n"), *self._with_journals()]):
            if prefix.startswith("/"):
                yield prefix, "" if os.path.isdir(prefix) else "gone"
        yield ":files", ""

    def _with_journals(self) -> list[str]:
        from safeinstall.journal.read import known

        return [item.prefix for item in known(self.settings.state_dir)]

    def _newest(self, typed: Typed) -> list[Json]:
        from itertools import islice

        from safeinstall.journal import operations, read

        damages: list[Damage] = []
        files = read.of_prefix(self._prefix(typed), self.settings.state_dir)
        return list(islice(operations.operations(read.records(files, damages)), _NEWEST))

    def _prefix(self, typed: Typed) -> str:
        from safeinstall.probe.chosen import prefix

        return prefix(typed.name, typed.prefix, self.settings, self.environ)

    def _operations(self, begun: str, typed: Typed) -> Values:
        """Numbers or ends of IDs of operations; whole IDs, too, if a part of the word is typed."""
        from datetime import datetime

        from safeinstall.journal.select import handles
        from safeinstall.render import words

        now = datetime.now().astimezone()
        if "last".startswith(begun):
            yield "last", "the newest"
        newest = self._newest(typed)
        names = handles(newest)
        for item in newest:
            said = (words.command(item) or words.OUTSIDE)[:_WIDE]
            for name in (names[item["op"]], str(item["op"]))[: 2 if begun else 1]:
                yield name, f"{words.age(item['time'], now)}  {said}  {item['status']}"

    def _packages(self, _: str, typed: Typed) -> Values:
        from safeinstall.probe import inventory
        from safeinstall.probe.environment import describe

        there = inventory.scan(describe(self._prefix(typed)))
        found = {package.name: f"{package.version} {package.owner}" for package in there.packages}
        for item in self._newest(typed):
            for change in item["changes"]:
                found.setdefault(str(change["name"]), "not there any more")
        yield from sorted(found.items())

    def _tools(self, _: str, __: Typed) -> Values:
        from safeinstall.journal.select import TOOLS

        return ((name, "") for name in TOOLS)

    def _verdicts(self, _: str, __: Typed) -> Values:
        from safeinstall.journal.select import VERDICTS

        return ((name, "") for name in VERDICTS)

    def _statuses(self, _: str, __: Typed) -> Values:
        from safeinstall.journal.operations import STATUSES
        from safeinstall.journal.select import OVERRIDDEN

        return ((name, "") for name in (*STATUSES, OVERRIDDEN))

    def _actors(self, _: str, typed: Typed) -> Values:
        from safeinstall.journal.select import PEOPLE

        actors = [item["actor"] or {} for item in self._newest(typed)]
        names = (actor.get(kind) for actor in actors for kind in ("user", "agent", "ci"))
        yield from ((str(name), "") for name in dict.fromkeys([*PEOPLE, *filter(None, names)]))

    def _rules(self, _: str, __: Typed) -> Values:
        from safeinstall.policy.rule_table import BY_CODE

        for code in BY_CODE:
            title = resources.text("docs/rules", f"{code}.md").partition("\n")[0]
            yield code, title.lstrip("# ").removeprefix(f"{code} ")

    def _times(self, _: str, __: Typed) -> Values:
        yield from _TIMES.items()

    def _acting(self, _: str, __: Typed) -> Values:
        from safeinstall.policy import ACTORS

        return ((name, "") for name in ACTORS)

    def _forms(self, _: str, __: Typed) -> Values:
        from safeinstall.report.policy.faults import FORMS

        return ((name, "") for name in FORMS)

    def _layers(self, _: str, __: Typed) -> Values:
        from safeinstall.policy import MACHINE, PROJECT, USER

        return ((name, "") for name in (MACHINE, USER, PROJECT))

    def _profiles(self, _: str, __: Typed) -> Values:
        from safeinstall.policy.profiles import PROFILES

        return ((name, f"for the {layer}'s file") for name, layer in PROFILES.items())
