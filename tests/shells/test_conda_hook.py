"""conda's and mamba's own hooks, loaded before or after ours, keep working and are guarded."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shells.conftest import Lab

AGAIN = "__safeinstall_prompt\n"
"""What happens before the next prompt."""


@pytest.fixture(params=["hook first", "hook last", "hook twice"])
def order(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def arranged(order: str, hook: str, load: str) -> str:
    """An rc file with both integrations, and the prompt that follows it."""
    parts = {
        "hook first": [hook, load],
        "hook last": [load, hook],
        "hook twice": [hook, load, hook],
    }[order]
    return "\n".join([*parts, AGAIN])


def test_conda_is_guarded_and_its_own_function_stays(lab: Lab, order: str) -> None:
    hook = lab.conda_hook
    script = arranged(order, hook, lab.load)
    done = lab.run(script + "conda install x; echo $?; conda list; conda activate e", load=False)
    exe = str(lab.bin / "conda")
    assert done.stderr == ""
    assert lab.started() == [
        ["guard", "run", "--", exe, "install", "x"],
        ["conda", "install", "x"],
        ["conda", "shell.posix", "reactivate"],
        ["conda", "list"],
        ["conda", "shell.posix", "activate", "e"],
    ]


def test_a_blocked_install_is_not_followed_by_a_reactivation(lab: Lab, order: str) -> None:
    lab.extra["LAB_VERDICT"] = "77"
    script = arranged(order, lab.conda_hook, lab.load)
    assert lab.run(script + "conda install x; echo $?", load=False).stdout == "77\n"
    assert lab.names() == ["guard run"]


def test_conda_as_a_module_of_an_interpreter(lab: Lab) -> None:
    hook = lab.conda_hook + "CONDA_EXE=$PWD/bin/python _CE_M=-m _CE_CONDA=conda\n"
    if lab.shell == "zsh":  # as conda itself needs it there
        hook += "setopt sh_word_split\n"
    lab.run(arranged("hook first", hook, lab.load) + "conda install x; conda list", load=False)
    python = str(lab.bin / "python")
    assert [words for words in lab.started() if "reactivate" not in words] == [
        ["guard", "run", "--", python, "-m", "conda", "install", "x"],
        ["python", "-m", "conda", "install", "x"],
        ["python", "-m", "conda", "list"],
    ]


@pytest.mark.parametrize("hook", ["mamba_hook", "plain_mamba_hook"])
def test_micromamba(lab: Lab, order: str, hook: str) -> None:
    script = arranged(order, getattr(lab, hook), lab.load)
    done = lab.run(script + "micromamba install x; micromamba activate e", load=False)
    exe = str(lab.bin / "micromamba")
    assert done.stderr == ""
    assert lab.started() == [
        ["guard", "run", "--", exe, "install", "x"],
        ["micromamba", "install", "x"],
        ["micromamba", "shell", "reactivate"],
        ["micromamba", "shell", "activate", "e"],
    ]


def test_both_hooks_at_once(lab: Lab) -> None:
    script = f"{lab.conda_hook}\n{lab.mamba_hook}\n{lab.load}\n"
    lab.run(script + "conda remove x\nmicromamba remove y\nmamba remove z", load=False)
    guards = [words[3:] for words in lab.started() if words[0] == "guard"]
    assert guards == [
        [str(lab.bin / "conda"), "remove", "x"],
        [str(lab.bin / "micromamba"), "remove", "y"],
        ["mamba", "remove", "z"],
    ]


def test_an_old_hook_without_conda_exe(lab: Lab) -> None:
    hook = 'conda() { "$CONDA_EXE" "$@" && echo reactivated; }\nexport CONDA_EXE=$PWD/bin/conda\n'
    done = lab.run(f"{hook}{lab.load}\nconda install x\nconda list", load=False)
    assert done.stdout == "reactivated\nreactivated\n"
    assert lab.names() == ["guard check", "conda", "conda"]


def test_a_lazy_loader(lab: Lab) -> None:
    (lab.root / "hook").write_text(lab.conda_hook)
    lazy = f'conda() {{ unset -f conda; . {shlex.quote(str(lab.root / "hook"))}; conda "$@"; }}\n'
    done = lab.run(
        f"{lazy}{lab.load}\nconda install x\n{AGAIN}conda install y\nconda activate e\n",
        load=False,
    )
    assert done.stderr == ""
    guards = [words[1:] for words in lab.started() if words[0] == "guard"]
    assert guards == [
        ["check", "--", "conda", "install", "x"],
        ["run", "--", str(lab.bin / "conda"), "install", "y"],
    ]


def test_the_prompt_keeps_the_status(lab: Lab) -> None:
    done = lab.run(f"{lab.conda_hook}\n(exit 7)\n{AGAIN}echo $?\n(exit 8)\n{AGAIN}echo $?")
    assert done.stdout == "7\n8\n"


def test_a_vanished_guard_leaves_the_hook_as_it_was(lab: Lab) -> None:
    lab.extra["LAB_STATUS"] = "3"
    lab.main.unlink()
    done = lab.run(f"{lab.conda_hook}\n{AGAIN}conda install x; echo $?; conda list; echo $?")
    assert done.stdout == "3\n3\n"
    assert done.stderr.count("\n") == 1
    assert lab.names() == ["conda", "conda"]


@pytest.mark.real_conda
@pytest.mark.slow
@pytest.mark.parametrize("first", ["conda", "safeinstall"])
def test_the_real_hook(lab: Lab, real_conda: str, first: str) -> None:
    lab.extra.update(CONDA_ENVS_DIRS=str(lab.home / "envs"), CONDA_PKGS_DIRS=str(lab.home / "pkgs"))
    hook = f'eval "$({shlex.quote(real_conda)} shell.{lab.shell} hook)"'
    script = arranged("hook first" if first == "conda" else "hook last", hook, lab.load)
    script += (
        "echo level $CONDA_SHLVL\nconda deactivate\necho level $CONDA_SHLVL\n"
        "conda activate base\necho level $CONDA_SHLVL\n"
        "conda info --base\nconda install --dry-run --offline no-such-package-at-all\necho $?\n"
    )
    done = lab.run(script, load=False)
    prefix = real_conda.removesuffix("/bin/conda")
    assert done.stdout.splitlines()[:4] == ["level 1", "level 0", "level 1", prefix]
    assert done.stdout.splitlines()[-1] == "1"
    words = ["install", "--dry-run", "--offline", "no-such-package-at-all"]
    assert lab.started() == [["guard", "run", "--", real_conda, *words]]
