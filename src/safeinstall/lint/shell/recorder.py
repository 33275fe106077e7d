"""What a walk through shell text notes: the steps of a stage, and how each of them is run."""

from __future__ import annotations

import itertools

from safeinstall.lint.nouns import Step
from safeinstall.lint.source import Span


class Recorder:
    """The steps of a stage, noted in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.comments: list[tuple[Span, str]] = []
        self.numbers = itertools.count(1)
        self.layer = 0
        self.layer_span = Span(0, 0)
        self.mounts: tuple[str, ...] = ()
        self.calls = 0

    def next_layer(self, span: Span, mounts: tuple[str, ...] = ()) -> None:
        """Begin another layer: a RUN instruction, a step of a job."""
        self.layer += 1
        self.layer_span = span
        self.mounts = mounts


class How:
    """How a command is run: in which arms, and what becomes of its input and output."""

    def __init__(self) -> None:
        self.branch: tuple[int, ...] = ()
        self.saved = ""
        self.answered = False
