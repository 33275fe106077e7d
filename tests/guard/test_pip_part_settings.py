"""Every rule about pip's settings and sources is asked about the pip that conda starts, too."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from safeinstall.output.quoting import paste
from safeinstall.probe import inventory
from safeinstall.probe.environment import describe
from tests import harness
from tests.rails.test_pip_in_conda import started_by_conda

if TYPE_CHECKING:
    from pathlib import Path

    from safeinstall.sandbox.world import World

PART = "dependencies:\n- python\n- pip\n- pip:\n  - {}\n"
STRICT = "[rules]\nSI103 = 'block'\nSI303 = 'block'\n"
OURS = "https://pypi.acme.example/simple"


def words_for(directory: Path, *lines: str, name: str = "to_be_made") -> list[str]:
    file = directory / "environment.yml"
    file.write_text(PART.format("\n  - ".join(lines)))
    return ["conda", "env", "create", "-n", name, "-f", str(file)]


def check(world: World, words: list[str], environ: dict[str, str]) -> dict[str, Any]:
    done = world.run([*harness.GUARD, "check", "--json", "--", *words], environ=environ)
    assert done.stdout, done.stderr.decode()
    return {**json.loads(done.stdout), "status": done.returncode}


def configured(world: World, directory: Path, *lines: str) -> dict[str, str]:
    """A pip.conf in place of the user's: what the world's has, and more."""
    with open(f"{world.home}/.config/pip/pip.conf", encoding="utf-8") as file:
        usual = file.read()
    (directory / "pip.conf").write_text("\n".join([usual, *lines]))
    return {"PIP_CONFIG_FILE": str(directory / "pip.conf")}


def policy(directory: Path, text: str) -> dict[str, str]:
    (directory / "policy.toml").write_text(text)
    return {"SAFEINSTALL_POLICY": str(directory / "policy.toml")}


def status(world: World, name: str) -> list[dict[str, Any]]:
    """The problems that ``safeinstall status`` shows."""
    command = [sys.executable, "-m", "safeinstall", "status", "--json", "-p", world.env(name)]
    found: list[dict[str, Any]] = json.loads(world.run(command).stdout)["problems"]
    return found


def unset(line: str) -> dict[str, str]:
    """The variables that a command line sets for itself."""
    return dict(word.split("=", 1) for word in line.partition(" conda ")[0].split())


@pytest.mark.parametrize(
    ("environ", "by"),
    [
        ({"PIP_USER": "yes"}, "PIP_USER installs into your home directory"),
        ({"PIP_TARGET": "/srv/lib"}, "PIP_TARGET puts the packages into /srv/lib"),
        ({"PIP_PREFIX": "/srv"}, "PIP_PREFIX puts the packages into /srv"),
        ({"PIP_ROOT": "/stage"}, "PIP_ROOT puts the packages into /stage"),
    ],
)
def test_variables(world: World, tmp_path: Path, environ: dict[str, str], by: str) -> None:
    words = words_for(tmp_path, "cowsay")
    answer = check(world, words, environ)
    (finding,) = [f for f in answer["findings"] if f["rule"] == "SI103"]
    assert by in finding["message"]
    assert answer["status"] == 0
    strict = check(world, words, environ | policy(tmp_path, STRICT))
    assert strict["status"] == (77 if "PIP_USER" in environ or "PIP_PREFIX" in environ else 0)
    (fix,) = finding["fixes"]
    assert harness.rules(check(world, words, environ | unset(fix))) == []


def test_configuration(world: World, tmp_path: Path) -> None:
    words = words_for(tmp_path, "cowsay")
    environ = configured(world, tmp_path, "[install]", "user = true")
    (finding,) = check(world, words, environ)["findings"]
    assert f"user in {tmp_path}/pip.conf installs into your home" in finding["message"]
    assert harness.rules(check(world, words, environ | unset(finding["fixes"][0]))) == []
    environ = configured(world, tmp_path, "[install]", "target = /srv/lib")
    (finding,) = check(world, words, environ)["findings"]
    assert finding["fixes"][0].endswith(f"  # without target in {tmp_path}/pip.conf")
    assert harness.rules(check(world, words, {})) == []


def test_into_another_environment(world: World, conda_env: str, tmp_path: Path) -> None:
    """pip sees nothing of what conda has there."""
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    there = describe(world.env(conda_env))
    words = words_for(tmp_path, "six==1.17.0")
    for environ, by in (
        ({"PIP_TARGET": there.site_packages[0]}, "PIP_TARGET"),
        ({"PIP_PREFIX": there.prefix, "PIP_IGNORE_INSTALLED": "1"}, "PIP_PREFIX"),
        (
            configured(world, tmp_path, "[install]", f"target = {there.site_packages[0]}"),
            f"target in {tmp_path}/pip.conf",
        ),
    ):
        answer = check(world, words, environ)
        (finding,) = [f for f in answer["findings"] if f["rule"] == "SI202"]
        assert (answer["status"], f"{by} leads this pip" in finding["message"]) == (77, True)
        (fix,) = finding["fixes"]
        if "/" in by:
            assert fix == f"{paste(words)}  # without {by}"
        else:
            assert harness.rules(check(world, words, unset(fix))) == []
    world.create_env("aside", "python", "pip")
    aside = ["pip", "install", "--target", there.site_packages[0], "tqdm"]
    (fix,) = harness.advice(harness.run(world, aside, "aside"))
    assert fix == f"conda run -p {there.prefix} python -m pip install tqdm"
    assert harness.pasted(world, fix, "aside").returncode == 0
    world.remove_env("aside")


def test_into_another_interpreter(world: World, conda_env: str, tmp_path: Path) -> None:
    words = words_for(tmp_path, "cowsay", name=conda_env)
    words[2] = "update"
    world.create_env("aside", "python", "pip")
    aside = f"{world.env('aside')}/bin/python"
    (tmp_path / "pip.conf").write_text(f"[global]\npython = {aside}\n")
    for environ, by in (
        ({"PIP_PYTHON": aside}, "PIP_PYTHON"),
        ({"PIP_CONFIG_FILE": f"{tmp_path}/pip.conf"}, "python in"),
    ):
        for verb in ("update", "create"):
            line = [*words[:2], verb, "-n", "to_be_made" if verb == "create" else conda_env]
            answer = check(world, [*line, *words[5:]], environ)
            assert (answer["status"], harness.rules(answer)) == (77, ["SI102"])
            assert answer["findings"][0]["message"].startswith(by)
    started = started_by_conda(world, conda_env, "cowsay")
    (tmp_path / "told").write_text(f"\0{world.env(conda_env)}\0conda\0env\0update")
    ask = [*harness.GUARD, "hold", str(tmp_path), world.work, "--", *started]
    done = world.run(ask, conda_env, environ={"PIP_PYTHON": aside})
    assert (done.returncode, done.stdout) == (77, b"")
    assert b"SI102" in done.stderr
    done = harness.run(world, words, environ={"PIP_PYTHON": aside})
    (fix,) = harness.advice(done)
    assert (done.returncode, fix) == (77, f"PIP_PYTHON= {paste(words)}")
    done = harness.pasted(world, fix, environ={"PIP_PYTHON": aside})
    assert done.returncode == 0, done.stderr.decode()
    assert version_of(world, conda_env, "cowsay")[0] == "pip"
    there = inventory.scan(describe(world.env("aside"))).packages
    assert "cowsay" not in [package.name for package in there]
    world.remove_env("aside")


def test_pip_started_again_in_its_own_interpreter(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """PIP_PYTHON makes that pip start another one; that is the one to be heard."""
    world.run(["conda", "install", "-y", "numpy=2.0"], conda_env, check=True)
    words = words_for(tmp_path, "pandas", name=conda_env)
    words[2] = "update"
    own = f"{world.env(conda_env)}/bin/python"
    done = harness.run(world, words, environ={"PIP_PYTHON": own})
    assert done.returncode == 77, done.stderr.decode()
    assert "pandas 2.1.4 needs numpy<2" in done.stderr.decode()
    words_for(tmp_path, "cowsay", name=conda_env)
    assert harness.run(world, words, environ={"PIP_PYTHON": own}).returncode == 0
    assert version_of(world, conda_env, "cowsay")[0] == "pip"


def test_what_a_setting_has_installed_again(world: World, conda_env: str, tmp_path: Path) -> None:
    """No edit of the environment file would help."""
    world.run(["conda", "install", "-y", "numpy=1.26", "six=1.16"], conda_env, check=True)
    words = words_for(tmp_path, "pandas", name=conda_env)
    file = tmp_path / "environment.yml"
    file.write_text(file.read_text().replace("- pip\n", "- pip\n- numpy=1.26\n- six=1.16\n", 1))
    words[2] = "update"
    for name in ("PIP_FORCE_REINSTALL", "PIP_IGNORE_INSTALLED"):
        done = harness.run(world, words, environ={name: "1"})
        assert done.returncode == 77, done.stderr.decode()
        assert "numpy 1.26.4 would have been installed again: pandas" in done.stderr.decode()
    (fix,) = harness.advice(done)
    assert fix == f"PIP_FORCE_REINSTALL=0 PIP_IGNORE_INSTALLED=0 {paste(words)}"
    done = harness.pasted(world, fix, environ={"PIP_IGNORE_INSTALLED": "1"})
    assert done.returncode == 0, done.stderr.decode()
    assert version_of(world, conda_env, "numpy") == ("conda", "1.26.4")


def test_what_only_the_configuration_asks_for(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "six=1.16"], conda_env, check=True)
    (tmp_path / "r.txt").write_text("six==1.17.0\n")
    asks = f"requirement = {tmp_path}/r.txt"
    for section, words in (("install", ["pip", "install"]), ("uninstall", ["pip", "uninstall"])):
        environ = configured(world, tmp_path, f"[{section}]", asks, "yes = true")
        for start in ([], ["conda", "run", "-n", conda_env]):
            active = None if start else conda_env
            done = harness.run(world, [*start, *words], active, environ=environ)
            assert done.returncode == 77, done.stderr.decode()
    assert version_of(world, conda_env, "six") == ("conda", "1.16.0")


def test_an_environment_has_settings_for_the_pip_in_it(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "six=1.16", "numpy=1.26"], conda_env, check=True)
    config = f"{world.env(conda_env)}/pip.conf"
    with open(config, "w", encoding="utf-8") as file:
        file.write("[install]\nforce-reinstall = true\n")
    done = harness.run(world, ["conda", "run", "-n", conda_env, "pip", "install", "pandas"])
    assert done.returncode == 77, done.stderr.decode()
    with open(config, "w", encoding="utf-8") as file:
        file.write("[install]\nuser = 1\n")
    words = ["conda", "run", "-n", conda_env, "pip", "install", "cowsay"]
    assert harness.rules(harness.check(world, words)) == ["SI103"]
    os.unlink(config)


@pytest.mark.parametrize(
    ("lines", "setting", "strange"),
    [
        (["--index-url https://evil.example/simple", "cowsay"], {}, "evil.example"),
        (["-i https://evil.example/simple", "cowsay"], {}, "evil.example"),
        ([f"--extra-index-url {OURS}", "cowsay"], {}, "pypi.org"),
        (["cowsay"], {"PIP_EXTRA_INDEX_URL": "https://evil.example/simple"}, "evil.example"),
        (["cowsay"], {"PIP_INDEX_URL": "https://evil.example/simple"}, "evil.example"),
        (["-r more.txt"], {}, "evil.example"),
        ([f"--index-url {OURS}", "cowsay"], {}, ""),
        (["cowsay"], {"PIP_INDEX_URL": OURS}, ""),
    ],
)
def test_indexes(
    world: World, tmp_path: Path, lines: list[str], setting: dict[str, str], strange: str
) -> None:
    (tmp_path / "more.txt").write_text("-i https://evil.example/simple\ncowsay\n")
    allowed = policy(tmp_path, f"{STRICT}[sources]\nindexes = ['{OURS}']\n")
    environ = {**allowed, "PIP_CONFIG_FILE": "/dev/null", **setting}
    words = words_for(tmp_path, *lines)
    answer = check(world, words, environ)
    assert [f["rule"] for f in answer["findings"]] == ["SI303"] * bool(strange)
    for finding in answer["findings"]:
        assert strange in finding["message"]
        (fix,) = finding["fixes"]
        if "#" not in fix:
            assert harness.rules(check(world, words, environ | unset(fix))) == []


def test_an_environment_that_is_externally_managed(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    (library,) = [d for d in os.listdir(f"{world.env(conda_env)}/lib") if d.startswith("python3.")]
    with open(f"{world.env(conda_env)}/lib/{library}/EXTERNALLY-MANAGED", "w") as file:
        file.write("[externally-managed]\nError=leave it\n")
    words = words_for(tmp_path, "cowsay", name=conda_env)
    words[2] = "update"
    assert "SI104" in harness.rules(check(world, words, {"PIP_BREAK_SYSTEM_PACKAGES": "1"}))
    assert "SI104" not in harness.rules(check(world, words, {}))


def test_it_lands_outside_and_is_known_afterwards(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    words = words_for(tmp_path, "cowsay", name=conda_env)
    words[2] = "update"
    there = tmp_path / "lib"
    done = harness.run(world, words, environ={"PIP_TARGET": str(there)})
    text = done.stderr.decode()
    assert done.returncode == 0, text
    assert (there / "cowsay").is_dir()
    assert text.count("SI103") == 1
    operation = harness.history(world, conda_env)[-1]
    assert [f["rule"] for f in operation["findings"]] == ["SI103"]
    (problem,) = status(world, conda_env)
    assert problem["kind"] == "outside"
    assert f"PIP_TARGET puts the packages into {there}" in problem["message"]


# ---- the pip itself ------------------------------------------------------------------------------


def test_the_pip_is_judged_when_it_is_there(world: World, conda_env: str, tmp_path: Path) -> None:
    """Nobody could read the environment file beforehand: it is remote, or a plugin made it."""
    words = started_by_conda(world, conda_env, "cowsay")
    ask = [*harness.GUARD, "hold", str(tmp_path), world.work, "--", *words]
    target = {"PIP_PREFIX": "/srv"}
    done = world.run(ask, conda_env, environ=target)
    assert done.returncode == 0
    assert "warning SI103 outside-env: PIP_PREFIX puts" in done.stderr.decode()
    done = world.run(ask, conda_env, environ=target | policy(tmp_path, STRICT))
    assert (done.returncode, done.stdout) == (77, b"")
    (tmp_path / "told").write_text(f"SI103\0{world.env(conda_env)}\0conda\0env\0update")
    done = world.run(ask, conda_env, environ=target | policy(tmp_path, STRICT))
    assert (done.returncode, done.stderr) == (0, b"")


# ---- half an environment -------------------------------------------------------------------------


def test_an_environment_whose_pip_part_fails_is_half_made(world: World, tmp_path: Path) -> None:
    name = "half_made"
    words = words_for(tmp_path, "no-such-package", name=name)
    try:
        assert harness.run(world, words).returncode == 1
        operation = harness.history(world, name)[-1]
        assert operation["status"] == "failed"
        assert "python" in [change["name"] for change in operation["changes"]]
        (problem,) = status(world, name)
        assert problem["kind"] == "half-made"
        words_for(tmp_path, "cowsay")
        finish = problem["commands"][-1]
        assert finish == f"conda env update -n {name} -f {tmp_path}/environment.yml"
        assert harness.run(world, finish.split()).returncode == 0
        assert status(world, name) == []
    finally:
        world.remove_env(name)


# ---- what is there when that pip starts ----------------------------------------------------------


def version_of(world: World, name: str, package: str) -> tuple[str, str]:
    there = inventory.scan(describe(world.env(name))).packages
    (found,) = [p for p in there if p.name == package]
    return found.owner, found.version


def test_what_conda_prunes_is_in_nobody_s_way(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "urllib3=2.1.0", "six=1.16"], conda_env, check=True)
    words = words_for(tmp_path, "urllib3==2.2.2", name=conda_env)
    words[2] = "update"
    assert harness.rules(harness.check(world, words)) == ["SI202"]
    done = harness.run(world, [*words, "--prune"])
    assert done.returncode == 0, done.stderr.decode()
    assert b"SI202" not in done.stderr
    assert version_of(world, conda_env, "urllib3") == ("pip", "2.2.2")


def test_a_build_that_conda_prunes_is_no_second_one(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    world.run(["conda", "install", "-y", "tensorflow=2.11"], conda_env, check=True)
    words = words_for(tmp_path, "tensorflow==2.15.0", name=conda_env)
    words[2] = "update"
    assert "SI204" in harness.rules(harness.check(world, words))
    done = harness.run(world, [*words, "--prune"])
    assert done.returncode == 0, done.stderr.decode()
    assert b"SI204" not in done.stderr
    assert version_of(world, conda_env, "tensorflow") == ("pip", "2.15.0")


def test_what_is_made_anew_is_in_nobody_s_way(world: World, conda_env: str, tmp_path: Path) -> None:
    world.run(["conda", "install", "-y", "urllib3=2.1.0"], conda_env, check=True)
    words = words_for(tmp_path, "urllib3==2.2.2", name=conda_env)
    assert "SI202" not in harness.rules(harness.check(world, words))


@pytest.mark.real_conda  # the sandbox's conda takes no plugin, and "env update" has no dry run
@pytest.mark.parametrize(("pip", "status"), [("urllib3==2.2.2", 0), ("cowsay", 77)])
def test_what_pip_brings_again_is_missed_by_nobody(
    world: World, conda_env: str, tmp_path: Path, pip: str, status: int
) -> None:
    """pip's requests needs urllib3. conda takes its own away, and pip brings another for the same
    command, or does not.
    """
    asked = ["urllib3=2.1.0", "certifi", "idna", "charset-normalizer"]
    world.run(["conda", "install", "-y", *asked], conda_env, check=True)
    world.run(["pip", "install", "requests==2.32.3"], conda_env, check=True)
    file = words_for(tmp_path, pip, name=conda_env)[-1]
    text = (tmp_path / "environment.yml").read_text()
    more = "- pip\n- certifi\n- idna\n- charset-normalizer\n"
    (tmp_path / "environment.yml").write_text(text.replace("- pip\n", more, 1))
    words = ["conda", "env", "update", "-n", conda_env, "-f", file, "--prune"]
    done = harness.run(world, words)
    assert done.returncode == status, done.stderr.decode()
    if status:
        assert "requests needs urllib3" in done.stderr.decode()
    else:
        assert version_of(world, conda_env, "urllib3") == ("pip", "2.2.2")
