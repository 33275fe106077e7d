"""The problems that only a long look finds, for ``doctor``. Pure.

``status`` looks at names; here is what the content of files, and the session, tell besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeinstall.model import CONDA_OWNERS
from safeinstall.output.quoting import paste
from safeinstall.output.wording import files
from safeinstall.report.problems import KINDS as QUICK_KINDS
from safeinstall.report.problems import Problem
from safeinstall.report.problems.mending import anew
from safeinstall.rules.shared.remedies import pip_in
from safeinstall.specs import impostors
from safeinstall.state.requirement import local_path
from safeinstall.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.direct_url import DirectUrl

    from safeinstall.model import Inventory, Package
    from safeinstall.probe.integrity import Deviation
    from safeinstall.rules.shared.remedies import Here

_MILDER = ("strayed", "unlinked", "impostor", "library-path", "door")
KINDS = (*QUICK_KINDS[:4], "altered", *QUICK_KINDS[4:], *_MILDER)
"""The kinds of all problems, also of those that ``status`` finds, the worst first."""

REBUILT = (
    *("overwritten", "gone", "stranded", "incomplete", "altered", "doubled", "leftover"),
    "strayed",
)
"""The kinds that are solved when the environment is made anew."""

_TOLD = ("overwritten", "gone", "incomplete", "doubled")


class Examined(Value):
    """What was read of an environment beside what ``status`` reads."""

    here: Here
    inventory: Inventory
    deviations: Sequence[Deviation] = ()
    origins: Mapping[Package, DirectUrl] = {}  # of the distributions that are of no index
    existing: frozenset[str] = frozenset()  # those of their paths that are there
    # Directories in LD_LIBRARY_PATH with libraries of CUDA, each with one of these
    cuda_libraries: Mapping[str, str] = {}
    door: str = ""  # what is wrong with the environment's door, if it has one


def problems(examined: Examined, known: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems beside those that are ``known``, which ``status`` shows."""
    told = {name for problem in known if problem.kind in _TOLD for name in problem.names}
    return (
        *_altered(examined, told),
        *_unlinked(examined),
        *_impostors(examined),
        *_library_path(examined),
        *_door(examined),
    )


def _altered(examined: Examined, told: set[str]) -> Iterator[Problem]:
    for found in examined.deviations:
        package = found.package
        if package.name in told:
            continue
        title, mend = f"{package.name} {package.version}", anew(examined.here, package)
        acts = (("incomplete", found.missing, "gone"), ("altered", found.changed, "altered"))
        for kind, paths, act in acts:
            if paths:
                what = files(paths[0], len(paths) - 1)
                yield Problem(kind, f"{title}: {what} {act}", mend, (package.name,))
        if found.unlisted:
            text = f"{title}: the list of its files cannot be read completely"
            yield Problem("incomplete", text, mend, (package.name,))
        for program, interpreter in found.strayed[:1]:
            more = len(found.strayed) - 1
            several = f" (and {more} more programs)" if more else ""
            text = f"{title}: {program} is started by {interpreter}{several}"
            yield Problem("strayed", text, mend, (package.name,))


def _unlinked(examined: Examined) -> Iterator[Problem]:
    """Editable installs whose directory is not there any more."""
    for package, origin in examined.origins.items():
        path = local_path(origin)
        editable = origin.dir_info is not None and origin.dir_info.editable
        if editable and path not in examined.existing:
            yield Problem(
                "unlinked",
                f"{package.name} is an editable install of {path}, which is not there",
                (pip_in(examined.here, "uninstall", [package.name]),),
                (package.name,),
            )


def _impostors(examined: Examined) -> Iterator[Problem]:
    """What hides a module of Python's own, or is not what its name says."""
    for package in examined.inventory.not_owned_by(*CONDA_OWNERS):
        found = impostors.of(package.name, examined.here.environment.python)
        if found:
            instead = [pip_in(examined.here, "install", [found.instead])] if found.instead else []
            yield Problem(
                "impostor",
                f"{package.name} {package.version}: {found.why}",
                (pip_in(examined.here, "uninstall", [package.name]), *instead),
                (package.name,),
            )


def _library_path(examined: Examined) -> Iterator[Problem]:
    """Libraries of CUDA that the loader finds before those that wheels bring."""
    wheels = [
        package.name
        for package in examined.inventory.not_owned_by(*CONDA_OWNERS)
        if package.name.startswith("nvidia-")
    ]
    for directory, library in examined.cuda_libraries.items() if wheels else ():
        yield Problem(
            "library-path",
            f"LD_LIBRARY_PATH leads to {library} in {directory}, before those of {wheels[0]}",
            (paste(["unset", "LD_LIBRARY_PATH"]),),
            (*wheels,),
        )


def _door(examined: Examined) -> Iterator[Problem]:
    """A door that has been opened, and does not lead to the guard."""
    if examined.door:
        environment = examined.here.environment
        command = paste(["safeinstall", "door", "open", "-p", environment.prefix])
        text = f"pip of {environment.name} does not come to the guard: its door {examined.door}"
        yield Problem("door", text, (command,))
