"""The nouns of safeinstall. Immutable, and importing nothing but the standard library.

Paths are absolute strings unless a docstring says otherwise. Strings that came from the command
line may hold lone surrogates (PEP 383), so that every byte the user typed can be passed on.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, Self

    Level = Literal["off", "warn", "block"]
    Decision = Literal["allow", "warn", "block"]
    EnvironmentKind = Literal["conda", "venv", "system", "missing"]

PIP_LIKE = ("pip", "uv")
CONDA_LIKE = ("conda", "mamba", "micromamba")
_INSTALLING = ("install", "pip install", "pip sync")  # pip's and uv's verbs
_REMOVING = ("uninstall", "pip uninstall")
_FROM_CHANNELS = ("install", "update", "create", "env create", "env update")  # conda's verbs
# These verbs of conda's take the environment away or make a new one: there is nothing left to break
_WHOLE = ("create", "env create", "env remove", "rename")
_ELSEWHERE = frozenset(("--target", "--prefix", "--root", "--user"))  # pip's options
CONDA_OWNERS = ("conda", "conda-pypi", "conda-via-whl")
"""Installers that conda knows of: what they put in is no other hand's."""

RECORD = "record"
"""The source of a "package" that is only conda's record of one, whose files are not there."""


class Spec(Value):
    """One thing a command asks for.

    ``kind`` is ``name`` (a package from an index or channel), ``url``, ``vcs``, ``path`` or
    ``file`` (a conda ``@EXPLICIT`` or environment file that could not be read).
    """

    raw: str  # as typed, or as it stands in the file
    kind: str = "name"
    name: str = ""  # PEP 503 normalized for pip, lower case for conda; "" where it cannot be known
    version: str = (
        ""  # the constraint as typed, without the name: "==1.26", ">=2,<3", "=1.26=py311*"
    )
    extras: tuple[str, ...] = ()
    channel: str = ""  # conda's "channel::name"
    editable: bool = False
    origin: str = ""  # "requirements.txt:12" where the spec was read from a file
    installer: str = ""  # "pip" where a conda command hands the spec to pip


class Target(Value):
    """Which environment the command names, as typed. All empty: the tool's own default."""

    name: str | None = None  # conda -n
    prefix: str | None = None  # conda -p, not yet expanded or made absolute
    python: str | None = None  # pip --python, uv --python
    root_prefix: str | None = None  # micromamba -r
    user: bool = False  # pip --user
    directory: str | None = None  # pip --target
    scheme_prefix: str | None = None  # pip --prefix
    root: str | None = None  # pip --root
    system: bool = False  # uv --system

    @property
    def named(self) -> bool:
        """Did the user say which environment to change?"""
        return any(item is not None for item in (self.name, self.prefix, self.python))

    @property
    def directed(self) -> bool:
        """Is pip told by an option where to put things?"""
        places = (self.directory, self.scheme_prefix, self.root)
        return any(place is not None for place in places)


