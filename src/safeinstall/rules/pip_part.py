"""The ``pip:`` part of an environment file, where it asks for what conda has or is asked for.

conda hands that part to pip with ``--upgrade`` when its own work is done. That pip is held as any
other (:mod:`safeinstall.delegate.pip_part`), but what is sure from the words is said before conda
begins.
"""

from __future__ import annotations

from safeinstall.rules import ground, same_files
from safeinstall.rules.commands import asks_conda, conda_specs, pip_specs
from safeinstall.rules.constraints import conda_admits
from safeinstall.rules.releases import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Situation, Spec


def clashes(situation: Situation) -> list[tuple[Spec, str]]:
    """What pip would surely replace, and why in a few words."""
    if not asks_conda(situation.command):
        return []
    return [(spec, why) for spec in pip_specs(situation.command) for why in _why(spec, situation)]


def _why(spec: Spec, situation: Situation) -> Iterator[str]:
    if spec.kind != "name" or ground.is_conditional(spec):
        return
    yield from _doubled(spec, situation)
    by_conda = _asked_of_conda(spec, situation)
    if by_conda is not None:
        exact = spec.version.removeprefix("==")
        pinned = spec.version.startswith("==") and "," not in exact
        if pinned and conda_admits(exact, by_conda.version) is False:
            yield f"conda is asked for {by_conda.raw}, and then pip for {spec.raw}"
        return
    there = ground.owned(situation).get(spec.name)
    if there is not None and satisfies(there.version, spec.version) is False:
        yield f"conda has {ground.described(there)}, and then pip is asked for {spec.raw}"


def _doubled(spec: Spec, situation: Situation) -> Iterator[str]:
    """What has the files of conda's under another name."""
    double = same_files.doubles(ground.owned(situation), situation.names_seen).get(spec.name)
    if double is not None:
        yield f"conda has {ground.described(double)}, and {spec.raw} has the same files"


def _asked_of_conda(spec: Spec, situation: Situation) -> Spec | None:
    from safeinstall.rules.conda_names import conda_names

    names = (spec.name, *conda_names(spec.name))
    return next((c for c in conda_specs(situation.command) if c.name in names), None)
