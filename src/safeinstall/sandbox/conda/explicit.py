"""Packages named by URL, one by one or in an ``@EXPLICIT`` file: nothing is solved."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from safeinstall.sandbox.conda import CondaError, engine
from safeinstall.sandbox.conda.context import Context
from safeinstall.sandbox.conda.records import Record

if TYPE_CHECKING:
    from rattler import RepoDataRecord

MARKER = "@EXPLICIT"


def is_explicit(specs: list[str]) -> bool:
    """Do these specs name package files?"""
    return MARKER in specs or any("://" in spec and "::" not in spec for spec in specs)


def plan(prefix: str, installed: dict[str, Record], specs: list[str]) -> engine.Plan:
    """Exactly these packages, beside those of other names that are there already."""
    wanted = [_read(spec) for spec in specs if spec != MARKER]
    names = {record.name.normalized for record in wanted}
    return engine.compare(prefix, installed, [*engine.without(installed, names), *wanted])


def specs_of(context: Context, what: engine.Plan) -> list[str]:
    """What conda notes as asked for: ``channel/subdir::name==version=build``."""
    return [
        f"{context.channel_name(record['channel'])}/{record['subdir']}"
        f"::{record['name']}=={record['version']}={record['build']}"
        for record in what.link
    ]


def _read(spec: str) -> RepoDataRecord:
    url = spec.partition("#")[0]  # conda does not check the sums of local files
    path = url.removeprefix("file://")
    if not url.startswith("file://") or not os.path.isfile(path):
        raise CondaError("CondaHTTPError", f"HTTP 404 NOT FOUND for url <{url}>")
    module = engine.rattler()
    record: RepoDataRecord = asyncio.run(module.RepoDataRecord.from_package_archive(path))
    record.url = url
    record.file_name = os.path.basename(path)
    record.channel = os.path.dirname(os.path.dirname(url))
    return record
