"""Find the tool that a command line starts, and the number of words that start it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TOOLS = frozenset(("conda", "mamba", "micromamba", "uv"))
MODULES = frozenset(("pip", "conda", "uv"))
SCRIPTS = frozenset(("pip", "conda", "mamba"))  # written in Python

_IN_PIP = ("__main__.py", "__pip-runner__.py")

# Option letters of the CPython interpreter (Python/getopt.c): with a value, and without one.
VALUE_LETTERS = "cmWX"
PLAIN_LETTERS = "bBdEhiIOPqRsStuvVx?"
PYCS = (("always",), ("never",), ("default",))


def find(words: Sequence[str]) -> tuple[str, int]:
    """The tool's canonical name and the number of words that start it; ``("", 1)`` for any other
    program, ``("", 0)`` for no words.
    """
    if not words:
        return "", 0
    name = words[0].rpartition("/")[2]
    if tool := _program(name):
        return tool, 1
    if numbered(name.rstrip("td") if name[-1:] in ("t", "d") else name, "python", "pypy"):
        return by_python(words)
    return "", 1


def _program(name: str) -> str:
    """The tool whose program has this name: ``pip`` for ``pip3.11``; ``""`` for any other."""
    if name in TOOLS:
        return name
    return "pip" if numbered(name, "pip") or name == "pip.pyz" else ""


def numbered(name: str, *stems: str) -> bool:
    """Is the name one of the stems, with at most a version after it, as in ``pip3.11``?"""
    for stem in stems:
        if name.startswith(stem):
            return not name[len(stem) :].strip("0123456789.")
    return False


def by_python(words: Sequence[str]) -> tuple[str, int]:
    """The tool that ``python …`` runs, as a module or as a program of its name, and the number of
    words up to it; ``("", 1)`` for anything else.
    """
    index, information = 1, False
    while index < len(words):
        word = words[index]
        index += 1
        if word == "--":  # ends the options, so no -m can follow
            return _script(words, index, information)
        if word[:1] != "-" or word == "-":
            return _script(words, index - 1, information)
        if word[:2] == "--":
            if word != "--check-hash-based-pycs" or tuple(words[index : index + 1]) not in PYCS:
                break  # help, version, or an error: python runs nothing
            index += 1
            continue
        letter, value = cluster(word)
        information = information or "V" in word[1 : len(word) - len(value)]
        if letter in ("h", "?", "-", "c"):
            break
        if letter and not value:
            value = words[index] if index < len(words) else ""
            index += 1
        if letter == "m":
            known = value.removesuffix(".__main__")
            return (known, index) if known in MODULES and not information else ("", 1)
    return "", 1


def _script(words: Sequence[str], index: int, information: bool) -> tuple[str, int]:
    """The program at the index, which Python is given to run by its path: ``python
    /opt/conda/bin/conda``, or a file of pip's.
    """
    before, slash, name = words[index].rpartition("/") if index < len(words) else ("", "", "")
    if name in _IN_PIP and before.rpartition("/")[2] == "pip":
        name = "pip"
    tool = _program(name) if slash else ""
    return (tool, index + 1) if tool in SCRIPTS and not information else ("", 1)


def letters(options: Iterable[str]) -> frozenset[str]:
    """The letters of the interpreter's short options: ``-Im pip`` has ``I`` and ``m``, ``-Wignore``
    has ``W``.
    """
    short = (word for word in options if word[:1] == "-" and word[1:2] != "-")
    return frozenset(c for word in short for c in word[1 : len(word) - len(cluster(word)[1])])


def cluster(word: str) -> tuple[str, str]:
    """The letter that ends a cluster of short options, and the value in the same word; ``-`` for
    the letter if Python refuses the word.
    """
    for place, letter in enumerate(word[1:], 2):
        if letter in VALUE_LETTERS:
            return letter, word[place:]
        if letter in "h?":
            return letter, ""
        if letter not in PLAIN_LETTERS:
            return "-", ""
    return "", ""
