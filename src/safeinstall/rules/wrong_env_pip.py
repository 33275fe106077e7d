"""SI102 wrong-env-pip: the pip that would run belongs to another than the active environment."""

from __future__ import annotations

import os

from safeinstall.argv.typed import short_words
from safeinstall.model import Finding
from safeinstall.output.quoting import paste
from safeinstall.rules.shared import pip_settings
from safeinstall.rules.shared.remedies import Here, by_conda, conda_install, conda_selector, pip_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI102"
NAME = "wrong-env-pip"


def look(facts: Facts) -> Finding | None:
    """``block`` if PATH chose this pip, or a setting where conda starts it. A path or ``--python``
    shows that the user chose it.
    """
    environment, command, active = facts.environment, facts.command, facts.active
    if command.tool != "pip" or active is None or not environment.prefix:
        return None
    if not facts.typed and (facts.named_by_path or command.target.python is not None):
        return None
    if os.path.realpath(active) == os.path.realpath(environment.prefix):
        return None
    found = _of_conda if facts.typed else _of_path
    return found(facts)


def _of_path(facts: Facts) -> Finding:
    command = facts.command
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"This {command.tool} does not belong to {_active(facts)}, which is active, "
        f"but to {_other(facts)}: the packages would land there.",
        evidence=(
            f"{command.words[0]} is {facts.executable}",
            f"it installs into {facts.environment.prefix}",
            f"active is {facts.active}",
        ),
        fixes=_fixes(facts),
    )


def _of_conda(facts: Facts) -> Finding:
    """conda starts the pip of its environment, and a setting leads that into another one."""
    typed = facts.typed or facts.command
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{pip_settings.setting('--python', facts)} leads the pip that conda starts for "
        f"{_active(facts)} into {_other(facts)}: the packages would land there.",
        evidence=(
            f"it installs into {facts.environment.prefix}",
            f"conda's environment is {facts.active}",
        ),
        fixes=(pip_settings.without(paste(short_words(typed)), facts),),
    )


def _active(facts: Facts) -> str:
    return facts.around.name or str(facts.active)


def _other(facts: Facts) -> str:
    environment = facts.environment
    if environment.kind == "system":
        return f"the Python in {environment.prefix}"
    return environment.name or environment.prefix


def _fixes(facts: Facts) -> tuple[str, ...]:
    """The same into the active environment; into base, which is often active because nothing else
    is, nothing is to be installed: then the environment of this pip is to be activated.
    """
    command, around = facts.command, facts.around
    if around.base:
        if facts.environment.kind != "conda":
            return ()
        where = conda_selector(facts.environment)[1]
        return (f"{by_conda('activate', [where])} && {paste(command.words)}",)
    words = command.words
    arguments = [*words[command.launcher : command.verb_at - 1], *words[command.verb_at :]]
    right = pip_in(Here(around, facts.python_prefix), command.verb, arguments)
    if facts.active_has_pip:
        return (right,)
    if around.kind == "conda":
        return (f"{conda_install(around, ['pip'])} && {right}",)
    return (f"{paste([f'{around.prefix}/bin/python', '-m', 'ensurepip'])} && {right}",)
