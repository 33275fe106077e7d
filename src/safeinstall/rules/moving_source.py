"""SI305 moving-source: a source whose content may change, or that other machines do not have."""

from __future__ import annotations

from safeinstall.model import Finding
from safeinstall.output.quoting import paste
from safeinstall.output.shown import one_line, value
from safeinstall.specs.requirement import is_archive, split_extras, without_marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts, Spec

CODE = "SI305"
NAME = "moving-source"

_HEXADECIMAL = frozenset("0123456789abcdef")
_SHORTEST = 7  # what git itself prints


def look(facts: Facts) -> Finding | None:
    """``block``, as nobody can make the same environment again. The presets lower this to ``warn``
    or ``off``.
    """
    by_pip = (spec for spec in facts.command.pip_specs if not _is_at_work(spec))
    specs = (*by_pip, *facts.command.conda_specs)
    moving = [(spec, reason) for spec in specs if (reason := _reason(spec))]
    if not moving:
        return None
    first, reason = moving[0]
    more = f" (and {len(moving) - 1} more)" if len(moving) > 1 else ""
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{_shown(first)}{more} {reason}.",
        evidence=tuple(f"{_shown(spec)}  {why}" for spec, why in moving),
        fixes=_fixes([spec for spec, _ in moving]),
        packages=tuple(spec.name for spec, _ in moving if spec.name),
    )


def _reason(spec: Spec) -> str:
    if spec.kind == "vcs":
        if is_pinned(spec.raw):
            return ""
        return "names no commit, so tomorrow it is something else; add @<commit>"
    if spec.editable:
        return "is an editable install: it follows your working tree, and no other machine has it"
    if spec.kind == "path":
        return "is a file of this machine: the environment cannot be made again elsewhere"
    return ""


def _is_at_work(spec: Spec) -> bool:
    """Is it the working directory, or one below it: the project that is worked on?"""
    path, _ = split_extras(without_marker(spec.raw))
    outside = path.startswith(("/", "~", "file:")) or ".." in path.split("/")
    return spec.kind == "path" and not (outside or is_archive(path))


def is_pinned(raw: str) -> bool:
    """Does a VCS address end in a commit? A branch or a tag can be moved; svn counts up."""
    address = raw.partition("#")[0].partition(";")[0].strip()
    system, _, rest = address.rpartition(" @ ")[2].strip().partition("+")
    last = rest.partition("://")[2].partition("/")[2]
    revision = last.rpartition("@")[2].lower() if "@" in last else ""
    if system == "svn":
        return revision.isdigit()
    return len(revision) >= _SHORTEST and _HEXADECIMAL.issuperset(revision)


def _shown(spec: Spec) -> str:
    raw = one_line(spec.raw)  # hides secrets: after the cut, a part of a secret is not recognised
    return value(raw if len(raw) <= 80 else spec.name or raw[:79] + "…")


def _fixes(moving: list[Spec]) -> tuple[str, ...]:
    """The command that prints the present commit; none for a spec from a requirements file."""
    if moving[0].origin:
        return ()
    spec = moving[0]
    address = spec.raw.partition("#")[0].rpartition(" @ ")[2].strip()
    if spec.kind != "vcs" or not address.startswith("git+"):
        return ()
    place = address.removeprefix("git+")
    scheme, _, rest = place.partition("://")
    host, slash, path = rest.partition("/")
    path, _, revision = path.partition("@")
    repository = f"{scheme}://{host}{slash}{path}"
    return (paste(["git", "ls-remote", repository, revision or "HEAD"]) + "  # the commit",)
