"""Ways to start pip and conda, each with what becomes of it where a door is open.

``{E}`` is the environment, ``{S}`` its site-packages, ``{B}`` base, ``{H}`` the home directory,
``{W}`` the files that the test writes, ``{X}`` where the tests' own programs are, ``{M}`` the
shims. The text is run by ``sh``, with the environment active and without shell functions; each way
does harm. docs/reach.md has a row for each.
"""

from __future__ import annotations

from safeinstall.value import Value

PIP = "uninstall -y numpy"  # which conda owns
CONDA = "install -y six"  # which pip owns


class Way(Value):
    """One way to start a tool."""

    name: str
    text: str


def _in(shell: str, option: str = "-c", line: str = "pip " + PIP) -> str:
    return f"{shell} {option} '{line}'"


# A pip in one file
_PYZ = (
    "mkdir -p {W}/z && cp -r {S}/pip {W}/z && cd {W} && "
    'echo \'import runpy; runpy.run_module("pip", run_name="__main__")\' > z/__main__.py && '
    "python -m zipapp z -o pip.pyz"
)

SHELLS = (
    Way("sh -c", _in("sh")),
    Way("dash -c", _in("dash")),
    Way("bash -c", _in("bash")),
    Way("bash -ic", _in("bash", "-ic")),
    Way("bash -lc", _in("bash", "-lc", "PATH={E}/bin:$PATH; pip " + PIP)),
    Way("bash --posix", _in("bash", "--posix -c")),
    Way("zsh -c", _in("zsh")),
    Way("zsh -ic", _in("zsh", "-ic")),
    Way("zsh -lc", _in("zsh", "-lc", "PATH={E}/bin:$PATH; pip " + PIP)),
    Way("fish -c", _in("fish")),
    Way("fish -ic", _in("fish", "-ic")),
    Way("tcsh -c", _in("tcsh")),
    Way("ksh -c", _in("ksh")),
    Way("mksh -c", _in("mksh")),
    Way("xonsh -c", _in("{X}/xonsh --no-rc")),
    Way("a script on standard input", f"echo pip {PIP} | sh"),
    Way("a script with #!/bin/bash", "{W}/script.sh"),
    Way("a function", f'pip() {{ command pip "$@"; }}; pip {PIP}'),
    Way("in the background", f"pip {PIP} & wait $!"),
    Way("in a subshell", f"(pip {PIP})"),
    Way("in a pipeline", "yes | pip uninstall numpy"),
    Way("in $(…)", f'echo "$(pip {PIP} 2>&1)" >&2; exit 1'),
)
WORDS = (
    Way("command pip", f"command pip {PIP}"),
    Way("exec pip", f"exec pip {PIP}"),
    Way("an absolute path", f"{{E}}/bin/pip {PIP}"),
    Way("a relative path", f"cd {{E}}/bin && ./pip {PIP}"),
    Way("a link to it", f"ln -sf {{E}}/bin/pip {{W}}/pip3 && {{W}}/pip3 {PIP}"),
    Way("pip3", f"pip3 {PIP}"),
    Way("env", f"env A=b pip {PIP}"),
    Way("env -i", f"env -i {{E}}/bin/pip {PIP}"),
    Way("nohup", f"nohup pip {PIP}"),
    Way("nice", f"nice pip {PIP}"),
    Way("timeout", f"timeout 60 pip {PIP}"),
    Way("setsid", f"setsid -w pip {PIP}"),
    Way("xargs", "echo numpy | xargs pip uninstall -y"),
    Way("find -exec", f"find {{E}}/bin -name pip -exec '{{}}' {PIP} ';'; exit 1"),
    Way("sudo", f"sudo -n {{E}}/bin/pip {PIP}"),
    Way("python -m pip", f"python -m pip {PIP}"),
    Way("python -mpip", f"python -mpip {PIP}"),
    Way("python -Im pip", f"python -Im pip {PIP}"),
    Way("python -E -s -B -u", f"python -E -s -B -u -m pip {PIP}"),
    Way("python -X utf8 -W ignore", f"python -X utf8 -W ignore -m pip {PIP}"),
    Way("python …/bin/pip", f"python {{E}}/bin/pip {PIP}"),
    Way("python -- …/bin/pip", f"python -- {{E}}/bin/pip {PIP}"),
    Way("python pip, in its directory", f"cd {{E}}/bin && python pip {PIP}"),
    Way("python …/pip/__main__.py", f"python {{S}}/pip/__main__.py {PIP}"),
    Way("python pip, in site-packages", f"cd {{S}} && python pip {PIP}"),
    Way("pip --python, from elsewhere", f"{{X}}/python -m pip --python {{E}}/bin/python {PIP}"),
    Way("python pip.pyz", f"{_PYZ} && python pip.pyz {PIP}"),
    Way("env -i python -m pip", f"env -i {{E}}/bin/python -m pip {PIP}"),
    Way("another directory", f"cd / && pip {PIP}"),
    Way("another environment is active", f"CONDA_PREFIX={{B}} {{E}}/bin/pip {PIP}"),
)
PROGRAMS = (
    Way("subprocess", f"python {{W}}/call.py {{E}}/bin/python -m pip {PIP}"),
    Way("os.system", f"python {{W}}/system.py 'pip {PIP}'"),
    Way("os.execvp", f"python {{W}}/exec.py pip {PIP}"),
    Way("a process of multiprocessing", f"python {{W}}/spawn.py pip {PIP}"),
    Way("make", "make -f {W}/Makefile"),
    Way("perl", f"perl -e 'exit(system(qw(pip {PIP})) >> 8)'"),
    Way(
        "git hook",
        "cd {W}/repository && git -c user.name=a -c user.email=b commit --allow-empty -qm x",
    ),
    Way("cron", f"env -i HOME={{W}} PATH=/usr/bin:/bin sh -c '{{E}}/bin/pip {PIP}'"),
    Way("nox", "{X}/nox -f {W}/noxfile.py --no-color -R"),
    Way("a test of pytest", "{X}/python -m pytest -q -p no:cacheprovider {W}/test_it.py"),
)
AGENTS = (
    Way("Gemini CLI: bash -c", f"GEMINI_CLI=1 bash -c 'pip {PIP}'"),
    Way("Codex: bash -lc", f"CODEX_CI=1 {_in('bash', '-lc', 'PATH={E}/bin:$PATH; pip ' + PIP)}"),
    Way("opencode: sh -c", f"OPENCODE=1 AGENT=1 sh -c 'pip {PIP}'"),
    Way("Copilot: bash --norc", f"COPILOT_CLI=1 bash --norc -c 'pip {PIP}'"),
    Way("Claude Code: a snapshot", f"CLAUDECODE=1 bash -c '. {{W}}/snapshot.sh; pip {PIP}'"),
)
BY_CONDA = (
    Way("conda in sh", f"conda {CONDA}"),
    Way("conda in fish", _in("fish", line="conda " + CONDA)),
    Way("an absolute path of conda", f"{{B}}/bin/conda {CONDA} -p {{E}}"),
    Way("condabin/conda", f"{{B}}/condabin/conda {CONDA}"),
    Way("CONDA_EXE", f"$CONDA_EXE {CONDA}"),
    Way("env -i conda", f"env -i HOME={{H}} {{B}}/bin/conda {CONDA} -p {{E}}"),
    Way("python …/bin/conda", f"{{B}}/bin/python {{B}}/bin/conda {CONDA}"),
    Way("conda env update", "conda env update -f {W}/six.yml"),
    Way("CONDA_NO_PLUGINS", f"CONDA_NO_PLUGINS=1 conda {CONDA}"),
    Way("conda in make", "make -f {W}/Makefile conda"),
    Way("conda by subprocess", f"python {{W}}/call.py conda {CONDA}"),
    Way("conda run pip", f"conda run -p {{E}} pip {PIP}"),
    Way("conda run python -m pip", f"conda run -p {{E}} python -m pip {PIP}"),
    Way("conda run bash -c", f"conda run -p {{E}} bash -c 'pip {PIP}'"),
    Way("conda run, a script", "conda run -p {E} sh {W}/script.sh"),
)
_UV = "PATH={M}:{E}/bin:{X}:/usr/bin:/bin"  # with the shims of `safeinstall setup --shims`
SHIMMED = (
    Way("uv, by a shim", f"{_UV} uv pip uninstall numpy"),
    Way("uv in a script, by a shim", f"{_UV} sh -c 'uv pip uninstall numpy'"),
)
GUARDED = (*SHELLS, *WORDS, *PROGRAMS, *AGENTS, *BY_CONDA, *SHIMMED)

