"""A guest module in the tool's process: notes for safeinstall what pip and conda print or log.

Runs in the Python that runs the tool (3.5 and later, hence no newer syntax), and only because its
directory is on PYTHONPATH for this one process. It waits until pip or conda is imported, removes
itself from the environment variables, and listens from then on. The tool's output is not changed
or delayed. If anything fails here, the tool goes on and its output is not noted.
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
MOST = 1 << 25  # characters kept in one file

PIP = "pip._internal.cli.main"
CONDA = "conda.cli.main"
INSTALL = "pip._internal.commands.install"
GUARD = "guard"  # as in safeinstall.rails.pip_in_conda
WHEELS = "wheels"  # as in safeinstall.rails.plan_request
STOP = 77  # as in safeinstall.errors
STOPPED = "safeinstall has stopped this; nothing was installed"

# Loggers that record the conflicts of pip's resolver, and the level needed to get their records,
# which pip does not show by default.
RESOLVER = {
    "pip._internal.index": 10,
    "pip._internal.resolution": 10,
    "pip._internal.utils.misc": 20,
}
# Of the records of level DEBUG, those with these words are kept.
OF_INTEREST = ("Found link ", " location(s) to search ", "Will try a different candidate")


class Notes:
    """A file to append to. Uses a descriptor: for a Python file object that is never closed, Python
    may show a ResourceWarning at exit.
    """

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.waiting = []  # type: list[str]
        self.left = MOST

    def write(self, text: str) -> None:
        """Append the text. All but "Found link" lines are written at once, because the tool may be
        killed. Raises OSError.
        """
        self.left -= len(text)
        if self.left <= 0:
            return
        self.waiting.append(text)
        if "Found link " not in text[:48]:
            whole, self.waiting = "".join(self.waiting), []
            os.write(self.descriptor, whole.encode("utf-8", "replace"))


class Guest:
    """A finder on ``sys.meta_path`` that finds no module, but sees the name of each import."""

    def __init__(self, who: "list[str]", directory: str) -> None:
        self.who = who
        self.directory = directory

    def find_spec(self, name: str, *_: object) -> None:
        """Start to listen when pip or conda is imported. Always returns None (not found)."""
        try:
            if name == PIP and "pip" in self.who and not self.starts_another_pip():
                self.step_back()
                self.hold_pip()
                self.listen_to_pip()
                if os.path.exists(os.path.join(self.directory, WHEELS)):
                    sys.meta_path.insert(0, Watcher(os.path.join(self.directory, WHEELS)))
            elif name == CONDA and "conda" in self.who and not starts_another_conda():
                if "pip" not in self.who:
                    self.step_back()
                self.listen_to_conda()
        except Exception:
            return

    def starts_another_pip(self) -> bool:
        """Is this a ``pip --python`` that only starts pip again with the other interpreter?"""
        return "inner" in self.who and "_PIP_RUNNING_IN_SUBPROCESS" not in os.environ

    def step_back(self) -> None:
        """Remove our variables again, so that programs that the tool starts do not inherit them."""
        # A new list, because the import system is iterating over the old one.
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        os.environ.pop(VARIABLE, None)
        path = os.environ.pop("PYTHONPATH", "").split(os.pathsep)
        left = [place for place in path if place != HERE]
        if left:
            os.environ["PYTHONPATH"] = os.pathsep.join(left)

    def listen_to_pip(self) -> None:
        """Note pip's log records by the record factory: pip sets up its handlers only later."""
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
        """Note a record in the format of ``pip --log``; the output of builds is left out."""
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
        """Note what conda writes to stdout and stderr: it prints as often as it logs."""
        for stream, name in ((sys.stdout, "conda.out"), (sys.stderr, "conda.err")):
            noting = self.echo(stream.write, Notes(os.path.join(self.directory, name)))
            setattr(stream, "write", noting)  # noqa: B010 - the stream object stays the same

    def hold_pip(self) -> None:
        """In a pip that conda has started, get its command line with the constraints added.

        Where there is no file GUARD, the command line stays as it is.
        """
        guard = os.path.join(self.directory, GUARD)
        try:
            with open(guard, "rb") as file:
                strict, *ask = os.fsdecode(file.read()).split("\0")
        except OSError:
            return
        try:
            sys.argv[1:] = asked(guard, ask, [sys.executable, "-m", "pip"], sys.argv[1:])
        except Stopped:
            sys.exit(STOP)
        except Exception as error:
            if not isinstance(error, HasSpoken):
                text = " ".join(str(error).split())
                told = "safeinstall: what pip is held to is not known: " + text + "\n"
                if sys.stderr is not None:  # the shell closes it by "2>&-"
                    sys.stderr.write(told)
            if strict:
                sys.exit(1)

    def echo(self, write: "Callable[[str], int]", out: "Notes") -> "Callable[[str], int]":
        """``write``, which also notes the text; progress bars are not noted."""

        def noting(text: str) -> int:
            done = write(text)
            try:
                if "\r" not in text and "\b" not in text:
                    out.write(text)
            except Exception:
                return done
            return done

        return noting


