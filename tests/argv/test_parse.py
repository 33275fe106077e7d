"""What command lines mean, one line a case."""

from __future__ import annotations

import shlex

import pytest

from safeinstall.argv import Context, conda_options, parse, pip_options
from safeinstall.model import Command

EMPTY = Context(environ={}, cwd="/home/ann", read=lambda _: None, pip_config={})


def understand(line: str, **changes: object) -> Command:
    return parse(shlex.split(line), EMPTY.replace(**changes))


@pytest.mark.parametrize(
    ("line", "tool", "launcher"),
    [
        ("pip install x", "pip", 1),
        ("pip3.11 install x", "pip", 1),
        ("/opt/env/bin/pip install x", "pip", 1),
        ("python -m pip install x", "pip", 3),
        ("python -mpip install x", "pip", 2),
        ("python -Im pip install x", "pip", 3),
        ("python -Impip install x", "pip", 2),
        ("python -I -m pip install x", "pip", 4),
        ("python3.11 -X utf8 -m pip install x", "pip", 5),
        ("python -Xutf8 -W x -m pip install x", "pip", 6),
        ("python --check-hash-based-pycs always -m pip install x", "pip", 5),
        ("pypy3 -m pip install x", "pip", 3),
        ("python3.13t -m pip install x", "pip", 3),
        ("python -m conda install x", "conda", 3),
        ("python -m uv pip install x", "uv", 3),
        ("conda install x", "conda", 1),
        ("mamba install x", "mamba", 1),
        ("micromamba install x", "micromamba", 1),
    ],
)
def test_the_tool_and_the_words_that_start_it(line: str, tool: str, launcher: int) -> None:
    command = understand(line)
    assert (command.tool, command.launcher, command.words) == (
        tool,
        launcher,
        (*shlex.split(line),),
    )


@pytest.mark.parametrize(
    "line",
    [
        "python -c pass -m pip install x",
        "python script.py -m pip install x",
        "python - -m pip install x",
        "python -- -m pip install x",
        "python --help -m pip install x",
        "python -h -m pip install x",
        "python -V -m pip install x",
        "python -y -m pip install x",
        "python -m pipx install x",
        "python -m",
        "python",
        "pipx install x",
        "pip-compile",
        "poetry add x",
        "pixi add x",
        "conda-lock install",
        "ls",
    ],
)
def test_not_ours(line: str) -> None:
    command = understand(line)
    assert (command.tool, command.mutates, command.understood) == ("", False, True)


def test_no_words_at_all() -> None:
    assert parse([], EMPTY).tool == ""


MUTATING = """
pip install x
pip -q install x
pip --python /v install x
pip install -Ur f
pip install -e .
pip install --group dev
pip install --target --dry-run x
pip uninstall x
pip uninstall -yr f
python -m pip install x
conda install x
conda install -yn foo x
conda install --revision 2
conda --json install x
conda update --all
conda upgrade x
conda remove x
conda uninstall x
conda remove --all -n x
conda create -n x
conda create -n x --clone y
conda create -n x --download-only
conda install --download-only ./x-1-0.conda
conda install --download-only --file f
conda env create
conda env create -f a.yml
conda env update
conda env remove -n x
conda rename -n a b
conda clean -p
conda clean --all -y
conda clean -tf
conda doctor --fix
conda check --fix
conda run -n x pip install y
conda run pip install -U y
conda run -n x -- python -m pip install y
conda run -n x conda run -n y conda install z
conda pypi install x
conda self update
mamba install x
mamba create -n x
mamba env remove -n x
micromamba install x
micromamba create -n x
micromamba create -n x --download-only
micromamba env remove -n x --download-only
micromamba -r /r create -n x y
micromamba update -a
micromamba remove x
micromamba run -n x pip install y
micromamba env create -n x
micromamba clean -a
mamba clean -p
micromamba clean --force-pkgs-dirs --dry-run
"""

HARMLESS = """
pip
pip help install
pip --version install x
pip install
pip install --help x
pip install --dry-run x
pip install --dry x
pip download x
pip wheel x
pip lock x
pip list
pip cache purge
conda
conda --version
conda list
conda install -h
conda install --dry x
conda install -d x
conda install --download-only x
conda update --download-only x
conda create --download-only x
conda create --dry-run x
conda create -n x -d
conda remove x -d
conda clean --tarballs
conda clean -p -d
conda config --add channels x
conda doctor
conda env list
conda env config vars set A=1
conda shell.bash hook
conda activate x
conda run -n x pip list
conda run -n x python -c pass
mamba list
mamba install --dry-run x
micromamba install
micromamba install --download-only x
micromamba remove --download-only x
micromamba clean -t -i
micromamba clean -a --dry-run
micromamba shell hook
micromamba self-update
micromamba install x -h
micromamba create x
"""

