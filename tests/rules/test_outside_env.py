"""SI103: what lands outside of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.model import Environment
from safeinstall.probe.environment import describe
from safeinstall.probe.inventory import scan
from safeinstall.probe.user_site import user_site
from safeinstall.rules import outside_env
from tests.harness import check, rules
from tests.rules.facts import facts_of

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("pip install --user six", "block"),
        ("pip install --prefix /srv/x six", "block"),
        ("pip install --target lib six", "warn"),
        ("pip install --root /stage six", "warn"),
        ("uv pip install --target lib six", "warn"),
        ("pip install --prefix /opt/conda/envs/nlp/ six", None),
        ("pip install six", None),
        ("pip uninstall -y six", None),
        ("conda install --prefix /srv/x six", None),
    ],
)
def test_levels(line: str, level: str | None) -> None:
    finding = outside_env.look(facts_of(line))
    assert (finding and finding.level) == level


@pytest.mark.parametrize(
    ("line", "more", "level"),
    [
        ("pip install --user six", {"user_site": "off"}, None),
        ("pip install six", {"user_site": "fallback"}, "block"),
        ("pip install --no-user six", {"user_site": "fallback"}, None),
        ("pip install --user six", {"environment": Environment("/usr", "system")}, "warn"),
        (
            "pip install six",
            {"environment": Environment("/usr", "system"), "user_site": "fallback"},
            None,
        ),
    ],
)
def test_user_installs(line: str, more: dict[str, Any], level: str | None) -> None:
    finding = outside_env.look(facts_of(line, **more))
    assert (finding and finding.level) == level


def test_the_fix_says_the_same_without_the_option() -> None:
    files = {"r.txt": "numpy\n"}
    finding = outside_env.look(facts_of("pip install --user -e . six -r r.txt", files=files))
    assert finding is not None
    assert finding.fixes == ("python -m pip install six -e . -r r.txt",)


def test_whether_pip_would_install_for_the_user(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    environment = Environment(str(tmp_path), "conda", site_packages=(str(site),))
    assert user_site(environment, {}) == "on"
    assert user_site(environment, {"PYTHONNOUSERSITE": "1"}) == "hidden"
    venv = environment.replace(kind="venv")
    assert user_site(venv, {}) == "off"
    (tmp_path / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
    assert user_site(venv, {}) == "on"
    missing = environment.replace(site_packages=("/proc/1/nowhere",))
    assert user_site(missing, {}) == "fallback"


@pytest.mark.parametrize(
    ("version", "refused"), [("23.2.1", False), ("25.3", True), ("26.3", True)]
)
def test_pip_refuses_what_would_be_hidden_since_25_3(version: str, refused: bool) -> None:
    met = facts_of("pip install --user six", f"conda pip {version}", user_site="hidden")
    assert (outside_env.look(met) is None) is refused


def test_pip_does_as_is_said(world: World, conda_env: str) -> None:
    environment = describe(world.env(conda_env))
    (pip,) = (p for p in scan(environment).packages if p.name == "pip")
    for variables in ({}, {"PYTHONNOUSERSITE": "1"}):
        words = ["pip", "install", "--user", "--dry-run", "cowsay"]
        done = world.run(words, conda_env, environ=variables)
        site = user_site(environment, variables)
        met = facts_of("pip install --user cowsay", f"conda pip {pip.version}", user_site=site)
        assert (done.returncode == 0) == (outside_env.look(met) is not None), done.stderr


@pytest.mark.parametrize("option", ["--target", "--prefix", "--root"])
def test_from_an_environment_that_lies_elsewhere(world: World, tmp_path: Path, option: str) -> None:
    """Its name is not known by its place."""
    prefix = str(tmp_path / "elsewhere")
    world.run(["conda", "create", "-y", "-p", prefix, "python", "pip"], check=True)
    told = check(world, [f"{prefix}/bin/pip", "install", option, str(tmp_path / "t"), "cowsay"])
    assert "SI103" in rules(told)
