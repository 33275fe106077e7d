"""SI304 denied-package: the policy denies what is asked for.

The newest release that the request admits is what pip and conda go for, so that is the one that
is judged; of conda's alternatives (``2.8|2.7``), that of each. ``packaging`` is imported only where
a denied name is asked for.
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.argv.requirement import normalize
from safeinstall.model import Finding
from safeinstall.rules.commands import conda_specs, pip_specs
from safeinstall.rules.constraints import as_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from safeinstall.model import Situation, Spec

CODE = "SI304"
NAME = "denied-package"

_SURELY, _PERHAPS = "denied", "may be denied"
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def look(situation: Situation) -> Finding | None:
    """Harm: somebody has decided that this shall not be installed."""
    deny = situation.sources.deny
    if not deny:
        return None
    met = [
        (spec, verdict, entry)
        for spec, wanted in _asked(situation)
        for entry in deny
        if (verdict := _verdict(entry, spec, wanted))
    ]
    if not met:
        return None
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=_message(
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == _SURELY)),
            list(dict.fromkeys(spec.raw for spec, verdict, _ in met if verdict == _PERHAPS)),
        ),
        evidence=tuple(f"{spec.raw}  {verdict} by {entry!r}" for spec, verdict, entry in met),
        packages=tuple(dict.fromkeys(spec.name for spec, _, _ in met)),
    )


def _message(surely: list[str], perhaps: list[str]) -> str:
    sentences = []
    if surely:
        sentences.append(f"The policy denies {', '.join(surely)}.")
    if perhaps:
        sentences.append(
            f"The policy denies some releases, and whether {', '.join(perhaps)} asks for one "
            "cannot be told: name a plain version."
        )
    return " ".join(sentences)


def is_requirement(entry: str) -> bool:
    """Is an entry of ``deny`` a name, with a version specifier (PEP 440) or without?"""
    name, specifier = _parts(entry)
    return bool(name) and (not specifier or _specifiers(specifier) is not None)


def _asked(situation: Situation) -> Iterator[tuple[Spec, tuple[str, ...] | None]]:
    """Named packages, each with the alternatives of its constraint as pip writes them; ``None``
    where it cannot be written so.
    """
    yield from ((spec, (spec.version,)) for spec in pip_specs(situation.command) if spec.name)
    for spec in conda_specs(situation.command):
        if spec.name:
            yield spec, as_pip(spec.version)


def _verdict(entry: str, spec: Spec, wanted: tuple[str, ...] | None) -> str:
    """Is it denied, or may it be, for all that can be read? ``""`` where it is not."""
    name, specifier = _parts(entry)
    if name != normalize(spec.name):
        return ""
    if wanted is None and specifier:
        return _PERHAPS
    denied = not specifier or any(_meets(specifier, alternative) for alternative in wanted or ())
    return _SURELY if denied else ""


def _meets(specifier: str, alternative: str) -> bool:
    """Does the newest release that is admitted meet what is denied?"""
    denied, wanted = _specifiers(specifier), _specifiers(alternative)
    if denied is None or wanted is None:
        return False  # pip, which alone is asked in this manner, will not understand it either
    admitted = [version for version in _candidates(denied, wanted) if version in wanted]
    return bool(admitted) and max(admitted) in denied


def _parts(entry: str) -> tuple[str, str]:
    """``tensorflow<2.9`` → the normal name and the rest."""
    text = entry.strip()
    end = next((i for i, c in enumerate(text) if c.lower() not in _NAME), len(text))
    return normalize(text[:end]), text[end:].strip().strip("()")


def _specifiers(text: str) -> SpecifierSet | None:
    site_packages.enable()
    from packaging.specifiers import SpecifierSet

    try:
        return SpecifierSet(text, prereleases=True)
    except ValueError:  # InvalidSpecifier, or a number that is too long for Python
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
