"""GitHub workflows and composite actions: each job with the commands of its steps.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import posixpath

from safeinstall.lint import images
from safeinstall.lint.nouns import Document, Session, Stage
from safeinstall.lint.readers import yaml_nodes as nodes
from safeinstall.lint.readers.script import comments_of
from safeinstall.lint.shell import walk
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fragment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.lint.nouns import Read
    from safeinstall.lint.readers.yaml_nodes import Node
    from safeinstall.lint.source import Source

_DEFAULT_SHELL = "bash -e {0}"
_SHELLS = {"bash": "bash --noprofile --norc -eo pipefail {0}", "sh": "sh -e {0}"}
_OURS = ("bash", "sh", "zsh", "micromamba-shell")
_ACTIVATING = {
    "setup-miniconda": ("activate-environment", "test"),
    "setup-micromamba": ("environment-name", ""),
    "provision-with-micromamba": ("environment-name", ""),
}
"""Actions after which login shells have an environment active: the input that names it, and the
environment if that input is missing.
"""
_OPENING, _CLOSING = "${{", "}}"


def read(source: Source, beside: Read) -> Document:
    """The document. ``beside`` reads a file of the repository."""
    root = nodes.composed(source)
    reader = _Reader(source)
    variables = nodes.variables(nodes.get(root, "env"))
    shell = nodes.text(nodes.get(root, "defaults", "run", "shell"))
    for _, _, job in nodes.items(nodes.get(root, "jobs")):
        reader.job(job, variables, shell)
    if (steps := nodes.get(root, "runs", "steps")) is not None:
        reader.steps(nodes.listed(steps), variables, shell, Stage("ci"))
    return Document(source, tuple(reader.stages), beside, reader.comments)


def without_expressions(fragment: Fragment) -> Fragment:
    """The text with each ``${{ … }}`` as an unknown variable of the same length."""
    text = fragment.text
    start = text.find(_OPENING)
    while start >= 0:
        end = text.find(_CLOSING, start)
        if end < 0:
            break
        end += len(_CLOSING)
        unknown = "${" + "_" * (end - start - 3) + "}"
        text = text[:start] + unknown + text[end:]
        start = text.find(_OPENING, end)
    return fragment.replace(text=text)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.stages: list[Stage] = []
        self.comments: dict[int, str] = {}

    def job(self, job: Node, variables: dict[str, str], shell: str) -> None:
        container = nodes.get(job, "container")
        image = nodes.text(container) or nodes.text(nodes.get(container, "image"))
        stage = Stage("ci")
        if image and _OPENING not in image:
            where = container if nodes.text(container) else nodes.get(container, "image")
            assert where is not None
            span = nodes.span(where, self.source)
            stage = stage.replace(image=images.of(image), base=image, base_span=span)
        variables = {**variables, **nodes.variables(nodes.get(job, "env"))}
        shell = nodes.text(nodes.get(job, "defaults", "run", "shell")) or shell
        self.steps(nodes.listed(nodes.get(job, "steps")), variables, shell, stage)

    def steps(self, steps: list[Node], variables: dict[str, str], shell: str, stage: Stage) -> None:
        recorder = Recorder()
        active: str | None = ""
        for step in steps:
            uses = nodes.text(nodes.get(step, "uses")).partition("@")[0]
            found = next((row for name, row in _ACTIVATING.items() if uses.endswith(name)), None)
            if found is not None:
                active = nodes.text(nodes.get(step, "with", found[0])) or found[1] or None
                active = None if active is not None and _OPENING in active else active
            run = nodes.get(step, "run")
            if run is None:
                continue
            words = nodes.text(nodes.get(step, "shell")) or shell or _DEFAULT_SHELL
            words = _SHELLS.get(words, words)
            if posixpath.basename(words.split()[0]) not in _OURS:
                continue
            session = self.session(step, variables, words, active)
            recorder.next_layer(nodes.span(run, self.source))
            walk.run(without_expressions(nodes.fragment(run, self.source)), session, recorder)
        self.comments.update(comments_of(self.source, recorder))
        self.stages.append(stage.replace(steps=tuple(recorder.steps)))

    def session(
        self, step: Node, variables: dict[str, str], shell: str, active: str | None
    ) -> Session:
        words = tuple(shell.split())
        directory = nodes.text(nodes.get(step, "working-directory"))
        own = {**variables, **nodes.variables(nodes.get(step, "env"))}
        login = "-l" in " ".join(words) or "micromamba" in shell
        return Session(
            words,
            own,
            cwd=directory if "${{" not in directory and directory else ".",
            active=active if login else "",
            hooked=login,
        )
