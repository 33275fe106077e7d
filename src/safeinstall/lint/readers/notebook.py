"""Notebooks: the lines ``%pip …``, ``!pip …`` and the cells ``%%bash``."""

from __future__ import annotations

import json

from safeinstall.lint.nouns import Document, Session, Stage
from safeinstall.lint.readers.script import comments_of
from safeinstall.lint.shell import walk
from safeinstall.lint.shell.recorder import Recorder
from safeinstall.lint.source import Fault, Fragment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.nouns import Read
    from safeinstall.lint.source import Source

_MAGICS = ("%pip ", "%conda ", "%mamba ", "%micromamba ", "%uv ")
_CELLS = ("%%bash", "%%sh", "%%script bash", "%%script sh")


def read(source: Source, beside: Read) -> Document:
    """The document: one stage, as all cells have one environment. Raises :class:`Fault`."""
    try:
        content = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise Fault(f"no valid JSON: {error.msg}", error.pos) from error
    except (RecursionError, ValueError) as error:
        raise Fault("no JSON that can be read: it is nested too deeply") from error
    recorder = Recorder()
    cells = content.get("cells") if isinstance(content, dict) else None
    at = 0
    for cell in cells if isinstance(cells, list) else []:
        for text, place, asks_nothing in _commands(cell, source, at):
            fragment = Fragment(text, ((0, place),), exact=False)
            recorder.next_layer(fragment.span(0, len(text)))
            variables = {"CONDA_ALWAYS_YES": "true"} if asks_nothing else {}
            walk.run(fragment, Session(("bash", "-c"), variables, cwd="."), recorder)
            at = place
    stage = Stage("notebook", tuple(recorder.steps))
    return Document(source, (stage,), beside, comments_of(source, recorder))


def _commands(cell: object, source: Source, at: int) -> Iterator[tuple[str, int, bool]]:
    """The shell text of each line, where it stands, and whether its tool is told not to ask."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return
    written = cell.get("source")
    lines = [written] if isinstance(written, str) else written if isinstance(written, list) else []
    text = "".join(line for line in lines if isinstance(line, str))
    first = text.partition("\n")[0]
    whole = first.startswith(_CELLS)
    for line in text.split("\n"):
        bare = line.strip()
        place = _place(line, source, at)
        if whole and line != first:
            at = place
            yield bare, place, False
        elif bare.startswith("!") and not whole:
            at = place
            yield _without_python(bare.lstrip("!")), place + 1, False
        elif bare.startswith(_MAGICS):
            at = place
            yield _without_python(bare[1:]), place + 1, bare.startswith("%conda")


def _place(line: str, source: Source, at: int) -> int:
    """Where the line stands in the JSON text, behind ``at``."""
    for written in (json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]):
        found = source.text.find(written, at)
        if found >= 0:
            return found + len(written) - len(written.lstrip())
    return at


def _without_python(text: str) -> str:
    """``{name}`` is a value of Python's."""
    return text.replace("{sys.executable}", "python").replace("{", "${_") if "{" in text else text
