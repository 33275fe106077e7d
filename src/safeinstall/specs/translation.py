"""Version constraints: what conda's mean to pip, and pip's to conda. Pure.

conda's grammar is that of its ``MatchSpec`` and ``VersionSpec``, pip's that of PEP 440. Where the
one has no words for what the other says, the answer is ``None``.
"""

from __future__ import annotations

from safeinstall.specs.versions import is_version, numbers, satisfies

_SIGNS = ("==", "!=", ">=", "<=", "~=", ">", "<", "=")
_JOINING = "=!|,<>~"  # what stands behind one of these is no build


def as_pip(version: str) -> tuple[str, ...] | None:
    """What follows the name in a conda spec, as pip writes it: one constraint for each alternative,
    as conda's ``|`` is "or" and pip has none. ``=2.8`` → ``==2.8.*``, ``=2.8=py39*`` → ``==2.8``:
    with a build the version is exact. Of the build itself no account is taken.
    """
    alternatives = []
    for alternative in _alternatives(version):
        atoms = [_atom_as_pip(atom) for atom in alternative.split(",")]
        if None in atoms:
            return None
        alternatives.append(",".join(filter(None, atoms)))
    return tuple(alternatives)


def as_one_for_pip(version: str) -> str | None:
    """The same where it is a single one; ``None`` where it takes several, too."""
    alternatives = as_pip(version) or ()
    return alternatives[0] if len(alternatives) == 1 else None


def as_conda(constraint: str) -> str | None:
    """pip's constraint as conda reads it, the lower bound first: ``<2,>=1.26`` → ``>=1.26,<2``.

    A local version (``==2.1+cu118``) is the index's own; conda tells builds apart by other means.
    """
    atoms = [_atom_as_conda(part.strip()) for part in constraint.split(",") if part.strip()]
    said = {atom for atom in atoms if atom is not None}
    if None in atoms:
        return None
    return ",".join(sorted(said, key=lambda atom: (atom[0] not in "=>~", atom)))


def conda_admits(version: str, constraint: str) -> bool | None:
    """Does a release meet a constraint of conda's? ``None`` where that cannot be told."""
    alternatives = as_pip(constraint)
    answers = [satisfies(version, alternative) for alternative in alternatives or ()]
    if True in answers:
        return True
    return None if None in answers or not answers else False


# ---- conda's -----------------------------------------------------------------------------------


def _alternatives(text: str) -> list[str]:
    """Between the ``|``, without the build, and the first ``=`` or ``==`` as conda means it."""
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
    """``>=1.0 , < 2.0 py34_0``, ``=1.26=py311_0``: the version without spaces; had it a build?"""
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
    if prefix and sign in ("==", "~="):  # a warning or an error, as conda's releases go
        return None
    number = number.removesuffix(".*")
    if sign == "=":
        return _beginning(number)
    if sign == "!=" and prefix:
        return f"!={number}.*" if numbers(number) else None
    return _with(sign or "==", number)


def _beginning(number: str) -> str | None:
    """Whatever begins like this. pip says so of plain numbers only."""
    return f"=={number}.*" if numbers(number) else _with("==", number)


# ---- pip's -------------------------------------------------------------------------------------


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
    """What is written and meant alike by both."""
    if not is_version(number) or not _is_alike(number):
        return None
    if sign == "~=" and len(numbers(number) or ()) < 2:
        return None
    return None if "+" in number and sign not in ("==", "!=") else sign + number


def _is_alike(version: str) -> bool:
    """conda's ``2023c`` comes after 2023, and pip's before it; ``1.0r1`` the other way round."""
    public = version.partition("+")[0]
    return public[:1].isdigit() and public[-1:].isdigit() and "r" not in public.replace("rc", "")
