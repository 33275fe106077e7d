"""Hide secrets before anything is written: the journal's hash chain forbids changes afterwards.

Pure, and without ``re``. In doubt a word is hidden: then the record is a little less useful, but no
secret is disclosed. Text in which nothing looks like a secret is returned unchanged.
"""

from __future__ import annotations

from safeinstall.redaction import prose
from safeinstall.redaction.names import (
    HIDDEN,
    HOOKS,
    PROSE,
    SECRET_HEADERS,
    SECRET_PARAMETERS,
    SHORTEST_TOKEN,
    TOKENS,
    is_secret_name,
    is_version,
    looks_secret,
)
from safeinstall.redaction.prose import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_SHORTEST_SEGMENT = 12  # characters of a path segment that may be a secret


def value(item: Any, name: str = "") -> Any:
    """A JSON value without secrets. A list of strings is treated as a command line."""
    if isinstance(item, str):
        return HIDDEN if item and name and is_secret_name(name) else _named(item, name)
    if isinstance(item, dict):
        return {key: value(member, key) for key, member in item.items()}
    if isinstance(item, list | tuple):
        if all(isinstance(member, str) for member in item):
            return words(item)
        return [value(member) for member in item]
    return item


def _named(item: str, name: str) -> str:
    return argument(item) if name and name not in PROSE else text(item)


def holds_secret(item: Any) -> bool:
    """Would :func:`value` hide something?"""
    return bool(value(item) != _with_lists(item))


def _with_lists(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _with_lists(member) for key, member in item.items()}
    return [_with_lists(member) for member in item] if isinstance(item, list | tuple) else item


def words(items: Sequence[str]) -> list[str]:
    """The words of a command line without secrets: ``--password x`` is two of them."""
    shown: list[str] = []
    secret_follows = False
    before = ""
    for item in items:
        hidden = secret_follows or _is_login(before, item)
        shown.append(HIDDEN if hidden else argument(item))
        secret_follows = not secret_follows and _asks_for_secret(item)
        before = item
    return shown


def text(line: str) -> str:
    """A line or several, such as a message or a small script, without secrets."""
    line = _in_place(_following(line) if "-" in line else line)
    spoken = " " in line or ":" in line or not line.isascii()
    return prose.hide(line) if spoken else line


def argument(word: str) -> str:
    """One word of a command line, or the value of a variable, without secrets. A password in it may
    contain blanks.
    """
    if "://" in word:
        word = _urls(word, "\r\n")
    if "@" in word and " " not in word[: word.find(":")]:
        word = _bare_credentials(word)
    return text(word)


def _asks_for_secret(word: str) -> bool:
    """Is the word an option that a secret follows? ``--token``, ``--build-option=--token``."""
    option = word.rpartition("=")[2].lstrip("\"'")
    return option.startswith("-") and len(option) > 2 and is_secret_name(option)


def _is_login(option: str, word: str) -> bool:
    """Is the word the login in ``-u ada:secret`` (curl)? pip's ``--user`` takes no value."""
    return option in ("-u", "--user", "--proxy-user") and ":" in word and "://" not in word


def _following(line: str) -> str:
    """Hide the secret in ``--password x`` inside a line; it may be quoted and contain blanks."""
    shown: list[str] = []
    position = 0
    quote = before = ""
    secret_follows = False
    for start, word in split(line):
        hidden = bool(quote) or (secret_follows and word != "\\") or _is_login(before, word)
        before = word
        shown += line[position:start], HIDDEN if hidden else word
        position = start + len(word)
        quote = _open_quote(word, quote) if hidden else ""
        secret_follows = _asks_for_secret(word) or (secret_follows and word == "\\")
    return "".join(shown) + line[position:]


def _each(line: str, change: Callable[[str], str]) -> str:
    """The line with every word changed."""
    shown: list[str] = []
    position = 0
    for start, word in split(line):
        shown += line[position:start], change(word)
        position = start + len(word)
    return "".join(shown) + line[position:]


def _open_quote(word: str, quote: str) -> str:
    """The quote that is still open after ``word``; ``""`` for none."""
    if quote:
        return "" if word.endswith(quote) else quote
    first = word[:1]
    closed = len(word) > 1 and word.endswith(first)
    return first if first in ("'", '"') and not closed else ""


def _in_place(word: str) -> str:
    if "://" in word:
        word = _urls(word)
    if "@" in word and ":" in word:
        word = _each(word, _bare_credentials)
    if "t/" in word:
        word = _channel_tokens(word)
    if "://" in word:
        word = _hooks(word)
    if "=" in word:
        word = _assignments(word)
    if ":" in word:
        word = _headers(word)
    if len(word) > SHORTEST_TOKEN:
        word = _tokens(word)
    return word


def _urls(word: str, ends: str = " \t\r\n<>") -> str:
    """Hide ``user:password`` in ``scheme://user:password@host``: the user may be the token, so both
    are hidden. ``ends`` are the characters that end an address.
    """
    shown = ""
    position = 0
    while (mark := word.find("://", position)) >= 0:
        start = mark + 3
        at = _end_of_userinfo(word, start, ends)
        shown += word[position:start]
        position = start
        if at > start and not _is_harmless_user(word[:mark], word[start:at]):
            shown += HIDDEN
            position = at
    return shown + word[position:]


def _end_of_userinfo(word: str, start: int, ends: str) -> int:
    """The index of the ``@`` that ends the credentials; -1 if there are none."""
    limit = _end(word, start, ends)
    slash = _end(word[:limit], start, "/?#")
    at = word.rfind("@", start, slash)
    if at >= 0:
        return at
    # "user:pass/word@host" is not a valid address, but it contains a password.
    port = word[start:slash].rpartition(":")[2] if ":" in word[start:slash] else ""
    if port and not port.isdigit() and not port.endswith("]"):
        return word.rfind("@", slash, limit)
    return -1


