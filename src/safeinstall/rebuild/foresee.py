"""What a rebuild is going to do: conda's own plan, and what follows from it for pip's layer."""

from __future__ import annotations

import os

from safeinstall.journal import changes
from safeinstall.model import CONDA_OWNERS, Inventory, Package, Plan
from safeinstall.output.wording import first
from safeinstall.rebuild import conda, layers, situation
from safeinstall.rebuild.nouns import Aim, CondaLayer
from safeinstall.rebuild.tools import Failed
from safeinstall.specs import matchspec, python_builds
from safeinstall.specs.conda_names import pip_name
from safeinstall.specs.origin import moves, where
from safeinstall.specs.requirement import normalize, parse
from safeinstall.state.lock import HASH, in_order
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from safeinstall.model import Change, PlannedPackage
    from safeinstall.rebuild.conda import Conda
    from safeinstall.rebuild.layers import Candidate, Ground
    from safeinstall.rebuild.nouns import PipLayer, Request
    from safeinstall.rebuild.situation import Situation
    from safeinstall.state.nouns import CondaPackage


class Wish(Value):
    """What the new environment is to consist of."""

    exact: tuple[CondaPackage, ...]  # in an order in which each comes after what it needs
    candidates: tuple[Candidate, ...]
    request: Request  # what comes besides, and what is left out
    below: tuple[str, ...] = ()  # conda packages that are left out, as pip's files lie over them


def standing(now: Situation, request: Request) -> Wish:
    """What is there, and what is asked for besides. Of a conda package and a distribution with the
    same files only one can stay: conda's where its files are those that are there, or its others
    need the package; else the distribution.
    """
    packages = now.state.conda
    needed = {name for package in packages for name in package.depends}
    needed |= {matchspec.parse(spec).name for spec in request.conda}
    below = {n for c in now.candidates for n in layers.below(c, now.condas) - c.under}
    gone = below - needed
    exact = tuple(package for package in packages if package.name not in gone)
    return Wish(in_order(exact), now.candidates, request, tuple(sorted(gone)))


def foresee(now: Situation, wish: Wish, tool: Conda) -> Aim:
    """Changes nothing. Raises Failed where it cannot be done."""
    request = wish.request
    lost = {p.name for p in wish.exact if not conda.is_cached(p, tool.caches) and not _can_come(p)}
    exact = tuple(p for p in wish.exact if p.name not in lost & _left_out(wish.exact, request))
    _refuse_what_cannot_come([p for p in exact if p.name in lost])
    layer, plan = _solved(now, wish, _wanted(request, exact), tool)
    ground = _ground(now, exact, plan)
    pip = layers.divide(wish.candidates, ground, request)
    unknown = sorted(request.without - _known(now))
    if unknown:
        raise Failed(f"{', '.join(unknown)} is not there, so it cannot be left out")
    return Aim(
        conda=layer,
        pip=pip,
        expected=frozenset(f"{p.name}-{p.version}-{p.build}" for p in _after(exact, plan)),
        changes=_changes(now, exact, plan, pip, request),
        remarks=tuple(_remarks(now, wish, pip, ground)),
        fetch=tuple(
            f"{p.name}-{p.version}-{p.build}" for p in exact if not conda.is_cached(p, tool.caches)
        ),
        strays=now.strays,
    )


def _wanted(request: Request, exact: tuple[CondaPackage, ...]) -> CondaLayer:
    return CondaLayer(
        exact=exact,
        specs=request.conda,
        remove=tuple(sorted(_left_out(exact, request))),
        channels=request.channels,
        update=request.update,
    )


def _solved(
    now: Situation, wish: Wish, layer: CondaLayer, tool: Conda
) -> tuple[CondaLayer, Plan | None]:
    """conda's plan, with what pip's layer needs as pins; without them if conda finds none so."""
    if layer.remove:
        gone = tool.foreseen_removal(layer, now.environment)
        rest = layer.replace(remove=())
        _, then = _solved(now, wish, rest, tool)
        link, unlink = (then.link, then.unlink) if then else ((), ())
        names = {package.name for package in unlink}
        taken = tuple(package for package in gone.unlink if package.name not in names)
        return layer, Plan(link=(*link, *gone.link), unlink=(*unlink, *taken))
    if not (layer.specs or layer.update):
        return layer, None
    owned = {
        name: package.name
        for package in now.inventory.owned_by(*CONDA_OWNERS)
        for name in package.distributions
    }
    try:
        pinned = _pinned(now, wish, layer, owned)
        plan = tool.foreseen(pinned, now.environment)
        # What conda brings besides may be what pip's layer needs in another version
        more = {_name(p.name): p.name for p in plan.link}
        again = _pinned(now, wish, layer, owned | more)
        if again.pins != pinned.pins:
            pinned, plan = again, tool.foreseen(again, now.environment)
    except Failed:
        return layer, tool.foreseen(layer, now.environment)
    return pinned, plan


def _pinned(now: Situation, wish: Wish, layer: CondaLayer, owned: dict[str, str]) -> CondaLayer:
    asked = {matchspec.parse(spec).name for spec in layer.specs}
    pins = layers.pins(wish.candidates, owned, now.environment.python)
    return layer.replace(pins=tuple(pin for pin in pins if pin.split()[0] not in asked))


