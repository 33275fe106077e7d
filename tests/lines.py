"""Command lines of pip, conda, mamba, uv and Python, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from safeinstall import argv

Words = tuple[str, ...]


def vocabulary(text: str) -> list[str]:
    return text.split()


NAMES = ("pip", "pip3", "pip3.12", "python", "python3.9", "conda", "mamba", "micromamba", "uv")
PIP = vocabulary(
    """install uninstall list download wheel help config cache -v -q --python --log --isolated
    --version -V -h --help --proxy -r -e --user -y --dry-run -U --pre -i -c --target= -- - x six
    numpy==1 ./here requirements.txt --no-input --debug search hash lock index check freeze"""
)
CONDA = vocabulary(
    """install update upgrade remove uninstall create rename env run list info search config
    clean export doctor check --fix self pypi compare notices init package activate shell.posix
    shell -n -p -y -q -v --json --all -c --dry-run --file --no-plugins --revision -h --help -V
    --version --cwd --debug --no-capture-output x six numpy=1 base repoquery ps auth -r"""
)
PYTHON = vocabulary(
    """-m -mpip -Im -Impip pip conda uv -c -W -Wx -X utf8 -Xutf8 -I -bX -- - script.py -i -u -S
    --check-hash-based-pycs always --version --help -V -E -s -B -O -OO -q -x -P -d -v -vm -?
    pip.__main__ conda.__main__ pass -Wm -Xm -cm -bm"""
)
UV = vocabulary(
    """pip install uninstall sync add remove venv run tool lock list compile --quiet -q --directory
    --project --system --python -r x six init python help --help"""
)

some = st.sampled_from
tails = st.lists(some(PIP + CONDA + UV), max_size=5)
pips = st.tuples(some(NAMES[:3]), st.lists(some(PIP), max_size=6))
pythons = st.tuples(
    some(NAMES[3:5]), st.lists(some(PYTHON), max_size=4), some(("-m", "-Im", "")), tails
)
condas = st.tuples(some(NAMES[5:8]), st.lists(some(CONDA), max_size=6))
envs = st.tuples(
    some(NAMES[5:8]),
    st.just("env"),
    some(("create", "update", "remove", "list", "export", "config")),
    st.lists(some(CONDA), max_size=4),
)
runs = st.tuples(
    some(NAMES[5:8]),
    st.just("run"),
    st.lists(some(("-n", "x", "-p", "/p", "--cwd", "--", "-v", "--no-capture-output")), max_size=3),
    st.one_of(pips, condas, pythons),
)
uvs = st.tuples(some(NAMES[8:]), st.lists(some(UV), max_size=5))


# Lines that do change something, with words put in between.
CHANGES = """\
pip install x
pip3 --python p uninstall -y x
python -X utf8 -Im pip install x
conda install -n e x
conda env create -f e.yml -n e
conda run -n e python -m pip install x
conda create --name e x
micromamba remove -p /e x
mamba update --all
uv pip install x
uv add x""".splitlines()


@st.composite
def stretched(draw: st.DrawFn) -> Words:
    words = draw(some(CHANGES)).split()
    for word in draw(st.lists(some(PIP + CONDA + PYTHON + UV), max_size=3)):
        words.insert(draw(st.integers(1, len(words))), word)
    return tuple(words)


def flat(tree: object) -> Words:
    """The words of a tree of words; options left out are ``""`` at their place."""
    if isinstance(tree, str):
        return (tree,) if tree else ()
    assert isinstance(tree, tuple | list)
    return tuple(word for part in tree for word in flat(part))


lines = st.one_of(pips, pythons, condas, envs, runs, uvs, stretched(), stretched()).map(flat)


def mutates(words: Words) -> bool:
    """Would the command change an environment, by the grammars of the tools?"""
    context = argv.Context(environ={}, cwd="/", read=lambda _: None, pip_config={})
    return argv.parse(words, context).mutates
