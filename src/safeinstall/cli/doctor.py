"""``safeinstall doctor``: everything that can be found out about an environment's health."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from safeinstall.cli import environments
from safeinstall.cli.rebuild import rebuild
from safeinstall.cli.status import CONTENT, examine, for_here
from safeinstall.door import here
from safeinstall.files import names_in
from safeinstall.guard import attended
from safeinstall.model import CONDA_OWNERS
from safeinstall.output import stderr
from safeinstall.output.quoting import leading_to, paste
from safeinstall.probe import direct_url, integrity
from safeinstall.rebuild.nouns import Request
from safeinstall.render import status as render
from safeinstall.render.look import look
from safeinstall.report import examination
from safeinstall.report.examination import Examined
from safeinstall.rules.shared.remedies import Here
from safeinstall.settings import Session
from safeinstall.state.requirement import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from packaging.direct_url import DirectUrl

    from safeinstall.model import Environment, Inventory, Package
    from safeinstall.probe.integrity import Deviation
    from safeinstall.report.health import Condition
    from safeinstall.report.problems import Problem
    from safeinstall.settings import Settings

_CUDA = ("libcudart", "libcublas", "libcudnn", "libnccl", "libcusparse", "libnvjitlink")


def doctor(
    prefix: str,
    settings: Settings,
    environ: Mapping[str, str],
    out: TextIO,
    *,
    selector: Sequence[str] = (),
    as_json: bool = False,
    fix: bool = False,
    words: tuple[str, ...] = (),
    yes: bool = False,
) -> int:
    """Print the problems, each with the commands that solve it.

    With ``fix`` the environment is made anew first, where that solves any of them, and looked at
    once more; ``words`` are the command as typed, for the journal.

    Returns 1 if there are problems. Raises UsageError where there is no environment.
    """
    environments.require(prefix, settings, environ, selector)
    found, condition = _examined(prefix, settings, environ, selector)
    if fix and any(problem.kind in examination.REBUILT for problem in found):
        session = Session(settings, environ, os.getcwd())
        plan = sys.stderr if as_json else out
        if rebuild(prefix, session, Request(), words, plan, yes=yes):
            return 1
        found, condition = _examined(prefix, settings, environ, selector)
    unseen = tuple(text for text in condition.unseen if text != CONTENT)
    solved = _solved_anew(found, condition.environment)
    mend = ["safeinstall", "doctor", *selector, "--fix"]
    if as_json:
        once = paste(mend) if solved else None
        render.problems_as_json(condition.environment, found, once, unseen, out)
    else:
        render.problems_as_text(found, unseen, look(environ, out), out)
        if len(solved) > 1:
            lead = "with the old environment kept"
            stderr.note(leading_to(f"{len(solved)} of these at once", lead, mend))
    return int(bool(found))


def _solved_anew(found: Sequence[Problem], environment: Environment) -> list[Problem]:
    """The problems that are solved when the environment is made anew; none where it cannot be."""
    frozen = environment.frozen and not environment.frozen_by_us
    if environment.kind != "conda" or environment.base or frozen:
        return []
    behind = () if environment.python else ("stranded",)  # what is pip's needs a Python
    kinds = set(examination.REBUILT).difference(behind)
    return [problem for problem in found if problem.kind in kinds]


def _examined(
    prefix: str, settings: Settings, environ: Mapping[str, str], selector: Sequence[str]
) -> tuple[tuple[Problem, ...], Condition]:
    condition = examine(prefix, settings, environ, selector)
    environment, inventory = condition.environment, condition.inventory
    origins = _origins(inventory)
    paths = {local_path(origin) for origin in origins.values()}
    examined = Examined(
        here=condition.here or Here(environment),
        inventory=inventory,
        deviations=tuple(_deviations(condition, environ)),
        origins=origins,
        existing=frozenset(path for path in paths if path and os.path.exists(path)),
        cuda_libraries=_cuda_libraries(environ.get("LD_LIBRARY_PATH", "")),
        door=here.wrong(environment, Session(settings, environ, "/")),
    )
    known = condition.problems
    session = Session(settings, environ, "/")
    every = (*known, *for_here(examination.problems(examined, known), session))
    return tuple(sorted(every, key=lambda p: examination.KINDS.index(p.kind))), condition


def _deviations(condition: Condition, environ: Mapping[str, str]) -> Iterator[Deviation]:
    """With a bar on a terminal: the files of a large environment take a minute."""
    from rich.console import Console
    from rich.progress import track

    total = len(condition.inventory.packages)
    compared = integrity.look(condition.environment, condition.inventory)
    console = Console(stderr=True)
    bar = track(
        compared,
        "comparing files",
        total=total,
        console=console,
        transient=True,
        disable=not attended.shows_motion(environ),
    )
    return (found for found in bar if found)


def _origins(inventory: Inventory) -> dict[Package, DirectUrl]:
    found = {}
    for package in inventory.not_owned_by(*CONDA_OWNERS):
        try:
            origin = direct_url.read(package.location)
        except ValueError:
            continue
        if origin:
            found[package] = origin
    return found


def _cuda_libraries(path: str) -> dict[str, str]:
    """The directories with a library of CUDA, each with the first one."""
    found = {}
    for directory in filter(None, path.split(os.pathsep)):
        names = [name for name in sorted(names_in(directory)) if name.startswith(_CUDA)]
        if names:
            found[directory] = names[0]
    return found
