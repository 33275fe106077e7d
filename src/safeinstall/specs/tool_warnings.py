"""The warnings of pip and conda that mean a damaged environment, as data. Worst first.

The texts are those of pip 20.3 to 26 and conda 4.7 to 26, in which ``{}`` and ``{name}`` match any
text. Warnings that do not concern the state of an environment are left out on purpose.
"""

from __future__ import annotations

from safeinstall.value import Value


class Warned(Value):
    """One kind of warning: how to recognise it, what it means, what to do about it.

    ``means`` and ``fix`` may contain the fields of ``text`` and ``more``, and these:

    - ``{names}``: all values of ``{name}``, which may occur in several lines;
    - ``{name}``, if no line has this field: the package's name in ``{what}`` or ``{place}``;
    - ``{last}``: the last of ``{packages}``;
    - ``{leftover}``: ``{what}`` without its first character;
    - in ``fix`` only: ``{install}``, ``pip install`` for the environment; ``{conda}``, the option
      that names the environment to conda; ``{asked}``, the packages of the command;
      ``{typed}``, the whole command.
    """

    tool: str  # pip or conda
    level: str  # level of pip's log record; "" for conda, which prints as often as it logs
    text: str  # found anywhere in a line
    means: str
    fix: str = ""  # a shell command; values are quoted when they are inserted
    more: tuple[str, ...] = ()  # further lines of the warning, if they follow
    unless: str = ""  # the warning is ignored if the line before contains this text
    lasting: bool = False  # tells of the environment, so it counts even if the command failed


TABLE: tuple[Warned, ...] = (
    # ---- pip -----------------------------------------------------------------------------------
    Warned(
        "pip",
        "ERROR",
        # The sentence begins "pip's dependency resolver does not currently take into account all
        # the packages that are installed. This behaviour is"; in older releases "pip's legacy
        # dependency resolver …"
        "the source of the following dependency conflicts",
        "{name} {version} needs {needs}; here is {there}",
        "{install} {asked} {names}",
        more=(
            "{name} {version} requires {needs}, but you{} have {there} which is incompatible.",
            "{name} {version} requires {needs}, which is not installed.",
        ),
    ),
    Warned(
        "pip",
        "INFO",
        "Can't uninstall '{what}'. No files were found to uninstall.",
        "pip has no list of the files of {what} that were here, and left them where they are",
        "{install} --force-reinstall --no-deps {what}",
        unless="Not uninstalling ",  # pip rightly leaves a package outside of the environment alone
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Skipping {place}/~{left} due to invalid metadata entry",
        "~{left} is what an interrupted pip has left behind in {place}",
        "rm -r {place}/'~'{left}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Skipping {place} due to invalid metadata entry",
        "pip does not see the package whose metadata is broken in {place}",
        "{install} --force-reinstall --no-deps {name}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "No metadata found in {place}",
        "pip does not see the package whose metadata is missing in {place}",
        "{install} --force-reinstall --no-deps {name}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Error parsing dependencies of {what}:",
        "pip cannot read what {what} needs, and checks nothing of it",
        "{install} --upgrade {what}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Error parsing requirements for {what}:",
        "pip cannot read what {what} needs, and checks nothing of it",
        "{install} --upgrade {what}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Ignoring invalid distribution {what} ({place})",
        "{what} is what an interrupted pip has left behind in {place}",
        "rm -r {place}/'~'{leftover}*",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Failed to remove contents in a temporary directory '{place}'",
        "pip could not remove the old files that it had put aside in {place}",
        "rm -r {place}",
        lasting=True,
    ),
    Warned(
        "pip",
        "WARNING",
        "Target directory {place} already exists. Specify --upgrade",
        "{place} was there already and is still the old one",
        "{typed} --upgrade",
    ),
    Warned(
        "pip",
        "WARNING",
        "is a yanked version: '{what}' candidate (version {version} at",
        "{what} {version} is a release that its authors have withdrawn",
        "{install} {what}!={version}",
        more=("Reason for being yanked:",),
    ),
    # ---- conda ---------------------------------------------------------------------------------
    Warned(
        "conda",
        "",
        "The target environment has been corrupted.",
        "conda finds the environment corrupted: it was interrupted while it changed packages",
        more=("occur when", "transaction.", "environment location:", "corrupted file:"),
        lasting=True,
    ),
    Warned(
        "conda",
        "",
        "The environment is inconsistent, please check the package plan carefully",
        "conda finds that some packages lack what they need: {names}",
        "conda update {conda} {names}",
        more=("The following packages are causing the inconsistency:", "  - {}::{name}=="),
        lasting=True,
    ),
    Warned(
        "conda",
        "",
        "This transaction has incompatible packages due to a shared path.",
        "{packages} brought the same file {place}, and only one of them has it: keep one",
        "conda remove {conda} {last}",
        more=("packages: {packages}", "path: '{place}'"),
    ),
    Warned(
        "conda",
        "",
        "The package '{what}' cannot be installed due to a",
        "{name} was linked over a file that was there: {place}",
        "conda remove {conda} {name}",
        more=(
            "path collision for '{place}'",
            "This path already exists in the target prefix",
            "an uninstall action in this transaction",
            "by an uninstall action",
            "the package '{}', which is already installed",
            "doesn't recognize",
        ),
    ),
    Warned(
        "conda",
        "",
        "The package for {what} located at {place}",
        "conda's unpacked copy of {what} is damaged, and so is what is linked to it",
        "rm -r {place} && conda install {conda} --force-reinstall {what}",
        more=(
            "appears to be corrupted.",
            "has an incorrect size",
            "has a sha256 mismatch",
            "specified in the package manifest",
            "reported s",
            "actual s",
        ),
        lasting=True,
    ),
    Warned(
        "conda",
        "",
        "script failed for package {what}",
        "the script that {name} brings for its installation failed: it is half there",
        "conda install {conda} --force-reinstall {name}",
        more=("consider notifying the package maintainer",),
    ),
    Warned(
        "conda",
        "",
        "Ignoring malformed prefix record at: {place}",
        "conda does not see the package of the record {place}",
        lasting=True,
    ),
    Warned(
        "conda",
        "",
        "Could not remove or rename {place}.  Please remove",
        "conda could not remove {place}",
        "rm -r {place}",
        more=("may need to reboot",),
    ),
    Warned(
        "conda",
        "",
        "pinned spec {what} conflicts with explicit specs",
        "conda has passed over the pin {what}",
        "conda install {conda} {what}",
    ),
    Warned(
        "conda",
        "",
        "pinned specs{}were ignored",
        "conda has passed over pins",
        "conda config --show pinned_packages",
    ),
    Warned(
        "conda",
        "",
        "constrained to only using the old .tar.bz2 file format",
        "conda-build is so old that conda passes over packages in today's format",
        "conda update -n base conda-build",
        lasting=True,
    ),
    Warned(
        "conda",
        "",
        "EnvironmentSectionNotValid: The following section{} on '{place}' {} invalid",
        "parts of {place} mean nothing to conda, and were passed over",
        more=(" - {}",),
        lasting=True,
    ),
)


class ToolWarning(Value):
    """A warning that a tool printed."""

    kind: Warned
    lines: tuple[str, ...]  # as the tool wrote them, without secrets
    fields: tuple[tuple[str, str], ...] = ()  # names and values of the fields, in order
