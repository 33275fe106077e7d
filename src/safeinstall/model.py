"""The values that the whole package works with. Immutable; imports the standard library only.

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
_INSTALLING = ("install", "pip install", "pip sync")  # verbs of pip and uv
_REMOVING = ("uninstall", "pip uninstall")
_FROM_CHANNELS = ("install", "update", "create", "env create", "env update")  # verbs of conda
# These conda verbs remove the whole environment or create one: no installed package can break
_WHOLE = ("create", "env create", "env remove", "rename", "clean")
_ELSEWHERE = frozenset(("--target", "--prefix", "--root", "--user"))  # pip options
CONDA_OWNERS = ("conda", "conda-pypi", "conda-via-whl")
"""Owners whose packages conda keeps a conda-meta record of: these packages are conda-owned."""

RECORD = "record"
"""``source`` of a :class:`Package` that is only a conda-meta record: its files are not there."""


class Spec(Value):
    """One package that a command asks for.

    ``kind`` is ``name`` (a package from an index or channel), ``url``, ``vcs``, ``path`` or
    ``file`` (a conda ``@EXPLICIT`` or environment file that could not be read).
    """

    raw: str  # as typed, or as written in a file
    kind: str = "name"
    name: str = ""  # PEP 503 normalized for pip, lower case for conda; "" if it cannot be known
    version: str = (
        ""  # the constraint as typed, without the name: "==1.26", ">=2,<3", "=1.26=py311*"
    )
    extras: tuple[str, ...] = ()
    channel: str = ""  # the channel in "channel::name" (conda)
    editable: bool = False
    origin: str = ""  # "requirements.txt:12" where the spec was read from a file
    installer: str = ""  # "pip" where a conda command hands the spec to pip


class Target(Value):
    """Which environment the command names, as typed. All empty: the tool chooses by default."""

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
        """Does the command name the environment that it changes?"""
        return any(item is not None for item in (self.name, self.prefix, self.python))

    @property
    def directed(self) -> bool:
        """Does a pip option (``--target``, ``--prefix``, ``--root``) name the destination?"""
        places = (self.directory, self.scheme_prefix, self.root)
        return any(place is not None for place in places)


class Command(Value):
    """A parsed command line."""

    words: tuple[str, ...]  # everything as typed, the word that starts the tool first
    tool: str = ""  # pip, conda, mamba, micromamba, uv; "" for any other program
    launcher: int = 1  # how many words start the tool: 1 for "pip", 3 for "python -m pip"
    verb: str = ""  # canonical: "install", "update", "env create"; "" where there is none
    verb_at: int = 0  # index of the word after the verb (pip, uv); 0 where there is no verb
    mutates: bool = False  # would change packages in an environment, or create or remove one
    understood: bool = True  # False: could not be parsed; passed on unchanged, noted as unknown
    target: Target = Target()
    specs: tuple[Spec, ...] = ()
    files: tuple[str, ...] = ()  # requirement, constraint and environment files, as typed
    channels: tuple[str, ...] = ()
    rc_files: tuple[str, ...] = ()  # mamba's --rc-file, as typed
    indexes: tuple[str, ...] = ()  # that pip or uv asks, by name; also those in files
    asks_pypi: bool = True  # does pip or uv ask PyPI, too? Not where another index replaces it
    flags: frozenset[str] = frozenset()  # canonical long names of the options given, "--upgrade"
    log: str = ""  # the file of pip's --log option, as typed
    cutoff: str = ""  # the age or instant that younger releases must not have, as typed
    exempt_from_cutoff: str = ""  # what takes packages out of such a limit: an option, a variable
    reinstalls: tuple[str, ...] = ()  # names in uv's --reinstall-package, normalized
    # conda rename: the new name or prefix, as typed, if conda may remove an environment there
    destination: str = ""
    renamed_to: str = ""  # conda rename: the new name or prefix, as typed
    inner: Command | None = None  # the guarded command inside "conda run"
    before: tuple[str, ...] = ()  # of an inner command: the words in front, from "conda run" on
    # Only of an inner command that is shell text, as in: conda run bash -c "pip install x"
    text: str = ""  # the shell text
    behind: tuple[str, ...] = ()  # the words after the shell text
    roams: bool = False  # startup files of the shell may change PATH, so another tool may run

    @property
    def by_python(self) -> bool:
        """Started as ``python -m TOOL`` or ``python …/TOOL``: ``words[0]`` is an interpreter."""
        return self.launcher > 1

    @property
    def asks_pip(self) -> bool:
        """Does this command install packages by pip or uv?"""
        return self.tool in PIP_LIKE and self.verb in _INSTALLING

    @property
    def removes_by_pip(self) -> bool:
        """Does this command uninstall packages by pip or uv, without installing any?"""
        return self.tool in PIP_LIKE and self.verb in _REMOVING

    @property
    def asks_conda(self) -> bool:
        """Does this command install packages from channels (conda, mamba, micromamba)?"""
        return self.tool in CONDA_LIKE and self.verb in _FROM_CHANNELS

    @property
    def keeps_installed(self) -> bool:
        """Does this conda command leave installed what it does not name? ``create`` makes the
        environment anew, and ``--prune`` removes what the file does not ask for.
        """
        return self.verb not in ("create", "env create") and "--prune" not in self.flags

    @property
    def updates_all(self) -> bool:
        """Does conda update every package, by ``--all`` or ``--update-all``?"""
        return self.asks_conda and not {"--all", "--update-all"}.isdisjoint(self.flags)

    @property
    def pip_specs(self) -> tuple[Spec, ...]:
        """The specs for pip or uv; of a conda command, those in an environment file's ``pip:``."""
        if self.asks_pip:
            return self.specs
        if self.asks_conda:
            return tuple(spec for spec in self.specs if spec.installer == "pip")
        return ()

    @property
    def conda_specs(self) -> tuple[Spec, ...]:
        """The specs for conda itself, without those that conda hands to pip."""
        if not self.asks_conda:
            return ()
        return tuple(spec for spec in self.specs if not spec.installer)


