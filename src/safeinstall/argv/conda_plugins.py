"""Subcommands of the conda plugins conda-pypi and conda-self, which not every conda has.

The rows have the format of :mod:`safeinstall.argv.conda_options`. Subcommands of other plugins are
not known, and run without the guard.
"""

from __future__ import annotations

HELP = "-h,--help help help 0 - -"
VERSION = "-V,--version version version 0 - -"
OUTPUT = (
    HELP,
    "--json json storetrue 0 - -",
    "--console console lazychoices 1 - -",
    "-v,--verbose verbosity nullcount 0 - -",
    "--debug debug storetrue 0 - -",
    "--trace trace storetrue 0 - -",
    "-q,--quiet quiet storetrue 0 - -",
    "-d,--dry-run dry_run storetrue 0 - -",
    "-y,--yes yes storetrue 0 - -",
)
TARGET = ("-n,--name name store 1 1 -", "-p,--prefix prefix store 1 1 -")
GREEDY = ["greedy"]

ROWS: dict[str, tuple[str, ...]] = {
    "pypi": (VERSION, *OUTPUT, *TARGET, "sub subcommand optional"),
    "pypi install": (
        *OUTPUT,
        *TARGET,
        "--ignore-channels ignore_channels storetrue 0 - -",
        "--override-channels ignore_channels storetrue 0 - -",
        "-i,--index-url index_urls append 1 - -",
        "-e,--editable editable append 1 - -",
        "- packages store * - -",
    ),
    "self": (HELP, VERSION, "sub subcommand optional"),
    "self install": (
        *OUTPUT,
        "--force-reinstall force_reinstall storetrue 0 - -",
        "- packages store + - -",
    ),
    "self update": (
        *OUTPUT,
        "--force-reinstall force_reinstall storetrue 0 - -",
        "--plugin plugin store 1 - -",
        "--all all storetrue 0 - -",
        "--update-deps update_deps storetrue 0 - -",
    ),
    "self remove": (*OUTPUT, "- packages store + - -"),
    "self reset": (*OUTPUT, "--snapshot snapshot store 1 - -"),
    "self migrate": (*OUTPUT, "- packages store * - -"),
}
MUTATING = tuple(path for path in ROWS if " " in path)


def rows(path: str) -> list[str] | None:
    """The rows of a plugin's subcommand; None if the plugin is not known. For an unknown subcommand
    of a known plugin: one row that accepts all words.
    """
    found = ROWS.get(path)
    if found is not None:
        return list(found)
    return list(GREEDY) if path.startswith(("pypi ", "self ")) and path.count(" ") == 1 else None
