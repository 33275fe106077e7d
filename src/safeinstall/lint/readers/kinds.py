"""What kind of file it is, by its name; where that does not tell, by how it begins."""

from __future__ import annotations

import posixpath

from safeinstall.argv.shell_text import SHELLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DOCKERFILE, SCRIPT, WORKFLOW, GITLAB = "dockerfile", "script", "workflow", "gitlab"
MAKEFILE, ENVIRONMENT, REQUIREMENTS = "makefile", "environment", "requirements"
PYPROJECT, NOTEBOOK = "pyproject", "notebook"
KINDS = (
    *(DOCKERFILE, SCRIPT, WORKFLOW, GITLAB, MAKEFILE, ENVIRONMENT, REQUIREMENTS),
    *(PYPROJECT, NOTEBOOK),
)

_IMAGES = ("dockerfile", "containerfile")
_ENDINGS = {".sh": SCRIPT, ".bash": SCRIPT, ".zsh": SCRIPT, ".ksh": SCRIPT, ".mk": MAKEFILE}
_ENDINGS |= {".ipynb": NOTEBOOK, ".slurm": SCRIPT, ".sbatch": SCRIPT}
_MAKEFILES = ("makefile", "gnumakefile")
_YAML = (".yml", ".yaml")
_INSTRUCTIONS = ("FROM ", "ARG ", "# syntax=", "# escape=", "from ")
LOOKED_INTO = 4096
"""Bytes that are enough to tell what a file is."""


def by_name(path: str) -> str:
    """The kind of the file; ``""`` where its name does not tell, ``"?"`` where it tells that it is
    none of these.
    """
    name = posixpath.basename(path).lower()
    stem, ending = posixpath.splitext(name)
    if name.startswith(_IMAGES) and ending not in (".md", ".j2", ".py", ".dockerignore", ".txt"):
        return DOCKERFILE
    if ending.lstrip(".") in _IMAGES:
        return DOCKERFILE
    if name in _MAKEFILES:
        return MAKEFILE
    if name == "pyproject.toml":
        return PYPROJECT
    if ending == ".txt":
        return REQUIREMENTS if "requirements" in path.lower().rsplit("/", 2)[-1] else "?"
    if ending in _YAML:
        return _yaml(path.lower(), stem)
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return "?" if ending else ""


def _yaml(path: str, stem: str) -> str:
    parts = path.split("/")
    if parts[-3:-1] == [".github", "workflows"] or stem == "action":
        return WORKFLOW
    if stem.startswith(".gitlab-ci"):
        return GITLAB
    return ENVIRONMENT if "environment" in stem or stem.endswith("env") else ""


def by_content(head: str, path: str = "") -> str:
    """The kind of a file that begins with this text; ``""`` if it is none that is read."""
    first = head.lstrip("\ufeff").lstrip()
    line = first.partition("\n")[0]
    if line.startswith("#!"):
        return SCRIPT if _is_shell(line[2:].split()) else ""
    if path.endswith(_YAML):
        return _yaml_content(first)
    if path and posixpath.splitext(path)[1]:
        return ""
    if first.startswith(_INSTRUCTIONS):
        return DOCKERFILE
    if first.startswith("{") and '"cells"' in first:
        return NOTEBOOK
    return _yaml_content(first)


def _yaml_content(text: str) -> str:
    tops = {line.partition(":")[0].strip("\"'") for line in text.splitlines() if line[:1].isalpha()}
    if "jobs" in tops and tops & {"on", "name", "env", "true"}:
        return WORKFLOW
    if "dependencies" in tops and tops & {"channels", "name"}:
        return ENVIRONMENT
    return ""


def _is_shell(words: Sequence[str]) -> bool:
    names = [posixpath.basename(word) for word in words]
    return bool(set(SHELLS).intersection(names[:3]))
