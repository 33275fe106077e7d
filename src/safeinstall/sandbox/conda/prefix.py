"""What is installed in a prefix: conda's records, pip's distributions, the history."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable

from safeinstall.sandbox.conda import VERSION
from safeinstall.sandbox.conda.records import Record, as_conda


def read_records(prefix: str) -> dict[str, Record]:
    """conda's records by name, each with its own path as ``"json"``."""
    records: dict[str, Record] = {}
    directory = os.path.join(prefix, "conda-meta")
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        if name.endswith(".json"):
            path = os.path.join(directory, name)
            with open(path, encoding="utf-8") as file:
                record = json.load(file)
            records[record["name"]] = record | {"json": path}
    return records


def distribution(record: Record) -> str:
    """``name-version-build``."""
    return f"{record['name']}-{record['version']}-{record['build']}"


def channel_of(record: Record) -> str:
    """The channel's URL, with neither platform nor a slash at the end."""
    return str(record.get("channel", "")).rstrip("/").removesuffix(f"/{record.get('subdir')}")


def requested(record: Record) -> list[str]:
    """What the user asked for when this package was installed."""
    specs = record.get("requested_specs") or [record.get("requested_spec")]
    return [spec for spec in specs if spec and spec != "None"]


def rewrite_records(prefix: str, linked: Iterable[str], specs: dict[str, str]) -> None:
    """Bring the records of what was just ``linked`` into conda's form, and note in them, and in
    those of what was there already, that the user asked for it (``specs``: name → spec)."""
    fresh = set(linked)
    for name, record in read_records(prefix).items():
        path = record.pop("json")
        if name in fresh:
            record = as_conda(record, specs)
        elif name in specs:
            record |= {"requested_spec": specs[name], "requested_specs": [specs[name]]}
        else:
            continue
        with open(path, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=2)


def drop_replaced(prefix: str, records: dict[str, Record]) -> dict[str, Record]:
    """Leave out, **and delete**, the records of packages that pip has replaced.

    conda does so whenever it lists packages together with pip's: a Python package whose metadata
    file is gone from site-packages counts as not there any more.
    """
    if "python" not in records:
        return records
    kept = {}
    for name, record in records.items():
        anchor = _anchor(record)
        if anchor and not os.path.exists(os.path.join(prefix, anchor)):
            os.unlink(record["json"])
        else:
            kept[name] = record
    return kept


def pip_packages(prefix: str, records: dict[str, Record]) -> list[tuple[str, str]]:
    """Name and version of every distribution that no conda record owns."""
    owned = {file for record in records.values() for file in record["files"]}
    found = []
    for directory in _site_packages(records):
        full = os.path.join(prefix, directory)
        for name in sorted(os.listdir(full)) if os.path.isdir(full) else []:
            match = re.fullmatch(r"(.+?)-(.+)\.dist-info", name)
            if match and f"{directory}/{name}/METADATA" not in owned:
                found.append((_proper_name(os.path.join(full, name), match[1]), match[2]))
    return found


def append_history(
    prefix: str, command: str, changes: Iterable[str], specs: dict[str, list[str]]
) -> None:
    """One more entry; ``changes`` are ``±channel/subdir::name-version-build``, ``specs`` name the
    action (``update``, ``remove``) and what was asked for."""
    lines = [
        f"==> {time.strftime('%Y-%m-%d %H:%M:%S')} <==",
        f"# cmd: {command}",
        f"# conda version: {VERSION}",
        *changes,
        *(f"# {action} specs: {items!r}" for action, items in specs.items() if items),
    ]
    path = os.path.join(prefix, "conda-meta", "history")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8", errors="surrogateescape") as file:
        file.write("\n".join(lines) + "\n")


def python_minor(records: dict[str, Record]) -> str:
    """``"3.11"``; empty where there is no Python."""
    version = records.get("python", {}).get("version", "")
    return ".".join(str(version).split(".")[:2])


def _site_packages(records: dict[str, Record]) -> list[str]:
    minor = python_minor(records)
    return [f"lib/python{minor}/site-packages"] if minor else []


def _anchor(record: Record) -> str:
    if not any(str(item).split()[0] == "python" for item in record["depends"]):
        return ""
    endings = (".dist-info/RECORD", ".egg-info", ".egg-info/PKG-INFO")
    return next((file for file in record["files"] if file.endswith(endings)), "")


def _proper_name(directory: str, fallback: str) -> str:
    try:
        with open(os.path.join(directory, "METADATA"), encoding="utf-8") as file:
            for line in file:
                if line.startswith("Name:"):
                    return line[5:].strip()
    except OSError:
        pass
    return fallback
