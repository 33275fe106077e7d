"""An environment from files alone, with everything that the guard reads of one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

from safeinstall import settings
from safeinstall.journal import Journal, ids, record
from safeinstall.model import Change, Environment, Package

if TYPE_CHECKING:
    from pathlib import Path

SITE = "lib/python3.11/site-packages"

CONDARC = b"""\
channels:
  - conda-forge
  - https://conda.example.org/unwanted
channel_priority: strict
custom_channels:
  mine: https://conda.example.org
"""
ENVIRONMENT_FILE = b"""\
channels: [conda-forge, https://conda.example.org/unwanted]
dependencies:
  - python=3.11
  - "numpy>=1.26,<2"
  - pip:
      - six==1.16.0
      - --index-url https://pypi.example.org/simple
      - requests[socks]>=2 ; python_version > "3.8"
"""
REQUIREMENTS = b"""\
# coding: utf-8
six==1.16.0 \\
    --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254
requests[socks]>=2 ; python_version > "3.8"
-e git+https://example.org/x@1234567#egg=x
"""
POLICY = b"""\
schema = 1
[policy]
id = "acme-ml"
version = "2026.11"
preset = "recommended"
locked = ["rules.SI202"]
[rules]
SI202 = { level = "block", override = "never" }
SI301 = "warn"
[sources]
channels = ["conda-forge"]
indexes = ["https://pypi.example.org/simple"]
[packages]
deny = ["denied<9"]
[[exceptions]]
rule = "SI305"
packages = ["six"]
id = "S-1"
owner = "Jane"
reason = "until it is released"
expires = 2030-01-01
"""
HISTORY = b"""\
==> 2026-01-02 10:00:00 <==
# cmd: /opt/conda/bin/conda create -n ml python=3.11 numpy
# conda version: 25.1.0
+conda-forge/linux-64::numpy-1.26.4-py311_0
+conda-forge/linux-64::python-3.11.7-h1_0
# create specs: ['python=3.11', "numpy[version='>=1.26']"]
"""


def build(root: Path) -> None:
    """A conda environment, a venv, a home and a directory to work in, below ``root``."""
    prefix, venv, work = root / "envs" / "ml", root / "venv", root / "work"
    work.mkdir(parents=True)
    (root / "home").mkdir()
    for where in (prefix, venv, root / "base"):
        _python(where)
    (venv / "lib" / "python3.11" / "os.py").unlink()
    _pyvenv(venv)
    _program(root / "base" / "bin" / "conda", root / "base" / "bin" / "python")
    (root / "base" / "conda-meta").mkdir()
    _packages(prefix)
    (prefix / "conda-meta" / "history").write_bytes(HISTORY)
    (prefix / "conda-meta" / "frozen").write_text('{"message": "handed over to pip"}')
    (prefix / ".condarc").write_bytes(CONDARC)
    (work / "environment.yml").write_bytes(ENVIRONMENT_FILE)
    (work / "requirements.txt").write_bytes(REQUIREMENTS)
    (work / "safeinstall.toml").write_bytes(POLICY)
    _journal(root, prefix)


def _python(prefix: Path) -> None:
    (prefix / SITE / "pip-25.1.dist-info").mkdir(parents=True)
    (prefix / SITE / "pip-25.1.dist-info" / "METADATA").write_text("Name: pip\nVersion: 25.1\n")
    (prefix / "lib" / "python3.11" / "os.py").write_text("")
    (prefix / "bin").mkdir()
    _program(prefix / "bin" / "python", None)
    _program(prefix / "bin" / "pip", prefix / "bin" / "python")


def _program(path: Path, interpreter: Path | None) -> None:
    path.write_text(f"#!{interpreter}\n" if interpreter else "\x7fELF")
    path.chmod(0o755)


def _pyvenv(venv: Path) -> None:
    (venv / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n"
    )


def _packages(prefix: Path) -> None:
    numpy = _distribution(prefix, "numpy", "1.26.4", "conda", requires=())
    torch = _distribution(prefix, "torch", "2.1.0", "conda", requires=("numpy<2",))
    _distribution(prefix, "six", "1.16.0", "pip", requires=(), url=True)
    time.sleep(0.01)  # conda writes its records last
    _record(prefix, "numpy", "1.26.4", numpy)
    _record(prefix, "pytorch", "2.1.0", torch)
    _record(prefix, "python", "3.11.7", ["bin/python", "lib/python3.11/os.py"])


def _distribution(
    prefix: Path, name: str, version: str, installer: str, requires: tuple[str, ...], **more: bool
) -> list[str]:
    """The paths of its files, relative to the prefix."""
    info = f"{name}-{version}.dist-info"
    headers = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    headers += [f"Requires-Dist: {line}" for line in requires]
    files = {
        f"{name}/__init__.py": b"",
        f"{info}/METADATA": ("\n".join(headers) + "\n\nA text.\n").encode(),
        f"{info}/INSTALLER": f"{installer}\n".encode(),
    }
    if more:
        source: Any = {"url": f"https://example.org/{name}", "vcs_info": {"vcs": "git"}}
        files[f"{info}/direct_url.json"] = json.dumps(source).encode()
    rows = [f"{path},sha256={_sum(data)},{len(data)}" for path, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    for path, data in files.items():
        (prefix / SITE / path).parent.mkdir(exist_ok=True)
        (prefix / SITE / path).write_bytes(data)
    return [f"{SITE}/{path}" for path in files]


def _sum(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _record(prefix: Path, name: str, version: str, files: list[str]) -> None:
    build = "h1_0" if name == "python" else "py311_0"
    paths = [
        {"_path": path, "sha256": hashlib.sha256((prefix / path).read_bytes()).hexdigest()}
        for path in files
    ]
    document = {
        "build": build,
        "build_number": 0,
        "channel": "https://conda.anaconda.org/conda-forge/linux-64",
        "depends": ["python >=3.11,<3.12.0a0"],
        "files": files,
        "link": {"source": f"/opt/conda/pkgs/{name}-{version}-{build}", "type": 1},
        "name": name,
        "paths_data": {"paths": paths, "paths_version": 1},
        "version": version,
    }
    (prefix / "conda-meta").mkdir(exist_ok=True)
    file = prefix / "conda-meta" / f"{name}-{version}-{build}.json"
    file.write_text(json.dumps(document, indent=2))


def _journal(root: Path, prefix: Path) -> None:
    journal = Journal.open(str(prefix), settings.read({"HOME": str(root / "home")}))
    environment = Environment(str(prefix), "conda", name="ml")
    for version in ("1.15.0", "1.16.0"):
        change = Change("six", None, Package("six", version, "pip"))
        who = {"user": "ann", "uid": os.getuid(), "host": "here", "parents": ["bash"]}
        journal.append(
            record.observed("drift", actor=who, environment=environment, changes=[change])
        )
    journal.append(
        record.outcome(
            ids.operation(),
            exit_code=0,
            signal=None,
            duration_ms=9,
            changes=[change],
            warnings=["WARNING: x"],
        )
    )
