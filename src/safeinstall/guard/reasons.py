"""What counts as an override reason for a block."""

from __future__ import annotations

from safeinstall.probe.tool import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeinstall.settings import Session

WANTED = "A reason takes two words or more that say why."
TICKET = "The policy asks for a ticket in the reason: {}."
COMMAND = "That looks like a command, not like a reason; it was not run."


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Some are the placeholders for a reason in our messages and documentation; others are what people
# type to get past a question.
_PLACEHOLDERS = _table(
    """a abc any argument asd asdf asdfasdf asdfgh asdfghjkl b baz because bar blah bla c do dolor
    dummy dunno enter example fill foo foobar fine go haha here hello hi hm i idk in insert ipsum it
    jkl just lol lorem meh my myreason n na no none nope nothing nvm on of ok okay override
    placeholder please pls qwe qwer qwerty qwertz reason reasons some something string sure tbd test
    testing tests text the todo type value whatever why words xyz y yeah yep yes yolo you your yours
    z"""
)

# Shell builtins, for which there is no file on PATH, and the tools that are often shell functions.
_BUILTINS = _table(
    """. alias bg bind builtin cd command conda declare dirs disown echo enable eval exec exit
    export fg function hash history jobs let local logout mamba micromamba pip popd printf pushd
    python read return set setopt shift shopt source suspend time trap type typeset ulimit umask
    unalias unset unsetopt uv wait"""
)

# Names of programs and shell keywords that are also the first word of an ordinary sentence.
_ALSO_PROSE = _table(
    """as at case file for if in is it last less link look more most see select test to until
    users while who"""
)

_SIGNS = ("&&", "||", "|", "$(", "${", "`", "<(", ">>", "<<", ";")


def given_beforehand(session: Session, tickets: Iterable[str] = ()) -> str:
    """The text of SAFEINSTALL_REASON or ``--reason``, if it counts as a reason; else ``""``."""
    reason = session.settings.reason
    return "" if lacking(reason, tickets) else reason


def lacking(text: str, tickets: Iterable[str] = ()) -> str:
    """A sentence that says what the text lacks to be a reason; ``""`` if it is one. ``tickets``
    are regular expressions; a match of each is needed, and then one word that tells something.
    """
    tickets = tuple(tickets)
    if not tickets:
        return "" if is_reason(text) else WANTED
    import re  # only where a policy asks for tickets

    missing = [pattern for pattern in tickets if not re.search(pattern, text)]
    if missing:
        return TICKET.format(" and ".join(missing))
    return "" if _telling(text) else WANTED


def is_reason(text: str) -> bool:
    """Does the text give a reason: two different words or more that are not all placeholders?

    In a language without spaces between words, the number of letters decides.
    """
    return bool(_telling(text)) and (len(_words(text)) > 1 or _is_unspaced(text))


def _words(text: str) -> set[str]:
    return {"".join(filter(str.isalnum, word)).lower() for word in text.split()} - {""}


def _telling(text: str) -> set[str]:
    return {word for word in _words(text) if not _is_placeholder(word)}


def _is_placeholder(word: str) -> bool:
    """Also a word of one letter, however often, and a number."""
    return word in _PLACEHOLDERS or word.isdigit() or (word.isascii() and len(set(word)) == 1)


def is_command(text: str, environ: Mapping[str, str]) -> bool:
    """Does the text look like a command line for the shell?"""
    first, *rest = text.split() or [""]
    return (
        any(sign in text for sign in _SIGNS)
        or text.endswith("&")
        or any(word[:1] == "-" and word.lstrip("-")[:1].isalpha() for word in rest)
        or _assigns(first)
        or first.startswith(("/", "./", "../", "~", "$"))
        or first in _BUILTINS
        or (first not in _ALSO_PROSE and which(first, environ, "/") is not None)
    )


def objection(text: str, environ: Mapping[str, str], tickets: Iterable[str] = ()) -> str:
    """A sentence that says why the text is not a reason; ``""`` where it is a reason."""
    return COMMAND if is_command(text, environ) else lacking(text, tickets)


def _assigns(word: str) -> bool:
    """Is the word a shell assignment, ``NAME=value``? A requirement, ``numpy==2``, is none."""
    name, equals, value = word.partition("=")
    return bool(equals) and name.isidentifier() and value[:1] != "="


def _is_unspaced(text: str) -> bool:
    """Has the text more than three letters of scripts such as Thai, Chinese or Japanese?

    All letters from U+0E00 on count.
    """
    return sum(letter.isalpha() and letter >= "\u0e00" for letter in text) > 3
