"""``safeinstall policy`` and the list of rules, as they are typed."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from safeinstall import settings
from safeinstall.cli.policy import check as check_command
from safeinstall.main import main
from safeinstall.policy.load import load
from safeinstall.policy.profiles import PROFILES
from safeinstall.policy.rule_table import BY_CODE
from tests import harness
from tests.policy.test_profiles import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from safeinstall.sandbox.world import World

OURS = [sys.executable, "-m", "safeinstall"]
USUAL = "preset recommended"
DENY = '[packages]\ndeny = ["six"]\n'
EXCEPTION = """\
[[exceptions]]
id = "{id}"
rule = "SI304"
envs = ["{envs}"]
reason = "needed for the old service"
owner = "ann"
expires = {expires}
"""


class Done(NamedTuple):
    """How a command has ended, and what it has written."""

    returncode: int
    stdout: str
    stderr: str


def ours(
    home: Path, *words: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> Done:
    """A command in this process, without any conda, in a home of its own."""
    out, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOME": str(home), **(environ or {})}.items():
            patch.setenv(name, value)
        patch.chdir(cwd or home)
        patch.setattr(sys, "argv", ["safeinstall", *words])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
            status = main()
    return Done(status, out.getvalue(), told.getvalue())


def started(home: Path, *words: str) -> Done:
    """The same in a process of its own."""
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(
        [*OURS, *words], capture_output=True, text=True, env=environment, cwd=home, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def user_file(home: Path, text: str) -> Path:
    path = home / ".config" / "safeinstall" / "policy.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def told(world: World, *words: str, active: str, policy: Path) -> Any:
    done = world.run([*OURS, *words], active, environ={"SAFEINSTALL_POLICY": str(policy)})
    assert done.stdout, done.stderr.decode()
    return {**json.loads(done.stdout), "status": done.returncode}


# ---- in a real environment -------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(world: World) -> Iterator[str]:
    name = f"policy{os.getpid()}"
    world.create_env(name, "python", "pip", "numpy=1.21.6")
    yield name
    world.remove_env(name)


LINES = (
    ["pip", "install", "numpy==1.26.4"],
    ["pip", "install", "six", "sklearn"],
    ["pip", "uninstall", "-y", "numpy"],
    ["conda", "install", "six"],
    ["pip", "list"],
)


def test_explain_says_what_check_says(world: World, mixed: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(DENY + EXCEPTION.format(id="E-1", envs="other", expires="2026-01-01"))
    for line in LINES:
        checked = told(world, "check", "--json", "--", *line, active=mixed, policy=policy)
        found = told(world, "policy", "explain", "--json", "--", *line, active=mixed, policy=policy)
        outcomes = {
            (rule["rule"], finding["outcome"])
            for rule in found["rules"]
            for finding in rule["findings"]
            if finding["outcome"] in ("warn", "block")
        }
        assert outcomes == {(each["rule"], each["level"]) for each in checked["findings"]}, line
        assert (found["verdict"], found["status"]) == (checked["verdict"], checked["status"])


def test_explain_as_text(world: World, mixed: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(DENY + EXCEPTION.format(id="E-1", envs="other", expires="2026-01-01"))
    words = [*OURS, "policy", "explain", "--", "pip", "install", "six"]
    done = world.run(words, mixed, environ={"SAFEINSTALL_POLICY": str(policy)})
    lines = " ".join(done.stdout.decode().split())
    assert done.returncode == 77
    assert done.stderr == b""
    assert f"pip install six in {mixed} ({world.env(mixed)}): block" in lines
    assert "SI202 pip-over-conda: found nothing; pip's resolver is held to it" in lines
    assert f"exception E-1 of ann, user, {policy}:3:1: does not cover it: it is for other" in lines
    assert "it ended on 2026-01-01" in lines
    assert "not asked: SI101, SI102" in lines


def test_show_for_an_environment(world: World, mixed: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        f'[[environments]]\nmatch = "{mixed}"\nrules = {{ SI303 = "block" }}\n'
        '[actors.agent]\nSI305 = "block"\n'
    )
    words = ("policy", "show", "--json")
    active = told(world, *words, active=mixed, policy=policy)
    assert active["environment"]["prefix"] == world.env(mixed)
    named = told(world, *words, "-n", mixed, "--as", "agent", active="", policy=policy)
    assert named["values"]["rules.SI303.level"]["by"]["where"] == f"{policy}:3:19"
    assert (named["actors"], named["values"]["rules.SI305.level"]["value"]) == (["agent"], "block")
    done = world.run([*OURS, "policy", "show", "-n", "nope"])
    assert done.returncode == 64
    assert b"there is no environment" in done.stderr


def test_an_exception_that_was_used(world: World, conda_env: str, tmp_path: Path) -> None:
    """By a real command: its record names the exception, and the list finds it there."""
    policy = tmp_path / "policy.toml"
    far = EXCEPTION.format(id="E-1", envs=conda_env, expires="2099-01-01")
    policy.write_text(DENY + far + EXCEPTION.format(id="E-2", envs="nope", expires="2099-01-01"))
    environ = {"SAFEINSTALL_POLICY": str(policy)}
    done = harness.run(world, ["pip", "install", "six"], conda_env, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    found = told(world, "policy", "exceptions", "--json", active=conda_env, policy=policy)
    used = {row["id"]: bool(row["last_used"]) for row in found["exceptions"]}
    assert used == {"E-1": True, "E-2": False}


def test_completion(world: World) -> None:
    def ask(*words: str) -> list[str]:
        done = world.run([*harness.GUARD, "complete", "policy", *words])
        return [line.partition("\t")[0] for line in done.stdout.decode().splitlines()]

    assert ask("e") == ["explain", "exceptions"]
    assert ask("check", "--as", "") == ["machine", "user", "project"]
    assert ask("check", "--format=s") == ["--format=sarif"]
    assert ask("show", "--as", "") == ["agent", "ci"]
    assert ask("init", "--profile", "") == list(PROFILES)
    assert ask("test", "") == [":files"]
    assert ask("explain", "--", "pip", "") == [":files"]


# ---- files -----------------------------------------------------------------------------------


def test_check_and_its_formats(tmp_path: Path) -> None:
    path = tmp_path / "safeinstall.toml"
    path.write_text("[rules]\nSI999 = 'warn'\nSI101 = 'loud'\n")
    done = ours(tmp_path, "policy", "check", "safeinstall.toml")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (78, "")
    assert lines[0].startswith("safeinstall.toml:2:1: unknown name 'SI999' in [rules]")
    assert lines[1].startswith("safeinstall.toml:3:9: SI101 is one of off, warn, block")
    assert len(lines) == 2
    found = json.loads(ours(tmp_path, "policy", "check", "--format", "json").stdout)
    places = [(each["line"], each["level"]) for each in found["remarks"]]
    assert places == [(2, "error"), (3, "error")]
    done = ours(tmp_path, "policy", "check", "--format=sarif", "safeinstall.toml")
    (run,) = json.loads(done.stdout)["runs"]
    (first, _) = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "safeinstall.toml"},
        "region": {"startLine": 2, "startColumn": 1},
    }
    assert first["ruleId"] in [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    path.write_text("[rules]\nSI101 = 'off'\n")
    done = ours(tmp_path, "policy", "check", "safeinstall.toml")
    assert done.returncode == 0
    assert done.stdout.startswith("safeinstall.toml:2:9: warning: rules.SI101.level 'off' has no")
    done = ours(tmp_path, "policy", "check", "--as", "user", "safeinstall.toml")
    assert (done.returncode, done.stdout) == (0, "1 file checked, nothing is wrong\n")
    done = started(tmp_path, "policy", "check", "none.toml")
    assert (done.returncode, done.stdout.split(";")[0]) == (78, "none.toml: cannot be read")


CASES = """\
policy = "policy.toml"
today = 2026-11-29
environment = { name = "nlp", conda = ["numpy=1.26.4"] }
[[cases]]
about = "conda's numpy stays"
command = "pip install numpy==2.0"
expect = "block"
rules = ["SI202"]
[[cases]]
command = "pip install six"
environment = { name = "old-1" }
expect = "allow"
[[cases]]
command = "pip install six"
expect = "{expect}"
"""


def test_cases(tmp_path: Path) -> None:
    policy, cases = tmp_path / "policy.toml", tmp_path / "cases.toml"
    policy.write_text(DENY + EXCEPTION.format(id="E-1", envs="old-*", expires="2026-11-29"))
    cases.write_text(CASES.replace("{expect}", "block"))
    done = ours(tmp_path, "policy", "test", "cases.toml")
    assert (done.returncode, done.stdout) == (0, "3 of 3 cases as expected\n")
    cases.write_text(CASES.replace("{expect}", "warn"))
    done = ours(tmp_path, "policy", "test", "cases.toml")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"cases.toml:14:11: pip install six: expected warn, got block: SI304 block, by {USUAL}",
        "2 of 3 cases as expected",
    ]
    cases.write_text(CASES.replace("{expect}", "block").replace("2026-11-29", "2026-11-30"))
    done = ours(tmp_path, "policy", "test", "cases.toml")
    assert "cases.toml:10:11: pip install six: expected allow, got block" in done.stdout


CASE = "[[cases]]\ncommand='pip install x'\nexpect='allow'\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "c.toml:1:1: a file of cases needs [[cases]]"),
        ("[[cases]]\ncommand = 'pip install x'\n", "c.toml:1:1: a case needs what to expect"),
        ("[[cases]]\ncommand='x'\nexpect='allow'\n", "c.toml:2:9: command: no command of pip"),
        ("[[cases]]\nexpects = 1\n", "c.toml:2:1: unknown name 'expects' in [[cases]]; did"),
        (f"{CASE}rules=['SI20']\n", "c.toml:4:8: rules: there is no rule 'SI20'; did you mean"),
        (
            f"{CASE}environment={{conda=['numpy>1'], base=1}}\n",
            "c.toml:4:21: conda: 'numpy>1' is no installed package; write it as numpy=1.26.4\n",
        ),
        (f"{CASE}environment={{base=1}}\n", "c.toml:4:19: base is true or false, not 1\n"),
    ],
)  # fmt: skip
def test_invalid_cases(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    done = ours(tmp_path, "policy", "test", "c.toml")
    assert (done.returncode, done.stderr) == (78, "")
    assert done.stdout.startswith(fault)


def test_cases_without_a_policy_or_with_an_invalid_one(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[[cases]]\ncommand='pip install x'\nexpect='allow'\n")
    done = ours(tmp_path, "policy", "test", "c.toml")
    assert done.returncode == 64
    assert done.stderr.startswith("safeinstall: c.toml: the cases name no policy")
    (tmp_path / "p.toml").write_text("[rules]\nSI9 = 'off'\n")
    done = ours(tmp_path, "policy", "test", "--policy", "p.toml", "c.toml")
    assert done.returncode == 78
    assert done.stderr.startswith("safeinstall: p.toml:2:1: unknown name 'SI9'")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_policy_to_begin_with(tmp_path: Path, profile: str) -> None:
    done = ours(tmp_path, "policy", "init", "--profile", profile)
    assert (done.returncode, done.stdout) == (0, text_of(profile))
    assert not list(tmp_path.iterdir())


def test_a_policy_is_written_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = ours(home, "policy", "init", "--write", cwd=tmp_path)
    path = home / ".config" / "safeinstall" / "policy.toml"
    assert done.stdout == f"{path} written\n"
    assert path.read_text() == text_of("data-science")
    path.write_text("schema = 1\n")
    done = ours(home, "policy", "init", "--write", cwd=tmp_path)
    assert done.returncode == 73
    assert done.stderr.endswith(f"what is wrong with it: safeinstall policy check {path}\n")
    assert path.read_text() == "schema = 1\n"
    done = ours(home, "policy", "init", "--profile", "ci", "--write", cwd=tmp_path)
    assert (tmp_path / "safeinstall.toml").read_text() == text_of("ci")
    done = ours(home, "policy", "init", "--user", "--project")
    assert done.returncode == 64


def test_the_list_of_rules(tmp_path: Path) -> None:
    user_file(tmp_path, '[rules]\nSI303 = { level = "block", mild = "off" }\n')
    found = json.loads(ours(tmp_path, "rule", "--json").stdout)
    assert [row["code"] for row in found["rules"]] == sorted(BY_CODE)
    levels = {row["code"]: (row["harm"], row["mild"]) for row in found["rules"]}
    assert levels["SI303"] == ("block", "off")
    done = ours(tmp_path, "rule", environ={"COLUMNS": "80"})
    assert "SI202  pip-over-conda" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert ours(tmp_path, "rule", "SI202", "--json").returncode == 64


def test_exceptions_without_any(tmp_path: Path) -> None:
    assert ours(tmp_path, "policy", "exceptions").stdout == "no exceptions\n"
    user_file(tmp_path, EXCEPTION.format(id="E-1", envs="x", expires="2099-01-01"))
    done = ours(tmp_path, "policy", "exceptions", "--expiring-in", "30d")
    assert done.stdout == "no exception ends by then\n"
    done = ours(tmp_path, "policy", "exceptions", "--expiring-in", "soon")
    assert (done.returncode, done.stdout) == (64, "")


def test_the_schema_is_printed(tmp_path: Path) -> None:
    found = json.loads(started(tmp_path, "policy", "schema").stdout)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "SI202" in found["properties"]["rules"]["properties"]


@pytest.mark.parametrize(
    "name", ["show", "explain", "check", "test", "exceptions", "init", "schema", "update"]
)
def test_help(tmp_path: Path, name: str) -> None:
    done = ours(tmp_path, "policy", name, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"safeinstall policy {name}" in done.stdout


# ---- addresses -------------------------------------------------------------------------------


CERTIFY = [
    "openssl",
    "req",
    "-x509",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
]


@contextlib.contextmanager
def served(directory: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A real https server for the files in a directory: its address, and the variable by which its
    certificate is trusted.
    """
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        [*CERTIFY, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, directory=str(directory), **more)

        def log_message(self, *_: object) -> None:  # stderr is for the test
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("localhost", 0), Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://localhost:{server.server_port}", {"SSL_CERT_FILE": str(certificate)}
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes the certificate of the server")
def test_update_fetches_what_a_project_extends(tmp_path: Path) -> None:
    content = b"[rules]\nSI303 = 'block'\n"
    (tmp_path / "team.toml").write_bytes(content)
    home = tmp_path / "home"
    home.mkdir()
    configuration = settings.read({"HOME": str(home)})
    with served(tmp_path) as (address, environ):
        environ = {**environ, "no_proxy": "localhost"}
        digest = hashlib.sha256(content).hexdigest()
        base = f'{{ url = "{address}/team.toml", sha256 = "{digest}" }}'
        (tmp_path / "safeinstall.toml").write_text(f"extends = {base}\n")
        before = load(configuration, str(tmp_path))
        assert before.rules["SI303"].level == "off"  # no checkout makes us fetch anything
        (dropped,) = before.dropped
        command = dropped.why.rpartition(": ")[2].split()
        assert command[0] == "safeinstall"
        for said in ("fetched", "is there"):
            done = ours(home, *command[1:], cwd=tmp_path, environ=environ)
            assert done.stdout == f"{address}/team.toml: {said}\n", done.stderr
        after = load(configuration, str(tmp_path))
        assert (after.rules["SI303"].level, after.dropped) == ("block", ())
        (tmp_path / "team.toml").write_bytes(content + b"# changed\n")
        shutil.rmtree(configuration.state_dir)
        done = ours(home, "policy", "update", cwd=tmp_path, environ=environ)
        assert (done.returncode, done.stdout) == (78, "")
        assert "safeinstall.toml:1:11: " in done.stderr
        assert f"{address}/team.toml has changed: its SHA-256 is" in done.stderr
    done = ours(home, "policy", "update", cwd=tmp_path, environ=environ)
    assert done.returncode == 78
    assert "cannot be fetched" in done.stderr
    assert done.stderr.endswith(f"fetch it by: {' '.join(command)}\n")


