"""What goes into a record. Pure: everything that is said comes in as an argument.

:meth:`safeinstall.journal.Journal.append` adds schema, chain, seq, prev, time and hash, and takes
secrets out.
"""

from __future__ import annotations

import os

from safeinstall.journal import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeinstall.journal.copies import Kin
    from safeinstall.model import Change, Environment, Facts, Finding, Json, Package, Spec, Verdict

# What decides where a tool installs to and from. Prefixes end with "_".
VARIABLES = (
    "CONDA_",
    "MAMBA_",
    "PIP_",
    "UV_",
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONNOUSERSITE",
    "PYTHONPATH",
    "PYTHONUSERBASE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SUDO_USER",
    "VIRTUAL_ENV",
)

# conda's shell integration leaves these behind; they say nothing about the command.
NOISE = ("CONDA_EXE", "CONDA_PYTHON_EXE", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL")


def intent(
    op: str,
    *,
    actor: Json,
    facts: Facts,
    verdict: Verdict,
    policy: Sequence[Json],
    override: str | None,
    environ: Mapping[str, str],
    cwd: str,
) -> Json:
    """What is about to be done. An outcome with the same ``op`` follows, unless we are killed."""
    command = facts.command
    return {
        "op": op,
        "kind": "intent",
        "actor": actor,
        "tool": {"name": command.tool, "path": facts.executable},
        "argv": list(command.words),
        "env": variables(environ),
        "cwd": cwd,
        "environment": place(facts.environment),
        "command": {
            "tool": command.tool,
            "verb": command.verb,
            "specs": [_spec(spec) for spec in command.specs],
            "mutates": command.mutates,
            "understood": command.understood,
        },
        "policy": list(policy),
        **judgement(verdict, override),
    }


def judgement(verdict: Verdict, override: str | None) -> Json:
    """What the policy said, and the reason for going on all the same."""
    return {
        "findings": [finding(item) for item in verdict.findings],
        "verdict": verdict.decision,
        "exceptions": list(verdict.exceptions),
        "override": override or None,
    }


def outcome(
    op: str,
    *,
    exit_code: int | None,
    signal: int | None,
    duration_ms: int,
    changes: Iterable[Change],
    warnings: Iterable[str],
    judged: Json | None = None,
) -> Json:
    """What came of it. ``signal`` is the number of the signal that ended the tool.

    ``judged`` is what :func:`judgement` makes of a verdict that was only reached while the tool was
    running; it takes the place of the intent's.
    """
    return {
        **(judged or {}),
        "op": op,
        "kind": "outcome",
        "exit_code": exit_code,
        "signal": signal,
        "duration_s": duration_ms / 1000,
        "changes": [change(item) for item in changes],
        "warnings": list(warnings),
    }


def blocked(
    op: str,
    *,
    actor: Json,
    facts: Facts,
    verdict: Verdict,
    policy: Sequence[Json],
    environ: Mapping[str, str],
    cwd: str,
) -> Json:
    """A command that was not run: intent and outcome in one record, with no exit code."""
    said = intent(
        op,
        actor=actor,
        facts=facts,
        verdict=verdict,
        policy=policy,
        override=None,
        environ=environ,
        cwd=cwd,
    )
    done = outcome(op, exit_code=None, signal=None, duration_ms=0, changes=(), warnings=())
    return {**said, **done}


def observed(
    kind: str, *, actor: Json, environment: Environment, changes: Iterable[Change]
) -> Json:
    """What was found without an operation of ours.

    ``kind`` is ``drift`` (changed behind the journal's back) or ``baseline`` (what was there when
    the journal began: every package as a change from nothing).
    """
    return {
        "op": ids.operation(),
        "kind": kind,
        "actor": actor,
        "environment": place(environment),
        "changes": [change(item) for item in changes],
    }


def origin(prefix: str, kin: Kin) -> Json:
    """The environment is a copy of another one, or has moved here from another prefix.

    ``prefix``, ``chain``, ``seq`` and ``hash`` name where it was and the last record that came
    along from there.
    """
    return {
        "op": ids.operation(),
        "kind": "origin",
        "environment": {"prefix": prefix, "name": os.path.basename(prefix)},
        "origin": {
            "what": kin.what,
            "prefix": kin.prefix,
            "chain": kin.chain,
            "seq": kin.seq,
            "hash": kin.hash,
        },
    }


def repair(prefix: str, details: Json) -> Json:
    """The journal itself was damaged, and mended as :mod:`safeinstall.journal.sync` says."""
    return {
        "op": ids.operation(),
        "kind": "repair",
        "environment": {"prefix": prefix},
        "repair": details,
    }


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that matter, by name; ``http_proxy`` and its like in any case."""
    return {name: environ[name] for name in sorted(environ) if _matters(name)}


def _matters(name: str) -> bool:
    upper = name.upper() if name.endswith("_proxy") else name
    if upper in NOISE or upper.startswith("CONDA_PREFIX_"):
        return False
    return any(
        upper.startswith(item) if item.endswith("_") else upper == item for item in VARIABLES
    )


def place(environment: Environment) -> Json:
    """An environment as records name it."""
    return {
        "prefix": environment.prefix,
        "name": environment.name,
        "kind": environment.kind,
        "base": environment.base,
        "python": environment.python,
    }


def finding(item: Finding) -> Json:
    """A finding as records and ``check --json`` show it."""
    return {
        "rule": item.rule,
        "name": item.name,
        "level": item.level,
        "message": item.message,
        "evidence": list(item.evidence),
        "fixes": list(item.fixes),
    }


def change(item: Change) -> Json:
    """A change as records show it."""
    return {"name": item.name, "before": _package(item.before), "after": _package(item.after)}


def _package(package: Package | None) -> Json | None:
    if package is None:
        return None
    shown = {"version": package.version, "owner": package.owner}
    optional = {"build": package.build, "source": package.source}
    return shown | {name: text for name, text in optional.items() if text}


def _spec(spec: Spec) -> Json:
    shown: Json = {"raw": spec.raw, "kind": spec.kind, "name": spec.name, "version": spec.version}
    optional = {"channel": spec.channel, "origin": spec.origin}
    shown |= {name: text for name, text in optional.items() if text}
    if spec.extras:
        shown["extras"] = list(spec.extras)
    return shown | {"editable": True} if spec.editable else shown
