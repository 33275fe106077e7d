"""The commands that SI202 offers where pip would replace a conda-owned package. Pure."""

from __future__ import annotations

from safeinstall.argv import shell_text
from safeinstall.argv.typed import by_settings, whole, words_of
from safeinstall.output.quoting import noted, paste
from safeinstall.rules.shared import conda_owned, new_environment
from safeinstall.rules.shared.remedies import conda_install, here, pip_install
from safeinstall.specs.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeinstall.model import Command, CondaDistribution, Facts, Spec
    from safeinstall.rules.shared.pip_conflicts import Objection

_SHORT = frozenset("IUqv")  # short pip options that may be joined to -I in one word

_NOT_AGAIN = "PIP_FORCE_REINSTALL=0 PIP_IGNORE_INSTALLED=0"  # stronger than a pip.conf


def foreseen(facts: Facts, harmed: Sequence[tuple[Spec, CondaDistribution]]) -> tuple[str, ...]:
    """The commands if the command line shows which conda-owned packages pip would replace."""
    moved, again, elsewhere, astray = [], [], False, False
    own = {there.name: there for there in facts.inventory.conda_distributions}
    for spec, there in harmed:
        if there.of:  # it is found here by a variable, which advice leaves out
            if spec.name in own:
                moved.append(conda_owned.conda_spec(own[spec.name], spec.version))
            astray = astray or spec.name not in own
            continue
        fits = satisfies(there.version, spec.version) is not False
        if not fits and spec.name == there.name:
            moved.append(conda_owned.conda_spec(there, spec.version))
        elif _is_again(spec, there, facts) and fits:
            again.append(f"{there.package.name}={there.package.version}")
        else:
            elsewhere = True
    lines = conda_owned.conda_first(facts, dict.fromkeys(moved)) if moved else ()
    if again:
        words = ["--force-reinstall", *dict.fromkeys(again)]
        lines += (conda_install(facts.environment, words),)
    if elsewhere:
        lines += new_environment.alone(facts, {there.package.name for _, there in harmed})
    lines += (_typed(facts.command, facts.command.words),) if astray else ()
    return _beside(facts) + lines + _rest(facts, [spec for spec, _ in harmed])


def _is_again(spec: Spec, there: CondaDistribution, facts: Facts) -> bool:
    """Does the spec ask by name for what is there, and not for another one with the same files?"""
    same = spec.kind == "name" and spec.name == there.name
    return same and there not in facts.inventory.conda_modules


def refused(facts: Facts, objections: Sequence[Objection]) -> tuple[str, ...]:
    """The commands if pip's resolver found out which conda-owned packages cause the conflict."""
    lacking = [objection for objection in objections if not _would_do(objection)]
    movable = [o for o in lacking if not o.needs and not _by_source(facts.command, o)]
    if not facts.command.asks_pip:
        from safeinstall.rules.shared import environment_file

        fine = [o for o in objections if o not in lacking]
        if not movable and not fine:  # no edit of the environment file would help
            return ()
        doubles = [o.double for o in fine if o.double]
        line = environment_file.edited(facts, _wanted(movable), doubles, made=True)
        # A setting has what would do installed again; no environment file can ask for that
        return (line if len(doubles) == len(fine) else f"{_NOT_AGAIN} {line}",)
    forced = conda_owned.installs_again(facts.command, facts.environment)
    real = [o for o in objections if o in lacking or o.double or not forced]
    if movable:
        lines = conda_owned.conda_first(facts, _wanted(movable))
        lines += (noted(_unforced(facts), "then"),) if forced else ()
    elif real:  # conda-owned packages require the present version, so conda cannot change it
        again = [objection.there.name for objection in real if not objection.double]
        lines = new_environment.alone(facts, {o.there.package.name for o in real}, again)
    else:
        lines = (_reinstalled(facts) or _unforced(facts),)
    return _beside(facts) + lines + _rest(facts, _blamed(facts.command, real))


def _beside(facts: Facts) -> tuple[str, ...]:
    """For ``--root`` and ``--prefix``: the command with ``--ignore-installed``, by which pip does
    not uninstall anything from this environment.
    """
    command = facts.command
    if not conda_owned.installs_outside(command, facts.environment):
        return ()
    words = whole(command, command.verb_at, ("--ignore-installed",))
    return (paste([*words, *by_settings(command)]),)


