"""The request file for the conda plugin and ``safeinstall plan``, or for the guest in pip and
``safeinstall wheels``; and the files with the answers.

The request is written before the tool starts and is read by old Pythons, too: ``name=value``
pairs, each ended by a NUL, which neither a path nor a word can contain. The answers are JSON.
Secrets are removed from both, because the files remain if the guard is killed.
"""

from __future__ import annotations

import os
import sys

from safeinstall import files, redaction
from safeinstall.errors import UsageError
from safeinstall.files import names_in, read_bytes, resources
from safeinstall.model import Finding
from safeinstall.output import shown
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts
    from safeinstall.rails.rail import Answer
    from safeinstall.settings import Session

NAME = "request"
WHEELS = "wheels"  # the name of the request for pip; the same name stands in the guest
_ANSWER = "verdict-"


class PlanRequest(Value):
    """How to start ``safeinstall plan``, and for which command in which environment."""

    python: str  # the interpreter that runs safeinstall
    main: str  # the path of safeinstall's __main__.py
    words: tuple[str, ...]
    executable: str
    prefix: str
    root_prefix: str
    cwd: str
    reason: str = ""
    strict: str = ""  # "yes": the tool stops if what it is about to do cannot be judged

    def write(self, directory: str, name: str = NAME) -> str:
        """Write the request file into the directory; returns its path. Raises :class:`OSError`."""
        path = os.path.join(directory, name)
        pairs = (os.fsencode(f"{name}={text}") + b"\0" for name, text in self._pairs())
        files.put(path, b"".join(pairs))
        return path

    def _pairs(self) -> list[tuple[str, str]]:
        single = [name for name in self._fields if name not in ("words", "reason")]
        pairs = [(name, getattr(self, name)) for name in single]
        words = [("word", word) for word in redaction.words(self.words)]
        return [*pairs, ("reason", redaction.text(self.reason)), *words]


def about(facts: Facts, session: Session, *, strict: bool) -> PlanRequest:
    """The request for a command that is about to be started in this session."""
    return PlanRequest(
        python=sys.executable,
        main=resources.MAIN,
        words=facts.command.words,
        executable=facts.executable,
        prefix=facts.environment.prefix,
        root_prefix=facts.root_prefix,
        cwd=session.cwd,
        reason=session.settings.reason,
        strict="yes" if strict else "",
    )


def read(path: str) -> PlanRequest:
    """The request in a file. Raises :class:`UsageError` where there is none."""
    pairs = [
        os.fsdecode(item).partition("=")[::2] for item in (read_bytes(path) or b"").split(b"\0")
    ]
    known = {name: text for name, text in pairs if name in PlanRequest._fields}
    try:
        return PlanRequest(words=tuple(text for name, text in pairs if name == "word"), **known)
    except TypeError:
        raise UsageError(f"{path} is no request: this is for our own guests in the tools") from None


def answer(plan: str, answer_given: Answer) -> None:
    """Write the answer to the plan file ``plan`` beside that file. Raises :class:`OSError`."""
    import json

    document = {
        "findings": [
            dict(zip(finding._fields, finding.values(), strict=True))
            for finding in map(shown.finding, answer_given.findings)
        ],
        "stopped": answer_given.stopped,
        "override": redaction.text(answer_given.override),
    }
    directory, name = os.path.split(plan)
    with open(os.path.join(directory, _ANSWER + name), "w", encoding="ascii") as file:
        json.dump(document, file)


def answers(directory: str) -> list[Answer]:
    """The answers to all plans of the operation, in the order of the plans."""
    from safeinstall import canonical
    from safeinstall.rails.rail import Answer

    found = []
    for name in sorted(names_in(directory)):
        if name.startswith(_ANSWER):
            document = canonical.decode_object(read_bytes(os.path.join(directory, name)))
            if document is None:  # the judge was killed while it wrote
                continue
            findings = tuple(_finding(item) for item in document["findings"])
            stopped, override = document["stopped"], document["override"]
            found.append(Answer(findings, stopped=stopped, override=override))
    return found


def _finding(item: dict[str, object]) -> Finding:
    fields = {
        name: tuple(value) if isinstance(value, list) else value for name, value in item.items()
    }
    return Finding(**fields)  # type: ignore[arg-type]
