"""Started as the guard is (``-I -S``): judges commands while one file after another is damaged.

Where ``json.decoder`` is not imported, CPython's JSON scanner fails in another way than where it
is: so this process may import nothing that the guard does not import before the tool starts.

Usage: worker.py SOURCE DIRECTORY. The directory holds ``jobs``: marshalled pairs of a case's name
and the damaged content. Prints what was wrong, one line each, and at last how many were done.
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SOURCE, DIRECTORY = sys.argv[1:3]
sys.path.append(SOURCE)

from safeinstall import settings  # noqa: E402 - what the guard loads
from safeinstall.errors import PolicyError  # noqa: E402
from safeinstall.guard.assess import assess  # noqa: E402
from safeinstall.guard.execute import Operation  # noqa: E402
from safeinstall.guard.words import understand  # noqa: E402
from safeinstall.journal import Journal, store  # noqa: E402
from safeinstall.probe import place as places  # noqa: E402
from safeinstall.probe import unreadable  # noqa: E402
from safeinstall.rules.unreadable_evidence import _DAMAGED  # noqa: E402
from safeinstall.settings import Session  # noqa: E402

HOME, PREFIX, VENV = (f"{DIRECTORY}/{name}" for name in ("home", "envs/ml", "venv"))
SITE, VENV_SITE = f"{PREFIX}/lib/python3.11/site-packages", f"{VENV}/lib/python3.11/site-packages"
WORK = f"{DIRECTORY}/work"
ORDER = ("allow", "warn", "block", "invalid")

# A case: the file, the words, and the active environment.
NUMPY = ("pip", "install", "numpy==2.0.0")
TAKEN = ("pip", "uninstall", "-y", "numpy")
FORCED = ("conda", "install", "--override-frozen", "-y", "zlib")
CASES = {
    "conda-record": (f"{PREFIX}/conda-meta/numpy-1.26.4-py311_0.json", NUMPY, PREFIX),
    "conda-record-torch": (
        f"{PREFIX}/conda-meta/pytorch-2.1.0-py311_0.json",
        ("pip", "install", "torch==2.2.0"),
        PREFIX,
    ),
    "conda-metadata": (f"{SITE}/numpy-1.26.4.dist-info/METADATA", NUMPY, PREFIX),
    "conda-record-file": (f"{SITE}/numpy-1.26.4.dist-info/RECORD", TAKEN, PREFIX),
    "conda-installer": (f"{SITE}/numpy-1.26.4.dist-info/INSTALLER", NUMPY, PREFIX),
    "pip-metadata": (f"{SITE}/six-1.16.0.dist-info/METADATA", NUMPY, PREFIX),
    "pip-record-file": (f"{SITE}/six-1.16.0.dist-info/RECORD", TAKEN, PREFIX),
    "pip-installer": (f"{SITE}/six-1.16.0.dist-info/INSTALLER", NUMPY, PREFIX),
    "direct-url": (f"{SITE}/six-1.16.0.dist-info/direct_url.json", NUMPY, PREFIX),
    "history": (f"{PREFIX}/conda-meta/history", NUMPY, PREFIX),
    "frozen": (f"{PREFIX}/conda-meta/frozen", FORCED, PREFIX),
    "journal": (f"{PREFIX}/.safeinstall/journal.jsonl", NUMPY, PREFIX),
    "mirror": ("", NUMPY, PREFIX),
    "pyvenv": (f"{VENV}/pyvenv.cfg", ("pip", "install", "denied==1.0"), VENV),
    "condarc": (f"{PREFIX}/.condarc", ("conda", "install", "-y", "zlib"), PREFIX),
    "environment": (f"{WORK}/environment.yml", ("conda", "env", "update", "-y"), PREFIX),
    "requirements": (f"{WORK}/requirements.txt", (*NUMPY, "-r", "requirements.txt"), PREFIX),
    "policy": (f"{WORK}/safeinstall.toml", ("pip", "install", "denied==1.0"), PREFIX),
}
# What they say by themselves may be less, where the file is cut and is whole all the same.
UNDERSTOOD_BY = ("environment", "requirements", "pyvenv")
SAY_LESS = ("condarc", "environment", "policy")


def environ(active: str) -> dict[str, str]:
    found = {"HOME": HOME, "PATH": f"{active}/bin:{DIRECTORY}/base/bin"}
    return {**found, "VIRTUAL_ENV" if active == VENV else "CONDA_PREFIX": active}


_understood: dict[tuple[str, ...], Any] = {}


def judged(name: str, *, thoroughly: bool = True) -> tuple[str, set[str], str]:
    """The decision, the rules that spoke, and what is wrong with how it came about.

    What the damaged file has no part in is done for some of them only.
    """
    _, words, active = CASES[name]
    variables = environ(active)
    configuration = settings.read(variables).replace(cache_dir="")
    session = Session(configuration, variables, WORK)
    if thoroughly or name in UNDERSTOOD_BY:
        _understood[words] = understand(words, session)
    else:
        unreadable.begin()
    command, executable = _understood[words]
    place = places.find(command, executable, session)
    if place.prefix != active:
        return "allow", set(), f"{place.prefix} is not {active}"
    try:
        assessed = assess(place, session)
    except PolicyError:
        return "invalid", set(), ""
    last: Any = {"kind": "outcome"}
    if thoroughly or name in ("journal", "mirror"):
        Operation(assessed).record_block()
        last = Journal.open(active, configuration).last()
    rules = {finding.rule for finding in assessed.verdict.findings}
    odd = [item for item in assessed.case.facts.unreadable if item.kind not in _DAMAGED]
    if odd:
        return "allow", rules, f"read by chance only: {odd}"
    if not last or last["kind"] != "outcome":
        return "allow", rules, f"not recorded: {last}"
    return assessed.verdict.decision, rules, ""


def write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def tidy(*directories: str) -> None:
    """Take away what a damaged journal was set aside as."""
    for directory in directories:
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            if "torn-" in name:
                os.unlink(path)
            elif os.path.isdir(path):
                for inner in os.listdir(path):
                    os.unlink(os.path.join(path, inner))
                os.rmdir(path)


def attempt(
    name: str,
    content: bytes,
    baseline: tuple[str, set[str], str],
    clean: dict[str, bytes],
    *,
    thoroughly: bool,
) -> str:
    write(CASES[name][0], content)
    try:
        decision, rules, wrong = judged(name, thoroughly=thoroughly)
    except Exception as error:
        decision, rules, wrong = "allow", set(), f"{type(error).__name__}: {error}"
    known = "SI404" in rules or baseline[1] <= rules
    looser = ORDER.index(decision) < ORDER.index(baseline[0]) or not known
    if name in SAY_LESS:
        looser, wrong = False, "" if " is not " in wrong else wrong
    for file, whole in clean.items():
        write(file, whole)
    if wrong or looser:
        said = wrong or f"{decision} {rules}, not {baseline}"
        return f"{name}: {said}: {content[-60:]!r} ({len(content)})"
    return ""


def main() -> None:
    store._sync = lambda _: None
    os.fsync = lambda _: None  # type: ignore[assignment]
    with open(f"{DIRECTORY}/jobs", "rb") as file:
        jobs = marshal.load(file)
    configuration = settings.read(environ(PREFIX))
    primary, mirror = (p.path for p in Journal.open(PREFIX, configuration).places)
    CASES["mirror"] = (mirror, *CASES["mirror"][1:])
    baselines = {name: judged(name) for name in dict.fromkeys(n for n, _ in jobs)}
    for name, (_, rules, wrong) in baselines.items():
        if wrong or not rules:
            print(f"{name}: not judged as meant: {rules} {wrong}")
    files = {CASES[name][0] for name, _ in jobs} | {primary, mirror}
    clean = {path: open(path, "rb").read() for path in files}  # noqa: SIM115
    parsers = {name for name, _ in jobs} & {"policy", "condarc", "environment"}
    for count, (name, content) in enumerate(jobs):
        changed = {p: clean[p] for p in (CASES[name][0], primary, mirror)}
        wrong = attempt(name, content, baselines[name], changed, thoroughly=not count % 10)
        if wrong:
            print(wrong)
        if not count % 50:
            tidy(os.path.dirname(primary), os.path.dirname(mirror))
    if not parsers and "json.decoder" in sys.modules:
        print("json.decoder has been imported")
    unreadable.begin()
    print(len(jobs), {name: sorted(rules) for name, (_, rules, _) in baselines.items()})


if __name__ == "__main__":
    main()