class Package(Value):
    """One installed package and its owner."""

    name: str  # PEP 503 normalized for Python distributions, the conda package's name for others
    version: str
    owner: str  # conda, pip, uv, system, …
    build: str = ""  # conda's build string
    source: str = ""  # channel, or the kind of direct URL: "vcs", "editable", "path"
    location: str = ""  # path of the metadata: conda-meta record or dist-info directory
    distributions: tuple[str, ...] = ()  # Python distributions in a conda package, if looked up
    # direct_url.json of a distribution (PEP 610) as canonical JSON, without secrets; "" where there
    # is none, or (with a ``source``) where it is not known
    origin: str = ""
    requested: bool | None = None  # has a distribution pip's mark that somebody has named it?


class CondaDistribution(Value):
    """A Python distribution that a conda package installed, as pip sees it."""

    name: str  # PEP 503 normalized: "torch"
    version: str  # of the metadata that pip sees, which need not be the conda package's
    package: Package  # the conda package: pytorch 2.0.1
    location: str = ""  # the dist-info directory that pip sees
    twin: Package | None = None  # a second distribution of this name, from another installer
    # A directory outside the environment that comes first on pip's path and has a distribution
    # of this name; "" where there is none
    shadow: str = ""
    of: str = ""  # the prefix of the other conda environment that has it; "" for this one's own


class Need(Value):
    """A conda-owned package needs a distribution that conda does not own."""

    name: str  # the needed distribution, PEP 503 normalized: "numpy"
    by: str  # the conda-owned package that needs it: "scipy"
    wants: str = ""  # the versions that would do: "<1.28,>=1.21.6"; "" for any
    marker: str = ""  # the environment marker under which the need holds; "" for always
    # The metadata file of the conda-owned package that cannot be read: then ``wants`` comes from
    # its conda-meta record
    unread: str = ""


