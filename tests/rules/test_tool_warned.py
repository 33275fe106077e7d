"""SI402: the table of warnings held against what pip and conda write, and what is said of it."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall.model import Facts, Finding
from safeinstall.rails import tool_output
from safeinstall.render import plain
from safeinstall.rules import tool_warned
from safeinstall.rules.evidence import Evidence
from safeinstall.specs.tool_warnings import TABLE, ToolWarning
from tests.rules.facts import facts_of

PIP = "python -m pip"
AGAIN = f"{PIP} install --force-reinstall --no-deps"


class Case(NamedTuple):
    """What a tool writes, what it means, and what is to be done."""

    tool: str
    means: str
    fix: str
    text: str


def case(tool: str, means: str, fix: str, *lines: str) -> Case:
    """The text of a case, line by line."""
    return Case(tool, means, fix, "\n".join(lines))


# As in the tools' own sources.
CASES = [
    case(
        "pip",
        "pandas 2.1.4 needs numpy<2,>=1.23; here is numpy 2.1.3",
        f"{PIP} install six pandas",
        "ERROR: pip's dependency resolver does not currently take into account all the packages "
        "that are installed. This behaviour is the source of the following dependency conflicts.",
        "pandas 2.1.4 requires numpy<2,>=1.23, but you have numpy 2.1.3 which is incompatible.",
    ),
    case(
        "pip",
        "h5py 3.10.0 needs numpy>=1.21; here is none",
        f"{PIP} install six h5py pandas",
        "ERROR: pip's legacy dependency resolver does not consider dependency conflicts when "
        "selecting packages. This behaviour is the source of the following dependency conflicts.",
        "h5py 3.10.0 requires numpy>=1.21, which is not installed.",
        "pandas 2.1.4 requires numpy<2, but you'll have numpy 2.1.3 which is incompatible.",
    ),
    case(
        "pip",
        "pip has no list of the files of PyYAML that were here, and left them where they are",
        f"{AGAIN} PyYAML",
        "  Can't uninstall 'PyYAML'. No files were found to uninstall.",
    ),
    case(
        "pip",
        "~oo-1.0.dist-info is what an interrupted pip has left behind in /e/lib",
        "rm -r /e/lib/'~'oo-1.0.dist-info",
        "WARNING: Skipping /e/lib/~oo-1.0.dist-info due to invalid metadata entry 'name'",
    ),
    case(
        "pip",
        "pip does not see the package whose metadata is broken in /e/lib/foo-1.0.dist-info",
        f"{AGAIN} foo",
        "WARNING: Skipping /e/lib/foo-1.0.dist-info due to invalid metadata entry 'name'",
    ),
    case(
        "pip",
        "pip does not see the package whose metadata is missing in /e/lib/foo-1.0.dist-info",
        f"{AGAIN} foo",
        "WARNING: No metadata found in /e/lib/foo-1.0.dist-info",
    ),
    case(
        "pip",
        "pip cannot read what omegaconf needs, and checks nothing of it",
        f"{PIP} install --upgrade omegaconf",
        "WARNING: Error parsing dependencies of omegaconf: .* suffix can only be used with ==",
    ),
    case(
        "pip",
        "pip cannot read what foo needs, and checks nothing of it",
        f"{PIP} install --upgrade foo",
        "WARNING: Error parsing requirements for foo: [Errno 2] No such file: '/e/METADATA'",
    ),
    case(
        "pip",
        "~umpy is what an interrupted pip has left behind in /my envs/site-packages",
        "rm -r '/my envs/site-packages'/'~'umpy*",
        "WARNING: Ignoring invalid distribution ~umpy (/my envs/site-packages)",
    ),
    case(
        "pip",
        "pip could not remove the old files that it had put aside in /e/lib/~umpy",
        "rm -r '/e/lib/~umpy'",
        "WARNING: Failed to remove contents in a temporary directory '/e/lib/~umpy'.",
        "You can safely remove it manually.",
    ),
    case(
        "pip",
        "/t/six.py was there already and is still the old one",
        "pip install six --upgrade",
        "WARNING: Target directory /t/six.py already exists. Specify --upgrade to force "
        "replacement.",
    ),
    case(
        "pip",
        "cowsay 6.0 is a release that its authors have withdrawn",
        f"{PIP} install cowsay!=6.0",
        "WARNING: The candidate selected for download or install is a yanked version: 'cowsay' "
        "candidate (version 6.0 at https://h/cowsay-6.0.whl)",
        "Reason for being yanked: oops",
    ),
    case(
        "conda",
        "conda finds the environment corrupted: it was interrupted while it changed packages",
        "",
        "CorruptedEnvironmentError: The target environment has been corrupted. Corrupted "
        "environments most commonly",
        "occur when the conda process is force-terminated while in an unlink-link",
        "transaction.",
        "  environment location: /e",
        "  corrupted file: /e/x.json",
    ),
    case(
        "conda",
        "conda finds that some packages lack what they need: requests, astropy",
        "conda update -n nlp requests astropy",
        "The environment is inconsistent, please check the package plan carefully",
        "The following packages are causing the inconsistency:",
        "",
        "  - conda-forge/noarch::requests==2.31.0=pyhd8ed1ab_0",
        "  - defaults/linux-64::astropy==3.0.4=py37h14c3975_0",
    ),
    case(
        "conda",
        "one and the-other brought the same file share/same, and only one of them has it: keep one",
        "conda remove -n nlp the-other",
        "ClobberWarning: This transaction has incompatible packages due to a shared path.",
        "  packages: file:///chan/linux-64::one-1.0-0, defaults/noarch::the-other-1.0-0",
        "  path: 'share/same'",
    ),
    case(
        "conda",
        "third was linked over a file that was there: share/same",
        "conda remove -n nlp third",
        "ClobberWarning: The package 'conda-forge/linux-64::third-1.0-0' cannot be installed due "
        "to a",
        "path collision for 'share/same'.",
        "This path already exists in the target prefix, and it won't be removed by",
        "an uninstall action in this transaction. The path appears to be coming from",
        "the package 'conda-forge/linux-64::one-1.0-0', which is already installed in the prefix.",
    ),
    case(
        "conda",
        "six was linked over a file that was there: six.py",
        "conda remove -n nlp six",
        "ClobberError: The package 'conda-forge/linux-64::six-1.16.0-0' cannot be installed due "
        "to a",
        "path collision for 'six.py'.",
        "This path already exists in the target prefix, and it won't be removed",
        "by an uninstall action in this transaction. The path is one that conda",
        "doesn't recognize. It may have been created by another package manager.",
    ),
    case(
        "conda",
        "conda's unpacked copy of one is damaged, and so is what is linked to it",
        "rm -r /pkgs/one-1.0-0 && conda install -n nlp --force-reinstall one",
        "SafetyError: The package for one located at /pkgs/one-1.0-0",
        "appears to be corrupted. The path 'share/one'",
        "has an incorrect size.",
        "  reported size: 1 bytes",
        "  actual size: 18 bytes",
    ),
    case(
        "conda",
        "the script that jupyter-lab brings for its installation failed: it is half there",
        "conda install -n nlp --force-reinstall jupyter-lab",
        "WARNING conda.core.link:run_script(1043): post-link script failed for package "
        "defaults/noarch::jupyter-lab-1.0-0",
        "consider notifying the package maintainer",
    ),
    case(
        "conda",
        "conda does not see the package of the record /e/conda-meta/x-1-0.json",
        "",
        "WARNING conda.core.prefix_data:_load(649): Ignoring malformed prefix record at: "
        "/e/conda-meta/x-1-0.json",
    ),
    case(
        "conda",
        "conda could not remove /e/lib/a.b.so",
        "rm -r /e/lib/a.b.so",
        "WARNING conda.gateways.disk.delete:unlink_or_rename_to_trash(192): Could not remove or "
        "rename /e/lib/a.b.so.  Please remove this file manually (you may need to reboot to free "
        "file handles)",
    ),
    case(
        "conda",
        "conda has passed over the pin six=1.15",
        "conda install -n nlp six=1.15",
        "WARNING conda.core.solve:_add_specs(891): pinned spec six=1.15 conflicts with explicit "
        "specs.  Overriding pinned spec.",
    ),
    case(
        "conda",
        "conda has passed over pins",
        "conda config --show pinned_packages",
        "Warning: pinned specs were ignored",
    ),
    case(
        "conda",
        "conda has passed over pins",
        "conda config --show pinned_packages",
        "Warning: 'pinned specs' were ignored",
    ),
    case(
        "conda",
        "conda-build is so old that conda passes over packages in today's format",
        "conda update -n base conda-build",
        "WARNING conda.base.context:use_only_tar_bz2(632): Conda is constrained to only using "
        "the old .tar.bz2 file format because you have conda-build installed, and it is <3.18.3. "
        " Update or remove conda-build to get smaller downloads and faster extractions.",
    ),
    case(
        "conda",
        "parts of /w/e.yml mean nothing to conda, and were passed over",
        "",
        "EnvironmentSectionNotValid: The following sections on '/w/e.yml' are invalid and will "
        "be ignored:",
        " - channles",
        " - depends",
    ),
]

CHATTER = {
    "pip": [
        "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting",
        "WARNING: The script f2py is installed in '/h/.local/bin' which is not on PATH.",
        "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'x'",
        "WARNING: Skipping cowsay as it is not installed.",
        "WARNING: Skipping page https://h/x because the GET request got Content-Type: x.",
        "DEPRECATION: Loading egg at /e/x.egg is deprecated.",
        "WARNING: Keyring is skipped due to an exception: x",
        "[notice] A new release of pip is available: 23.2.1 -> 26.3",
        "Skipping wheel build for x, due to binaries being disabled for it.",
        "ERROR: Could not find a version that satisfies the requirement x (from versions: none)",
        "Error parsing dependencies of x: what a package's description says, not a warning",
    ],
    "conda": [
        "Solving environment: failed with initial frozen solve. Retrying with flexible solve.",
        "Collecting package metadata (current_repodata.json): failed",
        "==> WARNING: A newer version of conda exists. <==",
        "Warning: you have pip-installed dependencies in your environment file, but you do not",
        "The following packages will be UPDATED:",
        '{"message": "This transaction has incompatible packages due to a shared path."}',
    ],
}


def found(tool: str, text: str) -> tuple[ToolWarning, ...]:
    return tuple(tool_output.recognised(tool, text.splitlines()))


def written(tool: str, number: int) -> str:
    return [each for each in CASES if each.tool == tool][number].text


def explained(
    facts: Facts,
    heard: Sequence[ToolWarning],
    said: Sequence[Finding] = (),
    *,
    succeeded: bool = True,
) -> Finding | None:
    evidence = Evidence(succeeded=succeeded, warnings=tuple(heard), said=tuple(said))
    return next(tool_warned.explain(facts, evidence), None)


def told(
    *all_heard: ToolWarning, spoken: tuple[Finding, ...] = (), succeeded: bool = True
) -> Finding:
    met = facts_of("pip install six")
    finding = explained(met, all_heard, spoken, succeeded=succeeded)
    assert finding is not None
    return finding


@pytest.mark.parametrize("one_case", CASES, ids=[each.means for each in CASES])
def test_what_each_warning_means(one_case: Case) -> None:
    tool, means, fix, text = one_case
    noise = "Collecting x\n"
    (one,) = found(tool, noise + text + "\n" + noise)
    lines = [line for line in text.lstrip(" ").splitlines() if line]
    assert list(one.lines) == lines[: len(one.lines)]
    finding = told(one)
    assert (finding.rule, finding.level) == ("SI402", "warn")
    assert finding.evidence[0] == means
    assert finding.fixes == ((fix,) if fix else ())
    assert finding.message.startswith(means)
    shown = plain.warning(finding, colour=False)
    assert shown.endswith(f". Run: {fix}" if fix else ".")


def test_every_row_is_tried() -> None:
    rows = [one.kind for each in CASES for one in found(each.tool, each.text)]
    assert set(map(TABLE.index, rows)) == set(range(len(TABLE)))


@pytest.mark.parametrize("tool", CHATTER)
def test_chatter_is_not_heard(tool: str) -> None:
    assert found(tool, "\n".join(CHATTER[tool])) == ()


def test_a_virtual_environment_over_another_leaves_the_other_alone() -> None:
    text = (
        "    Not uninstalling six at /usr/lib/python3, outside environment /v\n"
        "    Can't uninstall 'six'. No files were found to uninstall."
    )
    assert found("pip", text) == ()


def test_all_lines_of_a_conflict_are_kept() -> None:
    (one,) = found("pip", written("pip", 1))
    assert len(one.lines) == 3
    finding = told(one)
    assert finding.evidence[1] == "pandas 2.1.4 needs numpy<2; here is numpy 2.1.3"
    assert "(and 1 more)" in finding.message
    assert finding.packages == ("numpy",)


def test_the_worst_comes_first() -> None:
    old, conflict = found("pip", written("pip", 8)) + found("pip", written("pip", 0))
    finding = told(old, conflict)
    assert finding.message.startswith("pandas 2.1.4 needs")
    assert "(and 1 more)" in finding.message
    assert len(finding.fixes) == 2


def test_what_another_rule_has_said_is_not_said_again() -> None:
    (conflict,) = found("pip", written("pip", 0))
    said = Finding("SI202", "pip-over-conda", "block", "x", packages=("numpy",))
    assert explained(facts_of("pip install six"), [conflict], [said], succeeded=True) is None
    other = Finding("SI301", "conda-has-it", "warn", "x", packages=("numpy",))
    assert told(conflict, spoken=(other,)).evidence
    (both,) = found("pip", written("pip", 0) + "\nx 1 requires six, which is not installed.")
    assert told(both, spoken=(said,)).evidence == ("x 1 needs six; here is none",)


def test_a_command_that_failed_has_changed_nothing() -> None:
    (clobber,) = found("conda", written("conda", 4))
    met = facts_of("conda install six")
    assert explained(met, [clobber], (), succeeded=False) is None
    (lasting,) = found("conda", written("conda", 1))
    assert told(lasting, succeeded=False).evidence


def test_the_journal_gets_no_more_than_anybody_reads() -> None:
    line = "WARNING: Ignoring invalid distribution {} ({})"
    many = [one for n in range(30) for one in found("pip", line.format(n, "x" * 900))]
    kept = tool_output.kept(many)
    assert len(kept) == tool_output.MOST_LINES + 1
    assert max(map(len, kept)) == tool_output.LONGEST
    assert kept[-1] == "and 10 lines more"


def test_secrets_go_before_anything_is_cut_off() -> None:
    place = "x" * 460 + " https://ann:" + "hunter2" * 9 + "@h/x"
    (one,) = found("pip", f"WARNING: Error parsing dependencies of foo: {place}")
    assert "hunter2" not in "".join(tool_output.kept([one]))
    (one,) = found("pip", "WARNING: Ignoring invalid distribution https://a:hunter2@h (/e)")
    assert "hunter2" not in repr(told(one))


def test_a_terminal_is_not_told_what_to_do() -> None:
    (one,) = found("pip", "WARNING: Ignoring invalid distribution \x1b[31m~a (/e)")
    assert "\x1b" not in repr(told(one)) + "".join(one.lines)


def test_the_time_in_a_log_of_pip_s_own_is_no_part_of_it() -> None:
    assert tool_output._without_time("2026-11-22T19:52:04,603   x 1") == "  x 1"
    assert tool_output._without_time("2026 and more") == "2026 and more"


NAMES = st.text(string.ascii_letters + string.digits + "_-.", min_size=1)


@given(NAMES, NAMES)
def test_what_is_put_into_a_text_is_found_in_it(what: str, version: str) -> None:
    pattern = "is a yanked version: '{what}' candidate (version {version} at"
    line = "WARNING: x " + pattern.format(what=what, version=version) + " y"
    assert tool_output.fit(pattern, line) == (("what", what), ("version", version))


@given(st.text(), st.lists(st.sampled_from([line for c in CASES for line in c.text.splitlines()])))
def test_any_text_is_read(text: str, lines: list[str]) -> None:
    for tool in CHATTER:
        all_heard = found(tool, "\n".join([*lines, text, *lines]))
        tool_output.kept(all_heard)
        explained(facts_of("pip install six"), all_heard, (), succeeded=True)