SEEN = (
    Way("uv by its path", "{X}/uv pip uninstall --python {E}/bin/python numpy"),
    Way(
        "runpy",
        "python -c 'import runpy, sys; sys.argv[1:] = {L}; "
        'runpy.run_module("pip", run_name="__main__")\'',
    ),
    Way("pip as a library", "python -c 'from pip._internal.cli.main import main; main({L})'"),
    Way("another module starts it", f"python -m cProfile -m pip {PIP}"),
    Way(
        "an interpreter of another name",
        f"ln -sf {{E}}/bin/python {{W}}/mine; {{W}}/mine -m pip {PIP}",
    ),
    Way("a copy of another name", f"cp {{E}}/bin/pip {{W}}/mypip && {{W}}/mypip {PIP}"),
    Way("python -S", f"PYTHONPATH={{S}} python -S -m pip {PIP}"),
    Way("SAFEINSTALL=off", f"SAFEINSTALL=off pip {PIP}"),
    Way("files removed by hand", "rm -r {S}/numpy*"),
)

SECTIONS = {
    "Shells": SHELLS,
    "Words in front, and other names": WORDS,
    "Programs": PROGRAMS,
    "Coding agents": AGENTS,
    "conda": BY_CONDA,
    "Without a Python in front": SHIMMED,
    "Past every door": SEEN,
}
