"""Gives a command to safeinstall, whoever has started it. Written by: safeinstall door open.

Runs in the interpreter of an environment while it starts, so it imports nothing but what is loaded
already, works on Python 3.6 and later, and says nothing where safeinstall is gone, except on a
terminal. ``safeinstall door close`` takes it out without a trace.
"""

import os
import sys

PYTHON = ""  # of safeinstall
MAIN = ""  # the file by which it is started
PREFIX = ""  # of the environment for which this file was written
WHO = "who"  # asks which door answers, in place of the guard

OFF = ("off", "0", "no", "false")
BOTH = ("--jit", "--check-hash-based-pycs")  # options of the interpreter with a value

PIP = ("install", "uninstall")
NOT_PIP = (
    "help list show freeze check inspect index search download wheel hash lock config cache debug "
    "completion"
).split()
NOT_CONDA = (
    "help activate deactivate reactivate shell list info search repoquery compare export notices "
    "commands config init ps auth completer content-trust tos"
).split()
NOT_UV = (
    "help version run tool python cache self auth build publish init lock export tree format "
    "generate-shell-completion"
).split()
NOT_UV_PIP = "-h --help compile list show freeze tree check".split()
HELP = ("-V", "--version", "-h", "--help")


def tool(words):
    """The name of the tool that the interpreter runs, and the tool's arguments; ``""`` for any other
    program. ``words`` are those that the interpreter was started with.
    """
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--" and rest:
            return script(rest[0]), rest[1:]
        if word[:1] != "-" or word in ("-", "--"):
            return script(word), rest
        if word in BOTH:
            del rest[:1]
        if word[:2] == "--":
            continue
        for place, letter in enumerate(word[1:], 2):
            if letter not in "cmWXQ":
                continue
            value = word[place:] or (rest.pop(0) if rest else "")
            if letter == "m":
                return named(value.partition(".")[0]), rest
            if letter == "c":
                return "", []
            break
    return "", []


def script(path):
    """The tool whose program the path is. A directory called pip is pip's own, which it starts to
    build a package.
    """
    return named(path.rpartition("/")[2]) if os.path.isfile(path) else ""


def named(name):
    """``pip`` for ``pip3.11``"""
    if name[:3] == "pip":
        return "" if name[3:].strip("0123456789.") else "pip"
    return name if name in ("conda", "mamba", "uv") else ""


def concerns(name, words):
    """May this command change an environment? A doubt counts as yes: the guard parses it."""
    first = words[0] if words else ""
    if name == "pip":
        return first not in NOT_PIP and any(word in PIP for word in words)
    if not words or (first in HELP and len(words) == 1):
        return False
    second = words[1] if len(words) > 1 else "--help"
    if name == "uv":
        return first not in NOT_UV and not (first == "pip" and second in NOT_UV_PIP)
    if first == "env":
        return second not in ("-h", "--help", "list", "export")
    if first == "run":
        return any(inside(word) for word in words[1:])
    return first not in NOT_CONDA and first[:6] != "shell."


def inside(word):
    """May ``conda run`` start a tool by this word, which may be a whole script for ``bash -c``?"""
    return "pip" in word or "uv" in word or "conda" in word or "mamba" in word


def enter():
    """Become the guard, if the command is for it. Returns where it is not."""
    words = getattr(sys, "orig_argv", None) or of_kernel()
    environ = os.environ
    mark = environ.pop("SAFEINSTALL_DOOR", "")
    if mark == str(os.getpid()) or "SAFEINSTALL_OPERATION" in environ:
        return  # the guard has started this tool, or what it started has
    if environ.get("SAFEINSTALL", "").strip().lower() in OFF or not is_interpreter(words):
        return
    if not concerns(*tool(words)):
        return
    if not (os.path.isfile(MAIN) and os.access(MAIN, os.R_OK) and os.access(PYTHON, os.X_OK)):
        return complain()
    if mark == WHO:
        os.write(1, os.fsencode(__file__))
        os._exit(0)
    environ["SAFEINSTALL_DOOR"] = str(os.getpid())
    guard = [PYTHON, "-I", "-S", MAIN, "run", "--door=" + sys.executable, "--"]
    try:
        os.execv(PYTHON, guard + list(words))
    except (OSError, ValueError):
        del environ["SAFEINSTALL_DOOR"]
        complain()


def of_kernel():
    """The words where Python does not know them any more: before 3.10."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def is_interpreter(words):
    """Is this an interpreter that runs by itself, and no program with one inside?"""
    if not words or not sys.executable:
        return False
    names = [path.rpartition("/")[2] for path in (words[0], sys.executable)]
    return all(name.startswith(("python", "pypy")) for name in names)


def complain():
    """Tell a person, in one line, that safeinstall is not there any more. Elsewhere, in an image or
    a copy of the environment, nobody expects it.
    """
    try:
        if os.isatty(2) and os.path.realpath(sys.prefix) == os.path.realpath(PREFIX):
            line = os.path.join(os.path.dirname(__file__), "safeinstall-door.pth")
            said = "safeinstall is gone, so this runs unguarded; install it again, or: rm %s\n"
            os.write(2, os.fsencode(said % line))
    except OSError:
        pass