class Shared(Value):
    """Files that a conda-owned package and a distribution that conda does not own both contain."""

    name: str  # the distribution, PEP 503 normalized: "opencv-python"
    by: str  # the conda-owned package: "opencv"
    file: str  # one of the files, relative to the prefix
    more: int = 0  # how many more there are
    intact: bool = False  # do these files still have the content that conda has written?


class Resident(Value):
    """A distribution that conda does not see, as described by the distribution's metadata."""

    name: str  # PEP 503 normalized
    version: str
    owner: str
    requires: tuple[str, ...] | None = ()  # Requires-Dist, as written; None if not known
    files: tuple[str, ...] = ()  # relative to the prefix, without byte code
    sums: tuple[str, ...] = ()  # SHA-256 of each file in hexadecimal; "" where it is not known
    partly: bool = False  # RECORD is damaged: there may be files that it does not list
    lost: tuple[str, ...] = ()  # listed files whose content was replaced, of those looked at
    spare: tuple[str, ...] = ()  # listed files that nobody would miss, of those looked at
    unread: str = ""  # the metadata file, if it cannot be read completely


class Environment(Value):
    """A prefix and what kind of environment it is."""

    prefix: str
    kind: EnvironmentKind
    name: str = ""  # the name that conda uses, or the directory's name
    base: bool = False
    without_conda: bool = False  # base of a compiled micromamba or mamba, which runs elsewhere
    by_name: bool = False  # does conda find it by its name?
    python: str = ""  # "3.11"; "" where there is none
    site_packages: tuple[str, ...] = ()  # purelib first
    frozen: bool = False  # conda-meta/frozen, CEP 22
    frozen_by_us: bool = False  # by "safeinstall protect"
    externally_managed: bool = False  # PEP 668
    writable: bool = True


class Inventory(Value):
    """Every package of an environment, sorted by name and then owner."""

    packages: tuple[Package, ...] = ()
    overwritten: tuple[Package, ...] = ()  # conda-meta records; other installers replaced the files
    # the Python distributions in conda-owned packages, by name
    conda_distributions: tuple[CondaDistribution, ...] = ()
    gone: tuple[Package, ...] = ()  # conda-meta records whose distribution is not there any more
    leftovers: tuple[str, ...] = ()  # metadata directories without METADATA and RECORD, or ~NAME

    # modules in conda packages without metadata, by name: cv2 of opencv. pip sees none of them
    conda_modules: tuple[CondaDistribution, ...] = ()

    def owned_by(self, *owners: str) -> tuple[Package, ...]:
        """The packages that belong to one of the owners."""
        return tuple(package for package in self.packages if package.owner in owners)

    def not_owned_by(self, *owners: str) -> tuple[Package, ...]:
        """The packages that belong to anybody else."""
        return tuple(package for package in self.packages if package.owner not in owners)


class Sources(Value):
    """The policy's lists of allowed, denied and preferred packages. ``None``: no such list."""

    channels: tuple[str, ...] | None = None  # the only channels allowed
    deny_channels: tuple[str, ...] = ()  # channels that may not be used
    channel_priority: str = ""  # the loosest that is allowed: "flexible", "strict"; "" for any
    indexes: tuple[str, ...] | None = None  # the only package indexes allowed
    min_age: str = "0d"  # how old a release must be (policy.tighten.minutes)
    deny: tuple[str, ...] = ()  # requirements: "tensorflow<2.9"
    prefer_conda: tuple[str, ...] = ()  # names of packages to install by conda, not by pip
    environment_names: tuple[str, ...] | None = None  # patterns for names of new environments
    # "channels", "indexes": this list comes from a project's policy file only. That file came with
    # a checkout: it may forbid, but no advice is made from the sources that it names.
    by_project: frozenset[str] = frozenset()


