"""Releases that are younger than the policy allows, with a real pip, a real uv and an index that
says when its files were uploaded.
"""

from __future__ import annotations

import datetime
import http.server
import json
import shutil
import subprocess
import sys
import threading
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from safeinstall.sandbox.distribution import Distribution
from tests import harness, uv

if TYPE_CHECKING:
    from collections.abc import Iterator

Done = subprocess.CompletedProcess[str]
JSON = "application/vnd.pypi.simple.v1+json"
PIP = distribution("pip")


class Index(http.server.BaseHTTPRequestHandler):
    """Two releases of one distribution: one a year old, one of this hour."""

    files: ClassVar[dict[str, bytes]] = {}

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.wfile.write(self.answer())

    def answer(self) -> bytes:
        name = self.path.rpartition("/")[2]
        content = self.files.get(name) or self.page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/zip" if name in self.files else JSON)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return content

    def page(self) -> str:
        now = datetime.datetime.now(datetime.UTC)
        uploaded = {"1.0": now - datetime.timedelta(days=365), "2.0": now}
        listed = [
            {
                "filename": name,
                "url": f"/files/{name}",
                "hashes": {},
                "upload-time": uploaded[name.split("-")[1]].isoformat(),
            }
            for name in self.files
        ]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": "leads", "files": listed})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    wheels = (Distribution("leads", version, "leads").wheel() for version in ("1.0", "2.0"))
    Index.files = dict(wheels)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A virtual environment with the newest pip, and a policy beside it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    source = Path(str(PIP.locate_file("")))
    for name in ("pip", f"pip-{PIP.version}.dist-info"):
        shutil.copytree(source / name, site / name)
    (tmp_path / "safeinstall.toml").write_text("[sources]\nmin_age = '3d'\n")
    return tmp_path


def run(
    place: Path, words: list[str], index: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    variables = {
        "HOME": str(place / "home"),
        "PATH": f"{place}/env/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(place / "env"),
        "PIP_INDEX_URL": index,
        "UV_INDEX_URL": index,
        **environ,
    }
    guarded = [*harness.GUARD, "run", "--", *words]
    return subprocess.run(
        guarded, cwd=place, env=variables, capture_output=True, text=True, check=False
    )


def version(place: Path) -> str:
    found = [entry.name for entry in place.glob("env/lib/python*/site-packages/leads-*")]
    return found[0].split("-")[1].removesuffix(".dist") if found else ""


needs_age = pytest.mark.skipif(int(PIP.version.split(".")[0]) < 26, reason="pip before 26")


@needs_age
def test_pip_takes_the_older_release(place: Path, index: str) -> None:
    done = run(place, ["env/bin/python", "-m", "pip", "install", "leads"], index)
    assert done.returncode == 0, done.stderr
    assert version(place) == "1.0"


@needs_age
def test_a_looser_age_is_refused_and_a_stricter_one_stays(place: Path, index: str) -> None:
    pip = ["env/bin/python", "-m", "pip", "install", "leads", "--uploaded-prior-to"]
    loose = run(place, [*pip, "P0D"], index)
    assert (loose.returncode, version(place)) == (77, "")
    assert "SI307" in loose.stderr
    strict = run(place, [*pip, "P900D"], index)
    assert (strict.returncode, version(place)) == (1, "")  # pip: there is no such release
    own = run(place, pip[:5], index, PIP_UPLOADED_PRIOR_TO="2001-01-01")
    assert (own.returncode, version(place)) == (1, "")


def test_uv_takes_the_older_release(place: Path, index: str) -> None:
    assert uv.UV
    words = [uv.UV, "pip", "install", "--no-config", "leads"]
    done = run(place, words, index)
    assert done.returncode == 0, done.stderr
    assert version(place) == "1.0"
    loose = run(place, [*words, "--reinstall", "--exclude-newer", "2999-01-01"], index)
    assert loose.returncode == 77


@needs_age
def test_what_hides_the_age_from_a_tool_is_refused(place: Path, index: str) -> None:
    pip = ["env/bin/python", "-m", "pip", "install", "--isolated", "-i", index, "leads"]
    blind = run(place, pip, index)
    assert (blind.returncode, version(place)) == (77, "")
    (place / "uv.toml").write_text('exclude-newer-package = { leads = "2999-01-01T00:00:00Z" }\n')
    assert uv.UV
    exempt = run(place, [uv.UV, "pip", "install", "leads"], index)
    assert (exempt.returncode, version(place)) == (77, "")
    assert "exclude-newer-package" in exempt.stderr