class Command(Value):
    """What the user typed, understood."""

    words: tuple[str, ...]  # everything as typed, the tool's own word first
    tool: str = ""  # pip, conda, mamba, micromamba, uv; "" where it is none of ours
    launcher: int = 1  # how many words start the tool: 1 for "pip", 3 for "python -m pip"
    verb: str = ""  # canonical: "install", "update", "env create"; "" where there is none
    verb_at: int = 0  # index of the word behind pip's or uv's verb; 0 where there is none
    mutates: bool = False  # would change packages in an environment, or create or remove one
    understood: bool = True  # False: passed on untouched, and noted as unknown
    target: Target = Target()
    specs: tuple[Spec, ...] = ()
    files: tuple[str, ...] = ()  # requirement, constraint and environment files, as typed
    channels: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()  # canonical long names of the options given, "--upgrade"
    log: str = ""  # the file pip is told to keep a log in, as typed
    reinstalls: tuple[str, ...] = ()  # names in uv's --reinstall-package, normalized
    destination: str = ""  # conda rename: where to, as typed, if what is there may be taken away
    inner: Command | None = None  # the guarded command inside "conda run"
    before: tuple[str, ...] = ()  # of such a command: the words of the "conda run" around it
    # Of one in 'bash -c "pip install x"': the text, which stands behind those words; the words
    # behind it; and may startup files of that shell lead it to another tool?
    text: str = ""
    behind: tuple[str, ...] = ()
    roams: bool = False

    @property
    def by_python(self) -> bool:
        """Started as ``python -m TOOL``, so that ``words[0]`` is an interpreter."""
        return self.launcher > 1

    @property
    def asks_pip(self) -> bool:
        """Does pip or uv put something into an environment here?"""
        return self.tool in PIP_LIKE and self.verb in _INSTALLING

    @property
    def removes_by_pip(self) -> bool:
        """Does pip or uv take something out of an environment here, and nothing else?"""
        return self.tool in PIP_LIKE and self.verb in _REMOVING

    @property
    def asks_conda(self) -> bool:
        """Does conda, or one like it, take packages from channels here?"""
        return self.tool in CONDA_LIKE and self.verb in _FROM_CHANNELS

    @property
    def updates_all(self) -> bool:
        """Is conda to update whatever is there, ``--all`` or ``--update-all``?"""
        return self.asks_conda and not {"--all", "--update-all"}.isdisjoint(self.flags)

    @property
    def pip_specs(self) -> tuple[Spec, ...]:
        """What pip or uv will be asked for, also by conda on behalf of an environment file."""
        if self.asks_pip:
            return self.specs
        if self.asks_conda:
            return tuple(spec for spec in self.specs if spec.installer == "pip")
        return ()

    @property
    def conda_specs(self) -> tuple[Spec, ...]:
        """What conda itself will be asked for."""
        if not self.asks_conda:
            return ()
        return tuple(spec for spec in self.specs if not spec.installer)


class Package(Value):
    """One installed package and whose it is."""

    name: str  # PEP 503 normalized for Python distributions, conda's own name for the others
    version: str
    owner: str  # conda, pip, uv, system, …
    build: str = ""  # conda's build string
    source: str = ""  # channel, or the kind of direct URL: "vcs", "editable", "path"
    location: str = ""  # the metadata: conda-meta record or dist-info directory
    distributions: tuple[str, ...] = ()  # Python distributions in a conda package, where looked up


class CondaDistribution(Value):
    """A Python distribution that a conda package has brought, as pip sees it."""

    name: str  # PEP 503 normalized: "torch"
    version: str  # of the metadata that pip sees, which need not be the conda package's
    package: Package  # the conda package: pytorch 2.0.1
    location: str = ""  # the dist-info directory that pip sees
    twin: Package | None = None  # what another installer has put beside it under the same name
    shadow: str = ""  # the directory outside of the environment in which pip finds it before


class Need(Value):
    """A package of conda's needs a distribution that is not conda's."""

    name: str  # the distribution, PEP 503 normalized: "numpy"
    by: str  # who needs it: "scipy"
    wants: str = ""  # in which versions: "<1.28,>=1.21.6"; "" for any
    marker: str = ""  # only where this environment marker holds
    file: str = ""  # a file of it that is in the package, too
    unread: str = ""  # the metadata file that cannot be read, so that conda's record was asked


class Resident(Value):
    """A distribution that conda does not see, as its own metadata describes it."""

    name: str  # PEP 503 normalized
    version: str
    owner: str
    requires: tuple[str, ...] | None = ()  # Requires-Dist, as written; None where not known
    files: tuple[str, ...] = ()  # relative to the prefix, without byte code
    sums: tuple[str, ...] = ()  # SHA-256 of each file in hexadecimal; "" where it is not known
    partly: bool = False  # it may have files that it does not list any more
    lost: tuple[str, ...] = ()  # files, as far as asked for, that hold something else by now
    unread: str = ""  # the metadata file, where it cannot be read whole


