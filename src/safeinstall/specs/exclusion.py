"""Do two constraints in pip's syntax exclude each other? Pure."""

from __future__ import annotations

from safeinstall.specs.versions import numbers, satisfies

_ONE_SIDED = (">", "<", "!=")  # with >= and <=: they leave no gap between two ends
_LAST = 10**9  # no release has a number above


def excludes(first: str, second: str) -> bool:
    """Is it certain that no release meets both? ``==1.26.*`` and ``<1.25``, but not ``<1.26.4``."""
    return any(
        _exclude(one, other) or _exclude(other, one)
        for one in _parts(first)
        for other in _parts(second)
    )


def _parts(constraint: str) -> list[str]:
    return [part.strip() for part in constraint.split(",") if part.strip()]


def _exclude(one: str, other: str) -> bool:
    """Are both ends of the first outside of the second, which is not within the first?"""
    ends, others = _ends(one), _ends(other)
    if not ends or not (others or other.startswith(_ONE_SIDED)):
        return False
    outside = all(satisfies(end, other) is False for end in ends)
    return outside and all(satisfies(end, one) is False for end in others)


def _ends(part: str) -> tuple[str, ...]:
    """The oldest and the newest release that ``==`` or ``~=`` admits; empty where not known."""
    version = part[2:].strip()
    release = version.removesuffix(".*")
    if part[:2] not in ("==", "~=") or not numbers(release):
        return ()
    if part[:2] == "~=":
        return (release, f"{release.rpartition('.')[0]}.{_LAST}")
    return (release,) if release == version else (release, f"{release}.{_LAST}")
