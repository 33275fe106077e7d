"""What a command line means, read the way the tool itself reads it.

:func:`parse` is pure: the environment, the configuration and the contents of files come with the
:class:`Context`. It never raises and never rewrites a word. Importing this package loads no
grammar; the first command of a tool loads that tool's tables and no others.
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
    """What counts besides the words."""

    environ: Mapping[str, str]
    cwd: str
    read: Callable[[str], bytes | None]  # a file's bytes by absolute path; None: cannot be read
    pip_config: Mapping[str, str]  # pip.conf, merged: "install.target", "global.index-url"
    # "pip": "25.3", "conda-python": "3.11". Where a version is unknown the reading that changes
    # most among those of all versions is given, so that no version's change goes unseen.
    versions: Mapping[str, str] = {}
    # What uv's files say of "uv pip", asked for by the project's directory and the file that is
    # named, or "". Only uv's command line says which these are. None: there are no such files.
    uv_config: Callable[[str, str], Mapping[str, Any]] | None = None
    in_text: bool = False  # do the words stand in a text that a shell is given?
    # Reads the command inside "conda run"; :func:`parse` puts itself there.
    inner: Callable[[Sequence[str], Context], Command] | None = None


def parse(words: Sequence[str], context: Context) -> Command:
    """Understand a command line; ``words[0]`` is the tool as typed, a name or a path.

    A command that the tool would refuse, or only explain, has ``mutates`` False; a refused one
    ``understood`` False as well. ``conda run`` mutates if what it runs does.
    """
    typed = tuple(words)
    tool, launcher = launch.find(typed)
    if not tool:
        return Command(typed, tool="", understood=True)
    try:
        command = dispatch(typed, tool, launcher, context.replace(inner=parse))
    except RecursionError:  # hundreds of "conda run conda run": nothing a tool would survive
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
    """Load one tool's grammar and read with it."""
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
