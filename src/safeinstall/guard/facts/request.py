"""Facts about what a command asks for: from where, within which limits, and what it would bring."""

from __future__ import annotations

import os

from safeinstall.guard.facts.looked_up import LookedUp, fact, fact_about
from safeinstall.model import CONDA_OWNERS, AgeLimit, Channels, Need, Offer, Shared, Spec, Target
from safeinstall.policy import judge
from safeinstall.policy.tighten import minutes
from safeinstall.specs import markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Package


# ---- channels, and what they have ----------------------------------------------------------


@fact_about("conda's channels")
def channels(facts: LookedUp) -> Channels | None:
    return facts.effective_channels if facts.command.asks_conda else None


@fact_about("what the channels have")
def offers(facts: LookedUp) -> tuple[Offer, ...]:
    """Empty where the cache has no channel's package list."""
    cache = facts.session.settings.cache_dir
    wanted = facts.wanted_by_name
    if not wanted or not os.path.exists(os.path.join(cache, "repodata", "places")):
        return ()
    from safeinstall.probe import repodata
    from safeinstall.specs.conda_names import conda_names

    names = {spec.name: conda_names(spec.name) for spec in wanted}
    return repodata.offers(names, facts.effective_channels, cache)


@fact_about("what conda's packages contain")
def known_contents(facts: LookedUp) -> Mapping[str, frozenset[str]]:
    """Only of packages that an environment file with a part for pip asks conda for."""
    if not facts.command.pip_specs or not facts.command.conda_specs:
        return {}
    from safeinstall.probe import package_contents

    known = facts.installation.replace(target=Target(prefix=facts.environment.prefix))
    places = known.unpacked_dirs()
    asked = {spec.name: spec.version for spec in facts.command.conda_specs}
    return package_contents.of_requested(asked, facts.inventory, places)


@fact_about("the links into the package cache")
def links_into_cache(facts: LookedUp) -> Mapping[str, tuple[str, ...]]:
    if not facts.is_condas or facts.command.verb != "clean":
        return {}
    from safeinstall.probe import soft_links

    return soft_links.at_stake(facts.command, facts.executable, facts.installation)


# ---- pip's settings -------------------------------------------------------------------------


@fact_about("pip's settings")
def set_by(facts: LookedUp) -> Mapping[str, str]:
    """For those options about the destination that are not on the command line."""
    command = facts.command
    started = facts.typed is not None  # then nobody has chosen its interpreter by a setting
    if command.tool != "pip" or not (facts.leaves_environment or started):
        return {}
    from safeinstall import argv
    from safeinstall.argv.pip import is_isolated
    from safeinstall.probe import pip_config

    bare = argv.parse(command.words, argv.Context({}, facts.session.cwd, lambda _: None, {}))
    unset = [name for field, name in _DESTINATIONS.items() if not getattr(bare.target, field)]
    place, settings = facts.place, facts.session.settings
    prefixes = dict.fromkeys(unset, place.prefix)
    if started and facts.active:
        prefixes["python"] = facts.active  # the pip of that environment starts the other one
    alone = is_isolated(command)
    found = {
        f"--{name}": pip_config.set_by(
            name, prefix, place.environ, settings.home, settings.cache_dir, isolated=alone
        )
        for name, prefix in prefixes.items()
    }
    return {option: where for option, where in found.items() if where}


_DESTINATIONS = {  # fields of a Target, and the options of pip
    "user": "user",
    "directory": "target",
    "scheme_prefix": "prefix",
    "root": "root",
}


# ---- constraints for pip -------------------------------------------------------------------


@fact
def exempt(facts: LookedUp) -> Mapping[str, frozenset[str]]:
    return judge.exempt(facts.policy, facts.environment)


@fact
def age_limit(facts: LookedUp) -> AgeLimit | None:
    if not minutes(facts.sources.min_age) or not (
        facts.command.asks_pip or facts.command.asks_conda
    ):
        return None
    from safeinstall.probe import release_age

    return release_age.limit(facts.command, facts.place, minutes(facts.sources.min_age) or 0)


