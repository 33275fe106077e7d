"""Where pip looks for packages: the state of its finder, as the command line and then the lines of
files change it (``make_search_scope`` in pip's cli/index_command.py, ``handle_option_line`` in its
req/req_file.py; the same for requirements and constraints).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from safeinstall.argv.optparsing import Reading


class Sources:
    """The indexes that pip asks, PyPI being one of them at first."""

    def __init__(self) -> None:
        self.indexes: list[str] = []
        self.asks_pypi = True
        self.no_index = False

    def take(self, options: Reading) -> None:
        """Go on with what options of one line, or of the command line, say."""
        if options.on("no_index"):
            self.no_index, self.asks_pypi, self.indexes = True, False, []
        if self.no_index:
            return
        main = options.value("index_url")
        if main:
            self.asks_pypi, self.indexes = False, [main]
        self.indexes += options.list("extra_index_urls")


class UvSources(Sources):
    """The same for uv, which asks all indexes that are named anywhere, and in place of PyPI the one
    that is named first (``IndexLocations::combine`` in crates/uv-distribution-types).
    """

    def take(self, options: Reading) -> None:
        """Go on with what options of one line say."""
        self.no_index |= options.on("no_index")
        self.add([options.value("index_url") or ""], options.list("extra_index_urls"))

    def add(self, mains: Iterable[str], more: Iterable[str]) -> None:
        """Add what is named in place of PyPI, and what is named beside it."""
        for main in filter(None, mains):
            if self.asks_pypi:
                self.asks_pypi = False
                self.indexes.insert(0, main)
        self.indexes += more
