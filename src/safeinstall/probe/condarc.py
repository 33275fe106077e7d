"""conda's and mamba's configuration files, merged as conda merges them: lists, single values, maps.

Sources: ``SEARCH_PATH`` in ``conda.base.constants``, ``merge`` of the ``LoadedParameter``s and
``_expand_search_path`` in ``conda.common.configuration``; ``boolify`` in
``conda.auxlib.type_coercion``; ``compute_default_rc_sources`` and ``set_rc_values`` in
libmamba/src/api/configuration.cpp. A condarc is parsed as YAML only if its text contains the key
that is asked for: most do not, and the YAML parser is the most expensive import of all.
"""

from __future__ import annotations

import os

from safeinstall import cache
from safeinstall.files import documents as documents_
from safeinstall.files import names_in, read_text
from safeinstall.probe import unreadable
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    Documents = list[tuple[Mapping[str, Any], str, str]]  # parsed, the text for marks, the path

_LARGEST = 1 << 16  # characters; PyYAML takes a second for them
_NAMES = (".condarc", "condarc", "condarc.d")
_OF_MAMBA = (".mambarc", "mambarc", "mambarc.d")
_FILES = (*_NAMES[:2], *_OF_MAMBA[:2])
_SYSTEM = ("/etc/conda", "/var/lib/conda")
_SUFFIXES = (".yml", ".yaml")
_FALSE = ("", "false", "n", "no", "non", "none", "off")


class Setting(Value):
    """The value of a setting in one source; a single value is a list of one item."""

    items: tuple[str, ...]
    final: bool = False  # "#!final": the sources after this one are ignored
    top: tuple[str, ...] = ()  # items marked "#!top"
    bottom: tuple[str, ...] = ()
    file: str = ""  # the path of the file, or the name of the variable


class Search(Value):
    """Where conda looks for its settings, or ``mamba``: mamba 2, or micromamba."""

    root: str  # the prefix conda runs in; mamba's root prefix
    home: str
    xdg_config_home: str = ""
    prefix: str = ""  # the environment that the command is about
    condarc: str = ""  # $CONDARC
    mamba: bool = False
    active: str = ""  # $CONDA_PREFIX
    mambarc: str = ""  # $MAMBARC
    named: tuple[str, ...] | None = None  # what mamba reads and nothing else, best first

    def files(self) -> Iterator[str]:
        """The existing files, lowest priority first; one that comes twice has the lower one."""
        return self._of_mamba() if self.mamba else self._of_conda()

    def _of_conda(self) -> Iterator[str]:
        config = f"{self.xdg_config_home}/conda" if self.xdg_config_home else ""
        for place in (*_SYSTEM, self.root, config, f"{self.home}/.config/conda"):
            yield from _in_directory(place)
        yield from _in_directory(f"{self.home}/.conda")
        yield from _existing(f"{self.home}/.condarc")
        yield from _in_directory(self.prefix)
        yield from _existing(self.condarc)

    def _of_mamba(self) -> Iterator[str]:
        if self.named is not None:
            for path in self.named[::-1]:
                yield from _existing(path)
            return
        config = self.xdg_config_home or f"{self.home}/.config"
        for place in (*_SYSTEM, self.root):
            yield from _in_directory(place, *_NAMES, ".mambarc")
        for place in (f"{config}/conda", f"{self.home}/.conda"):
            yield from _in_directory(place)
        yield from _existing(f"{self.home}/.condarc")
        yield from _in_directory(self.active)
        yield from _existing(self.condarc)
        for place in (f"{config}/mamba", f"{self.home}/.mamba"):
            yield from _in_directory(place, *_OF_MAMBA)
        yield from _existing(f"{self.home}/.mambarc")
        yield from _existing(self.mambarc)
        yield from _in_directory(self.prefix, *_NAMES, ".mambarc")


def search_for(
    root: str, prefix: str, home: str, environ: Mapping[str, str], *, mamba: bool = False
) -> Search:
    """Where a conda that runs in ``root`` looks, for a command about ``prefix``; or a mamba 2 or
    micromamba with this root prefix.
    """
    return Search(
        root=root if mamba else environ.get("CONDA_ROOT") or root,
        home=home,
        xdg_config_home=environ.get("XDG_CONFIG_HOME", ""),
        prefix=prefix,
        condarc=environ.get("CONDARC", ""),
        mamba=mamba,
        active=environ.get("CONDA_PREFIX", ""),
        mambarc=environ.get("MAMBARC", ""),
    )


