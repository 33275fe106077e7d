"""SI304 denied-package: the policy denies what is asked for.

The newest release that the request admits is what pip and conda go for, so that is the one that
is judged. ``packaging`` is imported only where a denied name is asked for.
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.argv.requirement import normalize
from safeinstall.model import Finding
from safeinstall.rules.commands import conda_specs, pip_specs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from safeinstall.model import Situation, Spec

CODE = "SI304"
NAME = "denied-package"

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def look(situation: Situation) -> Finding | None:
    """Harm: somebody has decided that this shall not be installed."""
    deny = situation.sources.deny
    if not deny:
        return None
    met = [(spec, entry) for spec in _asked(situation) for entry in deny if _denies(entry, spec)]
    if not met:
        return None
    specs = list(dict.fromkeys(spec.raw for spec, _ in met))
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"The policy denies {', '.join(specs)}.",
        evidence=tuple(f"{spec.raw}  denied by {entry!r}" for spec, entry in met),
        packages=tuple(dict.fromkeys(spec.name for spec, _ in met)),
    )


def is_requirement(entry: str) -> bool:
    """Is an entry of ``deny`` a name, with a version specifier (PEP 440) or without?"""
    name, specifier = _parts(entry)
    return bool(name) and (not specifier or _specifiers(specifier) is not None)


def _asked(situation: Situation) -> Iterator[Spec]:
    """Named packages, pip's as they are, conda's with their constraint as pip writes it."""
    yield from (spec for spec in pip_specs(situation.command) if spec.name)
    for spec in conda_specs(situation.command):
        if spec.name:
            yield spec.replace(version=as_pip(spec.version))


def as_pip(version: str) -> str:
    """conda's constraint as pip writes it: ``=2.8=py39*`` → ``==2.8.*``; the build is left out."""
    version = version.replace(" ", "=") if version[:1].isdigit() else version
    operator = next((sign for sign in ("==", "=") if version.startswith(sign)), "")
    if not operator and version[:1] not in "0123456789":
        return version
    release = version[len(operator) :].partition("=")[0]
    has_build = "=" in version[len(operator) :]
    if operator == "=" and not has_build and not release.endswith("*"):
        release = f"{release}.*"
    if release.endswith("*") and not release.endswith(".*"):
        release = release.removesuffix("*").removesuffix(".") + ".*"
    return f"=={release}" if release else ""


def _denies(entry: str, spec: Spec) -> bool:
    name, specifier = _parts(entry)
    if name != normalize(spec.name):
        return False
    if not specifier:
        return True
    denied, wanted = _specifiers(specifier), _specifiers(spec.version)
    if denied is None or wanted is None:
        return False  # the tool itself will not understand it either
    admitted = [version for version in _candidates(denied, wanted) if version in wanted]
    return bool(admitted) and max(admitted) in denied


def _parts(entry: str) -> tuple[str, str]:
    """``tensorflow<2.9`` → the normal name and the rest."""
    text = entry.strip()
    end = next((i for i, c in enumerate(text) if c.lower() not in _NAME), len(text))
    return normalize(text[:end]), text[end:].strip().strip("()")


def _specifiers(text: str) -> SpecifierSet | None:
    site_packages.enable()
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(text, prereleases=True)
    except InvalidSpecifier:
        return None


def _candidates(*sets: SpecifierSet) -> Iterator[Version]:
    """Releases at, just below and just above every number that is spoken of, and the newest."""
    from packaging.version import InvalidVersion, Version

    yield Version("0")
    yield Version("999999")
    for item in (item for specifiers in sets for item in specifiers):
        try:
            version = Version(item.version.removesuffix(".*"))
        except InvalidVersion:  # ===something
            continue
        release = version.release
        yield version
        for near in ((*release, 0, 0, 1), _below(release), (*release[:-1], release[-1] + 1)):
            yield Version(".".join(map(str, near)))


def _below(release: tuple[int, ...]) -> tuple[int, ...]:
    """``(2, 9)`` → ``(2, 8, 999999)``; the least that there is stays itself."""
    numbers = list(release)
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return (*numbers[:-1], numbers[-1] - 1, 999999) if numbers else (0,)
