"""Parse shell text into its simple commands: ``cd x && pip install y 2>&1 | tail``.

The grammar is that of POSIX shells, with what bash and zsh add in daily use. Nothing is expanded:
a word keeps its variables by name, and what only the shell can know, such as the output of
``$(…)`` or the files that match a pattern, is ``None``. Where a construct is not understood, the
commands after it are not found.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

BLANKS = " \t"
OPERATORS = ("&&", "||", "|&", "&", "|", ";", "\n", "(", ")")  # the longest first
REDIRECTIONS = ("<<<", "<<-", "<<", "<&", "<>", "<", "&>>", "&>", ">>", ">|", ">&", ">")
HERE_DOCUMENTS = ("<<", "<<-")
ENDS = frozenset(" \t\n&|;()<>")  # characters that end a word
KEYWORDS = frozenset(("!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "do"))
KEYWORDS |= {"done", "time"}
NOT_UNDERSTOOD = frozenset(("case", "coproc", "esac", "for", "function", "in", "select", "[["))
ESCAPED = frozenset('$`"\\')  # characters that a backslash escapes inside double quotes
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
DIGITS = frozenset("0123456789")


class Variable(Value):
    """``$NAME`` in a word. ``quoted``: its value is one word, whatever it has in it."""

    name: str
    quoted: bool


class Word(Value):
    """A word in parts: text, variables, and ``None`` for what only the shell can know."""

    parts: tuple[str | Variable | None, ...]
    quoted: bool  # has it quotes or a backslash? Then it is no keyword.


class Simple(Value):
    """A simple command. Its assignments are its first words; redirections are left out."""

    words: tuple[Word, ...]
    # The subshells around it, from the outside, each by a number of its own
    subshells: tuple[int, ...]
    apart: bool  # in a pipeline or in the background: it changes nothing for the commands after it


class _NotUnderstood(Exception):  # noqa: N818 - not an error: only the shell can parse the rest
    """The text goes on with something that is not understood."""


def commands(text: str) -> list[Simple]:
    """The simple commands of the text in their order, up to what is not understood."""
    found: list[Simple] = []
    try:
        _Reader(text, found).read()
    except (_NotUnderstood, RecursionError):
        return found
    return found


class _Reader:
    """Reads a text up to its end, or up to the ``)`` that ends a command substitution."""

    def __init__(self, text: str, found: list[Simple], at: int = 0) -> None:
        self.text = text
        self.found = found
        self.at = at
        self.words: list[Word] = []
        self.subshells: list[int] = []
        self.piped = False
        self.here: list[tuple[str, bool]] = []  # here-documents that begin with the next line

    def read(self) -> None:
        while True:
            self.skip_blanks()
            if self.redirection():
                continue
            if operator := self.one_of(OPERATORS):
                if operator == ")" and not self.subshells:
                    break
                self.operate(operator)
            elif self.at < len(self.text):
                self.add(self.word())
            else:
                break
        self.finish(apart=self.piped)

    def operate(self, operator: str) -> None:
        if operator == "(" and self.words:
            raise _NotUnderstood  # a function, or an array
        into = operator in ("|", "|&")
        self.finish(apart=self.piped or into or operator == "&")
        self.piped = into
        if operator == "(":
            self.subshells.append(self.at)  # where it begins is a number of its own
        elif operator == ")":
            self.subshells.pop()
        elif operator == "\n":
            self.skip_here_documents()

    def finish(self, *, apart: bool) -> None:
        if self.words:
            self.found.append(Simple(tuple(self.words), tuple(self.subshells), apart))
        self.words = []

    def add(self, word: Word) -> None:
        if not self.words and not word.quoted:
            if NOT_UNDERSTOOD.intersection(word.parts):
                raise _NotUnderstood
            if KEYWORDS.intersection(word.parts):
                return
        self.words.append(word)

    def redirection(self) -> bool:
        """Pass a redirection with its target, if one comes next."""
        start = self.at
        while self.peek() in DIGITS:
            self.at += 1
        sign = self.one_of(REDIRECTIONS)
        if not sign:
            self.at = start
            return False
        self.skip_blanks()
        if self.peek() == "(":
            raise _NotUnderstood  # a process substitution
        target = self.word()
        if sign in HERE_DOCUMENTS:
            end = "".join(part for part in target.parts if isinstance(part, str))
            self.here.append((end, sign == "<<-"))
        return True

    def skip_here_documents(self) -> None:
        for end, tabs in self.here:
            while self.at < len(self.text):
                line = self.text[self.at :].partition("\n")[0]
                self.at += len(line) + 1
                if (line.lstrip("\t") if tabs else line) == end:
                    break
        self.here = []

    def skip_blanks(self) -> None:
        """Pass blanks, joined lines and a comment."""
        while True:
            if self.peek() in BLANKS:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def peek(self) -> str:
        """The next character; ``"\\0"`` at the end of the text."""
        return self.text[self.at] if self.at < len(self.text) else "\0"

    def one_of(self, signs: tuple[str, ...]) -> str:
        """The sign that comes next, which is passed; ``""`` for none of them."""
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return ""

    def up_to(self, end: str) -> str:
        """The text before the next ``end``, which is passed, too."""
        inside, found, _ = self.text[self.at :].partition(end)
        if not found:
            raise _NotUnderstood
        self.at += len(inside) + len(end)
        return inside

    def word(self) -> Word:
        word = _Parts()
        while self.at < len(self.text) and (letter := self.peek()) not in ENDS:
            self.at += 1
            if letter == "\\":
                word.quoted = True
                word.add(self.escaped(""))
            elif letter == "'":
                word.quoted = True
                word.add(self.up_to("'"))
            elif letter == '"':
                word.quoted = True
                self.in_quotes(word)
            elif letter in "$`":
                word.add(self.expansion(letter, quoted=False))
            elif letter == "~" and not word.parts:
                word.add(Variable("HOME", True) if self.peek() in ENDS | {"/", "\0"} else None)
            elif _is_pattern(letter, word.text) or (
                letter == "{" and self.peek() not in ENDS | {"}"}
            ):
                word.add(None)
            else:
                word.add(letter)
        return Word(tuple(word.parts), word.quoted)

    def in_quotes(self, word: _Parts) -> None:
        word.add("")
        while (letter := self.peek()) != '"':
            if self.at >= len(self.text):
                raise _NotUnderstood
            self.at += 1
            if letter == "\\":
                word.add(self.escaped('"'))
            elif letter in "$`":
                word.add(self.expansion(letter, quoted=True))
            else:
                word.add(letter)
        self.at += 1

    def escaped(self, quote: str) -> str:
        """What a backslash and the character after it stand for."""
        letter = self.text[self.at : self.at + 1]
        self.at += 1
        if letter == "\n":
            return ""
        return letter if not quote or letter in ESCAPED else f"\\{letter}"

    def expansion(self, letter: str, *, quoted: bool) -> str | Variable | None:
        """What stands behind ``$`` or a backtick, which has been passed."""
        if letter == "`":
            self.up_to("`")
            return None
        following = self.peek()
        if following in LETTERS:
            return Variable(self.name(), quoted)
        self.at += 1
        if following == "(":
            self.substitution()
        elif following == "{":
            name = self.up_to("}")
            return Variable(name, quoted) if name.isidentifier() and name.isascii() else None
        elif following in "'\"" and not quoted:
            raise _NotUnderstood
        elif following not in DIGITS and following not in "@*#?$!-":
            self.at -= 1
            return "$"
        return None

    def substitution(self) -> None:
        """Pass ``$(…)`` and find the commands in it."""
        if self.peek() == "(":
            self.up_to("))")  # an arithmetic expression
            return
        inside: list[Simple] = []
        reader = _Reader(self.text, inside, self.at)
        reader.read()
        if self.text[reader.at - 1] != ")":
            raise _NotUnderstood
        around = (*self.subshells, self.at)
        self.found += [
            one.replace(subshells=(*around, *one.subshells), apart=True) for one in inside
        ]
        self.at = reader.at

    def name(self) -> str:
        start = self.at
        while self.peek() in LETTERS or self.peek() in DIGITS:
            self.at += 1
        return self.text[start : self.at]


class _Parts:
    """The parts of a word while it is read; texts that touch are one part."""

    def __init__(self) -> None:
        self.parts: list[str | Variable | None] = []
        self.quoted = False

    @property
    def text(self) -> str:
        """The text that the word begins with."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    def add(self, part: str | Variable | None) -> None:
        last = self.parts[-1] if self.parts else None
        if isinstance(part, str) and isinstance(last, str):
            self.parts[-1] = last + part
        else:
            self.parts.append(part)


def _is_pattern(letter: str, before: str) -> bool:
    """Does the letter make the word a pattern for file names? Not in ``numpy==1.26.*``, which no
    file is expected to match.
    """
    return letter in "*?" and "=" not in before
