"""``list``, ``info``, ``config`` and ``env list``: nothing here needs the solver."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from typing import Any

from safeinstall.sandbox.conda import VERSION, CondaError
from safeinstall.sandbox.conda.context import Context, configuration_files
from safeinstall.sandbox.conda.output import entry, say, say_json
from safeinstall.sandbox.conda.prefix import drop_replaced, pip_packages, read_records
from safeinstall.sandbox.platforms import subdir


def packages(context: Context, options: Namespace) -> int:
    """``conda list``; deletes the records of what pip has replaced, as conda does."""
    prefix = context.existing_target(options)
    records = read_records(prefix)
    if options.explicit:
        say("# This file may be used to create an environment using:")
        say("# $ conda create --name <env> --file <this file>")
        say(f"# platform: {subdir()}\n# created-by: conda {VERSION}\n@EXPLICIT")
        kind = "md5" if options.md5 else "sha256" if options.sha256 else ""
        for record in records.values():
            say(record["url"] + (f"#{record[kind]}" if kind else ""))
        return 0
    records = drop_replaced(prefix, records)
    found = {name: entry(context, record) for name, record in records.items()}
    if not options.no_pip:
        # conda shows one package of a name, and then it is pip's.
        found |= {name: _pip_row(name, version) for name, version in pip_packages(prefix, records)}
    rows = [found[name] for name in sorted(found, key=str.lower) if _fits(found[name], options)]
    if options.pattern and not rows:
        raise CondaError("CondaValueError", f"No packages match '{options.pattern}'.")
    if options.json:
        say_json(rows)
    elif options.export:
        for row in rows:
            say(f"{row['name']}={row['version']}={row['build_string']}")
    else:
        _table(prefix, rows)
    return 0


def info(context: Context, options: Namespace) -> int:
    """``conda info``."""
    if options.base:
        say(context.root)
    elif options.json:
        say_json(_information(context))
    elif options.envs:
        environments(context, options)
    else:
        for key, value in _information(context).items():
            say(f"{key.replace('_', ' '):>24} : {value}")
    return 0


def environments(context: Context, options: Namespace) -> int:
    """``conda env list``: every environment, the active one with a star."""
    if options.json:
        found = context.environments()
        details = {prefix: _details(context, prefix) for prefix in found}
        say_json({"envs": found, "envs_details": details})
        return 0
    say("\n# conda environments:\n#\n# * -> active\n# + -> frozen")
    for prefix in context.environments():
        about = _details(context, prefix)
        marks = ("*" if about["active"] else " ") + ("+" if about["frozen"] else " ")
        say(f"{about['name']:<20} {marks}  {prefix}")
    say()
    return 0


def configuration(context: Context, options: Namespace) -> int:
    """``conda config --show`` and ``--show-sources``; writing is refused."""
    if options.show is None and not options.show_sources:
        raise CondaError("ArgumentError", "the sandbox's conda can only show its configuration")
    shown = {
        "channels": context.config.get("channels", ["defaults"]),
        "channel_alias": context.config.get("channel_alias", ""),
        "channel_priority": context.config.get("channel_priority", "flexible"),
        "envs_dirs": context.envs_dirs,
        "pkgs_dirs": [context.packages_dir],
        "root_prefix": context.root,
    }
    if options.show_sources:
        files = configuration_files(context.root, context.environ)
        shown = {path: context.config for path in files if os.path.exists(path)}
    elif options.show:
        shown = {key: value for key, value in shown.items() if key in options.show}
    if options.json:
        say_json(shown)
    else:
        import yaml

        say(yaml.safe_dump(shown, sort_keys=False), end="")
    return 0


def _information(context: Context) -> dict[str, Any]:
    active = context.environ.get("CONDA_PREFIX") or None
    options = Namespace(channel=None, override_channels=False)
    channels = context.channels(options)
    return {
        "active_prefix": active,
        "active_prefix_name": context.name_of(active) if active else None,
        "channels": [f"{url}/{name}" for url in channels for name in (subdir(), "noarch")],
        "conda_prefix": context.root,
        "conda_shlvl": int(context.environ.get("CONDA_SHLVL") or -1),
        "conda_version": VERSION,
        "config_files": [
            path
            for path in configuration_files(context.root, context.environ)
            if os.path.exists(path)
        ],
        "default_prefix": active or context.root,
        "envs": context.environments(),
        "envs_dirs": context.envs_dirs,
        "pkgs_dirs": [context.packages_dir],
        "platform": subdir(),
        "root_prefix": context.root,
        "root_writable": os.access(context.root, os.W_OK),
    }


def _details(context: Context, prefix: str) -> dict[str, Any]:
    name = context.name_of(prefix)
    return {
        "name": name if name != prefix else "",
        "active": prefix == context.environ.get("CONDA_PREFIX"),
        "base": prefix == context.root,
        "frozen": os.path.exists(os.path.join(prefix, "conda-meta", "frozen")),
        "writable": os.access(prefix, os.W_OK),
    }


def _pip_row(name: str, version: str) -> dict[str, Any]:
    return {
        "base_url": "https://conda.anaconda.org/pypi",
        "build_number": 0,
        "build_string": "pypi_0",
        "channel": "pypi",
        "dist_name": f"{name}-{version}-pypi_0",
        "name": name,
        "platform": "pypi",
        "version": version,
    }


def _fits(row: dict[str, Any], options: Namespace) -> bool:
    if options.pattern is None:
        return True
    name = str(row["name"])
    if options.full_name:
        return name == str(options.pattern)
    return re.search(options.pattern, name, re.IGNORECASE) is not None


def _table(prefix: str, rows: list[dict[str, Any]]) -> None:
    say(f"# packages in environment at {prefix}:\n#")
    say(f"# {'Name':<23} {'Version':<15} {'Build':<15} Channel")
    for row in rows:
        line = f"{row['name']:<25} {row['version']:<15} {row['build_string']:<15} {row['channel']}"
        say(line)
