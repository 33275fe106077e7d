"""Which indexes uv asks, held against the real uv, which finds no package at any of them."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.argv import Context, parse
from safeinstall.files import read_bytes
from safeinstall.probe import uv_config
from tests.uv import UV

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = {
    "i.txt": "-i {at}/file\nsix\n",
    "extra.txt": "--extra-index-url {at}/file\n-i {at}/other\nsix\n",
    "c.txt": "-i {at}/limits\n--extra-index-url {at}/more\n",
    "no.txt": "--no-index\nsix\n",
}


class Index(BaseHTTPRequestHandler):
    """Has nothing, and remembers who was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path.split("/")[1])
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    Index.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.mark.skipif(UV is None, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
@pytest.mark.parametrize(
    ("line", "config", "variables"),
    [
        ("six", "", {}),
        ("--index {at}/a six", "", {}),
        ("--index n={at}/a --extra-index-url {at}/b six", "", {}),
        ("--default-index {at}/a six", "", {}),
        ("-i {at}/a --index {at}/b six", "", {}),
        ("-r i.txt", "", {}),
        ("-i {at}/a -r i.txt", "", {}),
        ("-r extra.txt", "", {}),
        ("-c c.txt six", "", {}),
        ("--overrides c.txt six", "", {}),
        ("-r no.txt --index {at}/a", "", {}),
        ("--no-index six", "", {}),
        ("six", 'index-url = "{at}/conf"', {}),
        ("-r i.txt", 'index-url = "{at}/conf"', {}),
        ("six", '[pip]\nindex-url = "{at}/conf"', {}),
        ("-i {at}/a six", 'extra-index-url = ["{at}/conf"]', {}),
        ("-i {at}/a six", '[[index]]\nname = "n"\nurl = "{at}/conf"', {}),
        ("six", '[[index]]\nurl = "{at}/conf"\ndefault = true', {}),
        ("six", '[[index]]\nname = "n"\nurl = "{at}/conf"\nexplicit = true', {}),
        ("six", "no-index = true", {}),
        ("six", "", {"UV_INDEX_URL": "{at}/var"}),
        ("six", 'index-url = "{at}/conf"', {"UV_DEFAULT_INDEX": "{at}/var"}),
        ("six", "", {"UV_INDEX": "{at}/var {at}/other"}),
        ("six", "", {"UV_NO_INDEX": "1"}),
        ("six", "", {"UV_CONSTRAINT": "c.txt"}),
        ("six", "", {"UV_OVERRIDE": "c.txt"}),
    ],
)
def test_the_real_uv_asks_the_same(
    server: ThreadingHTTPServer,
    tmp_path: Path,
    line: str,
    config: str,
    variables: dict[str, str],
) -> None:
    assert UV is not None
    at = f"http://127.0.0.1:{server.server_port}"
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.format(at=at))
    (tmp_path / "uv.toml").write_text(config.replace("{at}", at))
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "UV_NO_CACHE": "1"}
    environ |= {"UV_HTTP_RETRIES": "0", "UV_SYSTEM_CERTS": "0"}
    environ |= {name: value.replace("{at}", at) for name, value in variables.items()}
    # PyPI must not be asked by a test: it is told from the others by a proxy that is not there
    environ |= {"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    words = line.replace("{at}", at).split()
    python = ["--python", sys.executable, "--dry-run", "--target", str(tmp_path / "t")]
    Index.asked.clear()
    done = subprocess.run(
        [UV, "pip", "install", *python, *words],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode, done.stdout

    def configuration(directory: str, named: str) -> dict[str, object]:
        return uv_config.read(directory, named, environ, str(tmp_path), "")

    context = Context(environ, str(tmp_path), read_bytes, {}, uv_config=configuration)
    ours = parse(["uv", "pip", "install", *words], context)
    assert {index.rpartition("/")[2] for index in ours.indexes} == set(Index.asked), done.stderr
    assert ours.asks_pypi == ("pypi.org" in done.stderr), done.stderr