def _ground(now: Situation, exact: tuple[CondaPackage, ...], plan: Plan | None) -> Ground:
    names = {package.name for package in exact}
    found = now.inventory
    records = (*found.owned_by(*CONDA_OWNERS), *found.overwritten, *found.gone)
    kept = [package for package in records if package.name in names]
    there = {package.name for package in kept}
    kept += [Package(p.name, p.version, "conda") for p in exact if p.name not in there]
    unlink = {package.name for package in plan.unlink} if plan else set()
    link = [(_name(p.name), p.version) for p in plan.link] if plan else []
    python = next((p for p in plan.link if p.name == "python"), None) if plan else None
    place = python.site_packages if python else ""
    known = next((p for p in exact if p.name == "python"), None)
    before = now.environment.python
    if known and not python and known.version.split(".")[:2] != before.split("."):
        link.append(("python", known.version))
        place = python_builds.site_packages(known.version, known.build)
    return situation.foreseen(now, kept, link, unlink, place)


def _known(now: Situation) -> set[str]:
    names = {candidate.package.name for candidate in now.candidates}
    return names | {normalize(package.name) for package in now.state.conda}


def _left_out(exact: Iterable[CondaPackage], request: Request) -> set[str]:
    """The conda packages that are not to come."""
    return {p.name for p in exact if normalize(p.name) in request.without}


def _refuse_what_cannot_come(lost: Sequence[CondaPackage]) -> None:
    if lost:
        names = ", ".join(f"{p.name} {p.version} {p.build}" for p in lost)
        options = " ".join(f"--remove {p.name}" for p in lost)
        raise Failed(f"conda can no longer have {names}; without it: {options}")


def _can_come(package: CondaPackage) -> bool:
    url = package.url
    return os.path.exists(url.removeprefix("file://")) if url.startswith("file://") else bool(url)


def _changes(
    now: Situation,
    exact: tuple[CondaPackage, ...],
    plan: Plan | None,
    pip: PipLayer,
    request: Request,
) -> tuple[Change, ...]:
    """Under pip's names, so that a package that goes from one to the other is one change."""
    after = [Package(p.name, p.version, "conda", p.build) for p in _after(exact, plan)]
    after += [kept.package for kept in pip.kept]
    asked = [_asked(line) for line in request.pip]
    named = {package.name for package in asked}
    again = (package for package in pip.again if package.name not in named)
    after += [p.replace(version=CHOSEN) if p in pip.chosen else p for p in again]
    after += asked
    then = _plain(after)
    found = changes.between(_plain(now.inventory.packages), then)
    return changes.with_what_stays(found, then)


def _asked(line: str) -> Package:
    """What pip brings for a line of a requirements file."""
    bare = line.partition(HASH)[0]
    name, _, version = bare.partition("==") if "==" in bare else (parse(bare).name or bare, "", "")
    return Package(normalize(name), version or CHOSEN, "pip")


def _after(
    exact: tuple[CondaPackage, ...], plan: Plan | None
) -> Iterator[CondaPackage | PlannedPackage]:
    """conda's packages when its plan is carried out."""
    unlink = {package.name for package in plan.unlink} if plan else set()
    yield from (package for package in exact if package.name not in unlink)
    yield from plan.link if plan else ()


CHOSEN = "as pip finds"
"""In the place of a version that is not known before."""


def _name(conda_name: str) -> str:
    return normalize(pip_name(conda_name) or conda_name)


def _plain(packages: Iterable[Package]) -> Inventory:
    """Name, version, owner, build and origin; one of each name and owner."""
    found: dict[tuple[str, str], Package] = {}
    for package in sorted(packages, key=lambda package: (package.name, package.build)):
        owner = "conda" if package.owner in CONDA_OWNERS else "pip"
        name = _name(package.name) if owner == "conda" else package.name
        plain = Package(name, package.version, owner, package.build, origin=package.origin)
        found.setdefault((name, owner), plain)
    return Inventory(tuple(found.values()))


def _remarks(now: Situation, wish: Wish, pip: PipLayer, ground: Ground) -> Iterator[str]:
    exact = {package.name for package in wish.exact}
    records = (*now.inventory.overwritten, *now.inventory.gone)
    bare = {package.name for package in records} - exact
    yield from (f"conda's {name} is left out: only its record is there" for name in sorted(bare))
    yield from (f"conda's {name} is left out: pip's files lie over it" for name in wish.below)
    # Where conda's takes the place, the table of changes tells
    told = ground.versions.keys() & {package.name for package in now.inventory.packages}
    left = (item for item in pip.left if item.package.name not in told)
    yield from (f"{item.package.name} is left out: {item.why}" for item in left)
    away = {item.package for item in pip.left}
    coming = [c for c in wish.candidates if c.stranded and c.package not in away]
    behind = {c.package.name: c.stranded for c in coming}
    for place in sorted(set(behind.values())):
        names = [name for name, lies in behind.items() if lies == place]
        yield f"left behind in {place}, and coming along: {', '.join(first(names))}"
    for candidate in wish.candidates:
        package = candidate.package
        if package not in pip.again:
            continue
        if not candidate.prefix:  # its files are nowhere
            if moves(package):
                yield f"{package.name} comes from {where(package.origin)}, as that is now"
        elif not candidate.whole:
            yield f"files of {package.name} are not as they came; pip installs it again"
        elif candidate.bound:
            yield f"{package.name} has its path in {candidate.bound}; pip installs it again"
        elif package in pip.unfit:
            yield f"{package.name} {package.version} does not fit conda's packages; pip chooses"
    yield from (f"{path} has the path of the old one in it, and keeps it" for path in now.fixed)
    for path in now.edited:
        yield f"{path} is not as conda has written it; the new one has conda's, the old one yours"
