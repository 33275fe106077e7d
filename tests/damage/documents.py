"""Valid documents of each kind in many variants, cut short and mutated from a seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from safeinstall import settings
from safeinstall.journal import Journal, seal

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

SITE = "envs/ml/lib/python3.11/site-packages"
FILES = {
    "conda-record": "envs/ml/conda-meta/numpy-1.26.4-py311_0.json",
    "conda-record-torch": "envs/ml/conda-meta/pytorch-2.1.0-py311_0.json",
    "conda-metadata": f"{SITE}/numpy-1.26.4.dist-info/METADATA",
    "conda-record-file": f"{SITE}/numpy-1.26.4.dist-info/RECORD",
    "conda-installer": f"{SITE}/numpy-1.26.4.dist-info/INSTALLER",
    "pip-metadata": f"{SITE}/six-1.16.0.dist-info/METADATA",
    "pip-record-file": f"{SITE}/six-1.16.0.dist-info/RECORD",
    "pip-installer": f"{SITE}/six-1.16.0.dist-info/INSTALLER",
    "direct-url": f"{SITE}/six-1.16.0.dist-info/direct_url.json",
    "history": "envs/ml/conda-meta/history",
    "frozen": "envs/ml/conda-meta/frozen",
    "journal": "envs/ml/.safeinstall/journal.jsonl",
    "pyvenv": "venv/pyvenv.cfg",
    "condarc": "envs/ml/.condarc",
    "environment": "work/environment.yml",
    "requirements": "work/requirements.txt",
    "policy": "work/safeinstall.toml",
}
PARSED = ("condarc", "environment", "policy")  # by libraries that import what the guard does not
_JSON = ("conda-record", "conda-record-torch", "direct-url", "frozen")
_ODD: list[Any] = [5, -1, None, True, "", "x", [], {}, [[]], {"": {}}, 10**400, 1e308, "\ud800"]


def originals(root: Path) -> dict[str, bytes]:
    """The documents as they stand in the environment."""
    found = {name: (root / path).read_bytes() for name, path in FILES.items()}
    configuration = settings.read({"HOME": str(root / "home")})
    mirror = Journal.open(str(root / "envs" / "ml"), configuration).places[-1]
    with open(mirror.path, "rb") as file:
        found["mirror"] = file.read()
    return found


def variants(name: str, whole: bytes, draw: random.Random) -> Iterator[tuple[bytes, bytes]]:
    """The document in two parts, that is kept as it is and that is to be damaged: first as it is,
    then with other words in places that do not count, again and again.
    """
    kept = whole if name in ("journal", "mirror") else b""
    yield b"", whole
    while True:
        filler = "".join(draw.choices('abcdefghij/.é"\\ -{}[],:', k=draw.randrange(5, 300)))
        if kept:
            record = {**json.loads(whole.splitlines()[-1]), "cwd": filler}
            record.pop("hash")
            yield kept, seal.seal(record)[0]
        elif name in _JSON:
            yield b"", _filled(json.loads(whole), filler, draw)
        else:
            comment = filler.replace("\n", " ").encode()
            yield b"", whole if name.endswith("installer") else _commented(name, whole, comment)


def _filled(document: dict[str, Any], filler: str, draw: random.Random) -> bytes:
    if isinstance(document.get("files"), list):
        document["files"].insert(draw.randrange(len(document["files"]) + 1), f"share/{filler}")
    document = {"aaa": filler, **document} if draw.random() < 0.5 else {**document, "zzz": filler}
    return json.dumps(
        document, indent=draw.choice([None, 2]), ensure_ascii=draw.random() < 0.5
    ).encode()


def _commented(name: str, whole: bytes, comment: bytes) -> bytes:
    if name.endswith("metadata"):
        return whole + comment
    if name.endswith("record-file"):
        return whole.replace(b"\n", b"\nshare/" + comment.replace(b'"', b"") + b",,\n", 1)
    return b"# " + comment + b"\n" + whole


def prefixes(
    name: str, whole: bytes, count: int, draw: random.Random
) -> Iterator[tuple[str, bytes]]:
    """``count`` of them, of as many variants as it takes; where few are wanted, drawn."""
    for kept, part in variants(name, whole, draw):
        places = range(len(part) + 1)
        cuts = draw.sample(places, count) if count < len(places) else places
        yield from ((name, kept + part[:cut]) for cut in cuts)
        count -= len(cuts)
        if not count:
            return


def mutations(
    name: str, whole: bytes, count: int, draw: random.Random
) -> Iterator[tuple[str, bytes]]:
    """``count`` of them: a bit, some bytes, a value of another type."""
    source = variants(name, whole, draw)
    for _ in range(count):
        kept, part = next(source)
        yield name, kept + _mutated(name, part, draw)


def _mutated(name: str, part: bytes, draw: random.Random) -> bytes:
    at, kind = draw.randrange(len(part)), draw.randrange(6)
    if kind == 0:
        return part[:at] + bytes([part[at] ^ 1 << draw.randrange(8)]) + part[at + 1 :]
    if kind == 1:
        return part[:at] + part[at + draw.randrange(1, 40) :]
    if kind == 2:
        return part[:at] + draw.randbytes(draw.randrange(1, 40)) + part[at:]
    if kind == 3:
        odd = draw.choice(
            [b"{" * 5000, b"[" * 99_999, b"9" * 6000, b"\0", b"\n" * 5000, b'"\\ud800"']
        )
        return part[:at] + odd + part[at:]
    if kind == 4 or name not in _JSON:
        return part[at:] + part[:at]
    return json.dumps(_retyped(json.loads(part), draw)).encode("utf-8", "surrogatepass")


def _retyped(value: Any, draw: random.Random) -> Any:
    """One value in it, at any depth, is another one."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        name = draw.choice(sorted(value))
        return {**value, name: _retyped(value[name], draw)}
    if isinstance(value, list) and value and draw.random() < 0.5:
        at = draw.randrange(len(value))
        return [*value[:at], _retyped(value[at], draw), *value[at + 1 :]]
    return draw.choice(_ODD)
