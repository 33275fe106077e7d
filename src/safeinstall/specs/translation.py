"""Translate version constraints from conda's syntax to pip's and back. Pure.

conda's syntax is that of its classes ``MatchSpec`` and ``VersionSpec``, pip's that of PEP 440. The
result is ``None`` if the other syntax has no equivalent.
"""

from __future__ import annotations

from safeinstall.specs.versions import is_version, numbers, satisfies

_SIGNS = ("==", "!=", ">=", "<=", "~=", ">", "<", "=")
_JOINING = "=!|,<>~"  # text after one of these is not a build string


def as_pip(version: str) -> tuple[str, ...] | None:
    """The version part of a conda spec in pip's syntax: one constraint for each alternative, as
    pip has no equivalent of ``|`` ("or").

    ``=2.8`` → ``==2.8.*``, ``=2.8=py39*`` → ``==2.8``: with a build string the version is exact.
    The build string itself is ignored.
    """
    alternatives = []
    for alternative in _alternatives(version):
        atoms = [_atom_as_pip(atom) for atom in alternative.split(",")]
        if None in atoms:
            return None
        alternatives.append(",".join(filter(None, atoms)))
    return tuple(alternatives)


def as_one_for_pip(version: str) -> str | None:
    """The version part of a conda spec in pip's syntax; ``None`` also if it has alternatives."""
    alternatives = as_pip(version) or ()
    return alternatives[0] if len(alternatives) == 1 else None


def as_conda(constraint: str) -> str | None:
    """A pip constraint in conda's syntax, the lower bound first: ``<2,>=1.26`` → ``>=1.26,<2``.

    ``None`` for a local version (``==2.1+cu118``): conda has build strings instead.
    """
    atoms = [_atom_as_conda(part.strip()) for part in constraint.split(",") if part.strip()]
    said = {atom for atom in atoms if atom is not None}
    if None in atoms:
        return None
    return ",".join(sorted(said, key=lambda atom: (atom[0] not in "=>~", atom)))


def in_order(constraint: str) -> str:
    """A constraint of :func:`as_pip` that means exactly what conda's did. To conda ``>`` and ``<``
    go by the order alone: ``>1.2`` admits 1.2.post1 and ``<1.2`` admits 1.2rc1, which pip's do not.
    """
    parts = [_by_order(*_parts(part)) for part in constraint.split(",") if part]
    return ",".join(parts)


def _by_order(sign: str, number: str) -> str:
    return f"{sign}={number},!={number}" if sign in ("<", ">") else sign + number


def conda_admits(version: str, constraint: str) -> bool | None:
    """Does a release meet a constraint in conda's syntax? ``None`` if that cannot be told."""
    alternatives = as_pip(constraint)
    answers = [_admits(version, alternative) for alternative in alternatives or ()]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def _admits(version: str, constraint: str) -> bool | None:
    plainly = satisfies(version, constraint)
    public, plus, _ = version.partition("+")
    if plus and "+" not in constraint:  # to conda, a little older or newer than without it
        limits = [_parts(part)[1] for part in constraint.split(",")]
        if any(
            satisfies(public, f"=={limit}") is not False for limit in limits if limit[-1:] != "*"
        ):
            return None
    return plainly


# ---- from conda's syntax -----------------------------------------------------------------------


def _alternatives(text: str) -> list[str]:
    """Split at ``|``, without the build string; a leading ``=`` or ``==`` is resolved by conda's
    rules (``=1.2`` → ``1.2.*``, ``==1.2`` → ``1.2``).
    """
    version, build = _without_build(text.strip())
    bare = version.lstrip("=")
    if not bare:
        version = "*" if version in ("", "=") else version
    elif version.startswith("==") and not build:
        version = bare
    elif version.startswith("=") and not any(letter in bare for letter in "=,|"):
        version = bare if build or bare.endswith("*") else f"{bare}.*"
    return version.split("|")


def _without_build(text: str) -> tuple[str, bool]:
    """The version without spaces, and whether a build string followed, as in
    ``>=1.0 , < 2.0 py34_0`` and ``=1.26=py311_0``.
    """
    for at in range(1, len(text)):
        before, build = text[:at], text[at + 1 :]
        splits = text[at] in " =" and before[-1] not in _JOINING
        if splits and build and not any(letter in build for letter in f"-{_JOINING}"):
            return before.replace(" ", ""), True
    return text.replace(" ", ""), False


def _atom_as_pip(atom: str) -> str | None:
    sign, number = _parts(atom)
    prefix = number.endswith(".*")
    if atom == "*":
        return ""
    if not sign and number.endswith("*"):
        return _beginning(number.rstrip("*").rstrip("."))
    if prefix and sign in ("==", "~="):  # a warning or an error, depending on conda's release
        return None
    number = number.removesuffix(".*")
    if sign == "=":
        return _beginning(number)
    if sign == "!=" and prefix:
        return f"!={number}.*" if numbers(number) else None
    return _with(sign or "==", number)


def _beginning(number: str) -> str | None:
    """pip's constraint for all versions with this prefix; exact if it has more than numbers."""
    return f"=={number}.*" if numbers(number) else _with("==", number)


# ---- from pip's syntax -------------------------------------------------------------------------


def _atom_as_conda(atom: str) -> str | None:
    sign, number = _parts(atom)
    release = number.removesuffix(".*")
    if release != number:
        plain = numbers(release) is not None
        return {"==": f"={release}", "!=": f"!={number}"}.get(sign) if plain else None
    return _with(sign, number) if sign not in ("", "=") and "+" not in number else None


# ---- both --------------------------------------------------------------------------------------


def _parts(atom: str) -> tuple[str, str]:
    sign = next((sign for sign in _SIGNS if atom.startswith(sign)), "")
    return sign, atom[len(sign) :].strip()


def _with(sign: str, number: str) -> str | None:
    """The constraint, if both tools write and understand it in the same way; else ``None``."""
    if not is_version(number) or not _is_alike(number):
        return None
    if sign == "~=" and len(numbers(number) or ()) < 2:
        return None
    return None if "+" in number and sign not in ("==", "!=") else sign + number


def _is_alike(version: str) -> bool:
    """Do both tools order the version in the same way? ``2023c`` is newer than 2023 to conda, older
    to pip; with ``1.0r1`` it is the other way round.
    """
    public = version.partition("+")[0]
    return public[:1].isdigit() and public[-1:].isdigit() and "r" not in public.replace("rc", "")
