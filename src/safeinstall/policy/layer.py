"""One policy file: read, checked, and turned into plain data. Errors name file, line and reason."""

from __future__ import annotations

from safeinstall.errors import PolicyError
from safeinstall.journal.line import digest
from safeinstall.policy.presets import ORDER, PRESET_ORDER, PRESETS
from safeinstall.probe.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SCHEMA = 1


def read(path: str) -> dict[str, Any]:
    """The file at ``path`` as checked plain data, with its ``digest``.

    Raises :class:`PolicyError` where it cannot be read, is not TOML, or says what it may not.
    """
    import tomllib

    content = read_bytes(path)
    if content is None:
        raise PolicyError(f"{path}: cannot be read; a policy is a regular file you may read")
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyError(f"{path}:{line}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(_syntax(path, str(error), content)) from None
    except (ValueError, RecursionError) as error:  # a number of 6,000 digits, 1,000 brackets
        raise PolicyError(f"{path}: cannot be read as TOML: {error}") from None
    _Checker(path, content.decode("utf-8")).document(document)
    _plain_dates(document)
    return {**document, "digest": digest(content)}


def _syntax(path: str, message: str, content: bytes) -> str:
    """tomllib says ``reason (at line 3, column 7)`` or ``reason (at end of document)``."""
    reason, _, place = message.rpartition(" (at ")
    if place.startswith("line "):
        return f"{path}:{place[5:].split(',')[0]}: {reason}"
    last = content.count(b"\n") + 1
    return f"{path}:{last}: {reason or message}"


def _plain_dates(document: dict[str, Any]) -> None:
    """Dates as ISO 8601 text, which compares as they do and can be remembered."""
    for exception in document.get("exceptions", ()):
        if "expires" in exception:
            exception["expires"] = str(exception["expires"])


class _Checker:
    """Says the first thing that is wrong with a document."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def document(self, document: dict[str, Any]) -> None:
        sections: dict[str, Callable[[Any], None]] = {
            "schema": self.schema,
            "policy": self.policy,
            "rules": self.rules,
            "sources": lambda value: self.lists("sources", value, ("channels", "indexes")),
            "packages": self.packages,
            "exceptions": self.exceptions,
        }
        self.known("", document, tuple(sections))
        for key, value in document.items():
            sections[key](value)

    def schema(self, value: Any) -> None:
        if value != SCHEMA:
            self.fail("schema", f"schema {value!r} is not known; this version reads {SCHEMA}")

    def policy(self, table: Any) -> None:
        self.table("policy", table)
        keys = ("id", "version", "preset", "locked", "on_guard_error", "on_journal_error")
        self.known("policy", table, keys)
        self.choice("preset", table.get("preset", "recommended"), PRESET_ORDER)
        self.choice("on_guard_error", table.get("on_guard_error", "allow"), ("allow", "block"))
        self.choice("on_journal_error", table.get("on_journal_error", "allow"), ("allow", "block"))
        self.strings("locked", table.get("locked", []))
        for key in ("id", "version"):
            self.string(key, table.get(key, ""))

    def rules(self, table: Any) -> None:
        self.table("rules", table)
        self.known("rules", table, tuple(PRESETS["strict"]))
        for code, value in table.items():
            if isinstance(value, dict):
                self.known(code, value, ("level", "mild", "override"))
                self.choice(code, value.get("override", "reason"), ("reason", "never"))
                self.choice(code, value.get("mild", "warn"), ORDER)
            self.choice(
                code, value.get("level", "block") if isinstance(value, dict) else value, ORDER
            )

    def exceptions(self, value: Any) -> None:
        if not isinstance(value, list):
            self.fail("exceptions", "exceptions are written as [[exceptions]]")
        for exception in value:
            self.table("exceptions", exception)
            self.known("exceptions", exception, ("rule", "envs", "packages", "reason", "expires"))
            self.choice("rule", exception.get("rule"), tuple(PRESETS["strict"]))
            self.strings("envs", exception.get("envs", []))
            self.strings("packages", exception.get("packages", []))
            if not exception.get("reason"):
                self.fail("[exceptions]", "an exception needs a reason")
            if not _is_date(exception.get("expires")):
                self.fail("expires", "expires is a date, written like 2026-12-01")

    def packages(self, table: Any) -> None:
        self.lists("packages", table, ("deny", "prefer_conda"))
        from safeinstall.rules.denied_package import is_requirement

        for entry in table.get("deny", ()):
            if not is_requirement(entry):
                self.fail(
                    entry or "deny", f"deny: {entry!r} is no requirement; write it as name<1.2"
                )

    def lists(self, section: str, table: Any, keys: tuple[str, ...]) -> None:
        self.table(section, table)
        self.known(section, table, keys)
        for key, value in table.items():
            self.strings(key, value)

    def table(self, key: str, value: Any) -> None:
        if not isinstance(value, dict):
            self.fail(key, f"{key} is a table, written as [{key}]")

    def known(self, section: str, table: dict[str, Any], keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                place = f" in [{section}]" if section else ""
                self.fail(key, f"unknown name {key!r}{place}; known are {', '.join(keys)}")

    def choice(self, key: str, value: Any, choices: tuple[str, ...]) -> None:
        if value not in choices:
            self.fail(key, f"{key} is one of {', '.join(choices)}, not {value!r}")

    def strings(self, key: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(key, f"{key} is a list of strings")

    def string(self, key: str, value: Any) -> None:
        if not isinstance(value, str):
            self.fail(key, f"{key} is a string")

    def fail(self, key: str, reason: str) -> None:
        raise PolicyError(f"{self.path}:{self.line_of(key)}: {reason}")

    def line_of(self, key: str) -> int:
        """The first line that speaks of ``key``: TOML parsers do not keep places."""
        for number, line in enumerate(self.lines, 1):
            if line.strip().lstrip("[\"'").startswith(key.strip("[]")):
                return number
        return next((n for n, line in enumerate(self.lines, 1) if key in line), 1)


def _is_date(value: Any) -> bool:
    import datetime

    return value is None or (
        isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    )
