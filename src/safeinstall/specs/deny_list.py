"""What an entry of the policy's ``deny`` covers: requests, releases, and what keeps pip from them.

Pure. ``packaging`` is imported only where a denied name is in question.
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.specs.requirement import normalize
from safeinstall.specs.versions import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.specifiers import Specifier, SpecifierSet
    from packaging.version import Version

    from safeinstall.model import Package

SURELY, PERHAPS = "denied", "may be denied"

NOWHERE = "0+policy.denies.it"
"""A local version (PEP 440) that no index has: pip's resolver refuses as soon as it gets there."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_LONGEST = 1000  # characters of a specifier
_MOST = 200  # releases that are shut out one by one
_SINGLE = {"<": ">={0}", "<=": ">={0},!={0}", ">": "<={0}", ">=": "<{0}", "!=": "=={0}"}


def parts(entry: str) -> tuple[str, str]:
    """``tensorflow<2.9`` → the normal name and the rest."""
    text = entry.strip()
    end = next((i for i, c in enumerate(text) if c.lower() not in _NAME), len(text))
    return normalize(text[:end]), text[end:].strip().strip("()")


def by_name(deny: Iterable[str]) -> dict[str, list[str]]:
    """The entries by the normal names that they are about: such lists hold thousands."""
    found: dict[str, list[str]] = {}
    for entry in deny:
        found.setdefault(parts(entry)[0], []).append(entry)
    return found


def is_requirement(entry: str) -> bool:
    """Is an entry of ``deny`` a name, with a version specifier (PEP 440) or without?"""
    name, specifier = parts(entry)
    return bool(name) and (not specifier or _specifiers(specifier) is not None)


def of_request(entry: str, name: str, wanted: Iterable[str] | None) -> str:
    """Does an entry cover the newest release that one of the constraints admits? SURELY, PERHAPS
    or ``""``. ``wanted`` are alternatives, as pip writes them; ``None``: not for pip to write.
    """
    denied, specifier = parts(entry)
    if denied != normalize(name):
        return ""
    if wanted is None and specifier:
        return PERHAPS
    met = not specifier or any(_meets(specifier, alternative) for alternative in wanted or ())
    return SURELY if met else ""


def of_release(entry: str, name: str, version: str) -> str:
    """Does an entry cover this very release? A version that PEP 440 cannot read: PERHAPS.

    conda's ``1.1.1w`` and ``2023c`` come after 1.1.1 and 2023, and R's ``7.3_60`` after 7.3, as
    post-releases do.
    """
    denied, specifier = parts(entry)
    if denied != normalize(name):
        return ""
    if not specifier:
        return SURELY
    specifiers = _specifiers(specifier)
    from packaging.version import Version

    before, letter = version[:-1], version[-1:]
    if numbers(before) and letter.isascii() and letter.islower():
        version = f"{before}.post{ord(letter) - 96}"
    release, _, build = version.partition("_")
    if build.isascii() and build.isdigit():
        version = f"{release}.post{build}"
    try:
        return SURELY if specifiers is not None and Version(version) in specifiers else ""
    except ValueError:
        return PERHAPS


def among(deny: Iterable[str], packages: Iterable[Package]) -> list[Package]:
    """The packages that are surely denied."""
    entries = by_name(deny)
    return [
        package
        for package in packages
        if any(
            of_release(entry, package.name, package.version) == SURELY
            for entry in entries.get(normalize(package.name), ())
        )
    ]


def constraints(deny: Iterable[str], there: Mapping[str, str]) -> dict[str, str]:
    """What keeps pip from denied releases, by name, as a constraints file has it.

    ``there`` has the versions of what pip finds installed, by name. What is denied and there
    already could only be moved, or be in the way of everything that needs it: it is left alone.
    """
    deny = tuple(deny)
    installed = {
        parts(entry)[0]
        for entry in deny
        if (name := parts(entry)[0]) in there and of_release(entry, name, there[name])
    }
    found: dict[str, list[str]] = {}
    for entry in deny:
        name, specifier = parts(entry)
        left = others(specifier)
        if left and name not in installed:
            found.setdefault(name, []).append(left)
    return {name: ",".join(dict.fromkeys(all_of_it)) for name, all_of_it in found.items()}


def others(specifier: str) -> str:
    """The specifier of all releases that this one does not cover; ``""`` where there are no words
    for them: PEP 440 has "and", but no "or". It may leave out pre- and post-releases of the limit.
    """
    if not specifier:
        return f"=={NOWHERE}"
    clauses = list(_specifiers(specifier) or ())
    if len(clauses) == 1 and clauses[0].operator in ("==", "==="):
        return f"!={clauses[0].version}" if clauses[0].operator == "==" else ""
    if any(_release(clause) is None for clause in clauses):
        return ""  # to name a pre-release would let all of them in
    if len(clauses) == 1 and clauses[0].operator in _SINGLE:
        return _SINGLE[clauses[0].operator].format(clauses[0].version)
    return _outside(clauses)


def _outside(clauses: list[Specifier]) -> str:
    """Of ``>=1.26,<1.26.5``: ``!=1.26.0.*,!=1.26.1.*``… as far as these are few."""
    limits = {c.operator: release for c in clauses if (release := _release(c))}
    low = limits.get(">=") or limits.get("~=")
    high = limits.get("<") or limits.get("<=")
    if set(limits) == {"~="} and low:
        high = (*low[:-2], low[-2] + 1)
    if len(limits) != len(clauses) or not (low and high) or not _SIMPLE.issuperset(limits):
        return ""
    between = _between(low, high)
    if not between:
        return ""
    last = [f"!={_text(high)}"] if "<=" in limits else []
    return ",".join([*(f"!={_text(release)}.*" for release in between), *last])


_SIMPLE = frozenset((">=", "<", "<=", "~="))


def _between(low: tuple[int, ...], high: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The beginnings that all releases from ``low`` on, and below ``high``, have; none where that
    takes endlessly many.
    """
    length = max(len(low), len(high))
    low, high = low + (0,) * (length - len(low)), high + (0,) * (length - len(high))
    if low >= high:
        return []
    at = next(place for place in range(length) if low[place] != high[place])
    if any(low[at + 1 :]) or sum(high[at:]) > _MOST:
        return []
    found = [(*low[:at], number) for number in range(low[at], high[at])]
    for place in range(at + 1, length):
        found += [(*high[:place], number) for number in range(high[place])]
    return found


def _release(clause: Specifier) -> tuple[int, ...] | None:
    """The numbers of a plain release; ``None`` for anything else."""
    return numbers(clause.version)


def _text(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))


def _meets(specifier: str, alternative: str) -> bool:
    """Does the newest release that is admitted meet what is denied?"""
    denied, wanted = _specifiers(specifier), _specifiers(alternative)
    if denied is None or wanted is None:
        return False  # pip, which alone is asked in this manner, will not understand it either
    admitted = [version for version in _candidates(denied, wanted) if version in wanted]
    return bool(admitted) and max(admitted) in denied


def _specifiers(text: str) -> SpecifierSet | None:
    if len(text) > _LONGEST:  # nor would Python read a number of so many digits
        return None
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
    parts_of_it = list(release)
    while parts_of_it and parts_of_it[-1] == 0:
        parts_of_it.pop()
    return (*parts_of_it[:-1], parts_of_it[-1] - 1, 999999) if parts_of_it else (0,)
