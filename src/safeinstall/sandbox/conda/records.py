"""Two dialects of ``conda-meta/*.json``: what rattler writes, and what conda writes.

The files on the disk speak conda's; rattler is handed its own. They differ in the channel, in a
few fields, and in how a noarch Python package names its paths.
"""

from __future__ import annotations

import json
from typing import Any

Record = dict[str, Any]


def as_conda(record: Record, specs: dict[str, str]) -> Record:
    """What rattler has written, as conda would have; ``specs`` are what the user asked for."""
    channel = f"{record['channel'].rstrip('/')}/{record['subdir']}"
    changed = record | {"channel": channel, "constrains": record.get("constrains", [])}
    changed.pop("requested_specs", None)
    if record.get("noarch"):
        changed["package_type"] = f"noarch_{record['noarch']}"
    paths = [_conda_path(entry, record) for entry in record["paths_data"]["paths"]]
    changed["paths_data"] = record["paths_data"] | {"paths": paths}
    spec = specs.get(record["name"])
    if spec:
        changed |= {"requested_spec": spec, "requested_specs": [spec]}
    return changed


def as_rattler(record: Record) -> str:
    """The JSON text of a record that conda, or :func:`as_conda`, has written."""
    changed = {key: value for key, value in record.items() if key != "json"}
    changed["channel"] = record["channel"].removesuffix(f"/{record['subdir']}")
    full = dict(_full_paths(record))
    paths = [
        entry | {"_path": full.get(entry["_path"], entry["_path"])}
        for entry in record["paths_data"]["paths"]
    ]
    changed["paths_data"] = record["paths_data"] | {"paths": paths}
    return json.dumps(changed)


def _conda_path(entry: Record, record: Record) -> Record:
    changed = dict(entry)
    if "sha256" in entry:
        changed.setdefault("sha256_in_prefix", entry["sha256"])
    if record.get("noarch") == "python":
        before, found, below = entry["_path"].partition("/site-packages/")
        if found and before.startswith("lib/python"):
            changed["_path"] = f"site-packages/{below}"
    return changed


def _full_paths(record: Record) -> list[tuple[str, str]]:
    return [
        (f"site-packages/{path.partition('/site-packages/')[2]}", path)
        for path in record["files"]
        if record.get("noarch") == "python" and "/site-packages/" in path
    ]