def settings(keys: Sequence[str], search: Search, cache_dir: str) -> list[Setting]:
    """The values of a list setting in each file, under any of its names, lowest priority first.

    A file that cannot be parsed is left out: conda reports it, and goes on without it, too.
    """
    return listed(keys, documents(keys, search, cache_dir))


def listed(keys: Sequence[str], found: Documents) -> list[Setting]:
    """The values of a list setting in the parsed files, lowest priority first."""
    return [
        _setting(document[key], text, key).replace(file=path)
        for document, text, path in found
        for key in keys
        if isinstance(document.get(key), list)
    ]


def scalars(key: str, found: Documents) -> list[Setting]:
    """The values of a setting with a single value in the parsed files, lowest priority first."""
    return [
        _setting([document[key]], text, key).replace(file=path)
        for document, text, path in found
        if isinstance(document.get(key), str)
    ]


def mapping(key: str, found: Documents) -> dict[str, Any]:
    """A map-valued setting; the file of higher priority wins entry by entry."""
    merged: dict[str, Any] = {}
    for document, _, _ in found:
        if isinstance(document.get(key), dict):
            merged |= document[key]
    return merged


def single(found: Iterable[Setting], otherwise: str) -> str:
    """The value that conda uses: the first one marked final, else the last one."""
    value = otherwise
    for setting in found:
        value = setting.items[0]
        if setting.final:
            break
    return value


def is_false(value: str) -> bool:
    """Does conda read the value as false? conda refuses a value that is neither true nor false."""
    word = value.strip().lower().replace(".", "", 1)
    try:
        return not complex(word)
    except ValueError:
        return word in _FALSE


def merge(found: Iterable[Setting]) -> list[str]:
    """The merged list that conda uses, highest priority first."""
    relevant: list[Setting] = []
    for setting in found:
        relevant.append(setting)
        if setting.final:
            break
    backwards = relevant[::-1]
    bottom = [item for setting in backwards for item in setting.bottom]
    top = [item for setting in relevant for item in setting.top if item not in bottom]
    middle = [item for setting in backwards for item in setting.items if item not in bottom]
    return list(dict.fromkeys([*top, *middle, *bottom]))


def _in_directory(place: str, *names: str) -> Iterator[str]:
    for name in (names or _NAMES) if place else ():
        yield from _existing(os.path.join(place, name))


def _existing(path: str) -> Iterator[str]:
    if os.path.isfile(path):
        if os.path.basename(path) in _FILES or path.endswith(_SUFFIXES):
            yield path
        return
    for name in sorted(names_in(path)):
        if name.endswith(_SUFFIXES):
            yield os.path.join(path, name)


def documents(keys: Sequence[str], search: Search, cache_dir: str) -> Documents:
    """The files whose text contains one of the keys, parsed, each with its path, and the text in
    which conda finds its marks.
    """
    found: Documents = []
    for path in dict.fromkeys(search.files()):
        text = read_text(path)
        if any(key in text for key in keys):
            document, readable = cache.parsed(path, _document, cache_dir)
            marks = "" if search.mamba else text  # to mamba they are comments
            found.append((document, marks, path))
            if not readable:
                unreadable.note("condarc", path)
    return found


def _document(path: str) -> tuple[dict[str, Any], bool]:
    """The file's settings (strings, lists of strings, maps of these), and whether it was valid."""
    text = read_text(path)
    document = documents_.yaml(text) if len(text) <= _LARGEST else None
    plain = _plain(document)
    return (plain, True) if isinstance(plain, dict) else ({}, False)


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [str(item) for item in value] if isinstance(value, list) else str(value)


def _setting(values: list[str], text: str, key: str) -> Setting:
    """The value with its marks, which conda reads from YAML comments (``#!final``, ``#!top``)."""
    lines = [line.strip() for line in text.splitlines() if "#!" in line]
    return Setting(
        tuple(values),
        final=any(line.startswith(f"{key}:") and "#!final" in line for line in lines),
        top=_marked(values, lines, "#!top"),
        bottom=_marked(values, lines, "#!bottom"),
    )


def _marked(values: list[str], lines: list[str], mark: str) -> tuple[str, ...]:
    marked = {line[1:].split("#!")[0].strip().strip("\"'") for line in lines if mark in line}
    return tuple(value for value in values if value in marked)
