"""A good guest: silent, no trace but the names it came for, and nobody's settings matter."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from safeinstall.errors import UsageError
from safeinstall.integration import template

if TYPE_CHECKING:
    from tests.shells.conftest import Lab

ZSH_OPTIONS = [
    "KSH_ARRAYS SH_WORD_SPLIT NO_NOMATCH",
    "ERR_EXIT NO_UNSET PIPE_FAIL",
    "ERR_RETURN NO_UNSET",
    "EXTENDED_GLOB GLOB_SUBST KSH_GLOB",
    "NULL_GLOB CSH_NULL_GLOB GLOB_DOTS",
    "WARN_CREATE_GLOBAL WARN_NESTED_VAR",
    "SH_GLOB IGNORE_BRACES CSH_JUNKIE_LOOPS",
    "IGNORE_CLOSE_BRACES RC_EXPAND_PARAM",
    "POSIX_BUILTINS POSIX_ALIASES POSIX_IDENTIFIERS",
    "RC_QUOTES CSH_JUNKIE_QUOTES MAGIC_EQUAL_SUBST",
    "NO_FUNCTION_ARGZERO NO_CASE_MATCH NO_GLOB",
    "ALL_EXPORT AUTO_CD CORRECT_ALL",
    "NO_MULTIBYTE REMATCH_PCRE TYPESET_SILENT",
    "CLOBBER_EMPTY NO_CLOBBER HASH_CMDS NO_HASH_CMDS",
]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_loading_says_nothing_and_works_twice_under_set_eu(lab: Lab, shell: str) -> None:
    done = lab.run(f"set -eu\n{lab.load}\n{lab.load}\npip install x\necho fine", load=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")
    assert lab.names() == ["guard run", "pip"]


def test_set_e_ends_the_shell_as_it_would_without_us(lab: Lab) -> None:
    lab.extra["LAB_STATUS"] = "4"
    done = lab.run("set -e\npip list\necho not reached")
    assert (done.returncode, done.stdout) == (4, "")
    lab.skip_on_bash_3("a `command` that fails ends a set -e shell even before ||")
    done = lab.run("set -e\npip install x || echo handled\npip install x\necho not reached")
    assert (done.returncode, done.stdout) == (4, "handled\n")


def test_only_our_prefix_and_the_tools_names_are_defined(lab: Lab) -> None:
    names = {
        "bash": "{ compgen -v; compgen -A function; } | LC_ALL=C sort -u",
        "zsh": "{ print -l ${(k)parameters} ${(k)functions}; } | LC_ALL=C sort -u",
    }[lab.shell]
    # zsh's own special parameters appear when a module is first used.
    before = lab.run(f": $functions $parameters\n{names} >before", load=False)
    done = lab.run(f"{names} >after; LC_ALL=C comm -13 before after")
    assert before.stderr == done.stderr == ""
    minor = [f"3.{number}" for number in range(9, 16)]
    tools = {"pip", "pip3", "python", "python3", "uv", "conda", "mamba", "micromamba"}
    tools |= {"safeinstall"}  # it is not on PATH here
    tools |= {tool + version for tool in ("pip", "python") for version in minor}
    new = {name for name in done.stdout.split() if not name.startswith("__safeinstall_")}
    assert new - {"BASH_EXECUTION_STRING", "_", "PIPESTATUS"} == tools


def test_the_callers_variables_are_left_alone(lab: Lab) -> None:
    done = lab.run(
        "name=1 word=2 tool=3 text=4 letters=5 value=6 module=7 minor=8 subcommand=9\n"
        f"{lab.load}\npip install x; python -Xa -m pip list; conda run pip list\n"
        'echo "$name$word$tool$text$letters$value$module$minor$subcommand"'
    )
    assert done.stdout == "123456789\n"


@pytest.mark.parametrize("options", ZSH_OPTIONS)
def test_whatever_options_zsh_has(zsh_lab: Lab, options: str) -> None:
    script = f"setopt {options}\n{zsh_lab.load}\n"
    script += "pip list\npip install 'a b' '*'\npython -X utf8 -Im pip install x\n"
    script += "python3.11 -c pass || :\nconda run -n x pip install y\nconda env list\n"
    done = zsh_lab.run(script, load=False)
    assert "safeinstall" not in done.stderr.replace("command not found", "")
    assert [words for words in zsh_lab.started() if words[0] == "guard"] == [
        ["guard", "run", "--", "pip", "install", "a b", "*"],
        ["guard", "run", "--", "python", "-X", "utf8", "-Im", "pip", "install", "x"],
        ["guard", "run", "--", "conda", "run", "-n", "x", "pip", "install", "y"],
    ]


BASH_OPTIONS = [
    "shopt -s nocasematch nocaseglob",
    "shopt -s extglob nullglob failglob dotglob",
    "shopt -s expand_aliases extdebug xpg_echo",
    "set -fuC",
    "set -eETo pipefail",
]


@pytest.mark.parametrize("options", BASH_OPTIONS)
def test_whatever_options_bash_has(bash_lab: Lab, options: str) -> None:
    script = f"{options}\n{bash_lab.load}\npython -x -m pip install x\npip list\n"
    script += "python -X utf8 -Im pip install 'a b' '*'\nconda env list\nuv run x\n"
    done = bash_lab.run(script, load=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in bash_lab.started() if words[0] == "guard"] == [
        ["guard", "run", "--", "python", "-x", "-m", "pip", "install", "x"],
        ["guard", "run", "--", "python", "-X", "utf8", "-Im", "pip", "install", "a b", "*"],
    ]


@pytest.mark.parametrize("mode", ["sh", "ksh", "csh"])
def test_zsh_in_another_shells_clothes(zsh_lab: Lab, mode: str) -> None:
    done = zsh_lab.run(f"emulate {mode}\n{zsh_lab.load}\npip install x\npip list", load=False)
    assert done.stderr == ""
    assert zsh_lab.names() == ["guard run", "pip", "pip"]


def test_inside_a_function_with_its_own_emulation(zsh_lab: Lab) -> None:
    zsh_lab.run("function f { emulate -L ksh; setopt localoptions glob_subst; pip install x }; f")
    assert zsh_lab.names() == ["guard run", "pip"]


def test_posix_mode_of_bash(bash_lab: Lab) -> None:
    bash_lab.options = ("--posix",)
    done = bash_lab.run("set -eu\npip install x\npython3 -m pip install x\nconda list")
    assert (done.returncode, done.stderr) == (0, "")
    assert bash_lab.names() == ["guard run", "pip", "guard run", "python3", "conda"]


def test_odd_ifs(lab: Lab) -> None:
    lab.run("IFS=p-i/\npip install pip-x\nconda run -n x python -m pip install y")
    assert [words for words in lab.started() if words[0] == "guard"] == [
        ["guard", "run", "--", "pip", "install", "pip-x"],
        ["guard", "run", "--", "conda", "run", "-n", "x", "python", "-m", "pip", "install", "y"],
    ]


@pytest.mark.parametrize("value", ["pip3", "uv pip", "noglob pip", "python -m pip"])
@pytest.mark.parametrize("early", [True, False])
def test_aliases_survive(lab: Lab, value: str, early: bool) -> None:
    if value.startswith("noglob") and lab.shell == "bash":
        pytest.skip("noglob is zsh's")
    alias = f"alias pip='{value}'"
    rc = f"{alias}\n{lab.load}\n" if early else f"{lab.load}\n{alias}\n"
    done = lab.interactive(rc + "echo loaded", "pip install x\npip list")
    assert done.stdout == "loaded\n"
    expected = value.removeprefix("noglob ").split()
    assert lab.started() == [
        ["guard", "run", "--", *expected, "install", "x"],
        [*expected, "install", "x"],
        [*expected, "list"],
    ]


def test_aliases_of_the_words_we_use(lab: Lab) -> None:
    words = "command builtin local return shift printf eval declare typeset emulate continue"
    rc = "".join(f"alias {word}='echo caught'\n" for word in words.split())
    lab.interactive(rc + lab.load, "pip install x\npython -W x -m pip list")
    assert lab.names() == ["guard run", "pip", "python"]


def test_a_users_function_is_asked_after_the_guard(lab: Lab) -> None:
    own = 'function pip { echo "mine: $*"; \\command pip "$@"; }\n'
    done = lab.run(f"{own}{lab.load}\n{lab.load}\npip install x\npip list", load=False)
    assert done.stdout == "mine: install x\nmine: list\n"
    assert lab.names() == ["guard check", "pip", "pip"]


def test_a_users_function_does_not_run_what_the_guard_blocks(lab: Lab) -> None:
    lab.extra["LAB_VERDICT"] = "77"
    own = "function pip { echo mine; }\n"
    done = lab.run(f"{own}{lab.load}\npip install x; echo $?; pip list", load=False)
    assert done.stdout == "77\nmine\n"
    assert done.stderr == "blocked\n"


def test_a_users_function_wins_if_it_comes_later(lab: Lab) -> None:
    own = "function pip { echo mine; }\n"
    assert lab.run(f"{own}pip install x").stdout == "mine\n"
    # Reading the rc file once more brings the guard in front of it.
    assert lab.run(f"{own}{lab.load}\npip install x").stdout == "mine\n"
    assert lab.names() == ["guard check"]


def test_an_autoloaded_function_of_the_users(zsh_lab: Lab) -> None:
    (zsh_lab.home / "pip").write_text('print "mine: $*"\n')
    own = f"fpath=({zsh_lab.home} $fpath)\nautoload -Uz pip\n"
    done = zsh_lab.run(f"{own}{zsh_lab.load}\npip install x", load=False)
    assert (done.stdout, done.stderr) == ("mine: install x\n", "")
    assert zsh_lab.names() == ["guard check"]


@pytest.mark.parametrize("gone", ["python", "main"])
def test_a_vanished_guard_costs_one_line(lab: Lab, gone: str) -> None:
    (lab.python if gone == "python" else lab.main).unlink()
    lab.extra["LAB_STATUS"] = "5"
    done = lab.run("pip list; pip install x; echo $?; conda install x; pip install y; echo $?")
    assert done.stdout == "5\n5\n"
    assert done.stderr.count("\n") == 1
    assert "is gone" in done.stderr
    assert "pip runs unguarded" in done.stderr
    assert lab.names() == ["pip", "pip", "conda", "pip"]


def test_a_vanished_guard_under_set_eu(lab: Lab) -> None:
    lab.main.unlink()
    done = lab.run("set -eu\npip install x\npip install y\necho fine")
    assert done.stdout == "fine\n"


def test_command_not_found_stays_the_shells_own(lab: Lab) -> None:
    done = lab.run("pip3.14 list; echo $?")
    assert done.stdout == "127\n"
    assert "not found" in done.stderr
    assert "pip3.14" in done.stderr
    assert "__safeinstall_" not in done.stderr


def test_the_users_handler_for_unknown_commands_is_called(lab: Lab) -> None:
    lab.skip_on_bash_3("it knows no such handler")
    name = "command_not_found_handle" + ("r" if lab.shell == "zsh" else "")
    done = lab.run(f'function {name} {{ echo "handled $*"; return 9; }}\npip3.14 list; echo $?')
    assert done.stdout.startswith("handled pip3.14 list\n")  # its status counts since zsh 5.1


def test_a_tool_that_is_installed_later_is_found(lab: Lab) -> None:
    script = "pip3.13 list 2>/dev/null; cp bin/pip bin/pip3.13; pip3.13 list"
    lab.run(script)
    assert lab.names() == ["pip"]


@pytest.mark.parametrize("text", ["plain", "with space", "it's", 'a"b', "$HOME `x` \\", "é\n!"])
def test_any_path_can_be_baked_in(lab: Lab, text: str) -> None:
    place = lab.root / text
    lab.stub(place / "python", lab.python.read_text())
    (place / "main").write_text("#\n")
    lab.integration.write_text(
        template.render(lab.shell, str(place / "python"), str(place / "main"))
    )
    done = lab.run("setopt rc_quotes 2>/dev/null\npip install x")
    assert done.stderr == ""
    assert lab.names() == ["guard run", "pip"]


def test_an_unknown_shell_is_named() -> None:
    with pytest.raises(UsageError, match="cmd"):
        template.render("cmd")


def test_the_rendered_text_has_no_placeholder_left(lab: Lab) -> None:
    text = template.render(lab.shell)
    for placeholder in ("@python@", "@main@", "@guards@"):
        assert placeholder not in text
    assert text.endswith("\n")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say(bash_lab: Lab) -> None:
    done = bash_lab.run(f"shellcheck -s bash '{bash_lab.integration}'", load=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("shfmt") is None, reason="shfmt is not installed")
def test_shfmt_would_change_nothing(bash_lab: Lab) -> None:
    done = bash_lab.run(f"shfmt -d -i 2 -ci -ln bash '{bash_lab.integration}'", load=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_zsh_can_parse_it(zsh_lab: Lab) -> None:
    done = zsh_lab.run(f"zsh -n '{zsh_lab.integration}'", load=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["python -c 1", "pip list", "pip install x"])
def test_a_trace_shows_what_is_started_and_not_how_we_came_to_it(lab: Lab, line: str) -> None:
    lab.skip_on_bash_3("it cannot restore its options")
    done = lab.run(f"set -x\n{line}\ncase $- in *x*) echo traced;; esac")
    assert done.stdout == "traced\n"
    traced = done.stderr.splitlines()
    assert any("__safeinstall_guards" in shown for shown in traced)
    assert not any("__safeinstall_guards_" in shown for shown in traced)
    assert len(traced) < 19
    assert lab.started()[-1] == line.split()


def test_a_trace_of_the_users_own_function_is_whole(lab: Lab) -> None:
    done = lab.run("pip() { : mine; }\n" + lab.load + "\nset -x; pip install x", load=False)
    assert ": mine" in done.stderr


def test_nobody_s_trace_is_begun(lab: Lab) -> None:
    done = lab.run("set -e; python -c 1; pip install x; case $- in *x*) echo traced;; esac")
    assert (done.stdout, done.stderr) == ("", "")


LAZY = (
    'function conda { unset -f conda; function conda { echo "real $*"; return 3; }; conda "$@"; }\n'
)


@pytest.mark.parametrize("options", ["", "set -u\n", "set -eu\n"])
def test_a_users_function_whose_tool_is_not_on_path(lab: Lab, options: str) -> None:
    """What runs is what would have run without us, with its status, and nothing is said."""
    (lab.bin / "conda").unlink()
    own = LAZY + "function mamba { echo mine; return 5; }\n"
    script = "conda install x || echo $?; conda install y || echo $?; mamba install x || echo $?"
    done = lab.run(f"{own}{lab.load}\n(exit 9) || :\n{options}{script}", load=False)
    assert done.stdout == "real install x\n3\nreal install y\n3\nmine\n5\n"
    assert done.stderr == ""
    assert lab.names() == ["guard check"]  # of mamba, which is there


def test_an_alias_of_a_tool_that_is_not_on_path(lab: Lab) -> None:
    script = "pip install x; echo $?"
    done = lab.interactive(f"alias pip=pip3.14\n{lab.load}", script)
    bare = lab.interactive("alias pip=pip3.14", script)
    assert done.stdout == bare.stdout == "127\n"
    assert "pip3.14" in done.stderr
    assert "__safeinstall_" not in done.stderr
    assert lab.started() == []


def test_the_users_handler_is_called_for_a_guarded_command_too(lab: Lab) -> None:
    lab.skip_on_bash_3("it knows no such handler")
    name = "command_not_found_handle" + ("r" if lab.shell == "zsh" else "")
    done = lab.run(f'function {name} {{ echo "handled $*"; return 9; }}\npip3.14 install x')
    assert done.stdout == "handled pip3.14 install x\n"


def test_which_answers_stop_a_users_function(lab: Lab) -> None:
    own = "function pip { echo mine; return 6; }\n"
    goes_on = dict.fromkeys((0, 1, 70, 127), "mine\n6\n")
    stops = {answer: f"{answer}\n" for answer in (64, 74, 75, 77, 78, 130, 143)}
    for answer, stdout in (goes_on | stops).items():
        lab.stub(lab.python, _answering(answer))
        done = lab.run(f"{own}{lab.load}\npip install x; echo $?", load=False)
        assert (done.stdout, done.stderr) == (stdout, "")


def _answering(status: int) -> str:
    """A guard that works and ends with the status."""
    return f"#!/bin/sh\nwhile read -r _ <&2; do :; done\nexit {status}\n"


OPEN = '#!/bin/sh\nfor fd in 2 3 4 5 6 7 8 9; do [ -e /dev/fd/$fd ] && printf "$fd "; done\necho\n'


@pytest.mark.parametrize(
    "redirections",
    ["", "9</dev/null", "9</dev/null 8</dev/null 7</dev/null 6</dev/null 5</dev/null"],
)
def test_the_tool_gets_the_descriptors_of_the_user(lab: Lab, redirections: str) -> None:
    lab.stub(lab.bin / "pip", OPEN)
    bare = lab.run(f"\\command pip install x {redirections}", load=False)
    done = lab.run(f"pip install x {redirections}\npip install x {redirections}")
    assert done.stdout == bare.stdout * 2
    assert done.stderr == ""


def test_the_user_has_opened_all_of_them(lab: Lab) -> None:
    lab.extra["LAB_STATUS"] = "4"
    every = " ".join(f"{fd}</dev/null" for fd in range(3, 10))
    lab.stub(lab.python, '#!/bin/sh\nshift 5\nexec "$@"\n')  # is asked without a way to be heard
    done = lab.run(f"pip install x {every}; echo $?")
    assert (done.stdout, done.stderr) == ("4\n", "")
