"""Words of a shell command, expanded as far as the text tells.

A variable whose value is not known stays in the word by its name (``$VERSION``), so that the same
unknown value is the same text everywhere.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from safeinstall.lint.shell.syntax import Node

    Part = tuple[str, bool]  # text, and whether blanks in it separate words
    Inner = Callable[[Node], None]

UNKNOWN = "$(…)"
SEPARATOR = "\x1f"  # between the words of an array, in the value of "NAME[@]"
_LONGEST = 100_000  # characters of a word
_ESCAPED = frozenset('$`"\\\n')
_WITH_DEFAULT = (":-", "-", ":=", "=")
_SUBSTITUTIONS = ("command_substitution", "process_substitution")


def expanded(node: Node, text: str, variables: Mapping[str, str], inner: Inner) -> list[str]:
    """The words that the node becomes: none for an empty variable, several where one is split.
    ``inner`` is called with each command substitution.
    """
    words: list[str] = []
    open_word = False
    length = 0
    for part, splits in _parts(node, text, variables, inner):
        length += len(part)
        if length > _LONGEST:
            return [UNKNOWN]
        if SEPARATOR in part:
            pieces = part.split(SEPARATOR)
        elif splits and not part.startswith("$"):
            pieces = part.split()
            if not pieces or part[:1].isspace():
                open_word = open_word and not part[:1].isspace()
        else:
            pieces = [part]
        for number, piece in enumerate(pieces):
            if open_word and not number:
                words[-1] += piece
            else:
                words.append(piece)
            open_word = True
    return words


def literal(node: Node, text: str) -> tuple[int, int] | None:
    """Where the content of a quoted word stands, if it is written there as the program gets it."""
    start, end = node.start_byte, node.end_byte
    if node.type == "raw_string":
        return start + 1, end - 1
    if node.type == "string":
        kinds = {child.type for child in node.named_children}
        inside = text[start + 1 : end - 1]
        return (start + 1, end - 1) if kinds <= {"string_content"} and "\\" not in inside else None
    return None


def _parts(node: Node, text: str, variables: Mapping[str, str], inner: Inner) -> Iterator[Part]:
    kind = node.type
    raw = text[node.start_byte : node.end_byte]
    if kind in ("word", "number"):
        if node.named_child_count:
            yield from _within(node, text, variables, inner, quoted=False)
        else:
            yield _unescaped(raw), False
    elif kind == "raw_string":
        yield raw[1:-1], False
    elif kind == "string":
        yield "", False
        yield from _within(node, text, variables, inner, quoted=True)
    elif kind == "ansi_c_string":
        yield raw[2:-1], False
    elif kind in ("concatenation", "command_name"):
        yield from _within(node, text, variables, inner, quoted=False)
    elif kind in ("simple_expansion", "expansion"):
        yield _value(node, text, variables), True
    elif kind in _SUBSTITUTIONS:
        inner(node)
        yield _output(raw, variables), False
    elif kind == "arithmetic_expansion":
        yield UNKNOWN, False
    else:
        yield raw, False


def _within(
    node: Node, text: str, variables: Mapping[str, str], inner: Inner, *, quoted: bool
) -> Iterator[Part]:
    """The parts of a word that consists of several; in a string, what lies between them, too."""
    at = node.start_byte + quoted
    end = node.end_byte - quoted
    for child in node.named_children:
        if child.type == "string_content":
            continue
        if child.start_byte > at:
            yield _between(text[at : child.start_byte], quoted), False
        for part, splits in _parts(child, text, variables, inner):
            yield part, splits and not quoted
        at = child.end_byte
    if at < end:
        yield _between(text[at:end], quoted), False


def _between(raw: str, quoted: bool) -> str:
    return _unquoted(raw) if quoted else _unescaped(raw)


def _unescaped(raw: str) -> str:
    """A word without its backslashes."""
    if "\\" not in raw:
        return raw
    letters = iter(raw)
    kept = (next(letters, "") if letter == "\\" else letter for letter in letters)
    return "".join("" if letter == "\n" else letter for letter in kept)


def _unquoted(raw: str) -> str:
    """The content of double quotes without the backslashes that escape something there."""
    if "\\" not in raw:
        return raw
    found, at = [], 0
    while at < len(raw):
        if raw[at] == "\\" and raw[at + 1 : at + 2] in _ESCAPED and at + 1 < len(raw):
            at += 1
            found.append("" if raw[at] == "\n" else raw[at])
        else:
            found.append(raw[at])
        at += 1
    return "".join(found)


def _value(node: Node, text: str, variables: Mapping[str, str]) -> str:
    name = next((c for c in node.named_children if c.type == "variable_name"), None)
    array = next((c for c in node.named_children if c.type == "subscript"), None)
    if array is not None:
        key = text[array.start_byte : array.end_byte].replace("[*]", "[@]")
        return variables.get(key, f"${{{key}}}")
    if name is None:
        return text[node.start_byte : node.end_byte]
    key = text[name.start_byte : name.end_byte]
    raw = text[name.end_byte : node.end_byte - 1] if node.type == "expansion" else ""
    known = variables.get(key)
    if not raw:
        return f"${key}" if known is None else known
    sign = next((sign for sign in _WITH_DEFAULT if raw.startswith(sign)), "")
    if not sign:
        return f"${{{key}{raw}}}"
    if known is None or (not known and sign[0] == ":"):
        default = raw[len(sign) :].strip("\"'")
        return f"${key}" if "$" in default else default
    return known


def _output(raw: str, variables: Mapping[str, str]) -> str:
    """What a command prints, where that is known: ``$(pwd)``."""
    return variables.get("PWD", UNKNOWN) if raw.strip("$()` ") == "pwd" else UNKNOWN
