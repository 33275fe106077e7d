"""Parse command lines of pip, conda, mamba and uv in the same way as the tools do.

:func:`parse` is pure: environment variables, configuration and contents of files are in the
:class:`Context`. It never raises and never changes a word. Importing this package loads no grammar;
the first command of a tool loads the tables of that tool only.
"""

from __future__ import annotations

from safeinstall.argv import launch
from safeinstall.model import Command
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


class Context(Value):
    """Everything besides its words that decides what a command line means."""

    environ: Mapping[str, str]
    cwd: str
    read: Callable[[str], bytes | None]  # a file's bytes by absolute path; None: cannot be read
    pip_config: Mapping[str, str]  # pip.conf, merged: "install.target", "global.index-url"
    # "pip": "25.3", "conda-python": "3.11". If a version is unknown, the line is parsed as several
    # versions would, and a result that changes something is preferred: no change goes unseen.
    versions: Mapping[str, str] = {}
    # Returns the settings for "uv pip" in uv's configuration files, by the project's directory and
    # the file named by --config-file, or "". A function, because only uv's command line says which
    # these are. None: there are no such files.
    uv_config: Callable[[str, str], Mapping[str, Any]] | None = None
    # What "pip --isolated" reads of it: no file of the user's. None: the same
    isolated_config: Mapping[str, str] | None = None
    in_text: bool = False  # are the words from a text that a shell is given to run?
    # Parses the command inside "conda run"; :func:`parse` sets this field to itself.
    inner: Callable[[Sequence[str], Context], Command] | None = None


def parse(words: Sequence[str], context: Context) -> Command:
    """Parse a command line; ``words[0]`` is the tool as typed, a name or a path.

    ``mutates`` is False for a command that the tool would refuse, or answer by help or its version;
    ``understood`` is also False for a refused one. ``conda run`` mutates if the command in it does.
    """
    typed = tuple(words)
    tool, launcher = launch.find(typed)
    if not tool:
        return Command(typed, tool="", understood=True)
    try:
        command = dispatch(typed, tool, launcher, context.replace(inner=parse))
    except RecursionError:  # hundreds of nested "conda run": the tool itself would fail
        return Command(typed, tool=tool, launcher=launcher, understood=False)
    return command if command.understood else _without_secrets(command)


def _without_secrets(command: Command) -> Command:
    """The command without the value of an unknown ``--password x``, which looks like a package."""
    from safeinstall import redaction
    from safeinstall.redaction.names import HIDDEN

    words = zip(command.words, redaction.words(command.words), strict=True)
    hidden = {word for word, shown in words if shown != word and shown == HIDDEN}
    return command.replace(specs=tuple(spec for spec in command.specs if spec.raw not in hidden))


def dispatch(words: tuple[str, ...], tool: str, launcher: int, context: Context) -> Command:
    """Load the tool's grammar and parse by it."""
    if tool == "pip":
        from safeinstall.argv.pip import parse as parse_pip

        return parse_pip(words, launcher, context)
    if tool == "conda":
        from safeinstall.argv.conda import parse as parse_conda

        return parse_conda(words, launcher, context)
    if tool == "uv":
        from safeinstall.argv.uv import parse as parse_uv

        return parse_uv(words, launcher, context)
    from safeinstall.argv.mamba import parse as parse_mamba

    return parse_mamba(words, tool, launcher, context)
