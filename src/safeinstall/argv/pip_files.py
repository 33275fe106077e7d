"""Read the files that a pip command names: requirements files, dependency groups, scripts."""

from __future__ import annotations

import os

from safeinstall.argv.optparsing import Reading, Table, read
from safeinstall.argv.pip_sources import Sources
from safeinstall.argv.pip_words import expand, logical_lines, split
from safeinstall.files import documents
from safeinstall.model import Spec
from safeinstall.specs import requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from safeinstall.argv import Context

# The options that are valid in a requirements file (pip's req/req_file.py). --hash,
# --config-settings, --global-option and --install-option follow a requirement.
FILE_OPTIONS = Table(
    (
        "-i,--index-url,--pypi-url index_url store text",
        "--extra-index-url extra_index_urls append text",
        "--no-index no_index store_true -",
        "-c,--constraint constraints append text",
        "-r,--requirement requirements append text",
        "-e,--editable editables append text",
        "-f,--find-links find_links append text",
        "--no-binary format_control append text",
        "--only-binary format_control append text",
        "--prefer-binary prefer_binary store_true -",
        "--require-hashes require_hashes store_true -",
        "--no-require-hashes no_require_hashes store_true -",
        "--pre pre store_true -",
        "--all-releases release_control append text",
        "--only-final release_control append text",
        "--trusted-host trusted_hosts append text",
        "--use-feature features append text",
        "--hash hashes append text",
        "-C,--config-settings config_settings append text",
        "--global-option global_options append text",
        "--install-option install_options append text",
    )
)


# Those of them that change where packages come from, by the name under which pip stores them
_SOURCES = {
    "index_url": "--index-url",
    "extra_index_urls": "--extra-index-url",
    "no_index": "--no-index",
    "find_links": "--find-links",
    "constraints": "--constraint",
}


class Found:
    """The specs and indexes in the files, in the order in which pip reads them; and the options
    about where packages come from. ``sources`` is what the command line says of indexes.
    """

    def __init__(self, context: Context, sources: Sources | None = None) -> None:
        self.context = context
        self.specs: list[Spec] = []
        self.sources = sources or Sources()
        self.flags: set[str] = set()

    def requirements(self, path: str, typed: str, above: tuple[str, ...] = ()) -> None:
        """Read a requirements file and the files that it includes. A file that includes itself is
        not read again, as pip stops there with an error.
        """
        text = self.lines_of(path, above)
        if text is None:
            self.specs.append(Spec(typed, "file"))
            return
        for number, line in logical_lines(text):
            self.line(line, path, f"{typed}:{number}", above)

    def constraints(self, path: str, above: tuple[str, ...] = ()) -> None:
        """Read the options in a constraints file: they count like those of a requirements file."""
        for _, line in logical_lines(self.lines_of(path, above) or ""):
            if line[:1] in "-$":  # no requirement begins with these; $: an option in a variable
                self.line(line, path, "", above, constraint=True)

    def lines_of(self, path: str, above: tuple[str, ...]) -> str | None:
        """The text of a file; None where it is remote, is being read already, or cannot be."""
        return None if is_remote(path) or path in above else decoded(self.context.read(path))

    def text(self, text: str, path: str, origin: str) -> None:
        """Read lines as if they were in a requirements file at ``path``."""
        for _, line in logical_lines(text):
            self.line(line, path, origin)

    def line(
        self,
        line: str,
        path: str,
        origin: str,
        above: tuple[str, ...] = (),
        *,
        constraint: bool = False,
    ) -> None:
        """Read one line: a requirement, an included file, or options."""
        argument, words = split(expand(line, self.context.environ))
        options = read(words, FILE_OPTIONS, {})
        editable = bool(options.list("editables"))
        if argument or editable:
            wanted = argument or options.list("editables")[0]
            if not constraint:
                self.specs.append(requirement.parse(wanted, editable=editable, origin=origin))
            return
        self.flags |= {name for dest, name in _SOURCES.items() if options.list(dest)}
        if options.list("requirements"):
            nested = options.list("requirements")[0]
            self.requirements(self.beside(path, nested), nested, (*above, path))
        elif options.list("constraints"):
            nested = options.list("constraints")[0]
            self.constraints(self.beside(path, nested), (*above, path))
        else:
            self.sources.take(options)

    def beside(self, path: str, nested: str) -> str:
        """Where a file is that the file at ``path`` names."""
        place = without_scheme(nested)
        if is_remote(place):
            return place
        return os.path.normpath(os.path.join(os.path.dirname(path), place))

    def group(self, value: str) -> None:
        """Read a dependency group (PEP 735): ``NAME`` or ``path/to/pyproject.toml:NAME``."""
        file, _, name = value.rpartition(":")
        table = documents.toml(self.context.read(self.absolute(file or "pyproject.toml")))
        groups = table.get("dependency-groups") if table else None
        if not isinstance(groups, dict):
            self.specs.append(Spec(value, "file"))
            return
        known = {requirement.normalize(str(key)): item for key, item in groups.items()}
        for text in members(known, requirement.normalize(name), ()):
            self.specs.append(requirement.parse(text, origin=f"{file or 'pyproject.toml'}:{name}"))

    def script(self, path: str) -> None:
        """Read the ``dependencies`` in a script's metadata block (PEP 723)."""
        text = decoded(self.context.read(self.absolute(path)))
        table = (
            documents.toml(script_block(text).encode("utf-8", "surrogateescape")) if text else None
        )
        wanted = table.get("dependencies") if table else None
        if table is None:
            self.specs.append(Spec(path, "file"))
        elif isinstance(wanted, list):
            self.specs += [requirement.parse(str(item), origin=path) for item in wanted]

    def located(self, path: str) -> str:
        """The absolute path of a file that the command line names, or its address."""
        place = without_scheme(path)
        return place if is_remote(place) else self.absolute(place)

    def absolute(self, path: str) -> str:
        """The absolute path; a relative one is relative to the command's working directory."""
        return os.path.normpath(os.path.join(self.context.cwd, path))