class Environment(Value):
    """A prefix and what it is."""

    prefix: str
    kind: EnvironmentKind
    name: str = ""  # conda's name for it, or the directory's
    base: bool = False
    python: str = ""  # "3.11"; "" where there is none
    site_packages: tuple[str, ...] = ()  # purelib first
    frozen: bool = False  # conda-meta/frozen, CEP 22
    externally_managed: bool = False  # PEP 668
    writable: bool = True


class Inventory(Value):
    """Every package of an environment, sorted by name and then owner."""

    packages: tuple[Package, ...] = ()
    overwritten: tuple[Package, ...] = ()  # conda's, but another installer's version stands there
    # what conda's packages mean to pip, by name
    conda_distributions: tuple[CondaDistribution, ...] = ()
    gone: tuple[Package, ...] = ()  # conda's records of distributions that are not there any more
    leftovers: tuple[str, ...] = ()  # metadata directories with nothing in them that counts

    def owned_by(self, *owners: str) -> tuple[Package, ...]:
        """The packages that belong to one of the owners."""
        return tuple(package for package in self.packages if package.owner in owners)

    def not_owned_by(self, *owners: str) -> tuple[Package, ...]:
        """The packages that belong to anybody else."""
        return tuple(package for package in self.packages if package.owner not in owners)


class Sources(Value):
    """What the policy says of where packages may come from. ``None``: it says nothing."""

    channels: tuple[str, ...] | None = None  # the only channels allowed
    indexes: tuple[str, ...] | None = None  # the only package indexes allowed
    deny: tuple[str, ...] = ()  # requirements: "tensorflow<2.9"
    prefer_conda: tuple[str, ...] = ()  # names that conda shall provide
    # "channels", "indexes": the list is that of a project's file alone. Such a file came with a
    # checkout: it may forbid, but what it names is no advice.
    by_project: frozenset[str] = frozenset()


class Channels(Value):
    """The channels that a conda in this environment takes packages from."""

    names: tuple[str, ...] = ()  # as typed or configured, best first
    priority: str = "flexible"  # or "strict", "disabled"
    alias: str = "https://conda.anaconda.org"  # what stands before a name
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # what "defaults" and its like stand for
    custom: tuple[tuple[str, str], ...] = ()  # names with an address of their own
    origins: tuple[tuple[str, str], ...] = ()  # configured ones, each with the file or variable

    def members(self, name: str) -> tuple[str, ...]:
        """The channels that a name stands for: itself, unless it is a multichannel."""
        return dict(self.groups).get(name, (name,))


class Offer(Value):
    """A channel has what pip is asked for."""

    name: str  # as pip is asked, normalized
    conda_name: str
    channel: str  # as conda calls it for short
    versions: tuple[str, ...] = ()  # empty: not known


class Process(Value):
    """A process that runs out of an environment."""

    pid: int
    name: str
    command: str = ""


class Forced(Value):
    """A mark of the environment's that the command overrides."""

    marker: str  # the file
    by: str  # the option, variable or setting: "--override-frozen"
    reason: str = ""  # what the mark says, in as many lines as it likes


class Unreadable(Value):
    """Something that a command is judged by, and that cannot be read."""

    kind: str  # one of those that SI404 knows, or what was being read
    path: str
    why: str = ""


class Turn(Value):
    """A time in which one hand alone changed an environment, conda's or another one."""

    time: str  # its beginning, UTC as in the journal
    owner: str  # conda; else who began it: pip, uv, …