class AgeLimit(Value):
    """How a command meets the age that the policy asks of releases."""

    known: bool  # has the tool an option for it?
    version: str = ""  # of the tool, if known
    # What would let younger releases in: an age on the command line, an exemption, an option by
    # which the tool does not see what the guard tells it
    loosened: str = ""


class Channels(Value):
    """The channels that a conda in this environment takes packages from."""

    names: tuple[str, ...] = ()  # as typed or configured, best first
    priority: str = "flexible"  # or "strict", "disabled"
    alias: str = "https://conda.anaconda.org"  # conda's channel_alias: the base of channel names
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # multichannels, such as "defaults"
    custom: tuple[tuple[str, str], ...] = ()  # conda's custom_channels: name and address
    origins: tuple[tuple[str, str], ...] = ()  # configured channels, with the file or variable

    def members(self, name: str) -> tuple[str, ...]:
        """The channels that a name stands for: itself, unless it is a multichannel."""
        return dict(self.groups).get(name, (name,))


class Offer(Value):
    """A channel has a package that pip is asked for."""

    name: str  # the name that pip is asked for, normalized
    conda_name: str
    channel: str  # conda's short name of the channel
    versions: tuple[str, ...] = ()  # empty: not known


class Process(Value):
    """A process that runs out of an environment."""

    pid: int
    name: str
    command: str = ""


class Forced(Value):
    """A marker file (frozen, externally managed) that the command overrides."""

    marker: str  # path of the marker file
    by: str  # the option, variable or setting that overrides it: "--override-frozen"
    reason: str = ""  # the text in the marker file, of any number of lines


class Unreadable(Value):
    """A file or a fact that a rule needs, and that could not be read."""

    kind: str  # a key of the table in rules/unreadable_evidence.py, or what was being read
    path: str
    why: str = ""


class Elsewhere(Value):
    """A package outside of the environment that Python finds on ``sys.path`` as well."""

    name: str  # of the distribution; of the module where ``hidden``
    version: str
    place: str  # the directory
    by: str  # what puts it on the path: "user site", "PYTHONPATH", or the name of a .pth file
    own: Package | None  # the environment's own package of this name
    hidden: bool = False  # the environment's own comes first; else this one does


class Turn(Value):
    """A period in which only conda, or only other installers, changed an environment."""

    time: str  # start of the period, UTC as in the journal
    owner: str  # conda; else the installer that began the period: pip, uv, …


class Asked(Value):
    """What an environment was asked for and still has."""

    # By the name of each package that conda was asked for, and by "python" and "pip": the names of
    # all that it brought along
    conda: Mapping[str, frozenset[str]] = {}
    pip: tuple[Package, ...] = ()  # what pip and uv were asked for
    # By name, for packages from channels in which conda would not look by itself: the channel
    channels: Mapping[str, str] = {}
    # By name, for packages that conda was asked for in a version, which it keeps to: the match
    # specs of what they depend on
    held: Mapping[str, tuple[str, ...]] = {}


