"""Gives a command to safeinstall, whoever has started it. Written by: safeinstall door open.

Runs in the interpreter of an environment while it starts, so it imports nothing but what is loaded
already, works on Python 3.8 and later, and says nothing where safeinstall is gone, except on a
terminal. ``safeinstall door close`` takes it out without a trace.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PYTHON = ""  # of safeinstall
MAIN = ""  # the file by which it is started
PREFIX = ""  # of the environment for which this file was written
WHO = "who"  # in SAFEINSTALL_DOOR: asks which door answers, in place of the guard

OFF = ("off", "0", "no", "false")
MOST_NOTES = 1 << 16  # bytes
WITH_VALUE = ("--jit", "--check-hash-based-pycs")  # options of the interpreter

IN_PIP = ("__main__.py", "__pip-runner__.py")  # by which pip's directory is started
BUILDING = "pip-build-env-"  # in the name of a directory that pip makes for what builds need
ZIPAPP = "pip.pyz"

NOT_PIP = (
    "help list show freeze check inspect index search download wheel hash lock config cache "
    "debug completion"
)
NOT_CONDA = (
    "help activate deactivate reactivate shell list info search repoquery compare export "
    "notices commands config init ps auth completer content-trust tos"
)
NOT_UV = (
    "help version run tool python cache self auth build publish init lock export tree format "
    "generate-shell-completion"
)
NOT_UV_PIP = ("-h", "--help", "compile", "list", "show", "freeze", "tree", "check")
NOT_ENV = ("-h", "--help", "list", "export")
INFORMATION = ("-V", "--version", "-h", "--help")


def tool(words: "Sequence[str]") -> "tuple[str, list[str]]":
    """The name of the tool that the interpreter runs, and the tool's arguments; ``""`` for any
    other program. ``words`` are those that the interpreter was started with.
    """
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--" and rest:
            return program(rest[0], rest[1:]), rest[1:]
        if word[:1] != "-" or word in ("-", "--"):
            return program(word, rest), rest
        if word in WITH_VALUE:
            del rest[:1]
        if word[:2] != "--":
            letter, value = cluster(word)
            if letter and not value:
                value = rest.pop(0) if rest else ""
            if letter == "m":
                return named(value.partition(".")[0]), rest
            if letter == "c":
                break
    return "", []


def cluster(word: str) -> "tuple[str, str]":
    """The first letter with a value in a cluster of the interpreter's options, and the value that
    is in the same word.
    """
    for place, letter in enumerate(word[1:], 2):
        if letter in "cmWXQ":
            return letter, word[place:]
    return "", ""


def program(path: str, words: "Sequence[str]") -> str:
    """The tool whose program the path is: also its directory, or a file in it. By these pip starts
    itself, too, to install what it needs to build a package.
    """
    directory, _, name = path.rpartition("/")
    if name in IN_PIP:
        directory, _, name = directory.rpartition("/")
    elif os.path.isfile(path):
        return named(name)
    is_pip = name == "pip" and os.path.isfile((directory or ".") + "/pip/__main__.py")
    return "pip" if is_pip and not any(BUILDING in word for word in words) else ""


def named(name: str) -> str:
    """``pip`` for ``pip3.11``; ``""`` for what is not guarded."""
    if name[:3] == "pip":
        return "" if name[3:].strip("0123456789.") and name != ZIPAPP else "pip"
    return name if name in ("conda", "mamba", "uv") else ""


def concerns(name: str, words: "Sequence[str]") -> bool:
    """May this command change an environment? A doubt counts as yes: the guard parses it."""
    first = words[0] if words else ""
    if name == "pip":
        return first not in NOT_PIP.split() and ("install" in words or "uninstall" in words)
    if not name or not words or (first in INFORMATION and len(words) == 1):
        return False
    second = words[1] if len(words) > 1 else "--help"
    if name == "uv":
        return first not in NOT_UV.split() and not (first == "pip" and second in NOT_UV_PIP)
    if first == "env":
        return second not in NOT_ENV
    if first == "run":
        return any(names_tool(word) for word in words[1:])
    return first not in NOT_CONDA.split() and first[:6] != "shell."


def names_tool(word: str) -> bool:
    """May ``conda run`` start a tool by this word, which may be a whole script for ``bash -c``?"""
    return "pip" in word or "uv" in word or "conda" in word or "mamba" in word


def enter() -> None:
    """Become the guard, if the command is for it. Returns where it is not."""
    words = getattr(sys, "orig_argv", None) or of_kernel()
    mark = os.environ.pop("SAFEINSTALL_DOOR", "")
    if not is_interpreter(words) or is_free(mark):
        return
    name, rest = tool(words)
    if not concerns(name, rest):
        return
    if os.environ.get("SAFEINSTALL", "").strip().lower() in OFF:
        if mark != WHO:
            note_off(name, rest)
        return
    if not (os.path.isfile(MAIN) and os.access(MAIN, os.R_OK) and os.access(PYTHON, os.X_OK)):
        complain()
    elif mark == WHO:
        os.write(1, os.fsencode(__file__))
        os._exit(0)
    else:
        become_guard(by_path(list(words), len(words) - len(rest) - 1))


def by_path(words: "list[str]", at: int) -> "list[str]":
    """The words, where the program's name at this place is a path: ``./pip`` for ``pip``, which the
    interpreter finds in the working directory.
    """
    before = words[at - 1]
    is_module = before[:1] == "-" and before != "--" and cluster(before)[0] == "m"
    if "/" not in words[at] and words[at][:1] != "-" and not is_module:
        words[at] = "./" + words[at]
    return words


def is_free(mark: str) -> bool:
    """Has the guard started this tool, or what has started it?"""
    return mark == str(os.getpid()) or "SAFEINSTALL_OPERATION" in os.environ


def note_off(name: str, words: "Sequence[str]") -> None:
    """Leave a note that the guard was switched off, where there is a journal: the next record tells
    of it. No word but the tool's and the command's is kept.
    """
    verb = next((word for word in words if word.isalpha()), "")
    path = os.path.join(PREFIX, ".safeinstall", "switched-off")
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        import time

        handle = os.open(path, flags, 0o644)
        try:
            if os.fstat(handle).st_size < MOST_NOTES:
                what = f"{name} {verb[:20]}".encode("ascii")
                os.write(handle, b"%d %s\n" % (time.time() * 1000, what))
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return


def become_guard(words: "Sequence[str]") -> None:
    """Returns where safeinstall cannot be started."""
    os.environ["SAFEINSTALL_DOOR"] = str(os.getpid())
    guard = [PYTHON, "-I", "-S", MAIN, "run", "--door=" + sys.executable, "--"]
    try:
        os.execv(PYTHON, guard + list(words))  # noqa: S606 - no shell is meant
    except (OSError, ValueError):
        del os.environ["SAFEINSTALL_DOOR"]
        complain()


def of_kernel() -> "list[str]":
    """The words where Python does not know them any more: before 3.10."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def is_interpreter(words: "Sequence[str]") -> bool:
    """Is this an interpreter that runs by itself, and no program with one inside?"""
    if not words or not sys.executable:
        return False
    names = [path.rpartition("/")[2] for path in (words[0], sys.executable)]
    return all(name.startswith(("python", "pypy")) for name in names)


def complain() -> None:
    """Tell a person, in one line, that safeinstall is not there any more. Elsewhere, in an image or
    a copy of the environment, nobody expects it.
    """
    try:
        if os.isatty(2) and os.path.realpath(sys.prefix) == os.path.realpath(PREFIX):
            line = os.path.join(os.path.dirname(__file__), "safeinstall-door.pth")
            said = "safeinstall is gone, so this runs unguarded; install it again, or: rm %s\n"
            os.write(2, os.fsencode(said % line))
    except OSError:
        return
