"""``safeinstall lint``: what it writes, and its status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.harness import REST

FAULTY = "FROM python:3.12-slim\nRUN pip install numpy==2.1.3\nUSER 1000\n"
SOUND = "FROM python:3.12-slim\nRUN pip install --no-cache-dir numpy==2.1.3\nUSER 1000\n"
CLEAN = "conda clean --all --yes"
OPTION = "--no-cache-dir"
SCHEMA = Path(__file__).with_name("sarif.schema.json")


class Run:
    def __init__(self, directory: Path, *words: str, stdin: str = "", **environ: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "safeinstall", "lint", *words],
            cwd=directory,
            input=stdin.encode(),
            capture_output=True,
            check=False,
            env={
                **os.environ,
                "HOME": str(directory),
                "XDG_CONFIG_HOME": str(directory),
                **environ,
            },
        )
        self.status = done.returncode
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in self.err


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(FAULTY)
    return tmp_path


def test_text_has_the_line_and_a_caret(place: Path) -> None:
    run = Run(place, "Dockerfile")
    assert run.status == 1
    assert run.out.splitlines()[:3] == [
        "Dockerfile:2:5: warning SI503 cache-in-layer",
        "  2 | RUN pip install numpy==2.1.3",
        "    |     ^^^^^^^^^^^^^^^^^^^^^^^^",
    ]
    assert "  instead: pip install --no-cache-dir numpy==2.1.3" in run.out
    assert run.err == "safeinstall: 1 finding in 1 file\n"


def test_nothing_found_is_0(place: Path) -> None:
    (place / "Dockerfile").write_text(SOUND)
    run = Run(place, ".")
    assert (run.status, run.out) == (0, "")


def test_json(place: Path) -> None:
    run = Run(place, "--json", ".")
    report = json.loads(run.out)
    assert run.status == 1
    assert report["schema"] == 1
    (finding,) = report["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("Dockerfile", 2, 5)
    assert (finding["end_line"], finding["end_column"]) == (2, 29)
    assert (finding["rule"], finding["level"], finding["fixable"]) == ("SI503", "warn", True)


def test_sarif_is_accepted_by_its_schema(place: Path) -> None:
    (place / "sub dir").mkdir()
    (place / "sub dir" / "ü.sh").write_bytes(b"#!/bin/sh\nconda activate x\n")
    (place / "nul.sh").write_bytes(b"#!/bin/sh\n\0\n")
    run = Run(place, "--sarif", ".")
    report = json.loads(run.out)
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    if official := os.environ.get("SAFEINSTALL_SARIF_SCHEMA"):  # the standard's own file
        jsonschema.validate(report, json.loads(Path(official).read_text()))
    (told,) = report["runs"]
    rules = [rule["id"] for rule in told["tool"]["driver"]["rules"]]
    assert rules == ["SI501", "SI503"]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in told["results"])
    (fault,) = told["invocations"][0]["toolExecutionNotifications"]
    assert fault["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "nul.sh"


def test_github_annotations(place: Path) -> None:
    run = Run(place, "--github", ".")
    assert run.out.startswith(
        "::warning file=Dockerfile,line=2,col=5,endLine=2,endColumn=29,"
        "title=SI503 cache-in-layer::What pip has downloaded and built stays in this layer.%0A"
    )


def test_fix_shows_a_diff_and_writes_it_only_with_yes(place: Path) -> None:
    file = place / "Dockerfile"
    file.chmod(0o640)
    shown = Run(place, "--fix", ".")
    assert "+RUN pip install --no-cache-dir numpy==2.1.3\n" in shown.out
    assert file.read_text() == FAULTY
    Run(place, "--fix", "--yes", ".")
    assert file.read_text() == SOUND
    assert file.stat().st_mode & 0o777 == 0o640
    assert Run(place, ".").status == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "RUN conda create -n a -y python=3.12 pip && \\\n    echo done",
            "RUN conda create -n a -y python=3.12 pip && \\\n    echo done \\\n    && " + CLEAN,
        ),
        (
            "RUN conda create -n a python=3.12 && conda clean --all",
            "RUN conda create --yes -n a python=3.12 && conda clean --yes --all",
        ),
        (
            "RUN conda run -n a python -m pip install x==1 && pip install y==2",
            f"RUN conda run -n a python -m pip install {OPTION} x==1 && pip install {OPTION} y==2",
        ),
    ],
)
def test_what_is_fixed(place: Path, before: str, after: str) -> None:
    file = place / "Dockerfile"
    head, tail = "FROM condaforge/miniforge3:26.7.2-0\n", "\nUSER 1000\n"
    file.write_text(head + before + tail)
    Run(place, "--fix", "--yes", ".")
    assert file.read_text() == head + after + tail


@pytest.mark.parametrize(
    "line",
    [
        "RUN conda create -y -n a python=3.12 || exit 1",
        "RUN conda create -y -n a python=3.12; echo done  # why",
        "RUN if true; then conda create -y -n a python=3.12; fi",
    ],
)
def test_what_is_not_plain_is_left_to_people(place: Path, line: str) -> None:
    (place / "Dockerfile").write_text(f"FROM condaforge/miniforge3:26.7.2-0\n{line}\nUSER 1000\n")
    assert Run(place, "Dockerfile").status == 1
    assert Run(place, "--fix", "Dockerfile").out == ""


def test_stdin(place: Path) -> None:
    assert Run(place, "-", stdin=FAULTY).out.startswith("-:2:5: ")
    named = Run(place, "-", "--stdin-name", "ci/build.sh", stdin="conda env export > x.yml\n")
    assert named.out.startswith("ci/build.sh:1:1: warning SI505 ")
    assert Run(place, "-", "--fix", "--yes", stdin=FAULTY).status == 64


def test_levels_and_exceptions_of_the_policy(place: Path) -> None:
    policy = place / "policy.toml"
    environ = {"SAFEINSTALL_POLICY": str(policy)}
    policy.write_text('schema = 1\n[rules]\nSI503 = "block"\n')
    assert ": error SI503 " in Run(place, ".", **environ).out
    policy.write_text('schema = 1\n[rules]\nSI503 = "off"\n')
    assert Run(place, ".", **environ).status == 0
    policy.write_text('schema = 1\n[[exceptions]]\nrule = "SI503"\nreason = "thrown away"\n' + REST)
    assert Run(place, ".", **environ).status == 0
    policy.write_text("schema = 1\n[rules]\nSI599 = 1\n")
    assert Run(place, ".", **environ).status == 78


def test_an_exception_for_one_environment(place: Path) -> None:
    policy = place / "policy.toml"
    (place / "Dockerfile").write_text(
        "FROM condaforge/miniforge3:26.7.2-0\n"
        "RUN conda install -y numpy=2.1 && conda clean -afy\nUSER 1000\n"
    )
    for name, status in (("other", 1), ("base", 0)):
        policy.write_text(
            f'schema = 1\n[[exceptions]]\nrule = "SI101"\nenvs = ["{name}"]\nreason = "why not"\n'
            + REST
        )
        assert Run(place, ".", SAFEINSTALL_POLICY=str(policy)).status == status


def test_rules_for_some_environments_and_for_ci(place: Path) -> None:
    policy = place / "policy.toml"
    (place / "Dockerfile").write_text(
        "FROM condaforge/miniforge3:26.7.2-0\nRUN conda install -y numpy=2.1\nUSER 1000\n"
    )
    for match, level in (("base", "warning"), ("prod", "error")):
        policy.write_text(f'[[environments]]\nmatch = "{match}"\nrules = {{ SI101 = "warn" }}\n')
        assert f": {level} SI101 " in Run(place, ".", SAFEINSTALL_POLICY=str(policy)).out
    policy.write_text('[actors.ci]\nSI503 = "block"\n')
    assert ": warning SI503 " in Run(place, ".", SAFEINSTALL_POLICY=str(policy)).out
    assert ": error SI503 " in Run(place, ".", SAFEINSTALL_POLICY=str(policy), CI="1").out


def test_packages_without_a_version_are_told_in_strict_alone(place: Path) -> None:
    policy = place / "policy.toml"
    (place / "x.sh").write_text("#!/bin/sh\npip install numpy\n")
    assert Run(place, "x.sh").status == 0
    policy.write_text('schema = 1\n[policy]\npreset = "strict"\n')
    assert " SI506 " in Run(place, "x.sh", SAFEINSTALL_POLICY=str(policy)).out


def test_wrong_use_is_64(place: Path) -> None:
    assert Run(place, "nowhere").status == 64
    assert Run(place, "--json", "--sarif", ".").status == 64
    assert Run(place, "--yes", ".").status == 64


def test_a_file_of_another_kind_is_passed_over_and_named(place: Path) -> None:
    (place / "x.py").write_text("pip install x\n")
    run = Run(place, "x.py")
    assert run.status == 0
    assert "x.py is of no kind that lint reads" in run.err


def test_environments_and_caches_are_not_searched(place: Path) -> None:
    (place / "Dockerfile").unlink()
    for directory in (".git", "node_modules", "env/conda-meta"):
        (place / directory).mkdir(parents=True)
    for path in (".git/x.sh", "node_modules/x.sh", "env/x.sh"):
        (place / path).write_text("#!/bin/sh\nconda activate x\n")
    assert Run(place, ".").status == 0


def test_files_that_a_step_names_are_read_beside_it_and_nowhere_else(place: Path) -> None:
    (place / "env.yml").write_text(
        "name: lab\ndependencies: [python=3.12, pip, {pip: [requests==2.32.3]}]\n"
    )
    (place / "Dockerfile").write_text(
        "FROM condaforge/miniforge3:26.7.2-0\nCOPY env.yml /tmp/\n"
        "RUN conda env create -f /tmp/env.yml && conda clean -afy\n"
        "RUN conda install -y -n lab numpy=2.1 && conda clean -afy\nUSER 1000\n"
    )
    rules = {f["rule"] for f in json.loads(Run(place, "--json", "Dockerfile").out)["findings"]}
    assert rules == {"SI201", "SI507"}


def test_a_secret_in_a_line_is_not_shown(place: Path) -> None:
    (place / "Dockerfile").write_text(
        "FROM python:3.12-slim\nUSER 1000\n"
        "RUN pip install --index-url https://me:s3cr3t-t0ken@example.org/simple numpy==2.1.3\n"
    )
    for form in ("--json", "--sarif", "--github", "--stdin-name=x"):
        run = Run(place, form, ".")
        assert run.status == 1
        assert "s3cr3t-t0ken" not in run.out + run.err
