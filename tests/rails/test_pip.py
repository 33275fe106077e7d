"""Real pips on their rail: what is stopped, what is held back, what goes on as without us."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeinstall.output.quoting import paste
from safeinstall.rails.process import Result
from safeinstall.rules.shared import other_cuda
from safeinstall.sandbox.wheels import write_project
from tests import harness
from tests.argv.oracle import VERSIONS
from tests.rails import railway
from tests.uv import UV

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

PIP = ["python", "-m", "pip"]


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    """An environment of conda's alone that no test changes."""
    name = f"rail{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6", "scipy=1.7.3", "pytorch")
    yield name
    world.remove_env(name)


@pytest.fixture
def own(world: World, conda_env: str) -> str:
    """An environment of conda's alone, to be changed."""
    world.run(["conda", "install", "-y", "numpy=1.21.6", "pytorch"], conda_env, check=True)
    return conda_env


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dependency_that_needs_another_version_is_refused(
    world: World, mixed: str, version: str
) -> None:
    before = railway.content(world.env(mixed))
    words = [*PIP, "install", "tensorflow"]
    done = railway.run(world, mixed, words, environ=railway.pythonpath(version))
    assert done.returncode == 1
    assert done.settled.stopped
    assert done.finding.rule == "SI202"
    assert done.finding.level == "block"
    assert done.finding.packages == ("numpy",)
    (line,) = done.finding.evidence
    assert line.startswith("numpy 1.21.6 would have become 1.26.4: tensorflow 2.15.0 needs numpy")
    assert "'numpy>=1.24,<2.0.0'" in done.finding.fixes[0]
    assert done.finding.fixes[0].startswith("conda install")
    assert railway.content(world.env(mixed)) == before


STOPPED = {
    "named": (["numpy==1.26.4"], "numpy 1.21.6 would have become 1.26.4: the command needs numpy"),
    "upgraded": (["-U", "numpy>=1.24"], "numpy 1.21.6 would have become 2.1.3"),
    "named without dependencies": (["--no-deps", "numpy>1.26"], "would have become 2.1.3"),
    "forced": (["--force-reinstall", "h5py"], "h5py 3.10.0 needs numpy>=1.21"),
    "ignoring": (["-I", "h5py"], "h5py 3.10.0 needs numpy>=1.21"),
    "forced itself": (["--force-reinstall", "numpy"], "the command needs numpy"),
    "abbreviated": (["--force", "h5py"], "h5py 3.10.0 needs numpy>=1.21"),
    "conda's other name": (["torch==2.1.2"], "torch 2.0.1 (conda's pytorch 2.0.1) would have"),
    "a wheel": (["{wheels}/numpy-1.26.4-py3-none-any.whl"], "numpy 1.21.6: the command needs"),
    "isolated": (
        ["--isolated", "--no-index", "-f", "{wheels}", "tensorflow"],
        "tensorflow 2.15.0 needs numpy",
    ),
}


@pytest.mark.parametrize("case", STOPPED)
@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_stopped(world: World, mixed: str, case: str, version: str) -> None:
    arguments, expected = STOPPED[case]
    before = railway.content(world.env(mixed))
    words = [*PIP, "install", *(word.format(wheels=world.wheels) for word in arguments)]
    done = railway.run(world, mixed, words, environ=railway.pythonpath(version))
    assert done.settled.stopped, (done.stdout, done.stderr)
    assert expected in done.said
    assert railway.content(world.env(mixed)) == before


def test_in_a_shell_s_text(world: World, mixed: str, tmp_path: Path) -> None:
    directory = tmp_path / "a b"
    directory.mkdir()
    text = " A=1 pip  install 'numpy>=1.24' "
    words = ("conda", "run", "-n", mixed, "sh", "-ec", text, "x")
    rail = railway.lay(railway.meet(world, mixed, words), str(directory))
    assert rail is not None
    laid = f" A=1 pip  install -c '{directory}/conda-owns.txt' 'numpy>=1.24' "
    assert rail.words == (*words[:6], laid, "x")
    done = railway.run(world, mixed, words)
    assert done.returncode == 1
    assert done.settled.stopped
    assert done.finding.rule == "SI202"


def test_none_where_startup_files_may_lead_to_another_pip(
    world: World, mixed: str, tmp_path: Path
) -> None:
    """Its constraints would bring this environment's versions into that one."""
    words = ["conda", "run", "-n", mixed, "bash", "-lc", "pip install 'numpy>=1.24'"]
    assert railway.lay(railway.meet(world, mixed, words), str(tmp_path)) is None


