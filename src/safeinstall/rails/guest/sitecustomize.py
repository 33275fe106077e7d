"""A guest in the tool's process: notes for safeinstall what pip and conda say while they work.

Runs in whatever Python the tool runs in (3.5 and later, hence no newer syntax), and only because
its directory is on PYTHONPATH for this one process. It waits until pip or conda is really loaded,
takes itself out of the variables, and listens from then on. What the tool says it says as ever, on
the same streams at the same moment. Where anything is amiss the tool goes on unheard.
"""
# mypy: disable-error-code="import-not-found"

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import LogRecord
    from typing import Any

VARIABLE = "SAFEINSTALL_LISTEN"  # as in safeinstall.settings: "pip,resolver DIRECTORY"
HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 1 << 25  # characters; more than this of one tool is not kept

PIP = "pip._internal.cli.main"
CONDA = "conda.cli.main"
GUARD = "guard"  # as in safeinstall.rails.pip_in_conda

# Where pip tells what its resolver met, below the level that it would show.
RESOLVER = {
    "pip._internal.index": 10,
    "pip._internal.resolution": 10,
    "pip._internal.utils.misc": 20,
}
# of what is meant for debugging
OF_INTEREST = ("Found link ", " location(s) to search ", "Will try a different candidate")


class Notes:
    """A file to be added to. No Python file: one that is never closed is warned of at the end,
    where warnings are shown.
    """

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.waiting = []  # type: list[str]
        self.left = MOST

    def write(self, text: str) -> None:
        """Keep it, at once where it is of weight: the tool may be killed. Raises OSError."""
        self.left -= len(text)
        if self.left <= 0:
            return
        self.waiting.append(text)
        if "Found link " not in text[:48]:
            whole, self.waiting = "".join(self.waiting), []
            os.write(self.descriptor, whole.encode("utf-8", "replace"))


class Guest:
    """A finder on ``sys.meta_path`` that finds nothing, and so sees what is imported."""

    def __init__(self, who: "list[str]", directory: str) -> None:
        self.who = who
        self.directory = directory

    def find_spec(self, name: str, *_: object) -> None:
        """Never finds anything."""
        try:
            if name == PIP and "pip" in self.who and not self.starts_another_pip():
                self.step_back()
                self.hold_pip()
                self.listen_to_pip()
            elif name == CONDA and "conda" in self.who and not starts_another_conda():
                if "pip" not in self.who:
                    self.step_back()
                self.listen_to_conda()
        except Exception:
            return

    def starts_another_pip(self) -> bool:
        """``pip --python``: this one only starts the pip that works."""
        return "inner" in self.who and "_PIP_RUNNING_IN_SUBPROCESS" not in os.environ

    def step_back(self) -> None:
        """What the tool starts shall find the variables as the user left them."""
        # a new list: the old one is just being gone through
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        os.environ.pop(VARIABLE, None)
        path = os.environ.pop("PYTHONPATH", "").split(os.pathsep)
        left = [place for place in path if place != HERE]
        if left:
            os.environ["PYTHONPATH"] = os.pathsep.join(left)

    def listen_to_pip(self) -> None:
        """Through the factory of log records: handlers are pip's own, and set up only later."""
        import logging

        out = Notes(os.path.join(self.directory, "pip.log"))
        make = logging.getLogRecordFactory()

        def noting(*args: "Any", **more: "Any") -> "LogRecord":
            record = make(*args, **more)
            self.note(record, out)
            return record

        if "resolver" in self.who:
            for name, level in RESOLVER.items():
                logging.getLogger(name).setLevel(level)
        logging.setLogRecordFactory(noting)

    def note(self, record: "LogRecord", out: "Notes") -> None:
        """A record as pip's own log would have it. What builds print is not pip's."""
        try:
            if record.name[:4] != "pip." or record.name == "pip.subprocessor":
                return
            if record.levelno < 20 and not any(words in str(record.msg) for words in OF_INTEREST):
                return
            start = "" if record.levelno < 30 else "WARNING: " if record.levelno < 40 else "ERROR: "
            lines = (start + record.getMessage()).split("\n")
            out.write("".join(" " * indentation() + line + "\n" for line in lines))
        except Exception:
            return

    def listen_to_conda(self) -> None:
        """Through the streams as Python has them: conda prints as often as it logs."""
        for stream, name in ((sys.stdout, "conda.out"), (sys.stderr, "conda.err")):
            noting = self.echo(stream.write, Notes(os.path.join(self.directory, name)))
            setattr(stream, "write", noting)  # noqa: B010 - the stream itself stays what it is

    def hold_pip(self) -> None:
        """A pip that conda has started asks us with which words it should have been."""
        guard = os.path.join(self.directory, GUARD)
        try:
            with open(guard, "rb") as file:
                strict, *ask = os.fsdecode(file.read()).split("\0")
        except OSError:
            return
        try:
            sys.argv[1:] = asked(guard, ask, [sys.executable, "-m", "pip"], sys.argv[1:])
        except Exception as error:
            if not isinstance(error, HasSpoken):
                text = " ".join(str(error).split())
                told = "safeinstall: what pip is held to is not known: " + text + "\n"
                if sys.stderr is not None:  # "2>&-"
                    sys.stderr.write(told)
            if strict:
                sys.exit(1)

    def echo(self, write: "Callable[[str], int]", out: "Notes") -> "Callable[[str], int]":
        """``write``, with a note of what was written; progress bars go without."""

        def noting(text: str) -> int:
            done = write(text)
            try:
                if "\r" not in text and "\b" not in text:
                    out.write(text)
            except Exception:
                return done
            return done

        return noting