def _by_source(command: Command, objection: Objection) -> bool:
    """Is it an address or a path that asks for this version? conda may not have the like."""
    if objection.by:
        return False
    named = {spec.name for spec in command.specs if spec.kind == "name"}
    direct = any(spec.kind in ("vcs", "url", "path") for spec in command.specs)
    return direct and objection.there.name not in named


def _would_do(objection: Objection) -> bool:
    """Does the installed version meet the requirement, so that only the reinstallation harms?"""
    there, wants = objection.there.version, objection.wants
    return not objection.needs and satisfies(there, wants) is not False


def _wanted(objections: Iterable[Objection]) -> list[str]:
    """One conda spec for each package, with all constraints that the objections name."""
    wants: dict[str, list[Objection]] = {}
    for objection in objections:
        wants.setdefault(objection.there.package.name, []).append(objection)
    return [
        conda_owned.conda_spec(found[0].there, ",".join(o.wants for o in found if o.wants))
        for found in wants.values()
    ]


def _blamed(command: Command, objections: Iterable[Objection]) -> list[Spec]:
    """The specs that cause the objections; empty if an objection cannot be traced to a spec."""
    names = {o.by.partition(" ")[0] or o.double or o.there.name for o in objections}
    found = [spec for spec in command.specs if spec.name in names]
    return found if {spec.name for spec in found} == names else []


def _rest(facts: Facts, blamed: Sequence[Spec]) -> tuple[str, ...]:
    """The command without the blamed specs; empty if it cannot be made by leaving out words."""
    command, out = facts.command, {spec.raw for spec in blamed}
    in_files = any(spec.origin or spec.editable for spec in command.specs)
    if not out or in_files or any(command.words.count(raw) != 1 for raw in out):
        return ()
    if out.issuperset(spec.raw for spec in command.specs):
        return ()
    words = [word for word in command.words if word not in out]
    return (noted(_typed(command, words), "the rest"),)


def _reinstalled(facts: Facts) -> str:
    """The command that reinstalls pip-owned packages in their installed versions, with
    ``--no-deps``; ``""`` if a spec is not a pip-owned package.
    """
    command = facts.command
    own = {p.name: p for p in facts.residents if not p.source}
    if command.target.directory or not command.specs:
        return ""
    if not all(s.kind == "name" and s.name in own and not s.origin for s in command.specs):
        return ""
    pins = {spec.raw: f"{spec.name}=={own[spec.name].version}" for spec in command.specs}
    words = [pins.get(word, word) for word in command.words]
    words.insert(command.verb_at, "--no-deps")
    return _typed(command, words)


def _unforced(facts: Facts) -> str:
    """The command without the options that install again what is installed already."""
    command = facts.command
    if command.flags.isdisjoint(
        conda_owned.REINSTALL_OPTIONS
    ):  # pip installs again because --target names the environment's site-packages
        return pip_install(here(facts), words_of(command))
    words = list(filter(None, map(_milder, command.words)))
    typed = _typed(command, words)
    if len(words) < len(command.words) or words != list(command.words):
        return typed
    # no word of the command sets the option: it comes from a variable or a configuration file
    flags = [flag for flag in conda_owned.REINSTALL_OPTIONS if flag in command.flags]
    return " ".join([*(f"PIP_{f[2:].upper().replace('-', '_')}=0" for f in flags), typed])


def _milder(word: str) -> str:
    """The word without a reinstalling option (``-IU`` → ``-U``); ``""`` if nothing is left."""
    if word.startswith("--"):
        return (
            ""
            if len(word) > 3 and any(o.startswith(word) for o in conda_owned.REINSTALL_OPTIONS)
            else word
        )
    if word.startswith("-") and "I" in word and _SHORT.issuperset(word[1:]):
        return word.replace("I", "").rstrip("-")
    return word


def _typed(command: Command, words: Sequence[str]) -> str:
    """The whole typed line, with ``conda run`` around it, in which ``words`` replace the words of
    the command.
    """
    if not command.text:
        return paste([*command.before, *words, *by_settings(command)])
    text = shell_text.with_other(command.text, len(command.words), words)
    return paste([*command.before, text, *command.behind])