def test_forced_dependencies_have_a_way_out(world: World, own: str) -> None:
    done = railway.run(world, own, ["pip", "install", "--force-reinstall", "h5py"])
    assert done.finding.fixes == ("pip install h5py",)
    before = railway.content(world.env(own))
    again = railway.run(world, own, ["pip", "install", "h5py"])
    assert again.returncode == 0
    assert again.settled.findings == ()
    after = railway.content(world.env(own))
    assert {path: after.get(path) for path in before} == before


def test_requirements_files_and_the_users_own_constraints(
    world: World, mixed: str, tmp_path: Path
) -> None:
    (tmp_path / "r.txt").write_text("-c c.txt\nh5py\n")
    (tmp_path / "c.txt").write_text("numpy==1.26.4\n")
    done = railway.run(world, mixed, ["pip", "install", "-r", str(tmp_path / "r.txt")])
    assert done.settled.stopped
    assert "a constraint of yours needs numpy==1.26.4" in done.said
    by_variable = {"PIP_CONSTRAINT": str(tmp_path / "c.txt")}
    done = railway.run(world, mixed, ["pip", "install", "h5py"], environ=by_variable)
    assert done.settled.stopped
    assert "a constraint of yours" in done.said


def test_what_conda_owns_is_in_the_way_by_what_it_needs(world: World, own: str) -> None:
    world.run(["conda", "install", "-y", "scipy=1.7.3"], own, check=True)
    exempt = {**railway.EVERYTHING, "SI202": frozenset(["numpy"])}
    done = railway.run(world, own, ["pip", "install", "scipy", "numpy>=1.24"], exempt)
    assert done.settled.stopped
    assert "scipy 1.7.3 needs numpy<1.23" in done.said


def test_exceptions_are_out_of_the_constraints(world: World, own: str) -> None:
    words = ["pip", "install", "torch==2.1.2"]
    for name in ("torch", "pytorch"):
        exempt = {"SI202": frozenset([name, "typing-extensions"])}
        with_rail = railway.run(world, own, [*words, "--quiet"], exempt)
        assert with_rail.returncode == 0, with_rail.stderr
        assert not with_rail.settled.stopped


@harness.tells_rejected
def test_held_back(world: World, own: str) -> None:
    done = railway.run(world, own, ["pip", "install", "accelerate"])
    assert done.returncode == 0
    assert not done.settled.stopped
    assert (done.finding.rule, done.finding.level) == ("SI403", "warn")
    (line,) = done.finding.evidence
    assert line.startswith("accelerate 0.20.3, not 0.30.1: that one needs torch>=2.1")
    again = railway.run(world, own, ["pip", "install", "-U", "accelerate"])
    assert "accelerate 0.20.3, not 0.30.1" in again.said  # what was kept was held back too


def test_an_older_release_that_was_asked_for_is_not_held_back(world: World, own: str) -> None:
    done = railway.run(world, own, ["pip", "install", "accelerate<0.25"])
    assert done.returncode == 0
    assert done.settled.findings == ()


def test_pips_own_failures_stay_pips(world: World, mixed: str) -> None:
    for spec in (["no-such-thing"], ["cowsay==99"], ["cowsay==6.1", "cowsay<6"]):
        done = railway.run(world, mixed, ["pip", "install", *spec])
        assert done.returncode == 1
        assert not done.settled.stopped
        assert done.settled.findings == ()


@pytest.mark.parametrize("version", harness.few([VERSIONS[-1], VERSIONS[0]], 1))
def test_output_as_without_us(world: World, own: str, version: str) -> None:
    other = railway.pythonpath(version)
    for arguments in (["numpy"], ["cowsay"], ["cowsay", "-q"], ["--report", "-", "cowsay"]):
        words = [*PIP, "install", *arguments]
        bare = world.run(words, own, environ=other)
        world.run([*PIP, "uninstall", "-y", "cowsay"], own)
        done = railway.run(world, own, words, environ=other)
        world.run([*PIP, "uninstall", "-y", "cowsay"], own)
        assert (done.returncode, done.stdout, done.stderr) == (0, bare.stdout, bare.stderr)
        assert done.settled.findings == ()


