"""``conda shell.posix …``: the assignments that activate, deactivate or reactivate."""

from __future__ import annotations

import os
import shlex

from safeinstall.sandbox.conda import CondaError
from safeinstall.sandbox.conda.context import Context, is_environment
from safeinstall.sandbox.conda.output import report, say

_HOOK = os.path.join("etc", "profile.d", "conda.sh")


def shell(context: Context, argv: list[str]) -> int:
    """Print a script for the shell to evaluate; ``hook`` prints the functions themselves."""
    verb, *rest = argv or ["hook"]
    try:
        if verb == "hook":
            with open(os.path.join(context.root, _HOOK), encoding="utf-8") as file:
                say(file.read())
        elif verb == "activate":
            say(_script(*_activate(context, rest[0] if rest else "base")))
        elif verb == "deactivate":
            say(_script(*_deactivate(context)))
        else:
            say(_scripts_of(context.environ.get("CONDA_PREFIX", "")))
    except CondaError as error:
        report(error, as_json=False)
        return error.status
    return 0


def _activate(context: Context, target: str) -> tuple[dict[str, str], list[str], str]:
    named = os.sep not in target
    prefix = context.prefix_of(target) if named else os.path.abspath(os.path.expanduser(target))
    if not is_environment(prefix):
        name = "EnvironmentNameNotFound" if named else "EnvironmentLocationNotFound"
        raise CondaError(name, f"Could not find conda environment: {target}")
    level = _level(context)
    before = context.environ.get("CONDA_PREFIX", "")
    if before == prefix:
        return {}, [], _scripts_of(prefix)
    outer = {f"CONDA_PREFIX_{level}": before} if level and before else {}
    return (
        {**_variables(context, prefix, level + 1, before), **outer},
        [],
        _scripts_of(prefix),
    )


def _deactivate(context: Context) -> tuple[dict[str, str], list[str], str]:
    level = _level(context)
    before = context.environ.get("CONDA_PREFIX", "")
    if level < 1:
        return {}, [], ""
    if level == 1:
        empty = {"CONDA_PREFIX": "", "CONDA_DEFAULT_ENV": "", "CONDA_PROMPT_MODIFIER": ""}
        path = {"PATH": _path(context, before, "")}
        return {**empty, **path, "CONDA_SHLVL": "0"}, [], _deactivation_scripts(before)
    saved = f"CONDA_PREFIX_{level - 1}"
    outer = context.environ.get(saved, context.root)
    variables = _variables(context, outer, level - 1, before)
    return variables, [saved], _scripts_of(outer)


def _variables(context: Context, prefix: str, level: int, before: str) -> dict[str, str]:
    name = context.name_of(prefix)
    return {
        "PATH": _path(context, before, prefix),
        "CONDA_PREFIX": prefix,
        "CONDA_DEFAULT_ENV": name,
        "CONDA_SHLVL": str(level),
        "CONDA_PROMPT_MODIFIER": f"({name}) ",
        "CONDA_EXE": os.path.join(context.root, "bin", "conda"),
        "CONDA_PYTHON_EXE": os.path.join(context.root, "bin", "python"),
    }


def _path(context: Context, before: str, after: str) -> str:
    entries = context.environ.get("PATH", "").split(os.pathsep)
    kept = [entry for entry in entries if not before or entry != os.path.join(before, "bin")]
    return os.pathsep.join(([os.path.join(after, "bin")] if after else []) + kept)


def _level(context: Context) -> int:
    text = context.environ.get("CONDA_SHLVL", "0")
    return int(text) if text.isdigit() else 0


def _script(variables: dict[str, str], unset: list[str], more: str) -> str:
    lines = [f"unset {name}" for name in unset]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    modifier = variables.get("CONDA_PROMPT_MODIFIER")
    if modifier is not None:
        old = os.environ.get("CONDA_PROMPT_MODIFIER", "")
        prompt = os.environ.get("PS1", "").removeprefix(old) if old else os.environ.get("PS1", "")
        lines.append(f"PS1={shlex.quote(modifier + prompt)}")
    return "\n".join(lines + ([more] if more else []))


def _scripts_of(prefix: str) -> str:
    return _sourced(os.path.join(prefix, "etc", "conda", "activate.d"))


def _deactivation_scripts(prefix: str) -> str:
    return _sourced(os.path.join(prefix, "etc", "conda", "deactivate.d"))


def _sourced(directory: str) -> str:
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    scripts = [os.path.join(directory, name) for name in names if name.endswith(".sh")]
    return "\n".join(f". {shlex.quote(script)}" for script in scripts)
