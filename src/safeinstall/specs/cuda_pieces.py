"""The GPU stacks and CUDA runtimes that a command asks for or an environment contains. Pure."""

from __future__ import annotations

from safeinstall.specs import cuda as data
from safeinstall.specs.markers import may_hold
from safeinstall.specs.versions import numbers
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Command, Package, Spec

CONDA, PIP = "conda", "pip"


class Piece(Value):
    """A GPU stack or a CUDA runtime, installed or asked for."""

    title: str  # for messages: "torch==2.1", "pytorch 2.0.1"
    name: str
    side: str  # the tool that owns it or will install it: "conda" or "pip"
    stack: str = ""  # "torch"; "" for a runtime alone
    cuda: frozenset[int] = frozenset()  # possible CUDA major versions; empty: none, or not known
    cpu: bool = False  # certainly without CUDA
    spec: Spec | None = None  # the spec that asks for it; None: it is installed or planned


def there(packages: tuple[Package, ...]) -> list[Piece]:
    """The pieces among the packages. A package that conda does not own counts as one of pip."""
    cpu_only = any(package.name == "cpuonly" for package in packages)
    pieces = []
    for package in packages:
        side = CONDA if package.owner.startswith("conda") else PIP
        piece = _piece_of(package, side, cpu_only=cpu_only)
        if piece is not None:
            pieces.append(piece)
    return pieces


def _piece_of(package: Package, side: str, *, cpu_only: bool) -> Piece | None:
    stacks = data.CONDA_STACKS if side == CONDA else data.PIP_STACKS
    stack = stacks.get(package.name, "")
    cuda = _cuda_of(package, side)
    if not stack and not cuda:
        return None
    cpu = not cuda and (
        package.name in data.CPU_ONLY
        or package.version.endswith("+cpu")
        or (side == CONDA and (cpu_only or "cpu" in package.build))
    )
    title = " ".join(filter(None, (package.name, package.version, package.build)))
    return Piece(title, package.name, side, stack, cuda, cpu)


def _cuda_of(package: Package, side: str) -> frozenset[int]:
    if side == CONDA:
        if package.name in data.CONDA_RUNTIMES:
            return _leading(package.version)
        known = package.name in data.CONDA_STACKS
        major = data.major_in_build(package.build) if known else None
    elif package.name in data.PIP_RUNTIMES:
        return _leading(package.version)
    else:
        major = data.major_in_name(package.name) or data.major_in_local(package.version)
    return frozenset(() if major is None else (major,))


def _leading(version: str) -> frozenset[int]:
    first = version.strip("=<>!~ ").partition(".")[0].partition("*")[0]
    major = numbers(first)
    return frozenset(major or ())


def asked(command: Command, python: str) -> Iterator[Piece]:
    """The pieces that the command asks for. ``python``: version in the environment, ``"3.11"``."""
    for spec in command.pip_specs:
        if not may_hold(spec.raw.partition(";")[2], python):
            continue
        piece = _asked_of_pip(spec, command.indexes, python)
        if piece is not None:
            yield piece
    specs = command.conda_specs
    cpu_only = any(spec.name == "cpuonly" for spec in specs)
    for spec in specs:
        piece = _asked_of_conda(spec, cpu_only=cpu_only)
        if piece is not None:
            yield piece


def _asked_of_pip(spec: Spec, indexes: tuple[str, ...], python: str) -> Piece | None:
    stack = data.PIP_STACKS.get(spec.name, "")
    major = data.major_in_name(spec.name) or data.major_in_local(spec.version)
    if spec.name in data.PIP_RUNTIMES:
        return Piece(spec.raw, spec.name, PIP, cuda=_leading(spec.version), spec=spec)
    if not stack:
        cuda = frozenset((major,)) if major and spec.name else frozenset[int]()
        return Piece(spec.raw, spec.name, PIP, cuda=cuda, spec=spec) if cuda else None
    word = next(filter(None, map(data.word_in_index, indexes)), "")
    if spec.version.endswith("+cpu") or spec.name in data.CPU_ONLY or (word == "cpu" and not major):
        return Piece(spec.raw, spec.name, PIP, stack, cpu=True, spec=spec)
    if major is None and word:
        major = data.major_in_name(word)
    cuda = frozenset((major,)) if major else _cuda_by_itself(spec, stack, python)
    return Piece(spec.raw, spec.name, PIP, stack, cuda, spec=spec)


def _cuda_by_itself(spec: Spec, stack: str, python: str) -> frozenset[int]:
    """The CUDA that a wheel from PyPI requires, by the pinned release, else by the newest one."""
    for extra in spec.extras:
        if extra.startswith(data.GPU_EXTRAS):
            major = data.major_in_name(extra)
            return frozenset((major,)) if major else _by_release(spec, stack, python)
    return _by_release(spec, stack, python) if spec.name in data.ALWAYS_GPU else frozenset()


def _by_release(spec: Spec, stack: str, python: str) -> frozenset[int]:
    pinned = spec.version.startswith("==") and "," not in spec.version
    if spec.version and not pinned:
        return frozenset()  # a range: only pip knows which release it will choose
    release = numbers(spec.version[2:].strip().removesuffix(".*").partition("+")[0])
    if spec.version and release:
        for last, cuda in data.PYPI_CUDA.get(stack, ()):
            if release[:2] <= last:
                return cuda
        return data.MODERN
    minor = numbers(python)
    old = minor is not None and minor < (3, 9)  # the newest release for such a Python is old
    return frozenset() if old else data.MODERN


def _asked_of_conda(spec: Spec, *, cpu_only: bool) -> Piece | None:
    stack = data.CONDA_STACKS.get(spec.name, "")
    if spec.name in data.CONDA_RUNTIMES:
        cuda = _leading(spec.version) if spec.version[:1] in "=~0123456789" else frozenset[int]()
        return Piece(spec.raw, spec.name, CONDA, cuda=cuda, spec=spec)
    if not stack:
        return None
    build = spec.version.rpartition("=")[2]
    major = data.major_in_build(build)
    cpu = cpu_only or spec.name in data.CPU_ONLY or "cpu" in build
    cuda = frozenset((major,)) if major else frozenset[int]()
    return Piece(spec.raw, spec.name, CONDA, stack, cuda, cpu, spec)


def cuda(piece: Piece) -> str:
    """The piece's CUDA in words: ``CUDA 11 or 12``."""
    return "CUDA " + " or ".join(str(major) for major in sorted(piece.cuda))


def line(word: str, piece: Piece) -> str:
    """A line of evidence; ``word`` is ``asked``, ``comes`` (as a dependency) or ``there``."""
    about = "without CUDA" if piece.cpu else cuda(piece) if piece.cuda else ""
    return "  ".join(filter(None, (word, piece.title, piece.side, about)))
