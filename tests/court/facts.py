"""What is in an environment, read by the court's own means: safeinstall is not asked."""

from __future__ import annotations

import base64
import csv
import glob
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import packaging

from tests.court import files

WITNESS = os.path.join(os.path.dirname(__file__), "witness.py")
PACKAGING = os.path.dirname(packaging.__file__)


@dataclass(frozen=True)
class Record:
    """A package as conda's record has it; ``sums`` by path, "" where the record has none."""

    name: str
    version: str
    build: str
    requested: str
    sums: Mapping[str, str]
    on_python: bool  # does it depend on Python?


@dataclass(frozen=True)
class Distribution:
    """A metadata directory and what the environment's Python says of it."""

    name: str
    version: str
    directory: str  # relative to the prefix
    owner: str  # "conda" or "pip": who has written the directory
    sums: Mapping[str, str]  # what its RECORD lists, relative to the prefix
    recorded: bool = False  # does a record of conda's list it? Then conda solves with it
    requires: tuple[str, ...] = ()  # names
    unmet: tuple[tuple[str, str, str | None], ...] = ()  # (name, specifier, version there)
    imports: Mapping[str, Mapping[str, str]] | None = None  # None: Python does not see it


@dataclass(frozen=True)
class Facts:
    """An environment. ``states`` has what is not as a record says: "gone" or "changed"."""

    records: Mapping[str, Record]
    distributions: tuple[Distribution, ...]
    states: Mapping[str, Mapping[str, str]]  # record's name or directory → path → state
    python: str  # "3.11"; "" where it does not run
    gpu: bool | None
    runtimes: int  # CUDA runtimes of different major versions, conda's and pip's
    strays: frozenset[str] = frozenset()  # files in site-packages that no record lists
    site: str = ""  # site-packages of the Python that runs, relative to the prefix
    gpu_builds: frozenset[str] = frozenset()  # of conda's records: made for CUDA
    outside: frozenset[str] = frozenset()  # distributions that came to somewhere else


NOTHING = Facts({}, (), {}, "", None, 0)


def gather(prefix: str, tree: files.Tree) -> Facts:
    """The facts of the environment; :data:`NOTHING` where there is none."""
    if not os.path.isdir(os.path.join(prefix, "conda-meta")):
        return NOTHING
    records = {record.name: record for record in _records(prefix)}
    said = _testimony(prefix)
    heard = {row["directory"]: row for row in said.get("distributions", ())}
    found = tuple(_distributions(prefix, records, heard))
    states = {name: dict(_states(prefix, record.sums)) for name, record in records.items()}
    states |= {d.directory: dict(_states(prefix, d.sums)) for d in found if d.owner == "pip"}
    owned = {
        path
        for sums in (*(r.sums for r in records.values()), *(d.sums for d in found))
        for path in sums
    }
    strays = frozenset(path for path in tree if _in_site_packages(path) and path not in owned)
    return Facts(
        records,
        found,
        states,
        said.get("python", ""),
        said.get("gpu"),
        _runtimes(prefix),
        strays,
        os.path.relpath(said.get("site", prefix), prefix),
        frozenset(n for n, r in records.items() if any(map(_is_for_cuda, r.sums))),
    )


def came_outside(place: str) -> frozenset[str]:
    """The distributions anywhere below a directory."""
    found = glob.glob(os.path.join(glob.escape(place), "**", "*.dist-info"), recursive=True)
    return frozenset(normalize(os.path.basename(path).partition("-")[0]) for path in found)


def _is_for_cuda(path: str) -> bool:
    return path.endswith("_cuda.so")


_NOTES = (".dist-info/REQUESTED", ".dist-info/uv_cache.json")


def _in_site_packages(path: str) -> bool:
    """Byte code is nobody's, and a note of the installer's own outlives a change of hands."""
    return "/site-packages/" in path and not path.endswith((".pyc", *_NOTES))


# ---- conda -------------------------------------------------------------------------------------


def _records(prefix: str) -> Iterator[Record]:
    for path in sorted(glob.glob(os.path.join(glob.escape(prefix), "conda-meta", "*.json"))):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        depends = [item.split()[0] for item in document["depends"]]
        specs = document.get("requested_specs") or [document.get("requested_spec") or ""]
        yield Record(
            document["name"],
            document["version"],
            document["build"],
            " ".join(map(str, specs)),
            dict(_listed(document)),
            "python" in depends,
        )


