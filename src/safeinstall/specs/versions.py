"""Compare versions with constraints, without ``packaging`` as far as possible.

``packaging`` costs 60 to 80 ms to import; most constraints compare plain numbers.
"""

from __future__ import annotations

from safeinstall import site_packages

_OPERATORS = ("==", "!=", ">=", "<=", "~=", ">", "<")
_LONGEST = 100  # digits of a number; Python refuses to read very long ones
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BETWEEN = (".", "-", "_")
# The suffixes of a release number, in the order that PEP 440 requires.
_SUFFIXES = (
    ("a", "b", "c", "rc", "alpha", "beta", "pre", "preview"),
    ("post", "rev", "r"),
    ("dev",),
)


def satisfies(version: str, constraint: str) -> bool | None:
    """Does ``1.26.4`` meet ``>=1.20,<2``? ``None`` if that takes more than plain numbers.

    A local version (``+cu118``) is ignored unless the constraint has one.
    """
    answers = [_one(version, part.strip()) for part in constraint.split(",") if part.strip()]
    if False in answers:
        return False
    return None if None in answers else True


def numbers(text: str) -> tuple[int, ...] | None:
    """``1.26.4`` → ``(1, 26, 4)``; ``None`` for anything with letters in it."""
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= _LONGEST for part in parts):
        return None
    return tuple(int(part) for part in parts)


def is_version(text: str) -> bool:
    """Is the text a valid version (PEP 440)? False for rare spellings, never True for invalid."""
    public, plus, local = text.lower().removeprefix("v").partition("+")
    epoch, mark, release = public.rpartition("!")
    tail = _without_numbers(release)
    for words in _SUFFIXES:
        tail = _without_suffix(tail, words)
    return (
        text.isascii()
        and release[:1].isdigit()
        and not tail
        and epoch.isdigit() == bool(mark)
        and (not plus or _is_local(local))
    )


def _without_numbers(text: str) -> str:
    """The text after the release number: ``1.26rc1`` → ``rc1``."""
    rest = text.lstrip(_DIGITS)
    while rest[:1] == "." and rest[1:2].isdigit():
        rest = rest[1:].lstrip(_DIGITS)
    return rest


def _without_suffix(text: str, words: tuple[str, ...]) -> str:
    """The text after a suffix such as ``.post1``; unchanged if no suffix in ``words`` begins it."""
    start = text[1:] if text[:1] in _BETWEEN else text
    rest = start.lstrip(_LETTERS)
    if start.removesuffix(rest) not in words:
        return text
    number = rest[1:] if rest[:1] in _BETWEEN else rest
    return number.lstrip(_DIGITS) if number[:1].isdigit() else rest


def _is_local(text: str) -> bool:
    return text.isascii() and all(map(str.isalnum, _split(text)))


def _split(local: str) -> list[str]:
    return local.replace("-", ".").replace("_", ".").split(".")


def _pieces(local: str) -> list[str]:
    """A local version in the form in which it is compared: ``CU118_01`` → ``cu118``, ``1``."""
    pieces = _split(local.lower())
    return [piece.lstrip("0") or "0" if piece.isdigit() else piece for piece in pieces]


def _one(version: str, part: str) -> bool | None:
    if part.startswith("==="):
        return _is_text(version, part[3:].strip())
    operator = next((sign for sign in _OPERATORS if part.startswith(sign)), "")
    wanted = part[len(operator) :].strip()
    if "+" in wanted:
        same = _is_same(version, wanted) if operator in ("==", "!=") else None
        return None if same is None else same == (operator == "==")
    public, plus, local = version.partition("+")
    return _compare(public, operator, wanted) if not plus or _is_local(local) else None


def _is_same(first: str, second: str) -> bool | None:
    first, plus, local = first.partition("+")
    second, mark, other = second.partition("+")
    if (plus and not _is_local(local)) or (mark and not _is_local(other)) or second[-1:] == "*":
        return None
    same = _compare(first, "==", second)
    return same and _pieces(local) == _pieces(other)


def _is_text(version: str, wanted: str) -> bool | None:
    """Is it the same text? PEP 440 compares the normal form of the version, in any case. ``None``
    also for a text that is no version: no release is of that name.
    """
    public, plus, local = version.lower().partition("+")
    parts = public.split(".") if numbers(public) else ["00"]
    parts += local.split(".") if plus else []
    normal = all(part.isalnum() and (part[0] != "0" or not part[1:].isdigit()) for part in parts)
    if not normal or not version.isascii() or not is_version(wanted):
        return None
    return version.lower() == wanted.lower()


def _compare(version: str, operator: str, wanted: str) -> bool | None:
    have = numbers(version)
    prefix = wanted.endswith(".*")
    want = numbers(wanted.removesuffix(".*"))
    if have is None or want is None or not operator:
        return None
    if operator == "~=":
        have = _padded(have, len(want))
        return None if len(want) < 2 else have >= want and have[: len(want) - 1] == want[:-1]
    if prefix:
        same = _padded(have, len(want))[: len(want)] == want
        return {"==": same, "!=": not same}.get(operator)
    length = max(len(have), len(want))
    return _ordered(_padded(have, length), operator, _padded(want, length))


def _ordered(have: tuple[int, ...], operator: str, want: tuple[int, ...]) -> bool:
    if operator in ("==", "!="):
        return (have == want) == (operator == "==")
    if operator in (">=", "<="):
        return have >= want if operator == ">=" else have <= want
    return have > want if operator == ">" else have < want


def _padded(release: tuple[int, ...], length: int) -> tuple[int, ...]:
    return release + (0,) * (length - len(release))


def meets(version: str, constraint: str) -> bool:
    """Does the version meet the constraint? By :func:`satisfies`, else by ``packaging``.

    True if version or constraint are invalid, because nothing is known against them then.
    """
    plainly = satisfies(version, constraint)
    if plainly is not None:
        return plainly
    site_packages.enable()
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    try:  # a Version, as pip gives it: ``===`` compares its normal form
        return SpecifierSet(constraint).contains(Version(version), prereleases=True)
    except ValueError:  # InvalidSpecifier, InvalidVersion, or a number that is too long for Python
        return True


def is_same(first: str, second: str) -> bool:
    """Are these two spellings of one version, with its local part? ``1.0+cu118``, ``1+CU118``."""
    plainly = first == second or _is_same(first, second)
    if plainly is not None:
        return plainly
    site_packages.enable()
    from packaging.version import Version

    try:
        return Version(first) == Version(second)
    except ValueError:  # InvalidVersion, or a number that is too long for Python
        return False
