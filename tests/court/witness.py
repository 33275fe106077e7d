"""What an environment's own Python says of it: run by that Python, prints JSON.

``python -I -B witness.py PACKAGING``, where PACKAGING is the directory of the library packaging.
Needs the standard library only, of Python 3.8 or later, and imports each module in a child of its
own, so that none can lean on what another one has loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
import sysconfig
import warnings
from importlib import metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any


def main() -> None:
    requirements = load_packaging(sys.argv[1])
    # without a name or a version it is none: somebody has damaged it
    found = [d for d in metadata.distributions() if d.metadata["Name"] and d.metadata["Version"]]
    versions: dict[str, str] = {}
    for distribution in found:  # of two with one name, the first on the path counts
        versions.setdefault(normalize(distribution.metadata["Name"]), distribution.version)
    rows = [describe(distribution, versions, requirements) for distribution in found]
    answer = {
        "python": ".".join(map(str, sys.version_info[:2])),
        "site": sysconfig.get_path("purelib"),
        "distributions": rows,
        "gpu": gpu(),
    }
    print(json.dumps(answer))


def load_packaging(directory: str) -> Any:
    """The module ``packaging.requirements`` from elsewhere, under a name of its own."""
    path = os.path.join(directory, "__init__.py")
    spec = importlib.util.spec_from_file_location(
        "court_packaging", path, submodule_search_locations=[directory]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return importlib.import_module("court_packaging.requirements")


def normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name or "").lower()


def describe(
    distribution: Any, versions: Mapping[str, str], requirements: Any
) -> dict[str, object]:
    needed = list(required(distribution, requirements))
    return {
        "name": normalize(distribution.metadata["Name"]),
        "version": distribution.version,
        "directory": str(distribution._path),
        "requires": [normalize(requirement.name) for requirement in needed],
        "unmet": list(unmet(needed, versions)),
        "imports": {module: attempt(module) for module in modules(distribution)},
    }


def required(distribution: metadata.Distribution, requirements: Any) -> Iterator[Any]:
    """Its requirements that apply here; extras do not count."""
    for text in distribution.requires or ():
        requirement = requirements.Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def unmet(needed: Iterable[Any], versions: Mapping[str, str]) -> Iterator[list[str | None]]:
    """As ``pip check`` has it."""
    for requirement in needed:
        name = normalize(requirement.name)
        there = versions.get(name)
        if there is None or not requirement.specifier.contains(there, prereleases=True):
            yield [name, str(requirement.specifier), there]


def modules(distribution: metadata.Distribution) -> list[str]:
    """What it is imported as, by its own list of files; packages within a package, too."""
    names = set()
    for path in distribution.files or ():
        top = path.parts[0]
        if top.endswith(".py") and len(path.parts) == 1:
            names.add(top[:-3])
        elif len(path.parts) > 1 and path.suffix in (".py", ".so") and top.isidentifier():
            names.add(top)
        if len(path.parts) == 3 and path.name == "__init__.py" and top.isidentifier():
            names.add(".".join(path.parts[:2]))
    return sorted(names) or [normalize(distribution.metadata["Name"]).replace("-", "_")]


def attempt(module: str) -> dict[str, str]:
    answer: dict[str, str] = in_child(lambda: imported(module))
    return answer


def imported(module: str) -> dict[str, str]:
    return {"version": str(getattr(importlib.import_module(module), "__version__", ""))}


def gpu() -> bool | None:
    """Does torch see one? ``None`` where there is no torch."""
    answer = in_child(lambda: importlib.import_module("torch").cuda.is_available())
    return answer if isinstance(answer, bool) else None


def in_child(work: Callable[[], object]) -> Any:
    """What ``work`` answers, or ``{"error": …}``."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            warnings.simplefilter("ignore")
            answer: object = work()
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text or '{"error": "the process died"}')


if __name__ == "__main__":
    main()
