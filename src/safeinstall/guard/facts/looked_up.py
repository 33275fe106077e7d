"""Facts that are looked up when they are first asked for: registered, remembered, sealed."""

from __future__ import annotations

import os

from safeinstall.errors import NotAskedError
from safeinstall.files import same
from safeinstall.journal import actor, locate
from safeinstall.model import CONDA_LIKE, Channels, Environment, Facts, Inventory, Unreadable
from safeinstall.policy import Circumstances
from safeinstall.probe import inventory as inventories
from safeinstall.probe import place as places
from safeinstall.probe import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self, TypeVar

    from safeinstall.journal import Journal
    from safeinstall.model import Package, Plan
    from safeinstall.policy.merge import Policy
    from safeinstall.probe.conda import Installation
    from safeinstall.probe.place import Place
    from safeinstall.settings import Session

    T = TypeVar("T")
    Other = TypeVar("Other")
    looked_up = property
else:

    class looked_up:  # noqa: N801 - used like ``property``, and remembers the answer
        """A fact: the function is called when the fact is first asked for, and only then."""

        def __init__(self, look: Callable[[Any], Any]) -> None:
            self.look = look
            self.name = look.__name__

        def __get__(self, facts: LookedUp | None, _: object = None) -> Any:
            if facts is None:
                return self
            if facts.__dict__["sealed"]:
                raise NotAskedError(self.name)
            answer = facts.__dict__[self.name] = self.look(facts)
            return answer


class Current:
    """A fact that is computed anew each time it is asked for."""

    def __init__(self, look: Callable[[Any], Any]) -> None:
        self.look = look

    def __get__(self, facts: LookedUp | None, _: object = None) -> Any:
        return self if facts is None else self.look(facts)


class LookedUp(Facts):
    """Facts about a command in an environment, under a policy.

    With ``dry_run``, conda's plan comes from a dry run where the command has one, not from the
    plugin while conda runs.
    """

    if TYPE_CHECKING:  # instance attributes; ClassVar keeps them out of the fields of the value
        place: ClassVar[Place]
        session: ClassVar[Session]  # as the command gets it
        shell: ClassVar[Session]  # where the user typed the command
        policy: ClassVar[Policy]
        dry_run: ClassVar[bool]
        sealed: ClassVar[bool]

    def __init__(
        self, place: Place, session: Session, policy: Policy, *, dry_run: bool = False
    ) -> None:
        self.__dict__.update(
            executable=place.executable,
            root_prefix=place.root_prefix,
            sources=policy.sources,
            place=place,
            session=session.replace(environ=place.environ, cwd=place.cwd),
            policy=policy,
            dry_run=dry_run,
            only_asked=dry_run,
            sealed=False,
            shell=session,
        )
        if policy.is_conditional:
            here = in_force(policy, self.environment, session)
            self.__dict__.update(policy=here, sources=here.sources)

    def seal(self) -> None:
        """From now on, a fact that was not looked up yet raises :class:`NotAskedError`."""
        self.__dict__["sealed"] = True

    def with_unreadable(self, item: Unreadable) -> Self:
        """Note an item that cannot be read, as one of ``unreadable``; returns these facts."""
        unreadable.note(*item.values())
        return self

    def attempt(self, what: str, look: Callable[[], T], otherwise: Other) -> T | Other:
        """``look()``; where that fails, ``otherwise``, and SI404 reports ``what``."""
        return unreadable.attempt(what, self.place.prefix, look, otherwise)

    def replace(self, **changes: Any) -> Self:
        """A copy with some facts changed. Facts that were not looked up yet still can be."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    @looked_up
    def scanned(self) -> Inventory:
        """The installed packages, without those that pip finds in directories before
        site-packages (see :meth:`shadows`).
        """
        return inventories.scan(self.environment, self.session.settings.cache_dir)

    @looked_up
    def shadows(self) -> Mapping[str, Package]:
        """Packages, by name, that this pip finds in directories before the environment's
        site-packages.
        """
        session = self.session
        if self.command.tool != "pip" or not (self.is_led or self.scanned.conda_distributions):
            return {}
        from safeinstall.probe import shadows

        return self.attempt(
            "what pip finds before the environment",
            lambda: shadows.before(
                self.command, self.environment, session.environ, session.settings.home
            ),
            {},
        )

    @property
    def is_led(self) -> bool:
        """May another conda environment come first: by a variable, or as it is in ``~/.local``?"""
        home = os.path.join(self.session.settings.home, ".local", "conda-meta")
        environ = self.session.environ
        return bool(
            environ.get("PYTHONUSERBASE") or environ.get("PYTHONPATH") or os.path.isdir(home)
        )

    @looked_up
    def is_own_user_site(self) -> bool:
        """Is the user site the environment's own site-packages?"""
        from safeinstall.probe import shadows

        session, environment = self.session, self.environment
        place = shadows.user_place(environment, session.environ, session.settings.home)
        return any(same(place, own) for own in environment.site_packages)

    @property
    def is_kept(self) -> bool:
        """Is there a journal of the environment, or will there be one?"""
        return self.environment.kind in ("conda", "venv")

    @property
    def journal(self) -> Journal:
        """The environment's journal."""
        return locate.journal(self.environment.prefix, self.session.settings)

    @looked_up
    def effective_channels(self) -> Channels:
        """The channels that conda would take packages from here."""
        return read_channels(self)

    @looked_up
    def installation(self) -> Installation:
        """The conda installation of this session: its root prefix and condarc files."""
        return read_installation(self)

    def is_there(self, file: str) -> bool:
        """Can the tool read this requirements file?"""
        path = os.path.join(self.session.cwd, file)
        is_stdin = file == "-" and self.command.tool == "uv"
        return is_stdin or (os.access(path, os.R_OK) and not os.path.isdir(path))

    @looked_up
    def way_to_plan(self) -> str:
        """How conda's plan can be seen: "plugin", "dry-run", or "" where it cannot or need not."""
        variants = self.variants  # in any case: it is asked for again when the tool has ended
        at_stake = self.conda_may_touch or has_gpu_build(variants)
        if not (at_stake or variants or self.may_bring_denied):
            return ""
        from safeinstall.rails import conda

        way = conda.way(self, self.session, dry_run=self.dry_run)
        # Denied packages are also found after the command has run, and to lose MPI or to get a GPU
        # build is told then. For these alone a dry run, which takes as long as the command itself,
        # is not worth its time.
        worth_while = at_stake or self.dry_run or way == conda.PLUGIN
        return way if worth_while else ""

    @looked_up
    def plan(self) -> Plan | None:
        """conda's plan from a dry run; ``None`` where the plugin shows it or the tool told none."""
        return self.attempt("conda's plan", self._planned, None)

    def _planned(self) -> Plan | None:
        if self.way_to_plan != "dry-run":
            return None
        from safeinstall.guard.residents import with_residents
        from safeinstall.rails import conda_dry_run

        plan = conda_dry_run.plan(self, self.session)
        return with_residents(plan, self) if plan is not None else None