class Facts(Value):
    """Everything a rule may ask for about a command and the environment it would change.

    The guard looks each of these up when a rule first asks for it (:mod:`safeinstall.guard.facts`);
    the default value of a field says that there is nothing of that kind.
    """

    command: Command
    executable: str  # the real tool that will run; "" if there is none
    environment: Environment
    inventory: Inventory
    active: str | None = None  # the active environment's prefix (conda or venv)
    around: Environment = Environment("", "missing")  # the active environment
    active_has_pip: bool = False
    # The prefix of the environment whose Python the word "python" starts where the user typed the
    # command; "" if there is none
    python_prefix: str = ""
    named_by_path: bool = False  # the tool was named by a path, so the user chose which one runs
    root_prefix: str = ""  # conda's root prefix, if one is known
    drift: tuple[Change, ...] = ()  # changes since the last journal record, made past the guard
    turns: tuple[Turn, ...] = ()  # oldest first; looked up if conda may have run past the guard
    sources: Sources = Sources()
    channels: Channels | None = None  # None: the command takes nothing from channels
    offers: tuple[Offer, ...] = ()
    running: tuple[Process, ...] = ()  # processes of this prefix, but not our parents or children
    # What pip does with a user install: "off" (pip refuses), "hidden" (PYTHONNOUSERSITE is set, so
    # that this session would not import the packages; pip 25.3 and later refuses), "on", or
    # "fallback" (pip chooses it without --user, because site-packages is not writable)
    user_site: str = "on"
    # Names of distributions that pip finds in a directory before the environment's site-packages
    outside: frozenset[str] = frozenset()
    # Packages on sys.path, outside of the environment, that hide its own, or are hidden by its own
    elsewhere: tuple[Elsewhere, ...] = ()
    # Of the other conda environment that --target, --prefix or, for a user install, PYTHONUSERBASE
    # points into
    foreign_prefix: str = ""
    # What conda has installed into other environments, and pip finds before this environment's own
    # packages, by PYTHONUSERBASE or PYTHONPATH: pip takes it for the installed one
    of_others: tuple[CondaDistribution, ...] = ()
    # Those of these two variables that lead into the site-packages of a conda environment, be it
    # this one: then every Python of that version imports from there, conda's own included. With
    # the one for user installs also PIP_USER
    astray: tuple[str, ...] = ()
    forced: Forced | None = None  # the marker file that the command overrides
    replaced_environment: Facts | None = None  # of "conda rename": what it replaces
    asked: Asked = Asked()  # for use in advice
    taken_names: frozenset[str] = frozenset()  # of other environments, for use in advice
    # Of what a command would take out of base: the names of what was put there by hand, and on
    # which nothing stands that belongs to base
    by_hand: frozenset[str] = frozenset()
    still_needed: tuple[Need, ...] = ()  # needs of conda-owned packages that an uninstall breaks
    # By prefix: packages (name-version-build) that are links to what "conda clean" takes away
    links_into_cache: Mapping[str, tuple[str, ...]] = {}
    shared: tuple[Shared, ...] = ()  # files of conda-owned packages that an uninstall takes away
    unseen: tuple[str, ...] = ()  # files of an uninstall that only the tool can read, as typed
    unreadable: tuple[Unreadable, ...] = ()  # what could not be read, so that no rule knows it
    needed: tuple[Need, ...] = ()  # needs of conda-owned packages that are met at present
    # The names of all distributions that pip will look at, if every requirement of the command is
    # installed already; else None
    satisfied: frozenset[str] | None = None
    # By the names of conda packages that the command asks for: the distributions in them, where
    # their files are known
    known_contents: Mapping[str, frozenset[str]] = {}
    typed: Command | None = None  # the command that the user typed, if it started this one
    # conda's records of packages of a variant (specs/variants.py), if conda may exchange them
    variants: tuple[Package, ...] = ()
    # For options of pip that are not typed ("--target"): the variable or file that sets them
    set_by: Mapping[str, str] = {}
    impostors: tuple[Spec, ...] = ()  # pip specs that name one (specs/impostors.py)
    # pip specs for wheels with a copy of a native library that conda owns (specs/native_twins.py)
    twins: tuple[Spec, ...] = ()
    plan_is_seen: bool = False  # conda's transaction is judged before it changes anything
    told: frozenset[str] = frozenset()  # codes of the rules with findings in the journal
    advised: frozenset[str] = frozenset()  # packages in commands that the journal's findings offer
    unfinished: str = ""  # the last command in the journal, if it was interrupted
    age_limit: AgeLimit | None = None  # None: the policy asks none, or nothing is installed
    only_asked: bool = False  # by "check", which runs and records nothing
    # By the code of each rule that a rail enforces: the packages that the policy's exceptions
    # exclude. A rule that is not enforced has no entry
    exempt: Mapping[str, frozenset[str]] = {}

    @property
    def as_typed(self) -> Facts:
        """The same facts, but about the command that the user typed: for use in advice."""
        return self.replace(command=self.typed, typed=None) if self.typed else self

    def with_unreadable(self, item: Unreadable) -> Self:
        """The same facts, with one more item that could not be read."""
        return self.replace(unreadable=(*self.unreadable, item))

    # ---- what decides whether a rule is asked at all (:mod:`safeinstall.policy.rule_table`) ----

    @property
    def names_seen(self) -> set[str]:
        """The names of all installed packages that the tool sees."""
        bare = {found.package for found in self.inventory.conda_modules}
        packages = (package for package in self.inventory.packages if package not in bare)
        return {package.name for package in packages} | self.outside

    @property
    def residents(self) -> tuple[Package, ...]:
        """The packages that conda does not see."""
        return self.inventory.not_owned_by(*CONDA_OWNERS)

    @property
    def conda_changes_some(self) -> bool:
        """Does conda change an environment without making it anew or removing all of it?"""
        environment, command = self.environment, self.command
        if not self.is_condas or environment.kind != "conda" or not command.mutates:
            return False
        all_of_it = command.verb == "remove" and "--all" in command.flags
        return command.verb not in _WHOLE and not all_of_it

    @property
    def conda_may_touch(self) -> bool:
        """Could this conda command affect packages that conda does not see?"""
        return self.conda_changes_some and bool(self.residents)

    @property
    def drift_by_conda(self) -> bool:
        """Did conda make a part of the changes in the drift?"""
        stale = {record.name for record in (*self.inventory.overwritten, *self.inventory.gone)}
        for change in self.drift:
            taken = change.after is None and change.name not in stale
            changed = change.after or (change.before if taken else None)
            if changed and changed.owner in CONDA_OWNERS and changed.source != RECORD:
                return True
        return False

    @property
    def wanted_by_name(self) -> tuple[Spec, ...]:
        """The named pip specs that are not installed yet; none unless everything in the
        environment is conda-owned.
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
        """Is the tool conda, mamba or micromamba?"""
        return self.command.tool in CONDA_LIKE

    @property
    def is_forced(self) -> bool:
        """Does the command override a marker file, or replace an environment by another one?"""
        return self.forced is not None or self.replaced_environment is not None

    @property
    def leaves_environment(self) -> bool:
        """Might pip install outside of the environment?"""
        target = self.command.target
        return target.user or target.directed or self.user_site == "fallback"

    @property
    def changes_base(self) -> bool:
        """Is it base, conda's own environment, that the command is about?"""
        environment = self.environment
        return environment.base and not environment.without_conda and self.command.verb != "clean"

    @property
    def leaves_active_environment(self) -> bool:
        """Is it, by its path, another environment than the active one that pip would change?"""
        active = self.active
        return (
            self.command.tool == "pip" and active is not None and active != self.environment.prefix
        )

    @property
    def pip_meets_conda(self) -> bool:
        """Is pip to bring something where conda-owned packages may be, be it for conda?"""
        if self.command.asks_pip:
            led_elsewhere = bool(self.foreign_prefix or self.of_others)
            return self.environment.kind == "conda" or led_elsewhere
        return bool(self.command.pip_specs)

    @property
    def brings_packages(self) -> bool:
        """Does the command install packages, by pip or by conda?"""
        return self.command.asks_pip or self.command.asks_conda

    @property
    def takes_away_by_pip(self) -> bool:
        """Might pip or uv uninstall packages? uv may also do so when it is asked to install."""
        return self.command.removes_by_pip or self.command.tool == "uv"

    @property
    def changed_without_us(self) -> bool:
        """Was the environment changed past the guard, as far as journal and files tell?"""
        return bool(self.drift or self.turns)

    @property
    def new_environment(self) -> str:
        """The name or path of the environment that the command makes, as typed; ``""``: none."""
        command = self.command
        if command.verb == "rename":
            return command.renamed_to if command.mutates else ""
        named = command.target.name or command.target.prefix or ""
        return named if command.verb in ("create", "env create") and command.mutates else ""

    @property
    def names_new_environment(self) -> bool:
        """Does the policy ask for names of environments, and does the command give one?"""
        return self.sources.environment_names is not None and bool(self.new_environment)

    @property
    def limits_indexes(self) -> bool:
        """Does the policy list the allowed package indexes?"""
        return self.sources.indexes is not None

    @property
    def denies_packages(self) -> bool:
        """Does the policy deny any package?"""
        return bool(self.sources.deny)

    @property
    def may_bring_denied(self) -> bool:
        """Might this conda command install a package that the policy denies?"""
        return self.denies_packages and self.command.asks_conda

    @property
    def pip_fills_conda(self) -> bool:
        """Does pip or uv install into a conda environment?"""
        return self.command.asks_pip and self.environment.kind == "conda"

    @property
    def pip_may_write_over(self) -> bool:
        """Does pip install new packages into a conda environment, in the usual directories?"""
        target = self.command.target
        return (
            self.pip_fills_conda and self.satisfied is None and not (target.user or target.directed)
        )

    @property
    def unnamed_sources(self) -> bool:
        """Does a spec name a VCS address, a local path or an editable install?"""
        specs = self.command.specs
        return any(spec.editable or spec.kind in ("vcs", "path") for spec in specs)