def found_in(reading: Reading, context: Context, sources: Sources) -> Found:
    """What is in the files of a command line."""
    found = Found(context, sources)
    for path in reading.list("constraints"):
        found.constraints(found.located(path))
    for path in reading.list("requirements"):
        if is_lock(path):
            found.specs.append(Spec(path, "file"))
        else:
            found.requirements(found.located(path), path)
    for group in reading.list("dependency_groups"):
        found.group(group)
    for script in reading.list("requirements_from_scripts"):
        found.script(script)
    return found


def without_scheme(path: str) -> str:
    """``file:///a/b.txt`` → ``/a/b.txt``: pip takes both for a file."""
    return path[7:] if path[:8].lower() == "file:///" else path


def is_remote(path: str) -> bool:
    """Is the path an address that pip would fetch?"""
    return path.partition(":")[0].lower() in ("http", "https", "file")


def is_lock(path: str) -> bool:
    """Is the file a ``pylock.toml`` (PEP 751)? Newer releases accept one after ``-r``."""
    name = path.partition("[")[0].rpartition("/")[2]
    return name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml"))


BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def decoded(data: bytes | None) -> str | None:
    """A file's text, decoded by its byte order mark, its coding comment, or as UTF-8."""
    if data is None:
        return None
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode(declared(data) or "utf-8")
    except (LookupError, UnicodeError):
        return data.decode("utf-8", "surrogateescape")


def declared(data: bytes) -> str:
    """The encoding that one of the first two lines names in a comment (PEP 263)."""
    for line in data.split(b"\n", 2)[:2]:
        before, _, after = line.partition(b"coding")
        if before[:1] == b"#" and after[:1] in (b":", b"="):
            name = after[1:].strip()
            end = 0
            while end < len(name) and (name[end : end + 1].isalnum() or name[end] in b"-_."):
                end += 1
            return name[:end].decode("ascii")
    return ""


def members(groups: dict[str, Any], name: str, above: tuple[str, ...]) -> Iterator[str]:
    """The requirements of a dependency group, with those of the groups that it includes."""
    items = groups.get(name)
    if name in above or not isinstance(items, list):
        return
    for item in items:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            inside = requirement.normalize(item["include-group"])
            yield from members(groups, inside, (*above, name))


def script_block(text: str) -> str:
    """The lines of the ``# /// script`` block, without their ``# ``."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if not inside:
            inside = line.rstrip() == "# /// script"
        elif line.rstrip() == "# ///":
            return "\n".join(lines)
        elif line[:1] != "#":
            return ""
        else:
            lines.append(line[2:])
    return ""
