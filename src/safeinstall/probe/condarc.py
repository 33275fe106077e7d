"""conda's configuration files, in conda's own order (``conda.base.constants.SEARCH_PATH``).

A condarc is opened as YAML only if it mentions the key that is asked for: most do not, and the
YAML parser is the most expensive import there would be.
"""

from __future__ import annotations

import os

from safeinstall import memo
from safeinstall.probe.files import names_in, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = (".condarc", "condarc", "condarc.d")


def sequence(
    keys: tuple[str, ...],
    root_prefix: str,
    environ: Mapping[str, str],
    home: str,
    cache_dir: str,
) -> list[str]:
    """A list-valued setting under any of its names, merged: the last file's values come first.

    A key marked ``#!final`` hides the files after it. Values of the wrong type count as not set;
    conda itself will complain about them.
    """
    found: list[list[str]] = []
    for path in files(root_prefix, environ, home):
        text = read_text(path)
        if not any(key in text for key in keys):
            continue
        found.append(_values(memo.parsed(path, _document, cache_dir), keys))
        if found[-1] and _is_final(text, keys):
            break
    return list(dict.fromkeys(item for values in reversed(found) for item in values))


def files(root_prefix: str, environ: Mapping[str, str], home: str) -> Iterator[str]:
    """The configuration files that are there, lowest priority first."""
    places = ["/etc/conda", "/var/lib/conda", root_prefix]
    if environ.get("XDG_CONFIG_HOME"):
        places.append(os.path.join(environ["XDG_CONFIG_HOME"], "conda"))
    places += [os.path.join(home, ".config/conda"), os.path.join(home, ".conda")]
    for place in places:
        yield from _in_directory(place)
    yield from _existing(os.path.join(home, ".condarc"))
    if environ.get("CONDA_PREFIX"):
        yield from _in_directory(environ["CONDA_PREFIX"])
    if environ.get("CONDARC"):
        yield from _existing(environ["CONDARC"])


def _in_directory(place: str) -> Iterator[str]:
    for name in _NAMES if place else ():
        yield from _existing(os.path.join(place, name))


def _existing(path: str) -> Iterator[str]:
    if os.path.isfile(path):
        yield path
    for name in sorted(names_in(path)):
        if name.endswith((".yml", ".yaml")):
            yield os.path.join(path, name)


def _document(path: str) -> dict[str, list[str]]:
    """The file's lists of strings, which is all that is asked for."""
    import sys

    if sys.flags.no_site:
        import site

        site.main()
    import yaml

    try:
        document = yaml.safe_load(read_text(path))
    except yaml.YAMLError:
        return {}
    items = document.items() if isinstance(document, dict) else ()
    return {str(key): list(map(str, value)) for key, value in items if isinstance(value, list)}


def _values(document: dict[str, list[str]], keys: tuple[str, ...]) -> list[str]:
    return next((document[key] for key in keys if key in document), [])


def _is_final(text: str, keys: tuple[str, ...]) -> bool:
    return any(line.startswith(keys) and "#!final" in line for line in text.splitlines())