def test_nothing_to_update(tmp_path: Path) -> None:
    done = ours(tmp_path, "policy", "update")
    assert (done.returncode, done.stdout) == (0, "no policy here extends an address\n")


# ---- the machine's files ---------------------------------------------------------------------

LOCKED = '[policy]\nlocked = ["packages.deny"]\n' + DENY
ENTER = 'mount --bind "$1" /etc && shift && exec "$@"'


def can_unshare() -> bool:
    """May we have a mount namespace of our own, with a directory in the place of /etc?"""
    if not shutil.which("unshare"):
        return False
    words = ["unshare", "-rm", "sh", "-c", ENTER, "sh", "/etc", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def etc(tmp_path: Path) -> Path:
    """A copy of what programs need of /etc, with the machine's policy."""
    directory = tmp_path / "etc"
    more = directory / "safeinstall" / "policy.d"
    more.mkdir(parents=True)
    (directory / "safeinstall" / "policy.toml").write_text(LOCKED)
    (more / "10.toml").write_text('[policy]\nhandover = "freeze"\n')
    for name in ("passwd", "group", "nsswitch.conf", "hosts", "ld.so.cache", "localtime"):
        if os.path.exists(f"/etc/{name}"):
            shutil.copy(f"/etc/{name}", directory / name)
    return directory


def test_the_machines_files_in_a_namespace(tmp_path: Path) -> None:
    if not can_unshare():
        pytest.skip("no mount namespace can be had here")
    directory, home = etc(tmp_path), tmp_path / "home"
    home.mkdir()
    user_file(home, "[packages]\ndeny = ['cowsay']\n")

    def there(*words: str) -> Any:
        enter = ["unshare", "-rm", "sh", "-c", ENTER, "sh", str(directory)]
        environ = {**os.environ, "HOME": str(home)}
        command = [*enter, *OURS, *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=environ, cwd=home, check=False
        )

    found = json.loads(there("policy", "show", "--json").stdout)
    assert [each["path"] for each in found["files"]] == [
        "/etc/safeinstall/policy.toml",
        "/etc/safeinstall/policy.d/10.toml",
        str(home / ".config/safeinstall/policy.toml"),
    ]
    deny = found["values"]["packages.deny"]
    assert (deny["value"], deny["by"]["where"]) == (["six"], "/etc/safeinstall/policy.toml:4:8")
    assert deny["lost"][-1]["why"] == "locked by /etc/safeinstall/policy.toml:2:11"
    done = there("policy", "check", "/etc/safeinstall/policy.toml")
    assert (done.returncode, done.stdout) == (0, "1 file checked, nothing is wrong\n")
    done = there("policy", "init", "--profile", "gpu-server", "--write")
    assert done.returncode == 73
    assert "/etc/safeinstall/policy.toml is there already" in done.stderr


def test_the_machines_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The same without a namespace, where there is none to be had."""
    directory = etc(tmp_path)
    monkeypatch.setattr(settings, "SYSTEM_DIRECTORY", str(directory / "safeinstall"))
    session = settings.Session(
        settings.read({"HOME": str(tmp_path)}), {"HOME": str(tmp_path)}, str(tmp_path)
    )
    user_file(tmp_path, "[packages]\ndeny = ['cowsay']\n")
    assert check_command.check((), session, sys.stdout) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(str(tmp_path / ".config"))
    assert "locked by" in line