def _listed(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """conda writes the paths of noarch packages in short, the list of files has them in full."""
    short = {
        re.sub(r"^lib/python[0-9.]+t?/(?=site-packages/)", "", path): path
        for path in document["files"]
    }
    for entry in document["paths_data"]["paths"]:
        path = short.get(entry["_path"], entry["_path"])
        if entry["_path"].startswith("python-scripts/"):
            path = "bin" + entry["_path"][len("python-scripts") :]
        if not path.endswith(".pyc"):
            link = entry.get("path_type") == "softlink"
            sums = "" if link else entry.get("sha256_in_prefix") or entry.get("sha256")
            yield path, sums or ""


def _runtimes(prefix: str) -> int:
    """CUDA runtimes of different major versions, conda's and pip's."""
    conda = glob.glob(os.path.join(prefix, "lib", "libcudatoolkit.so.*"))
    majors = {path.rpartition(".so.")[2].split(".")[0] for path in conda}
    site_packages = os.path.join(prefix, "lib", "python3.*", "site-packages")
    for path in glob.glob(os.path.join(site_packages, "nvidia_cuda_runtime_cu*.dist-info")):
        majors |= set(re.findall(r"_cu(\d+)-", os.path.basename(path)))
    return len(majors)


# ---- distributions -----------------------------------------------------------------------------


def _distributions(
    prefix: str, records: Mapping[str, Record], heard: Mapping[str, Mapping[str, Any]]
) -> Iterator[Distribution]:
    listed = {path: digest for record in records.values() for path, digest in record.sums.items()}
    places = os.path.join(glob.escape(prefix), "lib/python3.*/site-packages/*.dist-info")
    for full in sorted(glob.glob(places)):
        if os.listdir(full) == ["REQUESTED"]:  # the empty note, when all else is gone
            continue
        directory = os.path.relpath(full, prefix)
        name, _, version = os.path.basename(full)[: -len(".dist-info")].partition("-")
        said = heard.get(full, {})
        yield Distribution(
            normalize(name),
            version,
            directory,
            _owner(prefix, directory, listed),
            dict(_rows(full, os.path.dirname(directory))),
            f"{directory}/METADATA" in listed,
            tuple(said.get("requires", ())),
            tuple((need, wants, there) for need, wants, there in said.get("unmet", ())),
            said.get("imports"),
        )


def _owner(prefix: str, directory: str, listed: Mapping[str, str]) -> str:
    """Who has written what lies there? conda, if a note of its own is byte for byte what one of
    conda's records says: RECORD, or INSTALLER where somebody has damaged that; or if INSTALLER
    names conda, where somebody has emptied the record."""
    installer = os.path.join(prefix, directory, "INSTALLER")
    if os.path.exists(installer):
        with open(installer, "rb") as file:
            if file.read().strip() == b"conda":
                return "conda"
    notes = [f"{directory}/{name}" for name in ("RECORD", "INSTALLER")]
    there = [path for path in notes if os.path.exists(os.path.join(prefix, path))]
    if not there:
        return "conda" if f"{directory}/METADATA" in listed else "pip"
    same = (files.sha256(os.path.join(prefix, path)) == listed.get(path) for path in there)
    return "conda" if any(same) else "pip"


def _rows(directory: str, site_packages: str) -> Iterator[tuple[str, str]]:
    try:
        with open(os.path.join(directory, "RECORD"), encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except OSError:
        return
    for name, digest, *_ in (row for row in rows if len(row) > 1):  # the last may be cut
        if not name.endswith(".pyc"):
            yield os.path.normpath(os.path.join(site_packages, name)), _hexadecimal(digest)


def _hexadecimal(digest: str) -> str:
    _, _, text = digest.partition("sha256=")
    whole = len(text) == 43  # it may be cut
    return base64.urlsafe_b64decode(f"{text}=").hex() if whole else ""


def normalize(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


# ---- both --------------------------------------------------------------------------------------


def _states(prefix: str, sums: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, digest in sums.items():
        full = os.path.join(prefix, path)
        if not os.path.lexists(full):
            yield path, "gone"
        elif digest and (not os.path.isfile(full) or files.sha256(full) != digest):
            yield path, "changed"


def _testimony(prefix: str) -> dict[str, Any]:
    python = os.path.join(prefix, "bin", "python")
    command = [python, "-I", "-B", WITNESS, PACKAGING]
    if not os.path.exists(python):
        return {}
    try:
        answer: dict[str, Any] = json.loads(_ask(command))
    except ValueError:
        return {}
    return answer


def _ask(command: list[str], patience: int = 3) -> bytes:
    """What it prints. A machine that stands still for a while is no testimony."""
    try:
        done = subprocess.run(
            command, capture_output=True, env={}, cwd="/", check=False, timeout=90
        )
    except subprocess.TimeoutExpired:
        if not patience:
            raise
        return _ask(command, patience - 1)
    return done.stdout