@fact
def satisfied(facts: LookedUp) -> frozenset[str] | None:
    from safeinstall.probe.satisfied import reached

    return reached(facts, facts.session)


@fact
def needed(facts: LookedUp) -> tuple[Need, ...]:
    from safeinstall.probe import conda_requirements

    return conda_requirements.required(facts, facts.session.settings.cache_dir)


@fact_about("what conda-owned packages require")
def still_needed(facts: LookedUp) -> tuple[Need, ...]:
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    names = {spec.name for spec in facts.command.specs}
    return tuple(need for need in facts.needed if need.name in names)


@fact_about("what was put into base by hand")
def by_hand(facts: LookedUp) -> frozenset[str]:
    command = facts.command
    if not facts.environment.base or command.verb not in ("remove", "uninstall"):
        return frozenset()
    from safeinstall.probe import by_hand

    found = by_hand.read(facts.environment, facts.inventory)
    by_pip = command.removes_by_pip
    return frozenset((p.name for p in found.pip) if by_pip else found.conda)


@fact_about("which files conda-owned packages have")
def shared(facts: LookedUp) -> tuple[Shared, ...]:
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    from safeinstall.probe import shared_files

    names = {spec.name for spec in facts.command.specs}
    return shared_files.shared(facts.inventory, facts.environment.prefix, names)


@fact_about("the files that the command names")
def unseen(facts: LookedUp) -> tuple[str, ...]:
    """Requirements files that are pipes or URLs. A file that the tool cannot read is not among
    them: the tool itself reports that.
    """
    if not facts.command.removes_by_pip or facts.environment.kind != "conda":
        return ()
    files = [spec.raw for spec in facts.command.specs if spec.kind == "file"]
    return tuple(file for file in files if "://" in file or facts.is_there(file))


# ---- what pip is asked for -----------------------------------------------------------------


def _new_to_pip(facts: LookedUp) -> list[Spec]:
    """The pip specs that apply here, of distributions that the environment does not have."""
    python = facts.environment.python
    there = {found.name for found in facts.inventory.conda_distributions}
    there |= {package.name for package in facts.residents}
    return [
        spec
        for spec in facts.command.pip_specs
        if spec.name not in there and markers.may_hold(spec.raw.partition(";")[2], python)
    ]


@fact
def impostors(facts: LookedUp) -> tuple[Spec, ...]:
    if not facts.command.pip_specs:
        return ()
    from safeinstall.specs import impostors

    python = facts.environment.python
    met = [(spec, impostors.of(spec.name, python)) for spec in _new_to_pip(facts)]
    # conda's own repository has the true conda; a backport is one wherever it comes from
    return tuple(s for s, found in met if found and (s.kind == "name" or any(found.since)))


@fact
def twins(facts: LookedUp) -> tuple[Spec, ...]:
    command = facts.command
    if facts.environment.kind != "conda" or not command.pip_specs:
        return ()
    if "--no-binary" in command.flags or command.target.directed or command.target.user:
        return ()
    if not command.keeps_installed:  # what of conda's stays is known when that pip starts
        return ()
    from safeinstall.specs import native_twins

    owned = {package.name: package.version for package in facts.inventory.owned_by(*CONDA_OWNERS)}
    if native_twins.CONDA.isdisjoint(owned):
        return ()
    return tuple(
        spec
        for spec in _new_to_pip(facts)
        if spec.kind == "name" or spec.raw.endswith(".whl")
        if native_twins.is_twin(native_twins.names(spec.name, spec.extras), owned)
    )


# ---- conda's plan --------------------------------------------------------------------------


@fact
def variants(facts: LookedUp) -> tuple[Package, ...]:
    if not facts.conda_changes_some:
        return ()
    from safeinstall.specs import variants

    # conda goes by its records, also of what pip has uninstalled
    records = (*facts.inventory.owned_by(*CONDA_OWNERS), *facts.inventory.gone)
    return tuple(filter(variants.matters, records))


@fact_about("conda's plan")
def plan_is_seen(facts: LookedUp) -> bool:
    return facts.way_to_plan == "plugin" or facts.plan is not None