# The releases that our tables are of: what they refuse is refused.
KNOWN = {"pip": pip_options.VERSIONS[-1], "conda": conda_options.VERSION}
REFUSED = """
pip instal x
pip install --no-such x
pip install -n x
pip install --python /v x
pip install x --retries many
conda install
conda install a -n e b
conda install -n a -p /b x
conda install --n a
conda install x --revision 1
conda create x
conda create -n x --clone y z
conda remove
conda -n x install y
conda foo
conda run --no-such pip install y
micromamba instal x
"""


@pytest.mark.parametrize("line", MUTATING.strip().splitlines())
def test_what_changes_packages(line: str) -> None:
    command = understand(line)
    assert command.mutates, command
    assert command.understood


@pytest.mark.parametrize("line", HARMLESS.strip().splitlines())
def test_what_changes_nothing(line: str) -> None:
    command = understand(line)
    assert not command.mutates, command
    assert command.understood, command


@pytest.mark.parametrize("line", REFUSED.strip().splitlines())
def test_what_the_tool_refuses(line: str) -> None:
    command = understand(line, versions=KNOWN)
    assert not command.mutates, command
    assert not command.understood


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        ("conda upgrade x", "update"),
        ("conda uninstall x", "remove"),
        ("conda check", "doctor"),
        ("conda env config vars unset A", "env config vars unset"),
        ("conda -v --json env create", "env create"),
        ("pip -v uninstall x", "uninstall"),
        ("micromamba uninstall x", "remove"),
        ("mamba env config vars set A=1", "env config vars set"),
        ("micromamba -v list", "list"),
    ],
)
def test_verbs_are_canonical(line: str, verb: str) -> None:
    assert understand(line).verb == verb


@pytest.mark.parametrize(
    ("line", "name", "prefix"),
    [
        ("conda install -n foo x", "foo", None),
        ("conda install -nfoo x", "foo", None),
        ("conda install -n=foo x", "foo", None),
        ("conda install -yn foo x", "foo", None),
        ("conda install -ynfoo x", "foo", None),
        ("conda install -qyn foo x", "foo", None),
        ("conda install --name=foo x", "foo", None),
        ("conda install --nam foo x", "foo", None),
        ("conda install --pre /x y", None, "/x"),
        ("conda install -p ~/x y", None, "~/x"),
        ("conda install -n a -n b x", "b", None),
        ("conda install x", None, None),
        ("micromamba install -nfoo x", "foo", None),
        ("micromamba -n foo install x", "foo", None),
        ("micromamba install x --prefix=/x", None, "/x"),
    ],
)
def test_conda_targets(line: str, name: str | None, prefix: str | None) -> None:
    target = understand(line).target
    assert (target.name, target.prefix) == (name, prefix)


def test_what_conda_run_runs() -> None:
    command = understand("conda run -n x --cwd /y pip install -U z")
    assert command.target.name == "x"
    assert command.inner is not None
    assert command.inner.words == ("pip", "install", "-U", "z")
    assert command.inner.specs[0].name == "z"
    assert command.inner.flags == {"--upgrade"}


def test_where_conda_run_runs_it() -> None:
    read = {"/home/ann/sub/r.txt": b"six\n"}.get
    for tool in ("conda", "micromamba"):
        command = understand(f"{tool} run -n x --cwd sub pip install -r r.txt", read=read)
        assert command.inner is not None
        assert command.inner.specs[0].name == "six"


def test_pip_targets() -> None:
    assert understand("pip install -Ut /x y").target.directory == "/x"
    assert understand("pip install -Utfoo y").target.directory == "foo"
    assert understand("pip install --targ=/x y").target.directory == "/x"
    assert understand("pip install --prefix /x --root /r y").target.scheme_prefix == "/x"
    assert understand("pip install --user y").target.user
    assert not understand("pip install --user --no-user y").target.user
    assert understand("pip --python=/v install y").target.python == "/v"