class Facts(Value):
    """Everything a rule may ask for about a command and the environment it would change.

    The guard looks each of these up when a rule first asks for it (:mod:`safeinstall.guard.facts`);
    a default says that there is nothing of the kind.
    """

    command: Command
    executable: str  # the real tool that will run; "" where there is none
    environment: Environment
    inventory: Inventory
    active: str | None = None  # the active environment's prefix, conda's or a venv's
    active_name: str = ""
    active_kind: EnvironmentKind = "missing"
    active_has_pip: bool = False
    by_path: bool = False  # the tool was named by a path, so the user chose which one runs
    root_prefix: str = ""  # conda's root, where one is known
    drift: tuple[Change, ...] = ()  # what happened since the last record, without us
    turns: tuple[Turn, ...] = ()  # oldest first, where conda and pip followed on each other unseen
    sources: Sources = Sources()
    channels: Channels | None = None  # None: the command takes nothing from channels
    offers: tuple[Offer, ...] = ()
    running: tuple[Process, ...] = ()  # other people's processes out of this environment
    # What becomes of pip's user installs: "off" (pip refuses), "hidden" (this session would not
    # see them), "on", or "fallback" (pip turns to them, because site-packages cannot be written)
    user_site: str = "on"
    outside: frozenset[str] = frozenset()  # names that pip finds in front of the environment's own
    intruded: str = ""  # the prefix of another conda environment into which pip is to write
    forced: Forced | None = None  # a mark of the environment's that the command overrides
    displaced: Facts | None = None  # the environment that "conda rename" takes the place of
    asked: tuple[str, ...] = ()  # names conda was asked for so far, where the command updates all
    still_needed: tuple[Need, ...] = ()  # what conda's packages need of what pip is to uninstall
    unseen: tuple[str, ...] = ()  # what an uninstall will read that only it can, as typed
    unreadable: tuple[Unreadable, ...] = ()  # what the command has to be judged without
    needed: tuple[Need, ...] = ()  # what conda's packages need of pip's, as far as it is met
    # The names of all that pip will look at, where everything asked for is installed; else None
    satisfied: frozenset[str] | None = None
    typed: Command | None = None  # what the user typed, where that is what started the command
    plan_is_seen: bool = False  # conda's transaction is judged before it changes anything
    # Of each rule that a rail enforces, the packages that the policy leaves free; a rule that is
    # not enforced is not in it
    exempt: Mapping[str, frozenset[str]] = {}

    @property
    def as_typed(self) -> Facts:
        """The same facts about the command that the user typed: what advice is made from."""
        return self.replace(command=self.typed, typed=None) if self.typed else self

    def doubting(self, item: Unreadable) -> Self:
        """The same facts, and what the command has to be judged without."""
        return self.replace(unreadable=(*self.unreadable, item))

    # ---- what decides whether a rule is asked at all (:mod:`safeinstall.policy.rule_table`) ----

    @property
    def names_seen(self) -> set[str]:
        """The names of all that is installed, as far as the tool sees it."""
        return {package.name for package in self.inventory.packages} | self.outside

    @property
    def residents(self) -> tuple[Package, ...]:
        """The packages that conda does not see."""
        return self.inventory.not_owned_by(*CONDA_OWNERS)

    @property
    def conda_may_touch(self) -> bool:
        """Could conda, by this command, touch packages that it does not see?"""
        environment, command = self.environment, self.command
        if not self.is_condas or environment.kind != "conda" or not command.mutates:
            return False
        if command.verb in _WHOLE or (command.verb == "remove" and "--all" in command.flags):
            return False
        return bool(self.residents)

    @property
    def drift_by_conda(self) -> bool:
        """Is conda's hand in the drift?"""
        stale = {record.name for record in (*self.inventory.overwritten, *self.inventory.gone)}
        for change in self.drift:
            taken = change.after is None and change.name not in stale
            changed = change.after or (change.before if taken else None)
            if changed and changed.owner in CONDA_OWNERS and changed.source != RECORD:
                return True
        return False

    @property
    def wanted_by_name(self) -> tuple[Spec, ...]:
        """What pip is asked for by name in a conda environment that is still conda's, and is not
        there yet.
        """
        command = self.command
        if self.environment.kind != "conda" or not command.asks_pip or self.residents:
            return ()
        if _ELSEWHERE & command.flags:
            return ()
        present = {package.name for package in self.inventory.packages}
        present |= {name for p in self.inventory.packages for name in p.distributions}
        named = (s for s in command.specs if s.kind == "name" and s.name and not s.editable)
        return tuple(spec for spec in named if spec.name not in present)

    @property
    def is_condas(self) -> bool:
        """Is the tool conda, or one like it?"""
        return self.command.tool in CONDA_LIKE

    @property
    def is_forced(self) -> bool:
        """Does the command go past a mark of an environment, or put one in another's place?"""
        return self.forced is not None or self.displaced is not None

    @property
    def leaves_environment(self) -> bool:
        """Might pip put something outside of the environment?"""
        target = self.command.target
        return target.user or target.directed or self.user_site == "fallback"

    @property
    def brings_by_pip(self) -> bool:
        """Is pip to bring something, be it for conda?"""
        return self.command.asks_pip or bool(self.command.pip_specs)

    @property
    def takes_away_by_pip(self) -> bool:
        """Might pip or uv take something away? uv also does so with what it was not asked for."""
        return self.command.removes_by_pip or self.command.tool == "uv"

    @property
    def changed_without_us(self) -> bool:
        """Has anybody changed the environment past the guard, as far as the records tell?"""
        return bool(self.drift or self.turns)

    @property
    def limits_indexes(self) -> bool:
        """Does the policy say from which package indexes packages may come?"""
        return self.sources.indexes is not None

    @property
    def denies_packages(self) -> bool:
        """Does the policy deny any package?"""
        return bool(self.sources.deny)

    @property
    def may_bring_denied(self) -> bool:
        """May conda, by this command, bring something that the policy denies?"""
        return self.denies_packages and self.command.asks_conda

    @property
    def pip_fills_conda(self) -> bool:
        """Does pip bring something into an environment of conda's?"""
        return self.command.asks_pip and self.environment.kind == "conda"

    @property
    def unnamed_sources(self) -> bool:
        """Is something asked for that comes from no index or channel?"""
        specs = self.command.specs
        return any(spec.editable or spec.kind in ("vcs", "path") for spec in specs)


