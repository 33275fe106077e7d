"""GitLab CI files: each job with ``before_script`` and ``script``, which one shell runs.

https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from safeinstall.lint import images
from safeinstall.lint.nouns import Document, Session, Stage
from safeinstall.lint.readers import yaml_nodes as nodes
from safeinstall.lint.readers.script import comments_of
from safeinstall.lint.shell import walk
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fragment, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.readers.yaml_nodes import Node
    from safeinstall.lint.source import Source

_GLOBAL = frozenset(
    ("default", "include", "stages", "variables", "workflow", "image", "services", "cache")
)
_PARTS = ("before_script", "script")


def read(source: Source, beside: Read) -> Document:
    """The document. ``beside`` reads a file of the repository."""
    root = nodes.composed(source)
    default = nodes.get(root, "default")
    stages = []
    comments: dict[int, str] = {}
    variables = nodes.variables(nodes.get(root, "variables"))
    seen: set[int] = set()
    for name, _, job in nodes.items(root):
        if name in _GLOBAL or nodes.get(job, "script") is None:
            continue
        recorder = Recorder()
        own = {**variables, **nodes.variables(nodes.get(job, "variables"))}
        lines = list(_lines(job, root, default))
        recorder.next_layer(nodes.span(job, source))
        text = _joined(lines, source)
        walk.run(text, Session(("sh", "-c"), own, cwd="."), recorder)
        stage = Stage("ci", tuple(recorder.steps))
        image = nodes.get(job, "image") or nodes.get(default, "image") or nodes.get(root, "image")
        stages.append(_with_image(stage, image, source, seen))
        comments |= comments_of(source, recorder)
    return Document(source, tuple(stages), beside, comments)


def _lines(job: Node, root: Node | None, default: Node | None) -> Iterator[Node]:
    for part in _PARTS:
        found = nodes.get(job, part)
        if found is None and part == "before_script":
            found = nodes.get(default, part) or nodes.get(root, part)
        if found is not None:
            yield from _flat(found)


def _flat(node: Node) -> Iterator[Node]:
    """The lines of a script: lists in it are written out. A tag (``!reference``) names others."""
    if nodes.text(node):
        yield node
    elif not node.tag.startswith("!"):
        for item in nodes.listed(node):
            yield from _flat(item)


def _joined(lines: list[Node], source: Source) -> Fragment:
    text, pieces, exact, length = [], [], True, 0
    for node in lines:
        part = nodes.fragment(node, source)
        pieces += [(length + at, place) for at, place in part.pieces]
        text.append(part.text + "\n")
        length += len(part.text) + 1
        exact = exact and part.exact
    return Fragment("".join(text), tuple(pieces) or ((0, 0),), exact)


def _with_image(stage: Stage, image: Node | None, source: Source, seen: set[int]) -> Stage:
    """The stage with the image that it runs in. One image for all jobs is told once."""
    node = image if image is None or nodes.text(image) else nodes.get(image, "name")
    name = nodes.text(node)
    if node is None or not name or "$" in name:
        return stage
    span = nodes.span(node, source)
    first = span.start not in seen
    seen.add(span.start)
    span = Span(span.start, span.end)
    return stage.replace(image=images.of(name), base=name if first else "", base_span=span)
