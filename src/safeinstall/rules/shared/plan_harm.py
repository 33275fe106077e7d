"""What a conda transaction would do to the distributions that conda does not see (residents). Pure.

Four things are harm:

- Python is removed, or will look for packages in another directory: that of another minor version,
  of a free-threaded build, or of PyPy;
- files of a resident are written over or removed;
- a package that a resident requires is removed, or comes in a version that does not meet the
  requirement. A resident whose metadata cannot be read may require any package;
- a package that conda installs requires another version of a resident.

No harm: a requirement that was not met before; a file that is replaced by the same content, or
that nobody would miss, such as a namespace's ``__init__.py``; a resident that is replaced, or taken
away, completely: nothing of it may be left, as pip takes a metadata directory with one file in it
for an installed distribution; a package that is removed, and that pip will install for the same
command (``pip:`` part).
"""

from __future__ import annotations

from safeinstall.output import wording
from safeinstall.specs import matchspec, python_builds
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.requirement import normalize
from safeinstall.specs.requirements import Needs
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Facts, Plan, PlannedPackage, Resident


# Files by which pip and uv note the origin of a distribution (PEP 610, and uv's build cache).
# Beside the metadata of a conda-owned distribution they would state a wrong origin.
_ORIGIN = ("/direct_url.json", "/uv_cache.json", "/uv_build.json")

BUILD = "build on it"

_PYTHON = frozenset(("python", "python_abi"))
"""Each conda package with Python modules depends on one of these."""


class Harm(Value):
    """One line of the table in SI201's finding."""

    package: str
    there: str  # owner and version of the installed package
    act: str  # what conda would do to the package
    hurt: tuple[str, ...]  # the packages that break, each with the reason if there is more to say
    sure: bool = True  # False: only if those packages need this one, which is not known


def harms(facts: Facts, plan: Plan, residents: Sequence[Resident]) -> list[Harm]:
    """Every harm the plan does, the worst kind first."""
    moved = _python_moves(plan, residents)
    if moved is not None:  # the new Python has other directories, without any resident
        return [moved]
    python = _python_version(facts)
    residents = [resident for resident in residents if not _goes_with_condas(resident, plan)]
    needs = Needs(residents, python)
    return [
        *_on_files(plan, residents, needs),
        *_on_requirements(plan, residents, needs, _by_pip(facts)),
        *_on_unread(plan, residents, _by_pip(facts)),
        *_on_what_comes(plan, residents, python),
    ]


# ---- Python ------------------------------------------------------------------------------------


def _python_moves(plan: Plan, residents: Sequence[Resident]) -> Harm | None:
    """The harm if Python goes, or comes with another directory for packages."""
    gone = _named("python", plan.unlink)
    come = _named("python", plan.link)
    if gone is None or (come is not None and _same_home(come, gone)):
        return None
    return Harm(
        "python",
        f"conda {gone.version}",
        _moved(come, gone) if come else "remove it",
        tuple(f"{resident.name} stays behind" for resident in residents),
    )


def _same_home(one: PlannedPackage, other: PlannedPackage) -> bool:
    """Do both import the packages of one directory? PyPy does not load what is compiled for
    CPython, be it in the same directory.
    """
    implementations = {python_builds.implementation(python.build) for python in (one, other)}
    return len(implementations) == 1 and _home(one) == _home(other)


def _home(python: PlannedPackage) -> str:
    known = python.site_packages
    return known or python_builds.site_packages(python.version, python.build)


def _moved(come: PlannedPackage, gone: PlannedPackage) -> str:
    if _minor(come) != _minor(gone):
        return f"move to {come.version}"
    if _home(come) != _home(gone):
        return f"move to {_home(come)}"
    return f"replace it by {python_builds.implementation(come.build)} {come.version}"


def _named(name: str, packages: Iterable[PlannedPackage]) -> PlannedPackage | None:
    return next((package for package in packages if package.name == name), None)


def _minor(package: PlannedPackage) -> list[str]:
    return package.version.split(".")[:2]


def _python_version(facts: Facts) -> str:
    packages = facts.inventory.owned_by("conda")
    known = (package.version for package in packages if package.name == "python")
    return next(known, facts.environment.python)


# ---- files -------------------------------------------------------------------------------------


def _on_files(plan: Plan, residents: Iterable[Resident], needs: Needs) -> Iterator[Harm]:
    written = {path for package in plan.link for path in package.files or ()}
    doubled = _all_brought(plan.unlink)
    for resident in residents:
        own = dict(zip(resident.files, resident.sums, strict=True))
        missed = own.keys() - written - set(resident.spare)
        for package in plan.link:
            act = _written_over(package, resident, own, doubled=resident.name in doubled)
            if act:
                yield _on_resident(resident, act, needs.broken(resident.name, _new(package)))
        for package in plan.unlink:
            lost = [path for path in package.files or () if path in missed]
            if lost:
                act = f"take away {_count(lost)} with {package.name} {package.version}"
                yield _on_resident(resident, act, ())


def _on_resident(resident: Resident, act: str, others: Iterable[str]) -> Harm:
    there = f"{resident.owner} {resident.version}"
    return Harm(resident.name, there, act, (resident.name, *others))


