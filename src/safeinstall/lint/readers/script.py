"""Shell scripts."""

from __future__ import annotations

from safeinstall.lint.nouns import Document, Session, Stage
from safeinstall.lint.shell import walk
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fragment, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.lint.nouns import Read
    from safeinstall.lint.source import Source


def read(source: Source, beside: Read) -> Document:
    """The document; a script has one stage. ``beside`` reads a file that it names."""
    first = source.line(1)
    words = first[2:].replace("/usr/bin/env ", "").split() if first.startswith("#!") else []
    if words[:1] == ["-S"]:
        words = words[1:]
    recorder = Recorder()
    recorder.next_layer(Span(0, 0))
    session = Session((*(words or ["sh"]), "-c"), cwd=".")
    walk.run(Fragment(source.text, ((0, 0),)), session, recorder)
    stage = Stage("script", tuple(recorder.steps), sourced=not words)
    return Document(source, (stage,), beside, comments_of(source, recorder))


def comments_of(source: Source, recorder: Recorder) -> dict[int, str]:
    """The comments in the text, by line."""
    return {source.position(span.start)[0]: text for span, text in recorder.comments}