class PlannedPackage(Value):
    """A package that conda is about to link or to unlink."""

    name: str
    version: str
    build: str = ""
    channel: str = ""
    files: tuple[str, ...] | None = None  # relative to the prefix; None where they are not known
    sums: tuple[str, ...] = ()  # SHA-256 of each file in hexadecimal; "" where it is not known
    requires: tuple[str, ...] | None = None  # Requires-Dist of what is in it; None: not known


class Plan(Value):
    """A transaction that conda is about to carry out."""

    link: tuple[PlannedPackage, ...] = ()
    unlink: tuple[PlannedPackage, ...] = ()
    residents: tuple[Resident, ...] = ()  # the distributions here that conda does not see


class Finding(Value):
    """One rule's statement about one command in one environment."""

    rule: str  # "SI101"
    name: str  # "base-env"
    level: Level  # what the policy makes of it
    message: str  # one or two short sentences, no trailing newline
    evidence: tuple[str, ...] = ()  # lines: packages, versions, paths
    fixes: tuple[str, ...] = ()  # commands to paste, best first
    packages: tuple[str, ...] = ()  # the packages it is about, where it is about packages


class Verdict(Value):
    """The findings, weighed by the policy."""

    decision: Decision
    findings: tuple[Finding, ...] = ()
    overridable: bool = True
    exceptions: tuple[str, ...] = ()  # reasons of the policy's exceptions that were used


class Change(Value):
    """What an operation did to one package. ``None`` stands for "not there"."""

    name: str
    before: Package | None
    after: Package | None


Json = dict[str, "Any"]
"""A JSON object as it stands in the journal."""