def _written_over(
    package: PlannedPackage, resident: Resident, own: Mapping[str, str], *, doubled: bool
) -> str:
    """What linking the package does to the resident, in words; ``""`` for no harm.

    ``doubled``: conda has a distribution of this name already, and unlinks it before.
    """
    version = brings(package).get(resident.name)
    title = f"{package.name} {package.version}"
    if package.files is None:
        return f"put {title} over it" if version is not None else ""
    missed = own.keys() - {*resident.lost, *resident.spare}
    hits = [
        path
        for path, digest in _contents(package).items()
        if path in missed
        if not (digest and digest == own[path])
    ]
    if version is None:
        return f"write {title} over {_count(hits)}" if hits else ""
    if not _same_metadata(package, own):
        return f"put {title} over it" if hits or not doubled else ""
    if version == resident.version and _covers(package, own):
        return ""
    code = [path for path in hits if not _bookkeeping(path)]
    return f"write {title} over {_count(code)}" if code else f"put {title} over it"


def _goes_with_condas(resident: Resident, plan: Plan) -> bool:
    """Is the resident a distribution that conda unlinks completely: same version, same files? If
    conda links the same version again, the notes that pip keeps beside the metadata may stay.
    """
    name, version = resident.name, resident.version
    again = _all_brought(plan.link).get(name) == version
    return any(
        brings(package).get(name) == version
        and (_covers(package, resident.files) if again else set(resident.files) <= set(files))
        for package in plan.unlink
        if (files := package.files) is not None
    )


def _covers(package: PlannedPackage, own: Iterable[str]) -> bool:
    """Does the package contain all of the resident's code files, and its notes on the origin?"""
    left = {path for path in own if not _bookkeeping(path) or path.endswith(_ORIGIN)}
    return left <= set(package.files or ())


def _same_metadata(package: PlannedPackage, own: Mapping[str, str]) -> bool:
    """Do package and resident share a metadata directory, so that there are not two afterwards?"""
    return any(path in own for path in package.files or () if _is_metadata(path))


def _bookkeeping(path: str) -> bool:
    """Is the file not code, but metadata, or a script, which every installer writes alike?"""
    return ".dist-info/" in path or path.startswith("bin/")


def _contents(package: PlannedPackage) -> dict[str, str]:
    return dict(zip(package.files or (), package.sums or ("",) * len(package.files or ())))  # noqa: B905


def _count(paths: Sequence[str]) -> str:
    return f"{len(paths)} of its files" if len(paths) != 1 else f"its {wording.files(paths[0])}"


# ---- requirements ------------------------------------------------------------------------------


def _by_pip(facts: Facts) -> frozenset[str]:
    """The packages that pip will bring when the transaction is done, for the same command."""
    specs = facts.command.pip_specs
    return frozenset(spec.name for spec in specs if spec.name and ";" not in spec.raw)


def _on_requirements(
    plan: Plan, residents: Iterable[Resident], needs: Needs, by_pip: frozenset[str]
) -> Iterator[Harm]:
    own = {resident.name for resident in residents}
    before, after = _all_brought(plan.unlink), _all_brought(plan.link)
    for name, version in before.items():
        if name in own or (name in by_pip and name not in after):
            continue
        hurt = needs.broken(name, after.get(name), before=version)
        if hurt:
            yield Harm(name, f"conda {version}", _move(name, after), hurt)


def _on_unread(plan: Plan, residents: Iterable[Resident], by_pip: frozenset[str]) -> Iterator[Harm]:
    """Harm to residents with unreadable metadata: they may require each package that is removed
    or changes its version.
    """
    before, after = _all_brought(plan.unlink), _all_brought(plan.link)
    may_hurt = tuple(f"{r.name} may need it" for r in residents if r.requires is None)
    for name, version in before.items() if may_hurt else ():
        if after.get(name) != version and not (name in by_pip and name not in after):
            yield Harm(name, f"conda {version}", _move(name, after), may_hurt, sure=False)


def _move(name: str, after: Mapping[str, str]) -> str:
    return f"replace it by {after[name]}" if name in after else "remove it"


def _on_what_comes(plan: Plan, residents: Iterable[Resident], python: str) -> Iterator[Harm]:
    """Harm to the packages that conda links: they require another version of a resident.

    A package whose unlinked predecessor had the same problem is not counted.
    """
    brought = _all_brought(plan.link)
    gone = {package.name: Needs((package,), python) for package in plan.unlink}
    come = [(Needs((p,), python), gone.get(p.name, Needs((), python))) for p in plan.link]
    for resident in residents:
        if resident.name in brought:
            continue
        name, version = resident.name, resident.version
        new = (now for now, before in come if not before.broken(name, version))
        hurt = tuple(text for now in new for text in now.broken(name, version))
        if hurt:
            yield Harm(resident.name, f"{resident.owner} {resident.version}", BUILD, hurt)


def _all_brought(packages: Iterable[PlannedPackage]) -> dict[str, str]:
    return {name: version for package in packages for name, version in brings(package).items()}


def _new(package: PlannedPackage) -> str:
    return next(iter(brings(package).values()), package.version)


def brings(package: PlannedPackage) -> dict[str, str]:
    """The Python distributions in the package, with their versions; guessed from the package's
    name and version if its files are not known.
    """
    if package.files is None:
        name = "" if _is_no_python(package) else pip_name(package.name)
        return {normalize(name): package.version} if name else {}
    found = {}
    for path in package.files:
        if _is_metadata(path):
            directory = path.removesuffix("/METADATA").removesuffix("/PKG-INFO")
            name, _, version = directory.split("/")[-1].rpartition(".")[0].partition("-")
            found[normalize(name)] = version.split("-py")[0] or package.version
    return found


def _is_no_python(package: PlannedPackage) -> bool:
    """Is it known that the package does not depend on Python? Then it brings no distribution."""
    if package.requires is None:
        return False
    return _PYTHON.isdisjoint(matchspec.parse(spec).name for spec in package.depends)


def _is_metadata(path: str) -> bool:
    return path.endswith((".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info"))