def test_hashes(world: World, own: str, tmp_path: Path) -> None:
    wheel = Path(world.wheels, "cowsay-6.1-py3-none-any.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "r.txt").write_text(f"cowsay==6.1 --hash=sha256:{digest}\n")
    words = ["pip", "install", "--require-hashes", "-r", str(tmp_path / "r.txt")]
    assert railway.run(world, own, words).returncode == 0


def test_the_users_own_log(world: World, mixed: str, tmp_path: Path) -> None:
    log = tmp_path / "mine.log"
    log.write_text("The conflict is caused by:\n    a 1 depends on numpy>=99\n")
    os.truncate(log, 1 << 27)  # longer than anything is read whole
    for words, environ in (
        (["python", "-I", *PIP[1:], "--log", str(log), "install", "tensorflow"], {}),
        (["pip", "--log", str(log), "install", "tensorflow"], {}),
        (["pip", "install", "tensorflow", f"--log={log}"], {}),
        (["pip", "install", "tensorflow"], {"PIP_LOG": str(log)}),
    ):
        size = log.stat().st_size
        done = railway.run(world, mixed, words, environ=environ)
        assert log.stat().st_size > size
        assert "--log" not in done.words[done.words.index("-c") :][:3]
        assert done.settled.stopped
        assert len(done.finding.evidence) == 1


def test_inside_conda_run(world: World, mixed: str) -> None:
    words = ["conda", "run", "-n", mixed, "pip", "install", "tensorflow"]
    done = railway.run(world, mixed, words)
    assert done.words[:6] == tuple(words[:6])
    assert done.settled.stopped


def test_where_no_rail_is_laid(world: World, mixed: str, tmp_path: Path) -> None:
    for words in (
        ["pip", "install", "--target", str(tmp_path / "t"), "numpy"],
        ["pip", "install", "-I", "--prefix", str(tmp_path / "t"), "numpy"],
        ["pip", "install", "--root", str(tmp_path / "t"), "--ignore-installed", "numpy"],
        ["pip", "install", "--user", "numpy"],
        ["pip", "install", "--dry-run", "numpy"],
        ["pip", "uninstall", "numpy"],
        ["pip", "download", "numpy"],
        ["conda", "install", "numpy"],
    ):
        assert railway.lay(railway.meet(world, mixed, words), str(tmp_path)) is None
    subprocess.run(["python3", "-m", "venv", "--without-pip", str(tmp_path / "v")], check=True)
    aside = ["pip", "--python", str(tmp_path / "v/bin/python"), "install", "numpy"]
    assert railway.lay(railway.meet(world, mixed, aside), str(tmp_path)) is None


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
@pytest.mark.parametrize("option", ["--prefix", "--root"])
def test_what_is_put_elsewhere_takes_nothing_away(
    world: World, mixed: str, tmp_path: Path, option: str, version: str
) -> None:
    """pip removes the other version that is installed, wherever the new one goes."""
    beside, pip = str(tmp_path / "t"), railway.pythonpath(version)
    (site,) = Path(world.env(mixed), "lib").glob("python*/site-packages")
    there = sorted(site.glob("numpy*"))
    words = [*PIP, "install", option, beside, "tensorflow"]
    done = harness.run(world, words, mixed, environ=pip)
    assert done.returncode == 77, done.stderr.decode()
    assert b"would have become 1.26.4: tensorflow 2.15.0 needs" in done.stderr
    named = harness.check(world, [*PIP, "install", option, beside, "numpy==1.26.4"], mixed)
    assert "SI202" in harness.rules(named)
    assert sorted(site.glob("numpy*")) == there
    way_out = next(line for line in done.stderr.decode().splitlines() if "--ignore-inst" in line)
    done = harness.run(world, way_out.split(), mixed, environ=pip)
    assert done.returncode == 0, done.stderr.decode()
    assert list(Path(beside).rglob("tensorflow*"))
    assert sorted(site.glob("numpy*")) == there


def test_every_other_word_stays(world: World, mixed: str, tmp_path: Path) -> None:
    words = [
        "python",
        "-mpip",
        "-q",
        "--log=x",
        "install",
        "a\udc80b",
        "-e",
        "./p",
        "-U",
        "--",
        "-c",
    ]
    rail = railway.lay(railway.meet(world, mixed, words), str(tmp_path))
    assert rail is not None
    assert rail.words == (*words[:5], "-c", str(tmp_path / "conda-owns.txt"), *words[5:])


@harness.tells_rejected
def test_versions_are_those_that_pip_sees(world: World, own: str, tmp_path: Path) -> None:
    site = Path(world.env(own), "lib")
    (old,) = site.glob("python*/site-packages/torch-2.0.1.dist-info")
    record = next(Path(world.env(own), "conda-meta").glob("pytorch-*.json"))
    for path in (record, old / "RECORD"):
        path.write_text(path.read_text().replace("torch-2.0.1.dist", "torch-2.0.1+cu118.dist"))
    meta = old / "METADATA"
    meta.write_text(meta.read_text().replace("Version: 2.0.1", "Version: 2.0.1+cu118"))
    old.rename(old.with_name("torch-2.0.1+cu118.dist-info"))
    rail = railway.lay(railway.meet(world, own, ["pip", "install", "accelerate"]), str(tmp_path))
    assert rail is not None
    assert "torch==2.0.1+cu118\n" in (tmp_path / "conda-owns.txt").read_text()
    done = railway.run(world, own, ["pip", "install", "accelerate"])
    assert done.returncode == 0, done.stderr
    assert "torch 2.0.1+cu118 (conda's pytorch 2.0.1)" in done.said


def test_a_signal_is_no_verdict(world: World, mixed: str, tmp_path: Path) -> None:
    facts = railway.meet(world, mixed, ["pip", "install", "x"])
    rail = railway.lay(facts, str(tmp_path))
    assert rail is not None
    (tmp_path / "pip.log").write_text("The conflict is caused by:\n    a 1 depends on numpy>=99\n")
    assert not railway.settled(facts, rail.report(Result(None, 2))).findings


def test_a_local_project_of_the_same_name(world: World, mixed: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    write_project(str(project), "numpy", "1.21.6")
    before = railway.content(world.env(mixed))
    words = ["pip", "install", "--no-build-isolation", str(project)]
    done = railway.run(world, mixed, words)
    assert done.settled.stopped, done.stdout
    assert railway.content(world.env(mixed)) == before


def test_what_a_build_installs_for_itself_is_no_beginning(
    world: World, mixed: str, tmp_path: Path
) -> None:
    """In pip's own process and so in its log, as newer releases can do it."""
    project = tmp_path / "pb"
    write_project(str(project), "pb", "1", ("numpy>=1.22",))
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace("requires = []", 'requires = ["cowsay"]', 1))
    words = [*PIP, "install", "--use-feature=inprocess-build-deps", str(project)]
    done = railway.run(world, mixed, words, environ=railway.pythonpath("26.3"))
    assert done.returncode == 1
    assert done.settled.stopped, done.stdout
    assert "pb 1 needs numpy>=1.22" in done.said


def test_what_is_satisfied_is_held_no_further(world: World, own: str, tmp_path: Path) -> None:
    """Constraints cost pip time: as many as it can come across, and all where that is unknown."""

    def held(*arguments: str, environ: dict[str, str] | None = None) -> set[str]:
        words = ["pip", "install", *arguments]
        rail = railway.lay(railway.meet(world, own, words, environ), str(tmp_path))
        if rail is None:
            return set()
        lines = (tmp_path / "conda-owns.txt").read_text().splitlines()[1:]
        return {re.split("[=<]", line)[0] for line in lines}

    there = railway.meet(world, own, ["pip", "install", "cowsay"]).inventory.packages
    cuda = set(other_cuda.barred(there))
    assert "nvidia-cuda-runtime-cu12" in cuda
    everything = {"numpy", "pip", "torch", "typing-extensions", *cuda}
    world.run(["pip", "install", "accelerate<0.25", "cowsay"], own, check=True)
    assert held("numpy>=1.20") == {"numpy"}
    assert held("torch") == {"torch", "numpy", "typing-extensions"}
    assert held("accelerate", "cowsay") == {"torch", "numpy", "typing-extensions"}
    assert held("cowsay") == set()
    assert held("cowsay; python_version < '3.9'", "six; sys_platform == 'win32'") == set()
    (tmp_path / "r.txt").write_text("numpy\n")
    assert held("-r", str(tmp_path / "r.txt")) == {"numpy"}
    (tmp_path / "r.txt").write_text("-c other.txt\nnumpy\n")
    for doubtful in (
        ["numpy>=1.24"],
        ["tensorflow"],
        ["-U", "cowsay"],
        ["--force-reinstall", "cowsay"],
        ["cowsay[all]"],
        ["cowsay", "-c", str(tmp_path / "other.txt")],
        ["-r", str(tmp_path / "r.txt")],
        ["six; platform_machine != 'pdp11'"],
        ["-e", str(tmp_path)],
    ):
        assert held(*doubtful) == everything, doubtful
    assert held("cowsay", environ={"PYTHONPATH": "/somewhere"}) == everything
    (site,) = Path(world.env(own), "lib").glob("python*/site-packages")
    metadata = site / "cowsay-6.1.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("\n\n", "\n") + "Requires-Dist: six>=1\n")
    assert held("cowsay") == everything


def test_a_wheel_in_the_version_that_is_there(world: World, conda_env: str) -> None:
    world.run(["conda", "install", "-y", "numpy=1.26.4"], conda_env, check=True)
    before = railway.content(world.env(conda_env))
    wheel = f"{world.wheels}/numpy-1.26.4-py3-none-any.whl"
    done = railway.run(world, conda_env, ["pip", "install", wheel])
    assert (done.returncode, done.settled.findings) == (0, ())
    assert railway.content(world.env(conda_env)) == before
    again = railway.run(world, conda_env, ["pip", "install", "--force-reinstall", wheel])
    assert again.settled.stopped
    assert railway.content(world.env(conda_env)) == before


@pytest.mark.skipif(not UV, reason="no uv on PATH, nor named by SAFEINSTALL_TEST_UV")
def test_uv(world: World, mixed: str) -> None:
    def run(*arguments: str, start: tuple[str, ...] = ()) -> railway.Run:
        where = ["--python", f"{world.env(mixed)}/bin/python", "--no-index", "-f", world.wheels]
        words = ["uv", "pip", arguments[0], *where, *arguments[1:]]
        words = [*start, paste(words)] if start else words
        path = os.path.dirname(str(UV)) + os.pathsep + world.environ(mixed)["PATH"]
        return railway.run(world, mixed, words, environ={"PATH": path})

    before = railway.content(world.env(mixed))
    for arguments in (
        ["tensorflow"],
        ["numpy==1.26.4"],
        ["--reinstall", "h5py"],
        ["--reinstall-package", "numpy", "h5py"],
        [f"{world.wheels}/numpy-1.26.4-py3-none-any.whl"],
    ):
        done = run("install", *arguments)
        assert done.returncode == 1, done.stderr
        assert done.finding.level == "warn"
        assert b"numpy==1.21.6" in done.stderr
        assert railway.content(world.env(mixed)) == before
    done = run("install", "tensorflow", start=("conda", "run", "-n", mixed, "bash", "-c"))
    assert done.returncode == 1
    assert b"numpy==1.21.6" in done.stderr
    done = run("install", "-U", "numpy")
    assert (done.returncode, done.settled.findings) == (0, ())
    assert railway.content(world.env(mixed)) == before


@pytest.fixture
def on_cuda_11(world: World, conda_env: str) -> str:
    """conda's CUDA, and nothing yet that uses it."""
    world.run(["conda", "install", "-y", "cudatoolkit=11.8"], conda_env, check=True)
    return conda_env


def test_a_second_cuda_is_not_brought_along(world: World, on_cuda_11: str) -> None:
    before = railway.content(world.env(on_cuda_11))
    done = railway.run(world, on_cuda_11, [*PIP, "install", "accelerate>=0.30"])
    assert done.settled.stopped
    assert (done.finding.rule, done.finding.level) == ("SI204", "block")
    assert done.finding.evidence == (
        "comes  nvidia-cuda-runtime-cu12  for torch 2.1.2",
        "there  cudatoolkit 11.8.0 h0_0  conda  CUDA 11",
    )
    assert railway.content(world.env(on_cuda_11)) == before


@harness.tells_rejected
def test_an_older_release_without_another_cuda_will_do(world: World, on_cuda_11: str) -> None:
    done = railway.run(world, on_cuda_11, [*PIP, "install", "accelerate"])
    assert done.returncode == 0, done.stderr.decode()
    assert done.finding.rule == "SI403"
    (line,) = done.finding.evidence
    assert line == (
        "torch 2.0.1, not 2.1.2: that one brings another CUDA than conda's "
        "(nvidia-cuda-runtime-cu12)"
    )


def test_a_cuda_that_is_there_already_is_left_alone(world: World, on_cuda_11: str) -> None:
    world.run([*PIP, "install", "nvidia-cuda-runtime-cu12"], on_cuda_11, check=True)
    done = railway.run(world, on_cuda_11, [*PIP, "install", "accelerate"])
    assert (done.returncode, done.settled.findings) == (0, ())