class Watcher:
    """A finder like :class:`Guest`, for the module with the function by which pip installs."""

    def __init__(self, request: str) -> None:
        self.request = request

    def find_spec(self, name: str, *_: object) -> None:
        """Wrap that function, before the module that uses it is loaded. Always returns None."""
        if name != INSTALL:
            return
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        try:
            self.wrap()
        except Exception:
            return

    def wrap(self) -> None:
        """Have each installation judged first. While it installs, pip lets nothing be imported."""
        import subprocess  # noqa: F401
        import sysconfig  # noqa: F401
        import zipfile  # noqa: F401

        import pip._internal.req as requirements
        from pip._internal.exceptions import CommandError

        install = requirements.install_given_reqs

        def judged(coming: "Any", *args: "Any", **more: "Any") -> "Any":
            if not may_install(coming, self.request):
                raise CommandError(STOPPED)
            return install(coming, *args, **more)

        setattr(requirements, "install_given_reqs", judged)  # noqa: B010 - for the type checker


def may_install(coming: "Any", request: str) -> bool:
    """Ask safeinstall about the wheels that would write over a file; True where there are none."""
    strict = False
    try:
        with open(request, "rb") as file:
            items = [os.fsdecode(item).partition("=") for item in file.read().split(b"\0")]
        known = {name: text for name, _, text in items}
        strict = known.get("strict") == "yes"
        over = [path for path in map(wheel_of, coming) if path and writes_over(path)]
        return not over or judge(known, request, over)
    except KeyboardInterrupt:
        return False
    except Exception as error:
        if not isinstance(error, HasSpoken) and sys.stderr is not None:
            text = " ".join(str(error).split())
            sys.stderr.write("safeinstall: what pip installs was not judged: " + text + "\n")
        return not strict


def wheel_of(requirement: "Any") -> str:
    """The path of the wheel that pip installs for a requirement; ``""`` if it is no wheel."""
    path = getattr(requirement, "local_file_path", None) or ""
    return path if path.endswith(".whl") else ""


def writes_over(wheel: str) -> bool:
    """Does the wheel have a file that is there, and that is not of a release of its name, or not of
    that alone?
    """
    import sysconfig
    import zipfile

    site, scripts = sysconfig.get_path("purelib"), sysconfig.get_path("scripts")
    data = {"scripts": scripts, "data": sysconfig.get_path("data")}
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if name[-1:] != "/"]
        points = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
        text = opened.read(points[0]).decode("utf-8", "replace") if points else ""
    there = os.listdir(site)
    own = listed(site, there, os.path.basename(wheel).partition("-")[0])
    programs = [line.partition("=")[0].strip() for line in text.splitlines() if "=" in line]
    paths = [os.path.join(scripts, program) for program in programs]
    for name in names:
        top, _, rest = name.partition("/")
        kind, _, inside = rest.partition("/")
        if top.endswith(".data"):
            paths.append(os.path.join(data.get(kind, site), inside))
        elif top in there and not top.endswith(".dist-info"):
            paths.append(os.path.join(site, name))
        # Of a module in two forms, Python imports the package
        if rest == "__init__.py" and top + ".py" in there:
            paths.append(os.path.join(site, top + ".py"))
        elif name == top and top[-3:] == ".py" and top[:-3] in there:
            paths.append(os.path.join(site, top[:-3], "__init__.py"))
    written = any(os.path.lexists(path) and path not in own for path in paths)
    return written or are_condas_too(own, site)


