"""Does an entry of the policy's ``deny`` cover a request or a release? As constraints for pip, too.

Pure. ``packaging`` is imported only if a request or a release has a denied name.
"""

from __future__ import annotations

from safeinstall import site_packages
from safeinstall.specs.requirement import normalize
from safeinstall.specs.translation import in_order
from safeinstall.specs.versions import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.specifiers import Specifier, SpecifierSet
    from packaging.version import Version

    from safeinstall.model import Package

SURELY, PERHAPS = "denied", "may be denied"

NOWHERE = "0+policy.denies.it"
"""A local version (PEP 440) that no index has: pip's resolver refuses a package pinned to it."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_LONGEST = 1000  # characters of a specifier
_MOST = 200  # releases that are excluded one by one
_SINGLE = {"<": ">={0}", "<=": ">={0},!={0}", ">": "<={0}", ">=": "<{0}", "!=": "=={0}"}


def parts(entry: str) -> tuple[str, str]:
    """``tensorflow<2.9`` → the normalized name and the specifier."""
    text = entry.strip()
    end = next((i for i, c in enumerate(text) if c.lower() not in _NAME), len(text))
    return normalize(text[:end]), text[end:].strip().strip("()")


def by_name(deny: Iterable[str]) -> dict[str, list[str]]:
    """The entries by normalized package name, for a fast look-up: a list may have thousands."""
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
    or ``""``. ``wanted`` are alternatives in pip's syntax; ``None``: that has no equivalent.
    """
    denied, specifier = parts(entry)
    if denied != normalize(name):
        return ""
    if wanted is None and specifier:
        return PERHAPS
    met = not specifier or any(_meets(specifier, alternative) for alternative in wanted or ())
    return SURELY if met else ""


def of_release(entry: str, name: str, version: str) -> str:
    """Does an entry cover this release? SURELY or ``""``; PERHAPS for a version outside PEP 440.

    In conda, ``1.1.1w``, ``2023c`` and ``7.3_60`` (of R) are newer than 1.1.1, 2023 and 7.3: these
    are compared as post-releases.
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
    """The packages that an entry certainly denies."""
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
    """Constraints that keep pip from denied releases, by name.

    ``there`` has the versions of the installed distributions that pip sees, by name. A denied
    distribution that is installed gets no constraint: pip would have to replace it, or to refuse
    every package that needs it.
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
    """The complement of a specifier; ``""`` if it cannot be expressed, as PEP 440 has no "or".

    The complement may lack pre- and post-releases of the limit.
    """
    if not specifier:
        return f"=={NOWHERE}"
    clauses = list(_specifiers(specifier) or ())
    if len(clauses) == 1 and clauses[0].operator in ("==", "==="):
        return f"!={clauses[0].version}" if clauses[0].operator == "==" else ""
    if any(_release(clause) is None for clause in clauses):
        return ""  # a specifier with a pre-release makes pip accept pre-releases of the package
    if len(clauses) == 1 and clauses[0].operator in _SINGLE:
        return _SINGLE[clauses[0].operator].format(clauses[0].version)
    return _outside(clauses)


def _outside(clauses: list[Specifier]) -> str:
    """The complement of a range: ``>=1.26,<1.26.5`` → ``!=1.26.0.*,!=1.26.1.*``…; ``""`` if that
    takes more than ``_MOST`` parts.
    """
    limits = {c.operator: release for c in clauses if (release := _release(c))}
    if len(limits) != len(clauses) or set(limits) not in _RANGES:
        return ""
    low = limits.get(">=") or limits["~="]
    high = limits.get("<") or limits.get("<=") or (*low[:-2], low[-2] + 1)
    between = _between(low, high)
    if not between:
        return ""
    last = [f"!={_text(high)}"] if "<=" in limits else []
    return ",".join([*(f"!={_text(release)}.*" for release in between), *last])


_RANGES = ({">=", "<"}, {">=", "<="}, {"~="})  # one lower limit and one upper limit


def _between(low: tuple[int, ...], high: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The prefixes that together match the releases from ``low`` up to, but without, ``high``;
    empty if too many would be needed.
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
    """Is the newest release that the alternative admits covered by the denied specifier?

    ``<1.2`` stands for 1.1.9 rather than for 1.2rc1, which it admits to conda only. Where nothing
    else is admitted, it stands for that: ``>=1.2rc1,<1.2`` (pip finds nothing then).
    """
    denied = _specifiers(specifier)
    for constraint in (alternative, in_order(alternative)):
        wanted = _specifiers(constraint)
        if denied is None or wanted is None:
            return False  # an invalid specifier, which pip will reject as well
        admitted = [version for version in _candidates(denied, wanted) if version in wanted]
        if admitted:
            return max(admitted) in denied
    return False


def _specifiers(text: str) -> SpecifierSet | None:
    if len(text) > _LONGEST:  # Python refuses to convert a number of very many digits
        return None
    site_packages.enable()
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(text, prereleases=True)
    except InvalidSpecifier:
        return None


def _candidates(*sets: SpecifierSet) -> Iterator[Version]:
    """Releases at, just below and just above every version in the specifiers; the lowest and the
    highest.
    """
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
    """``(2, 9)`` → ``(2, 8, 999999)``; a release of zeros → ``(0,)``."""
    parts_of_it = list(release)
    while parts_of_it and parts_of_it[-1] == 0:
        parts_of_it.pop()
    return (*parts_of_it[:-1], parts_of_it[-1] - 1, 999999) if parts_of_it else (0,)
