"""Makes the content of records. Pure: all values come in as arguments.

:meth:`safeinstall.journal.Journal.append` adds schema, chain, seq, prev, time and hash, and removes
secrets.
"""

from __future__ import annotations

import os

from safeinstall.canonical import decode_object, encode
from safeinstall.journal import ids
from safeinstall.model import Change, Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeinstall.journal.copies import Kin
    from safeinstall.model import Environment, Facts, Finding, Json, Spec, Verdict

# Variables that decide where a tool installs to and from; a name with "_" at its end is a prefix.
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

# Set by conda's shell integration; they have no effect on the command.
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
    """The record of a command that is about to run. An outcome with the same ``op`` follows, unless
    the guard is killed.
    """
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
    """The fields for the verdict, its findings, and the override reason."""
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
    rails: Iterable[str] = (),
    judged: Json | None = None,
) -> Json:
    """The record of an ended command. ``signal`` is the number of the signal that ended the tool.

    ``judged`` are the fields of :func:`judgement` for a verdict with findings made while the tool
    was running or afterwards; they override those of the intent. ``rails`` is what became of the
    rails in the environment itself, in words.
    """
    laid = list(rails)
    return {
        **(judged or {}),
        "op": op,
        "kind": "outcome",
        "exit_code": exit_code,
        "signal": signal,
        "duration_s": duration_ms / 1000,
        "changes": [change(item) for item in changes],
        "warnings": list(warnings),
        **({"rails": laid} if laid else {}),
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
    kind: str,
    *,
    actor: Json,
    environment: Environment,
    changes: Iterable[Change],
    warnings: Iterable[str] = (),
) -> Json:
    """The record of a state or changes that no guarded command made.

    ``kind`` is ``drift`` (changes made without the guard) or ``baseline`` (the state when the
    journal began, with every package as a change from nothing).
    """
    told = list(warnings)
    return {
        "op": ids.operation(),
        "kind": kind,
        "actor": actor,
        "environment": place(environment),
        "changes": [change(item) for item in changes],
        **({"warnings": told} if told else {}),
    }


def origin(prefix: str, kin: Kin) -> Json:
    """The record that the environment is a copy of another one, or was moved from another prefix.

    ``prefix``, ``chain``, ``seq`` and ``hash`` name the other prefix and the last record that was
    copied or moved from there.
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
    """The record that the journal itself was damaged, and repaired by
    :mod:`safeinstall.journal.sync`.
    """
    return {
        "op": ids.operation(),
        "kind": "repair",
        "environment": {"prefix": prefix},
        "repair": details,
    }


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are recorded, by name; ``http_proxy`` and such in either case."""
    return {name: environ[name] for name in sorted(environ) if _matters(name)}


def _matters(name: str) -> bool:
    upper = name.upper() if name.endswith("_proxy") else name
    if upper in NOISE or upper.startswith("CONDA_PREFIX_"):
        return False
    return any(
        upper.startswith(item) if item.endswith("_") else upper == item for item in VARIABLES
    )


def place(environment: Environment) -> Json:
    """An environment as an object of a record."""
    return {
        "prefix": environment.prefix,
        "name": environment.name,
        "kind": environment.kind,
        "base": environment.base,
        "python": environment.python,
    }


def finding(item: Finding) -> Json:
    """A finding as an object of a record and of ``check --json``."""
    return {
        "rule": item.rule,
        "name": item.name,
        "level": item.level,
        "message": item.message,
        "evidence": list(item.evidence),
        "fixes": list(item.fixes),
        "decided_by": item.decided_by,
    }


def change(item: Change) -> Json:
    """A change as an object of a record."""
    shown = {"name": item.name, "before": _package(item.before), "after": _package(item.after)}
    return shown | {"stays": _package(item.stays)} if item.stays else shown


def _package(package: Package | None) -> Json | None:
    if package is None:
        return None
    shown: Json = {"version": package.version, "owner": package.owner}
    optional = {"build": package.build, "source": package.source}
    shown |= {name: text for name, text in optional.items() if text}
    if package.requested is not None:
        shown["requested"] = package.requested
    origin = decode_object(package.origin.encode()) if package.origin else None
    return shown | {"origin": origin} if origin else shown


def as_change(item: Json) -> Change:
    """What a journal tells of a change; the places of files it does not tell."""
    sides = (item[side] and as_package(item["name"], item[side]) for side in ("before", "after"))
    return Change(item["name"], *sides)


def as_package(name: str, side: Json) -> Package:
    """What a journal tells of one side of a change."""
    origin = side.get("origin")
    return Package(
        name,
        side["version"],
        side["owner"],
        build=side.get("build") or "",
        source=side.get("source") or "",
        origin=encode(origin).decode() if origin else "",
        requested=side.get("requested"),
    )


def _spec(spec: Spec) -> Json:
    shown: Json = {"raw": spec.raw, "kind": spec.kind, "name": spec.name, "version": spec.version}
    optional = {"channel": spec.channel, "origin": spec.origin}
    shown |= {name: text for name, text in optional.items() if text}
    if spec.extras:
        shown["extras"] = list(spec.extras)
    return shown | {"editable": True} if spec.editable else shown