class HasSpoken(Exception):  # noqa: N818 - not an error: it has been told
    """The guard could not answer, and has said why by itself."""


def asked(guard: str, ask: "list[str]", start: "list[str]", words: "list[str]") -> "list[str]":
    """The words that pip is to have behind those that start it. Raises where nobody answers.

    The guard gets a file to read in place of stderr, and the real one's number: as in
    safeinstall.output.stderr. Where it is broken, what its Python says of that goes nowhere.
    """
    import subprocess

    stderr, file = os.dup(2), os.open(guard, os.O_RDONLY)
    try:
        command = [*ask[:4], "--stderr=" + str(stderr), *ask[4:], os.getcwd(), "--", *start, *words]
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=file, pass_fds=[stderr])
        works = os.lseek(file, 0, os.SEEK_CUR) > 0
    finally:
        os.close(stderr)
        os.close(file)
    if answer.returncode != 0:
        error = HasSpoken if works and answer.returncode > 0 else RuntimeError
        raise error("safeinstall ended with status " + str(answer.returncode))
    return os.fsdecode(answer.stdout).split("\0")[len(start) : -1] or words


def indentation() -> int:
    """How deep pip is in its work: a build environment that it fills by itself lies deeper."""
    logging = sys.modules.get("pip._internal.utils.logging")
    return getattr(logging, "get_indentation", int)()


def starts_another_conda() -> bool:
    """``conda run``, or conda asked by a shell how to activate something."""
    verb = next((word for word in sys.argv[1:] if word[:1] != "-"), "")
    return verb == "run" or verb[:6] == "shell."


def take_a_seat() -> None:
    """Begin to wait, where we are asked to."""
    who, _, directory = os.environ.get(VARIABLE, "").partition(" ")
    if directory:
        sys.meta_path.insert(0, Guest(who.split(","), directory))


def let_the_real_one_in() -> None:
    """The module whose name we bear, if there is one: what it does or raises is its own affair."""
    sys.path[:] = [place for place in sys.path if place != HERE]
    ours = sys.modules.pop("sitecustomize")
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = ours


take_a_seat()
let_the_real_one_in()