def _is_harmless_user(scheme: str, user: str) -> bool:
    return ":" not in user and (user == "git" or scheme.endswith("ssh"))


def _bare_credentials(word: str) -> str:
    """Hide the password in ``user:password@host`` without a scheme, as often used for proxies."""
    colon = word.find(":")
    at = word.find("@", colon)
    if colon < 0 or at < 0 or word.startswith("://", colon) or "@" in word[:colon]:
        return word
    start = max(word.rfind(mark, 0, colon) for mark in "=\"'(<,[") + 1
    secret = word[colon + 1 : at]
    if not secret or start == colon or secret[0] in "/: ":
        return word
    last = word.rfind("@", at, _end(word, at, "/"))
    return word[:start] + HIDDEN + word[last:]


def _channel_tokens(word: str) -> str:
    """Hide the token in the address of a conda channel: ``https://host/t/TOKEN/channel``."""
    position = 0
    while (mark := word.find("t/", position)) >= 0:
        position = mark + 2
        end = _end(word, position, "/ \t\r\n\"'<>,?#:")
        if end > position and _is_channel(word[:mark], word[position:end]):
            word = word[:position] + HIDDEN + word[end:]
    return word


def _is_channel(before: str, token: str) -> bool:
    """Is the text before ``t/TOKEN`` the beginning of a channel's address?"""
    start = max(before.rfind(mark) for mark in " \t\n\"'<>,=") + 1
    scheme, found, _ = before[start:].partition("://")
    if before[start:] in ("", "/"):  # a channel name, which conda appends to channel_alias
        return looks_secret(token, _SHORTEST_SEGMENT)
    if not before.endswith("/"):
        return False
    if found:
        return scheme.endswith(("http", "https", "ftp", "s3")) and not scheme.startswith("git+")
    host = before[start:].partition("/")[0]
    return host[:1] not in ("", ".", "-") and ("." in host or ":" in host)


def _hooks(word: str) -> str:
    """Hide the secret in a web hook's address: ``https://hooks.slack.com/services/T0/B0/SECRET``.

    Everything after the first part that identifies a web hook is hidden.
    """
    position = 0
    while (mark := word.find("://", position)) >= 0:
        end = _end(word, mark, " \t\r\n\"'<>,?#")
        start = _behind_hook(word, mark + 3, end)
        if start < end and any(_is_hidden_part(part) for part in word[start:end].split("/")):
            word = word[:start] + HIDDEN + word[end:]
            end = start
        position = max(end, mark + 3)
    return word


def _behind_hook(word: str, start: int, end: int) -> int:
    """The index after the part that identifies the address as a web hook; ``end`` for none."""
    while (slash := word.find("/", start, end)) >= 0:
        part = word[start:slash].lower()
        if part in HOOKS or part.startswith("hooks.") or ".webhook." in part:
            return slash + 1
        start = slash + 1
        if word.startswith("bot", start) and ":" in word[start:end]:  # https://…/botID:TOKEN
            return start
    return end


def _is_hidden_part(part: str) -> bool:
    return "." not in part and looks_secret(part, _SHORTEST_SEGMENT)


def _assignments(word: str) -> str:
    """Hide the value in ``NAME=secret``: options, variables, URL parameters."""
    position = 0
    while (equals := word.find("=", position)) >= 0:
        position = equals + 1
        start = equals
        while start > 0 and (word[start - 1].isalnum() or word[start - 1] in "-_."):
            start -= 1
        name = word[start:equals]
        if name and (is_secret_name(name) or name.lower() in SECRET_PARAMETERS):
            end = _end_of_value(word, start, position)
            if not _is_harmless(word, start, name, word[position:end]):
                word = word[:position] + HIDDEN * (end > position) + word[end:]
                position += len(HIDDEN)
    return word


def _end_of_value(word: str, start: int, position: int) -> int:
    if start == 0:
        return len(word)  # the rest of the argument: "--password=a b&c"
    if word[start - 1] in "?&#;":
        return _end(word, position, "&#; \t\r\n\"'")
    if word[position : position + 1] in ("'", '"'):
        closing = word.find(word[position], position + 1)
        return len(word) if closing < 0 else closing + 1
    return _end(word, position, " \t\r\n")


def _is_harmless(word: str, start: int, name: str, said: str) -> bool:
    """Is the value a version, or, for a name that need not mean a secret, unlike a secret?"""
    if word.startswith("-", start) or word[start - 1 : start] in ("?", "&", "#"):
        return False
    return is_version(said) or (not is_secret_name(name) and not looks_secret(said))


def _headers(word: str) -> str:
    lowered = word.lower()
    for header in SECRET_HEADERS:
        mark = lowered.find(header)
        if mark >= 0:
            start = mark + len(header)
            end = _end(word, start, "\"'\r\n")
            shown = f" {HIDDEN}" if word[start:end].strip() else word[start:end]
            return word[:start] + shown + word[end:]
    return word


def _tokens(word: str) -> str:
    for prefix, others in TOKENS:
        mark = word.find(prefix)
        while mark >= 0:
            start = end = mark + len(prefix)
            while end < len(word) and (word[end].isalnum() or word[end] in others):
                end += 1
            if end - start >= SHORTEST_TOKEN:
                word = word[:mark] + HIDDEN + word[end:]
                end = mark
            mark = word.find(prefix, end + 1)
    return word


def _end(word: str, start: int, marks: str) -> int:
    """The index of the first of the marks from ``start`` on; the word's length for none."""
    found = (word.find(mark, start) for mark in marks)
    return min((place for place in found if place >= 0), default=len(word))
