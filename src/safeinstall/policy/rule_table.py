"""The table of rules: code, name, module, hooks and levels of each. Data.

The presets, the tables in README.md and docs/policy.md (``make tables``), and the codes that
completion and ``safeinstall rule`` know are made from these rows. A new rule is a row here, a
module in :mod:`safeinstall.rules`, a page in ``docs/rules`` and a test. The modules of rows with
``lint`` are in :mod:`safeinstall.lint.rules`: they are asked about files, never about a command.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Level

PRESET_ORDER = ("relaxed", "recommended", "strict")
"""The presets, in the order of the levels in a row."""


class Rule(Value):
    """One row of the table.

    ``look``, ``hold``, ``look_at_plan`` and ``explain`` are the hooks of the module. The value of
    each names the fact that the hook needs (for ``explain``, fields of the evidence): if that fact
    is empty, the hook is not called, and its module is not imported. "" stands for a hook that the
    module does not have.
    """

    code: str
    name: str
    module: str
    fires: str  # when it fires, for the tables of the documentation
    levels: tuple[Level, Level, Level]  # the policy's level for harm, in each preset
    mild: tuple[Level, Level, Level] = ("warn", "warn", "warn")  # its level for milder findings
    look: str = ""  # facts → finding, before the tool starts
    hold: str = ""  # facts → lines of a constraints file, which pip's resolver enforces
    look_at_plan: str = ""  # facts, plan → finding, when conda's transaction is known
    explain: tuple[str, ...] = ()  # facts, evidence → finding, while the tool runs or afterwards
    slow: bool = False  # ``look`` takes seconds: called before the tool only if the rule blocks
    lint: bool = False  # asked by ``safeinstall lint`` alone, about the text of a file


TABLE: tuple[Rule, ...] = (
    Rule(
        "SI102",
        "wrong-env-pip",
        "wrong_env_pip",
        "the pip on PATH belongs to another environment than the active one",
        ("block", "block", "block"),
        look="leaves_active_environment",
    ),
    Rule(
        "SI101",
        "base-env",
        "base_env",
        "the change lands in `base`, where conda itself lives",
        ("warn", "block", "block"),
        look="changes_base",
    ),
    Rule(
        "SI103",
        "outside-env",
        "outside_env",
        "`--user`, `--target`, `--prefix`, `--root`: it would land elsewhere, or leak",
        ("warn", "warn", "block"),
        ("off", "warn", "block"),
        look="leaves_environment",
    ),
    Rule(
        "SI104",
        "rail-overridden",
        "rail_overridden",
        "the environment is frozen or externally managed, and the command forces its way",
        ("warn", "warn", "block"),
        ("warn", "warn", "block"),
        look="is_forced",
    ),
    Rule(
        "SI105",
        "env-in-use",
        "env_in_use",
        "processes run out of the environment that was changed",
        ("off", "warn", "warn"),
        look="running",
        explain=("running",),
        slow=True,
    ),
    Rule(
        "SI106",
        "shadowed",
        "shadowed",
        "`~/.local`, PYTHONPATH or a `.pth` file hides packages, or lends some",
        ("off", "warn", "warn"),
        ("off", "warn", "warn"),
        look="elsewhere",
    ),
    Rule(
        "SI107",
        "environment-name",
        "environment_name",
        "a new environment whose name the policy does not allow",
        ("block", "block", "block"),
        look="names_new_environment",
    ),
    Rule(
        "SI201",
        "conda-after-pip",
        "conda_after_pip",
        "conda's plan breaks what pip owns; a warning, once, where it only comes near",
        ("block", "block", "block"),
        ("off", "warn", "block"),
        look="is_condas",
        look_at_plan="conda_may_touch",
        explain=("plan_not_judged",),
    ),
    Rule(
        "SI202",
        "pip-over-conda",
        "pip_over_conda",
        "pip would replace a package that conda owns",
        ("block", "block", "block"),
        look="pip_meets_conda",
        hold="pip_fills_conda",
        explain=(
            "replaced",
            "files_written_over",
            "files_to_be_written_over",
            "uv_failed",
            "conflicts",
        ),
    ),
    Rule(
        "SI203",
        "pip-removes-conda",
        "pip_removes_conda",
        "pip would uninstall a package that conda owns",
        ("block", "block", "block"),
        look="takes_away_by_pip",
        explain=("removed_packages", "orphaned_records"),
    ),
    Rule(
        "SI204",
        "two-runtimes",
        "two_runtimes",
        "two CUDA runtimes, or two torches, would meet",
        ("block", "block", "block"),
        look="brings_packages",
        hold="pip_fills_conda",
        look_at_plan="conda_may_touch",
        explain=("conflicts",),
    ),
    Rule(
        "SI205",
        "drift",
        "drift",
        "others changed the environment since the last record",
        ("off", "warn", "warn"),
        look="changed_without_us",
    ),
    Rule(
        "SI206",
        "variant-flip",
        "variant_flip",
        "conda replaces a CUDA build by a CPU build, or back, of what nobody named",
        ("warn", "block", "block"),
        ("off", "warn", "warn"),
        look_at_plan="variants",
        explain=("unplanned",),
    ),
    Rule(
        "SI207",
        "native-twin",
        "native_twin",
        "pip brings its own copy of a native library that conda owns (PROJ, GDAL, HDF5, Qt, …)",
        ("off", "warn", "warn"),
        ("off", "warn", "warn"),
        look="twins",
        explain=("come_by_pip",),
    ),
    Rule(
        "SI208",
        "cache-in-use",
        "cache_in_use",
        "`conda clean` takes packages that environments have by symbolic links",
        ("block", "block", "block"),
        look="links_into_cache",
    ),
    Rule(
        "SI301",
        "conda-has-it",
        "conda_has_it",
        "pip is asked for a compiled package that a channel has",
        ("off", "warn", "block"),
        ("warn", "off", "block"),
        look="offers",
    ),
    Rule(
        "SI302",
        "channel",
        "channel",
        "channels that the policy does not allow, or that do not mix",
        ("off", "warn", "block"),
        ("warn", "warn", "block"),
        look="channels",
    ),
    Rule(
        "SI303",
        "index",
        "index",
        "what the policy does not allow",
        ("off", "off", "block"),
        look="limits_indexes",
    ),
    Rule(
        "SI304",
        "denied-package",
        "denied_package",
        "what the policy does not allow",
        ("block", "block", "block"),
        look="denies_packages",
        hold="denies_packages",
        look_at_plan="denies_packages",
        explain=("brought", "uv_failed", "conflicts"),
    ),
    Rule(
        "SI305",
        "moving-source",
        "moving_source",
        "a branch, a local path, an editable install",
        ("off", "warn", "warn"),
        look="unnamed_sources",
    ),
    Rule(
        "SI306",
        "impostor",
        "impostor",
        "a name on PyPI that is not what it seems, or that Python has by itself",
        ("warn", "block", "block"),
        look="impostors",
        explain=("come_by_pip",),
    ),
    Rule(
        "SI307",
        "min-age",
        "min_age",
        "the tool cannot keep to the age that the policy asks of releases, or is told not to",
        ("block", "block", "block"),
        look="age_limit",
    ),
    Rule(
        "SI402",
        "tool-warned",
        "tool_warned",
        "pip or conda printed a warning that means trouble, and went on",
        ("warn", "warn", "warn"),
        explain=("warnings",),
    ),
    Rule(
        "SI403",
        "held-back",
        "held_back",
        "pip took an older release because of what conda owns",
        ("warn", "warn", "warn"),
        explain=("conflicts",),
    ),
    Rule(
        "SI501",
        "conda-activate",
        "activation",
        "in a file: `conda activate` in a shell that cannot do it, or that ends right behind it",
        ("block", "block", "block"),
        ("warn", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI502",
        "root-user",
        "root_user",
        "in a Dockerfile: the image runs as root",
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI503",
        "cache-in-layer",
        "cleanup",
        "in a Dockerfile: a layer keeps what pip or conda have downloaded",
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI504",
        "unanswered-question",
        "questions",
        "in a file: conda or pip ask whether to go on, and nobody is there to answer",
        ("warn", "block", "block"),
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI505",
        "lossy-export",
        "exported",
        "in a file: `conda env export` or `conda list` is kept to make the environment anew",
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI506",
        "unpinned",
        "base_image",
        "in a file: an image without a release, or (only in `strict`) packages without a version",
        ("off", "warn", "block"),
        ("off", "off", "warn"),
        lint=True,
    ),
    Rule(
        "SI507",
        "conda-in-layers",
        "layers",
        "in a Dockerfile: conda changes one environment in several layers",
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI508",
        "environment-file",
        "environment_file",
        "in an environment file: `pip:` before conda's packages, or one package in both parts",
        ("warn", "block", "block"),
        ("off", "warn", "warn"),
        lint=True,
    ),
    Rule(
        "SI509",
        "without-a-word",
        "forced",
        "in a file: a safeguard is switched off, and no comment says why",
        ("off", "warn", "block"),
        lint=True,
    ),
    Rule(
        "SI404",
        "unreadable-evidence",
        "unreadable_evidence",
        "a file by which the command is judged is damaged",
        ("warn", "warn", "block"),
        look="unreadable",
        look_at_plan="unreadable",
        explain=("unreadable",),
    ),
)
"""Every rule, in the order in which the hooks are called and the findings shown. SI404 must be the
last: it reports what the rules before it could not read.
"""

BY_CODE = {rule.code: rule for rule in TABLE}
