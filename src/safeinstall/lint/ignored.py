"""``# safeinstall: ignore SI503 reason``: what a file asks not to be told, and why."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.lint.source import Span
from safeinstall.policy.rule_table import BY_CODE
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.lint.nouns import Told
    from safeinstall.lint.source import Source

MARK = "# safeinstall: ignore"
_ENDS = '\\n",'  # behind a comment in a notebook's JSON
_SHORTEST = 3  # characters of a reason


class Ignore(Value):
    """A comment that keeps findings back, on its line and the next."""

    line: int
    codes: frozenset[str]
    reason: str
    span: Span


def ignores(source: Source) -> list[Ignore]:
    """The comments of this kind in the file."""
    if MARK not in source.text:
        return []
    found = []
    for number in range(1, len(source.starts) + 1):
        text = source.line(number)
        at = text.find(MARK)
        if at < 0:
            continue
        words = text[at + len(MARK) :].strip().rstrip(_ENDS).split()
        codes = []
        while words and words[0].strip(",:").upper().startswith("SI"):
            codes += [code.upper() for code in words.pop(0).strip(",:").split(",")]
        start = source.offset(number, at + 1)
        span = Span(start, start + len(text) - at)
        found.append(Ignore(number, frozenset(codes), " ".join(words), span))
    return found


def without_ignored(found: Iterable[Told], source: Source) -> Iterator[Told]:
    """The findings that no comment keeps back; and one for each such comment that is not complete,
    which keeps nothing back.
    """
    comments = ignores(source)
    good = [comment for comment in comments if not _wrong(comment)]
    by_line = {comment.line: comment for comment in good}
    for item in found:
        first, last = source.position(item.span.start)[0], source.position(item.span.end)[0]
        lines = range(first, last + 1)
        above = first - 1
        candidates = [by_line[line] for line in lines if line in by_line]
        while above in by_line:  # several comments may stand above each other
            candidates.append(by_line[above])
            above -= 1
        if not any(item.finding.rule in comment.codes for comment in candidates):
            yield item
    for comment in comments:
        if wrong := _wrong(comment):
            yield told("SI509", "block", wrong, comment.span)


def _wrong(comment: Ignore) -> str:
    unknown = sorted(code for code in comment.codes if code not in BY_CODE)
    if not comment.codes:
        return (
            "The comment names no rule, and keeps nothing back: # safeinstall: ignore CODE reason"
        )
    if unknown:
        return f"There is no rule {', '.join(unknown)}, so the comment keeps nothing back."
    if len(comment.reason) < _SHORTEST:
        return "The comment gives no reason, and keeps nothing back: write it behind the code."
    return ""
