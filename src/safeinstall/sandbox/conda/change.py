"""``create``, ``install``, ``update`` and ``remove``."""

from __future__ import annotations

import json
import os
import re
import shutil
import textwrap
from argparse import Namespace

from safeinstall.sandbox.conda import CondaError, engine, explicit, output, repodata_cache
from safeinstall.sandbox.conda.context import Context, is_environment, note_environment
from safeinstall.sandbox.conda.prefix import (
    append_history,
    python_minor,
    read_records,
    requested,
    rewrite_records,
)
from safeinstall.sandbox.conda.records import Record
from safeinstall.sandbox.platforms import subdir


def create(context: Context, options: Namespace) -> int:
    """``conda create``: an environment of that place is replaced."""
    if not options.name and not options.prefix:
        raise CondaError(
            "ArgumentError", "one of the arguments -n/--name -p/--prefix is required", status=2
        )
    prefix = context.target(options)
    if prefix == context.root:
        raise CondaError("CondaValueError", "'base' is a reserved environment name")
    if is_environment(prefix):
        _replace(options, prefix)
    specs = _specs(options)
    if explicit.is_explicit(specs):
        return _finish_explicit(context, options, explicit.plan(prefix, {}, specs), "create")
    plan = engine.plan(prefix, {}, context.channels(options), specs, set(), _settings(context))
    return finish(context, options, plan, "create", specs)


def install(context: Context, options: Namespace) -> int:
    """``conda install`` and ``conda update``."""
    prefix = context.existing_target(options)
    refuse_frozen(context, options, prefix)
    specs = _specs(options)
    updating = options.command in ("update", "upgrade")
    if not specs and not (updating and options.all):
        raise CondaError(
            "CondaValueError",
            "too few arguments, must supply one of command line packages, --file or --revision",
        )
    installed = read_records(prefix)
    if explicit.is_explicit(specs):
        return _finish_explicit(context, options, explicit.plan(prefix, installed, specs), "update")
    if updating:
        _must_be_there(prefix, installed, specs)
    pruned = given(options, "prune")  # of "env update": what the file does not ask for goes
    free = {name_of(spec) for spec in specs}
    free |= set(installed) if options.all or pruned else set()
    asked = [context.with_address(spec) for spec in specs]
    wanted = [*asked, *([] if pruned else _standing(installed, free, options.all))]
    named = [spec.rpartition("::")[0] for spec in asked if "::" in spec]
    channels = list(dict.fromkeys([*context.channels(options), *named]))
    plan = engine.plan(prefix, installed, channels, wanted, free, _settings(context))
    plan = engine.alone(plan, free) if given(options, "no_deps") else plan
    plan = engine.once_more(plan, free) if given(options, "force_reinstall") else plan
    return finish(context, options, plan, "update", specs)


def remove(context: Context, options: Namespace) -> int:
    """``conda remove``: the packages and whatever depends on them; ``--all``, everything."""
    prefix = context.existing_target(options)
    refuse_frozen(context, options, prefix)
    if options.all:
        return remove_environment(context, options, prefix)
    if not options.packages:
        raise CondaError(
            "CondaValueError",
            'no package names supplied,\n       try "conda remove -h" for more details',
        )
    installed = read_records(prefix)
    names = {name_of(spec) for spec in options.packages}
    missing = sorted(names - set(installed))
    if missing:
        listed = "\n".join(f"  - {name}" for name in missing)
        message = (
            "The following packages are missing from the target environment:\n"
            f"  prefix: {prefix}\n\n{listed}\n"
        )
        raise CondaError("PackagesNotFoundInPrefixError", message, packages=missing)
    gone = names if options.force_remove else _with_dependents(installed, names)
    plan = engine.compare(prefix, installed, engine.without(installed, gone))
    return finish(context, options, plan, "remove", options.packages)


def remove_environment(context: Context, options: Namespace, prefix: str) -> int:
    """Remove a whole environment, directory and all."""
    if prefix == context.root:
        raise CondaError(
            "CondaEnvironmentError",
            "cannot remove root environment, add -n NAME or -p PREFIX option",
        )
    if prefix == context.environ.get("CONDA_PREFIX"):
        raise CondaError(
            "CondaEnvironmentError",
            "Cannot remove current environment. Deactivate and run conda remove again",
        )
    if not options.json:
        output.say(f"\nRemove all packages in environment {prefix}:\n")
    if given(options, "dry_run"):
        raise CondaError("DryRunExit", "Dry run. Exiting.", status=0)
    output.confirmed(given(options, "yes") or options.json)
    shutil.rmtree(prefix)
    if options.json:
        output.say_json({"success": True})
    return 0


def finish(
    context: Context,
    options: Namespace,
    plan: engine.Plan,
    verb: str,
    specs: list[str],
    *,
    solved: bool = True,
) -> int:
    """Show the plan, ask, carry it out, and write it down. As in conda, ``--download-only`` stops
    only what was ``solved``.
    """
    dry_run = given(options, "dry_run")
    if solved and verb != "remove":
        repodata_cache.keep(context.channels(options), context.packages_dir)
    if not options.json:
        _announce(context, options, plan, verb, specs)
    if plan.empty and verb != "create":
        if options.json:
            output.say_json(output.as_json(context, plan, dry_run))
        return 0
    if dry_run and not options.json:
        raise CondaError("DryRunExit", "Dry run. Exiting.", status=0)
    if not dry_run:
        output.confirmed(given(options, "yes") or options.json)
        if solved and given(options, "download_only"):
            raise CondaError("CondaExitZero", "Package caches prepared.", status=0)
        _carry_out(context, plan, verb, specs, show=not options.json)
    if options.json:
        output.say_json(output.as_json(context, plan, dry_run))
    elif verb == "create":
        name = context.name_of(plan.prefix)
        output.say(f"#\n# To activate this environment, use\n#\n#     $ conda activate {name}\n#")
        output.say("# To deactivate an active environment, use\n#\n#     $ conda deactivate\n")
    return 0