def are_condas_too(own: "set[str]", site: str) -> bool:
    """Does a record of conda's list files in the same packages? pip uninstalls these."""
    place, meta = os.path.join(sys.prefix, ""), os.path.join(sys.prefix, "conda-meta")
    wanted = set()  # type: set[str]
    for path in own:
        if path.startswith(os.path.join(site, "")):
            top, slash, _ = path[len(site) + 1 :].partition("/")
            if not top.endswith((".dist-info", ".pyc")) and top != "__pycache__":
                wanted.add(os.path.join(site, top)[len(place) :] + (slash or '"'))
        elif path.startswith(place):
            wanted.add(path[len(place) :] + '"')
    looked_for = [os.fsencode('"' + text) for text in wanted]
    for record in os.listdir(meta) if wanted and os.path.isdir(meta) else []:
        if record.endswith(".json"):
            with open(os.path.join(meta, record), "rb") as file:
                text = file.read()
            if any(each in text for each in looked_for):
                return True
    return False


def listed(site: str, there: "list[str]", name: str) -> "set[str]":
    """The files that the installed releases of this name list. pip uninstalls these before; not
    those of a release whose metadata name nothing, which it does not see.
    """
    found = set()  # type: set[str]
    for entry in there:
        if entry.endswith(".dist-info") and plain(entry.partition("-")[0]) == plain(name):
            try:
                with open(os.path.join(site, entry, "METADATA"), "rb") as file:
                    heads = file.read().partition(b"\n\n")[0].lower().split(b"\n")
                if not any(head[:5] == b"name:" for head in heads):
                    continue
                with open(os.path.join(site, entry, "RECORD"), encoding="utf-8") as file:
                    rows = [line.rsplit(",", 2)[0] for line in file]
            except (OSError, ValueError):
                continue
            found.update(os.path.normpath(os.path.join(site, row)) for row in rows)
    return found


def plain(name: str) -> str:
    """The name as it is compared."""
    return name.lower().replace("-", "_").replace(".", "_")


def judge(known: "dict[str, str]", request: str, wheels: "list[str]") -> bool:
    """May pip go on? Starts safeinstall, which shows its findings to the user itself."""
    import subprocess

    stderr, file = os.dup(2), os.open(request, os.O_RDONLY)
    try:
        start = [known["python"], "-I", "-S", known["main"], "--stderr=" + str(stderr)]
        words = [*start, "wheels", request, *wheels]
        status = subprocess.call(words, stdout=stderr, stderr=file, pass_fds=[stderr])
        works = os.lseek(file, 0, os.SEEK_CUR) > 0
    finally:
        os.close(stderr)
        os.close(file)
    if status not in (0, STOP):
        error = HasSpoken if works and status > 0 else RuntimeError
        raise error("safeinstall ended with status " + str(status))
    return status == 0


class HasSpoken(Exception):  # noqa: N818 - the user has seen the error already
    """The guard could not answer, and has shown the reason itself."""


class Stopped(Exception):  # noqa: N818 - no error of the guard
    """The guard has told the user why this pip must not go on."""


def asked(guard: str, ask: "list[str]", start: "list[str]", words: "list[str]") -> "list[str]":
    """pip's arguments as ``safeinstall hold`` wants them. Raises an error where it fails.

    The guard gets a file to read as its stderr, and the number of the real stderr: as in
    safeinstall.output.stderr. If the guard is broken, its Python's error message is lost.
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
    if works and answer.returncode == STOP:
        raise Stopped
    if answer.returncode != 0:
        error = HasSpoken if works and answer.returncode > 0 else RuntimeError
        raise error("safeinstall ended with status " + str(answer.returncode))
    return os.fsdecode(answer.stdout).split("\0")[len(start) : -1] or words


def indentation() -> int:
    """The indentation of pip's log lines; it is deeper while pip fills a build environment."""
    logging = sys.modules.get("pip._internal.utils.logging")
    return getattr(logging, "get_indentation", int)()


def starts_another_conda() -> bool:
    """Is this ``conda run``, or a conda that a shell calls to activate an environment?"""
    verb = next((word for word in sys.argv[1:] if word[:1] != "-"), "")
    return verb == "run" or verb[:6] == "shell."


def take_a_seat() -> None:
    """Put the finder on ``sys.meta_path``, where the variable asks for it."""
    who, _, directory = os.environ.get(VARIABLE, "").partition(" ")
    if directory:
        sys.meta_path.insert(0, Guest(who.split(","), directory))


def let_the_real_one_in() -> None:
    """Import the environment's own ``sitecustomize``, if there is one; its errors are raised."""
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
