"""SI301: pip is asked for what a channel has; and the whole way from a cache to the advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall import argv, settings
from safeinstall.guard.background import Background
from safeinstall.guard.facts import LookedUp
from safeinstall.model import Environment, Offer, Sources
from safeinstall.policy.merge import preset_policy
from safeinstall.probe import place as places
from safeinstall.probe import repodata
from safeinstall.rules import conda_has_it, registry
from safeinstall.settings import Session
from safeinstall.specs.conda_names import COMPILED, conda_names
from tests.rules.facts import facts_of

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

OFFERS = (
    Offer("numpy", "numpy", "conda-forge", ("1.26.4", "2.0.0")),
    Offer("torch", "pytorch", "conda-forge", ("2.5.1",)),
    Offer("requests", "requests", "conda-forge", ("2.31.0",)),
)


@pytest.mark.parametrize(
    ("line", "rows", "level"),
    [
        ("pip install numpy", (), "block"),
        ("pip install requests", (), "warn"),
        ("pip install requests torch", (), "block"),
        ("uv pip install numpy", (), "block"),
        ("pip install numpy==1.26.4", (), "block"),
        ("pip install numpy==1.25.0", (), None),  # that one no channel has
        ("pip install cowsay", (), None),
        ("pip install numpy", ("conda numpy 1.26.4",), None),
        ("pip install torch", ("conda pytorch 2.5.1",), None),  # by whatever name
        ("pip install numpy", ("pip cowsay 6.1",), None),  # handed over to pip
        ("pip install -e numpy", (), None),
        ("pip install git+https://example.org/numpy.git#egg=numpy", (), None),
        ("pip install ./numpy-1.0-py3-none-any.whl", (), None),
        ("pip install --target lib numpy", (), None),
        ("pip uninstall -y numpy", (), None),
        ("conda install numpy", (), None),
    ],
)
def test_levels(line: str, rows: tuple[str, ...], level: str | None) -> None:
    finding = conda_has_it.look(facts_of(line, *rows, offers=OFFERS))
    assert (finding and finding.level) == level


def test_what_is_said() -> None:
    line = "pip install requests cowsay torch>=2"
    finding = conda_has_it.look(facts_of(line, offers=OFFERS))
    assert finding is not None
    assert finding.fixes == (
        "conda install -n nlp 'pytorch>=2' requests",
        "python -m pip install cowsay",
    )
    assert finding.message.startswith("conda-forge has pytorch, requests: conda first, pip last.")
    assert "\n" not in finding.message


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("numpy~=1.26", "'numpy~=1.26'"),
        ("numpy==1.26.*", "numpy=1.26"),
        ("torch==2.5.1+cu118", "pytorch"),
        ("torch<3,>=2", "'pytorch>=2,<3'"),
    ],
)
def test_the_version_as_conda_writes_it(asked: str, offered: str) -> None:
    offers = (*OFFERS[:1], OFFERS[1].replace(versions=()))
    finding = conda_has_it.look(facts_of(f"pip install {asked}", offers=offers))
    assert finding is not None
    assert finding.fixes == (f"conda install -n nlp {offered}",)


def test_what_the_policy_prefers_and_where_it_is_no_matter() -> None:
    prefer = Sources(prefer_conda=("requests",))
    finding = conda_has_it.look(facts_of("pip install requests", offers=OFFERS, sources=prefer))
    assert finding is not None
    assert finding.level == "block"
    venv = Environment("/srv/v", "venv", python="3.11")
    assert conda_has_it.look(facts_of("pip install numpy", offers=OFFERS, environment=venv)) is None


def test_names() -> None:
    assert conda_names("torch") == ("pytorch",)
    assert conda_names("tables") == ("pytables",)
    assert conda_names("opencv-python")[0] == "opencv"
    assert conda_names("typing-extensions") == ("typing-extensions", "typing_extensions")
    assert conda_names("jupyter-core") == ("jupyter-core", "jupyter_core")
    assert "torch" in COMPILED


def test_from_a_cache_to_the_advice(world: World, conda_env: str, tmp_path: Path) -> None:
    """A repodata cache as conda keeps it, of the world's own channel."""
    environ = world.environ(conda_env, XDG_CACHE_HOME=str(tmp_path / "cache"))
    configuration = settings.read(environ)
    kept = tmp_path / "pkgs" / "cache"
    kept.mkdir(parents=True)
    for subdir in ("noarch", repodata.this_platform()):
        source = Path(world.channel, subdir, "repodata.json")
        (kept / f"{subdir}.json").write_bytes(source.read_bytes())
        state = {"url": f"file://{world.channel}/{subdir}"}
        (kept / f"{subdir}.info.json").write_text(json.dumps(state))
    environ["CONDA_PKGS_DIRS"] = str(tmp_path / "pkgs")

    def advice(*words: str) -> str:
        context = argv.Context(environ, world.work, lambda _: None, {})
        command = argv.parse(("pip", *words), context)
        session = Session(configuration, environ, world.work)
        executable = places.locate(command.words[0], environ, world.work)
        place = places.find(command, executable, session)
        facts = LookedUp(place, session, preset_policy("recommended"))
        finding = registry.look_of("SI301", facts)
        Background(facts, session)._refresh()
        return finding.fixes[0] if finding else ""

    assert advice("install", "torch") == ""  # nothing is known yet
    assert advice("install", "torch") == f"conda install -n {conda_env} pytorch"
    assert advice("install", "opencv-python") == f"conda install -n {conda_env} opencv"
    assert advice("install", "cowsay") == ""
    assert advice("install", "pip") == ""