def given(options: Namespace, flag: str) -> bool:
    """Was a flag given that leaves no trace when it was not?"""
    return bool(getattr(options, flag, False))


def name_of(spec: str) -> str:
    """The package a spec is about: ``channel::name=1.2`` is about ``name``."""
    match = re.match(r"[\w.-]+", spec.rpartition("::")[2].strip())
    if not match:
        raise CondaError("InvalidMatchSpec", f"Invalid spec '{spec}'")
    return match[0].lower()


def refuse_frozen(context: Context, options: Namespace, prefix: str) -> None:
    """CEP 22: an environment that is marked as frozen is not changed."""
    marker = os.path.join(prefix, "conda-meta", "frozen")
    protected = context.environ.get("CONDA_PROTECT_FROZEN_ENVS", "true").lower() != "false"
    if os.path.exists(marker) and protected and not given(options, "override_frozen"):
        with open(marker, encoding="utf-8") as file:
            said = json.loads(file.read() or "{}").get("message", "")
        reason = f" Reason:\n\n{textwrap.indent(said, '    ')}\n" if said else ""
        message = f"Cannot modify '{prefix}'. The environment is marked as frozen.{reason}"
        raise CondaError("EnvironmentIsFrozenError", message)


def _finish_explicit(context: Context, options: Namespace, plan: engine.Plan, verb: str) -> int:
    specs = explicit.specs_of(context, plan)
    return finish(context, options, plan, verb, specs, solved=False)


def _announce(
    context: Context, options: Namespace, plan: engine.Plan, verb: str, specs: list[str]
) -> None:
    if verb != "remove":
        names = [context.channel_name(url) for url in context.channels(options)]
        output.say("Channels:\n" + "\n".join(f" - {name}" for name in names))
        output.say(f"Platform: {subdir()}")
        output.say("Collecting package metadata (repodata.json): ...working... done")
    output.say("Solving environment: ...working... done")
    if plan.empty and verb != "create":
        output.say("\n# All requested packages already installed.\n")
    else:
        output.show_plan(context, plan, verb, specs)


def _carry_out(
    context: Context, plan: engine.Plan, verb: str, specs: list[str], show: bool
) -> None:
    clobbers = context.environ.get("CONDA_PATH_CONFLICT", context.config.get("path_conflict"))
    if clobbers == "prevent":
        engine.refuse_clobbering(plan)
    if show:
        output.say("\nPreparing transaction: ...working... done")
    engine.execute(plan, context.packages_dir)
    if show:
        output.say("Verifying transaction: ...working... done")
        output.say("Executing transaction: ...working... done")
    asked = {} if verb == "remove" else {name_of(spec): spec for spec in specs}
    rewrite_records(plan.prefix, [record["name"] for record in plan.link], asked)
    action = "remove" if verb == "remove" else "update"
    changes = output.change_lines(context, plan)
    append_history(plan.prefix, context.command_line, changes, {action: specs})
    note_environment(plan.prefix)


def _replace(options: Namespace, prefix: str) -> None:
    if not options.json:
        output.say(f"WARNING: A conda environment already exists at '{prefix}'\n")
    if not given(options, "dry_run"):
        if not (given(options, "yes") or options.json):
            output.say("Remove existing environment?")
            output.confirmed(False)
        shutil.rmtree(prefix)


def _specs(options: Namespace) -> list[str]:
    specs = list(options.packages)
    for path in options.file:
        try:
            with open(path, encoding="utf-8") as file:
                lines = [re.split(r"(?:^|\s)#", line)[0].strip() for line in file]
        except OSError as error:
            raise CondaError("CondaFileIOError", f"'{path}'. {error.strerror}") from None
        specs += [line for line in lines if line]
    return specs


def _must_be_there(prefix: str, installed: dict[str, Record], specs: list[str]) -> None:
    for spec in specs:
        if name_of(spec) not in installed:
            place = f"  prefix: {prefix}\n  package name: {name_of(spec)}"
            message = f"Package is not installed in prefix.\n{place}"
            raise CondaError("PackageNotInstalledError", message)


def _standing(installed: dict[str, Record], free: set[str], update_all: bool) -> list[str]:
    """What was asked for earlier and still holds; Python stays in its minor version."""
    specs = []
    for name, record in installed.items():
        if update_all:
            specs.append(name)
        elif name not in free:
            specs += requested(record)
    if "python" in installed and ("python" not in free or update_all):
        specs.append(f"python {python_minor(installed)}.*")
    return specs


def _with_dependents(installed: dict[str, Record], names: set[str]) -> set[str]:
    gone = set(names)
    while True:
        more = {
            name
            for name, record in installed.items()
            if name not in gone and any(item.split()[0] in gone for item in record["depends"])
        }
        if not more:
            return gone
        gone |= more


def _settings(context: Context) -> engine.Settings:
    return engine.Settings(
        strict=str(context.config.get("channel_priority", "flexible")) != "disabled",
        add_pip=bool(context.config.get("add_pip_as_python_dependency", True)),
        pinned=tuple(filter(None, context.environ.get("CONDA_PINNED_PACKAGES", "").split("&"))),
    )
