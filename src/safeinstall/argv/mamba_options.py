"""The options of micromamba and mamba 2, from micromamba/src/*.cpp of mamba 2.8.

A row is ``names dest takes``. takes: 0 a flag (``!`` marks a name that switches it off), 1 one
value, m one value each time, ``+`` a list that takes all words up to the next option.
"""

from __future__ import annotations

HELP = "-h,--help help 0"
RC = ("--rc-file rc_files +", "--no-rc no_rc 0", "--no-env no_env 0")
GENERAL = (
    HELP,
    *RC,
    "-v,--verbose verbose 0",
    "--log-level log_level 1",
    "-q,--quiet quiet 0",
    "-y,--yes yes 0",
    "--json json 0",
    "--offline offline 0",
    "--dry-run dry_run 0",
    "--download-only download_only 0",
    "--use-uv use_uv 0",
    "--debug debug 0",
    "--print-context-only print_context 0",
    "--print-config-only print_config 0",
    "--experimental experimental 0",
)
PREFIX = (
    "-r,--root-prefix root_prefix 1",
    "-p,--prefix prefix 1",
    "--relocate-prefix relocate_prefix 1",
    "-n,--name name 1",
)
NETWORK = (
    "--ssl-verify ssl_verify 1",
    "--ssl-no-revoke ssl_no_revoke 0",
    "--cacert-path cacert_path 1",
    "--repodata-ttl local_repodata_ttl 1",
    "--retry-clean-cache retry_clean_cache 0",
)
CHANNELS = (
    "-c,--channel channels m",
    "--override-channels override_channels 0",
    "--channel-priority channel_priority 1",
    "--channel-alias channel_alias 1",
    "--strict-channel-priority strict_channel_priority 0",
    "--no-channel-priority no_channel_priority 0",
)
LINK = ("--skip-run-link-scripts,!--run-link-scripts skip_run_link_scripts 0",)
COMMON = (*GENERAL, *PREFIX)
INSTALL = (
    *COMMON,
    *NETWORK,
    *CHANNELS,
    *LINK,
    "specs",
    "-f,--file files m",
    "--no-pin,!--pin no_pin 0",
    "--no-py-pin,!--py-pin no_py_pin 0",
    "--pyc,!--no-pyc compile_pyc 0",
    "--allow-uninstall,!--no-allow-uninstall allow_uninstall 0",
    "--allow-downgrade,!--no-allow-downgrade allow_downgrade 0",
    "--allow-softlinks,!--no-allow-softlinks allow_softlinks 0",
    "--always-softlink,!--no-always-softlink always_softlink 0",
    "--always-copy,--copy,!--no-always-copy always_copy 0",
    "--lock-timeout lock_timeout 1",
    "--shortcuts,!--no-shortcuts shortcuts 0",
    "--safety-checks safety_checks 1",
    "--extra-safety-checks,!--no-extra-safety-checks extra_safety_checks 0",
    "--verify-artifacts verify_artifacts 0",
    "--trusted-channels trusted_channels +",
    "--mamba-repodata-parsing,!--no-mamba-repodata-parsing repodata_parsing 0",
    "--platform platform 1",
    "--no-deps no_deps 0",
    "--only-deps only_deps 0",
    "--category categories +",
)
UPDATE = (*INSTALL, "--prune-deps,!--no-prune-deps prune_deps 0", "-a,--all all 0")
REMOVE = (
    *COMMON,
    *LINK,
    "specs",
    "-a,--all all 0",
    "-f,--force force 0",
    "--prune-deps,!--no-prune-deps prune_deps 0",
)
RUN = (
    HELP,
    *PREFIX,
    "-a,--attach streams 1",
    "--cwd cwd 1",
    "-d,--detach detach 0",
    "--clean-env clean_env 0",
    "-e,--env env_vars m",
    "--label label 1",
    "--no-capture-output,--live-stream no_capture_output 0",
    "prefix_command",
)

ROWS: dict[str, tuple[str, ...]] = {
    "": (*COMMON, "--version version 0"),
    "create": (*INSTALL, "--clone clone 1"),
    "install": (
        *INSTALL,
        "--freeze-installed freeze_installed 0",
        "--force-reinstall force_reinstall 0",
        "--revision revision 1",
    ),
    "update": UPDATE,
    "remove": REMOVE,
    "uninstall": ("=remove",),
    "clean": (
        *GENERAL,
        "-a,--all all 0",
        "-i,--index-cache index_cache 0",
        "-p,--packages packages 0",
        "-t,--tarballs tarballs 0",
        "-l,--locks locks 0",
        "--trash trash 0",
        "-f,--force-pkgs-dirs force_pkgs_dirs 0",
    ),
    "self-update": (*INSTALL, "--version version 1"),
    "run": RUN,
    "env": COMMON,
    "env create": INSTALL,
    "env remove": (*COMMON, *LINK),
    "env update": (*COMMON, *LINK, "-f,--file files +", "--prune prune 0"),
    "env config": COMMON,
    "env config vars": (HELP,),
    "env config vars set": (*COMMON, "specs"),
    "env config vars unset": (*COMMON, "specs"),
}

# Subcommands that change no package: their options are not parsed.
OTHERS = (
    *("activate", "auth", "completer", "config", "constructor", "deactivate", "info"),
    *("list", "package", "ps", "repoquery", "search", "shell"),
)
