"""Hide secrets in prose and data: ``password: x``, ``"token": "x"``, ``the key is x``.

Pure, and without ``re``. A part of :mod:`safeinstall.redaction`.
"""

from __future__ import annotations

from safeinstall.redaction.names import (
    FOREIGN_NAMES,
    FOREIGN_WORDS,
    HIDDEN,
    is_secret_name,
    is_version,
    looks_secret,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# A text without any of these, in lower case, has nothing for this module to hide.
_HINTS = (
    *("pass", "token", "secret", "key", "pw", "credential", "bearer", "basic", "private", "code"),
    *FOREIGN_WORDS,
    *FOREIGN_NAMES,
)

# Words that a secret may follow without any mark between them: "the password x".
_SPOKEN = frozenset(
    ("password", "passwd", "passphrase", "token", "secret", "key", "pw", "pwd", "pass")
).union(FOREIGN_NAMES, FOREIGN_WORDS)
_BETWEEN = frozenset(
    (
        *("is", "was", "=", ":", "=>", "->", "are", "be"),
        *("ist", "lautet", "es", "est", "é", "è", "är", "er", "on", "to", "je", "jest", "это"),
    )
)
_SCHEMES = frozenset(("bearer", "basic"))  # schemes of HTTP authentication
_AROUND = "\"'`()[]{}<>,;"
# In languages without blanks, the name, perhaps one of _JOINING, and the secret are one word.
_UNSPACED = tuple(name for name in FOREIGN_NAMES if name[0] > "\u3000")
_JOINING = ":\uff1a=\uff1d是为為はが는은이가"  # among them full-width colon and equals sign
_BEGIN, _END = "-----BEGIN ", "-----END "


def hide(text: str) -> str:
    """The text with hidden secrets, as far as the words before a secret announce it."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    if _BEGIN in text and "PRIVATE KEY" in text:
        text = _without_keys(text)
    return "".join(_shown(text))


def _without_keys(text: str) -> str:
    """The text without the lines between the first and the last line of a private key (PEM)."""
    begin = text.find(_BEGIN)
    start = text.find("KEY-----", begin)
    if start < 0:
        return text
    start += len("KEY-----")
    end = text.find(_END, start)
    return text[:start] + HIDDEN + (text[end:] if end >= 0 else "")


def _shown(text: str) -> Iterator[str]:
    position = 0
    before: list[str] = []  # up to four words before the present one
    for start, word in split(text):
        yield text[position:start]
        position = start + len(word)
        yield _hidden(word) if _is_announced(before, word) else _inside(word)
        before = [*before[-3:], word]
    yield text[position:]


def split(line: str) -> Iterator[tuple[int, str]]:
    """The words of a line, each with its index."""
    position = 0
    for word in line.split():
        position = line.index(word, position)
        yield position, word
        position += len(word)


def _is_announced(before: list[str], word: str) -> bool:
    """Do the words before this word say that it is a secret?"""
    if not before or word in _BETWEEN:
        return False
    last = before[-1]
    if last.lower().strip(_AROUND) in _SCHEMES:
        return _looks_secret(word)
    if last in _BETWEEN and len(before) > 1:
        name, mark = before[-2], last
    else:
        name, mark = last, last[-1:]
    plain = name.strip(_AROUND + ":=")
    if mark in (":", "=", "=>", "->"):
        return _names_a_secret(plain, before[:-1]) and not is_version(word)
    spoken = plain.lower() in _SPOKEN and not name.startswith("-")
    return spoken and (_looks_secret(word) or _is_netrc(before))


def _names_a_secret(name: str, before: list[str]) -> bool:
    """Does the name announce a secret? ``API key: x`` does, ``unknown key: x`` does not."""
    if name.lower() == "key":
        return any(is_secret_name(f"{word.strip(_AROUND)}key") for word in before[-2:])
    return bool(name) and is_secret_name(name)


def _is_netrc(before: list[str]) -> bool:
    """Is the word the password in ``login ada password x``, as in a .netrc file?"""
    return len(before) > 2 and before[-3] in ("login", "account")


def _looks_secret(word: str) -> bool:
    return looks_secret(word.strip(_AROUND + ".!?"))


def _inside(word: str) -> str:
    """The word with a hidden secret, if name and secret are one word: ``token:x``,
    ``{"password":"x"}``.
    """
    for unspaced in _UNSPACED:
        before, found, said = word.partition(unspaced)
        if found and _looks_secret(said.lstrip(_JOINING)):
            return before + found + _hidden(said)
    name, colon, said = word.partition(":")
    while colon:
        plain = name.rpartition(",")[2].strip(_AROUND)
        secret = said.strip(_AROUND)
        plainly = secret and not said.startswith(("/", ":")) and "@" not in said
        if plainly and _names_a_secret(plain, []) and not is_version(secret):
            return word[: len(word) - len(said)] + _hidden(said)
        more, colon, said = said.partition(":")
        name = more
    return word


def _hidden(word: str) -> str:
    """The word hidden, but the quotes and brackets around it kept."""
    inner = word.strip(_AROUND)
    if not inner:
        return HIDDEN
    start = word.index(inner)
    return word[:start] + HIDDEN + word[start + len(inner) :]