def test_variables_count_as_options() -> None:
    environ = {"PIP_TARGET": "/x", "PIP_USER": "no", "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    command = understand("pip install x", environ=environ)
    assert command.target.directory == "/x"
    assert not command.target.user
    assert "--break-system-packages" in command.flags
    newer = understand("pip install x", environ={"PIP_DRY_RUN": "yes"}, versions={"pip": "25.3"})
    assert not newer.mutates
    assert understand("pip install x", environ={"PIP_DRY_RUN": "yes"}).mutates  # before 22.2
    assert understand("pip install x", environ={"PIP_PYTHON": "/v"}).target.python == "/v"
    assert understand("pip install", environ={"PIP_EDITABLE": "a b"}).specs[1].raw == "b"
    assert not understand("pip install x", environ={"PIP_USER": "perhaps"}).understood
    isolated = understand("pip install --isolated x", environ=environ)
    assert isolated.target.directory is None


def test_configuration_counts_below_variables() -> None:
    config = {"global.index-url": "https://a/", "install.target": "/x", "uninstall.yes": "1"}
    command = understand("pip install x", pip_config=config)
    assert command.indexes == ("https://a/",)
    assert command.target.directory == "/x"
    environ = {"PIP_INDEX_URL": "https://b/"}
    assert understand("pip install x", pip_config=config, environ=environ).indexes == (
        "https://b/",
    )


def test_the_version_of_pip_counts() -> None:
    line = "pip install --only numpy numpy"  # 23.2: --only-binary alone; since 26.0 ambiguous
    assert understand(line, versions={"pip": "23.2.1"}).mutates
    assert not understand(line, versions={"pip": "26.3"}).understood
    assert understand(line).mutates  # unknown: no version's change goes unseen


def test_the_python_of_conda_counts() -> None:
    line = "conda install -vn foo x"  # Python 3.11 refuses it: conda looks for -v first
    assert not understand(line, versions={"conda-python": "3.11"}).understood
    assert understand(line, versions={"conda-python": "3.13"}).mutates
    assert understand(line).mutates


def test_channels() -> None:
    command = understand("conda install -c a --channel=b --override-channels c::x")
    assert command.channels == ("a", "b")
    assert command.specs[0].channel == "c"
    assert "--override-channels" in command.flags


def test_bytes_that_are_no_text_survive() -> None:
    word = b"x\xff".decode("utf-8", "surrogateescape")
    command = parse(["pip", "install", word], EMPTY)
    assert command.words[2] == word
    assert command.specs[0].raw == word


def test_runs_inside_runs_do_not_overflow() -> None:
    command = parse(["conda", "run"] * 3000 + ["pip", "install", "x"], EMPTY)
    assert command.tool == "conda"


@pytest.mark.parametrize(
    ("line", "mutates"),
    [
        ("conda run -n e env A=1 B= pip install x", True),
        ("conda run -n e /usr/bin/env conda install x", True),
        ("conda run -n e env A=1 pip list", False),
        ("conda run -n e env -i pip install x", False),
        ("conda run -n e env", False),
        ("conda run -n e env A=1", False),
    ],
)
def test_env_in_conda_run(line: str, mutates: bool) -> None:
    command = understand(line)
    assert (command.mutates, command.understood) == (mutates, True)


@pytest.mark.parametrize(
    ("line", "destination"),
    [
        ("conda rename -n a b", ""),
        ("conda rename -yn a b", "b"),
        ("conda rename -n a --yes /x/b", "/x/b"),
        ("conda rename -n a b --force", "b"),  # before conda 25
        ("conda rename --force -n a b", "b"),
    ],
)
def test_where_what_is_there_may_be_taken_away(line: str, destination: str) -> None:
    command = understand(line)
    assert (command.mutates, command.destination) == (True, destination)


@pytest.mark.parametrize("verb", ["create", "install", "update", "env create", "env update"])
def test_a_file_names_the_environment_to_mamba_whatever_is_done(verb: str) -> None:
    """Tried on micromamba 2.8.1, which does not read "prefix"."""
    text = b"name: made\nprefix: /elsewhere\ndependencies: [six]\n"
    files = {"e.yml": text, "p.yml": text.partition(b"\n")[2]}

    def target(line: str) -> tuple[str | None, str | None]:
        context = Context({}, "/", lambda path: files[path.rpartition("/")[2]], {"mamba": "2.8.1"})
        found = parse(line.split(), context).target
        return found.name, found.prefix

    assert target(f"micromamba {verb} -y -f e.yml") == ("made", None)
    assert target(f"mamba {verb} -y -f e.yml") == ("made", None)
    assert target(f"micromamba {verb} -y -n other -f e.yml") == ("other", None)
    assert target(f"micromamba {verb} -y -f p.yml") == (None, None)


def test_create_may_name_its_environment_elsewhere() -> None:
    files = {"/home/ann/a.yml": b"dependencies: [x]", "/home/ann/b.yml": b"name: b"}
    for words in ("create -f", "env create -f"):
        assert not understand(f"micromamba {words} a.yml", read=files.get).mutates
        assert understand(f"micromamba {words} b.yml", read=files.get).mutates
        assert understand(f"micromamba {words} https://x/a.yml", read=files.get).mutates
    assert understand("micromamba create x", environ={"MAMBA_TARGET_PREFIX": "/x"}).mutates