def in_force(policy: Policy, environment: Environment, session: Session) -> Policy:
    """The policy for an environment, and for whoever has started the session."""
    actors = actor.kinds(session.environ)
    return policy.within(Circumstances(environment.name, environment.prefix, actors))


def fact(look: Callable[[LookedUp], Any]) -> Callable[[LookedUp], Any]:
    """Register the function as the look-up of the field of :class:`Facts` with its name."""
    setattr(LookedUp, look.__name__, looked_up(look))
    return look


def fact_about(what: str) -> Callable[[Callable[[LookedUp], Any]], Callable[[LookedUp], Any]]:
    """As :func:`fact`, for a function that may fail: then the field has its default, and SI404
    reports ``what``.
    """

    def register(look: Callable[[LookedUp], Any]) -> Callable[[LookedUp], Any]:
        default = getattr(Facts, look.__name__)

        def tolerant(facts: LookedUp) -> Any:
            return facts.attempt(what, lambda: look(facts), default)

        tolerant.__name__ = look.__name__
        return fact(tolerant)

    return register


def read_installation(facts: LookedUp) -> Installation:
    """The conda installation of the session, also once the facts are sealed."""
    typed = facts.place.command  # the fact of that name asks for the environment, which asks here
    if typed.tool in CONDA_LIKE:
        known = places.installation_of(typed, facts.executable, facts.session)
    else:
        known = places.conda_installation(facts.session)
    return known.replace(root_prefix=facts.root_prefix or known.root_prefix)


def read_channels(facts: LookedUp) -> Channels:
    """The channels that conda would use here, also once the facts are sealed."""
    from safeinstall.probe.channels import effective

    return effective(facts.command, read_installation(facts), facts.environment.prefix)


def has_gpu_build(packages: tuple[Package, ...]) -> bool:
    """Is one of the packages built for a GPU, or part of CUDA?"""
    if not packages:
        return False
    from safeinstall.specs import variants

    return any(variants.is_for_gpu(package) for package in packages)