class PlannedPackage(Value):
    """A package that conda is about to link or to unlink."""

    name: str
    version: str
    build: str = ""
    channel: str = ""
    files: tuple[str, ...] | None = None  # relative to the prefix; None if they are not known
    sums: tuple[str, ...] = ()  # SHA-256 of each file in hexadecimal; "" where it is not known
    requires: tuple[str, ...] | None = None  # Requires-Dist of its distributions; None: not known
    site_packages: str = ""  # only of "python": where it looks for packages, below the prefix
    depends: tuple[str, ...] = ()  # the match specs of the conda packages that it needs, if known


class Plan(Value):
    """A transaction that conda is about to carry out."""

    link: tuple[PlannedPackage, ...] = ()
    unlink: tuple[PlannedPackage, ...] = ()
    residents: tuple[Resident, ...] = ()  # the installed distributions that conda does not see


class Finding(Value):
    """One rule's statement about one command in one environment."""

    rule: str  # "SI101"
    name: str  # "base-env"
    level: Level  # from the rule: "block" for harm, "warn" for less; then replaced by the policy
    message: str  # one or two short sentences without commands, no trailing newline
    evidence: tuple[str, ...] = ()  # lines: packages, versions, paths
    fixes: tuple[str, ...] = ()  # commands to paste, best first
    packages: tuple[str, ...] = ()  # names of the packages concerned, if any
    again: bool = False  # the user knows it already: as a warning, it is not shown once more
    # The words before the first of the fixes in a warning, which is one line: "To go back". A
    # warning without a lead shows none of them; a block shows all
    lead: str = ""
    # The command that a warning shows in place of it, where the tool will have gone on by the time
    # that it is pasted, and has done what the fixes would do otherwise
    afterwards: str = ""
    decided_by: str = (
        ""  # the place in the policy that gave the level: "FILE:LINE:COLUMN", a preset
    )


class Verdict(Value):
    """The findings, weighed by the policy."""

    decision: Decision
    findings: tuple[Finding, ...] = ()
    overridable: bool = True
    exceptions: tuple[str, ...] = ()  # "RULE ID: reason" of each policy exception that was used
    contact: str = ""  # whom to ask, as the policy says
    # Regular expressions: the override reason must have a match of each
    tickets: tuple[str, ...] = ()


class Change(Value):
    """What an operation did to one package. ``None`` stands for "not installed"."""

    name: str
    before: Package | None
    after: Package | None
    stays: Package | None = None  # where nothing came: of several of that name, the one that stayed


Json = dict[str, "Any"]
"""A JSON object as written in the journal."""
