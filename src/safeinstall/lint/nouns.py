"""The nouns of the linter, immutable: what a reader makes of a file, and what is told about it."""

from __future__ import annotations

from safeinstall.lint.images import Image
from safeinstall.lint.source import Span
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from safeinstall.lint.source import Source
    from safeinstall.model import Command, Finding

    Kind = Literal["image", "ci", "script", "make", "notebook", "file"]
    Read = Callable[[str], bytes | None]


class Word(Value):
    """A word of a command as the program gets it. What is not known keeps its name: ``$VERSION``
    for a variable, ``$(…)`` for the output of a command.
    """

    text: str
    span: Span


class Session(Value):
    """What a shell has been told up to a command."""

    shell: tuple[str, ...] = ("sh", "-c")  # the words that start it
    variables: Mapping[str, str] = {}
    cwd: str = ""
    # The environment that was activated, by name or path; "" for none, None: cannot be told
    active: str | None = ""
    hooked: bool = False  # has the shell a function "conda", so that "conda activate" works?
    user: str = ""


class Step(Value):
    """One simple command, in the order in which the file runs it."""

    words: tuple[Word, ...]
    span: Span
    session: Session  # as it is when the command starts, with its own assignments
    layer: int  # the RUN instruction, the step of a job: what is left behind together
    layer_span: Span
    # The arms of "if", "case", "||" and the like around it, each by a number of its own: what was
    # done in an arm is certain only inside of it
    branch: tuple[int, ...] = ()
    saved: str = ""  # the file that its output goes to
    answered: bool = False  # its questions are answered by a pipe or a here-document
    mounts: tuple[str, ...] = ()  # targets of RUN --mount=type=cache
    exact: bool = True  # are the words written in the file as they are, so that they can be edited?
    behind: int = -1  # offset behind the last command of its RUN, where one more can be added; -1
    last: bool = False  # nothing follows it in its shell
    command: Command | None = None  # of a file that a tool reads: the command that reads it

    @property
    def texts(self) -> tuple[str, ...]:
        """The words alone."""
        return tuple(word.text for word in self.words)


class Entry(Value):
    """One line of a file that a tool reads: a requirement, a match spec, a channel."""

    text: str
    span: Span
    part: str = "conda"  # "conda", "pip", "channels"


class Stage(Value):
    """A sequence of steps that share their environments: a build stage, a job, a script."""

    kind: Kind
    steps: tuple[Step, ...] = ()
    image: Image = Image()
    parent: int = -1  # index of the stage that it is built on
    base: str = ""  # the image as written, variables replaced; "" where it is a stage, or unknown
    base_span: Span = Span(0, 0)
    user: str = ""  # the last user that it sets; "" where it sets none
    user_span: Span = Span(0, 0)
    delivered: bool = True  # is it an image that is used, and not only copied from?
    # Files that the text itself writes, or copies from beside it, by path in the image
    files: Mapping[str, bytes | str] = {}
    sourced: bool = False  # perhaps read by an interactive shell, not run: a script without "#!"
    entries: tuple[Entry, ...] = ()  # of a file that a tool reads, in its order


class Document(Value):
    """One file, read."""

    source: Source
    stages: tuple[Stage, ...]
    read: Read  # a file's bytes by the path that a step names
    comments: Mapping[int, str] = {}  # by line: comments of the file, and of the shell text in it


class Edit(Value):
    """A change to a file that makes a finding go away."""

    span: Span
    text: str


class Told(Value):
    """A finding and where it is."""

    finding: Finding
    span: Span
    environment: str = ""  # its name or prefix, where it is known
    edits: tuple[Edit, ...] = ()
