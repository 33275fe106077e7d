"""Which rails an environment is to have, and what they say."""

from __future__ import annotations

import os
import urllib.parse

from safeinstall.files import documents
from safeinstall.model import CONDA_OWNERS
from safeinstall.probe import pip_config
from safeinstall.probe.environment import managed_mark
from safeinstall.protection import condarc, marks, pip_conf
from safeinstall.protection.nouns import (
    CONDARC,
    CONDARC_FILE,
    FROZEN,
    MANAGED,
    MARK,
    PIP,
    PIP_CONF,
    Laid,
    Rail,
    Refused,
)
from safeinstall.settings import CONDA_OWNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.model import Environment, Inventory
    from safeinstall.settings import Session


def names(environment: Environment, *, freeze: bool) -> tuple[str, ...]:
    """The rails that fit the environment. conda reads the ``.condarc`` of base for every
    environment, so base has none; it is never handed over, and pip is refused there altogether.
    """
    if environment.base:
        return (PIP, MANAGED)
    return (PIP, CONDARC, *([FROZEN] if freeze else []))


def wanted(environment: Environment, inventory: Inventory, wants: Sequence[str]) -> Iterator[Rail]:
    """The rails with what they are to say now."""
    if PIP in wants and environment.python:
        yield Rail(PIP, PIP_CONF)
    if CONDARC in wants and not environment.base:
        yield Rail(CONDARC, CONDARC_FILE)
    if MANAGED in wants and environment.base and environment.python:
        mark = managed_mark(environment.prefix, environment.kind)
        path = os.path.relpath(mark, environment.prefix)
        yield Rail(MANAGED, path, marks.managed(environment))
    if FROZEN in wants and is_handed_over(environment, inventory):
        yield Rail(FROZEN, MARK, marks.frozen(environment))


def is_handed_over(environment: Environment, inventory: Inventory) -> bool:
    """Does pip own packages in it? As ``phase`` in :mod:`safeinstall.report.health`."""
    if environment.kind != "conda" or environment.base:
        return False
    return bool(inventory.not_owned_by(*CONDA_OWNERS))


def url(prefix: str) -> str:
    """The address of the constraints file: pip splits a value at blanks, and reads its file in the
    encoding of the locale.
    """
    return "file://" + urllib.parse.quote(os.path.join(prefix, CONDA_OWNS))


def insertion(rail: Rail, before: bytes | None, prefix: str) -> tuple[int, bytes]:
    """Where in the file the rail's text comes, and the text; ``b""`` where the file says the same
    already. Raises Refused.
    """
    if rail.name == PIP:
        return pip_conf.text(before or b"", url(prefix))
    if rail.name == CONDARC:
        return condarc.text(before or b"")
    if before is not None:
        raise Refused("is there already, and stays as it is")
    return 0, rail.text


def says_the_same(laid: Laid, now: bytes, rest: bytes) -> bool:
    """Is it only our line that goes, if ``rest`` is all that stays of a file that was changed since
    it was laid?
    """
    if now == rest:
        return False
    if laid.name == PIP:
        return pip_conf.without_constraints(now) == pip_conf.without_constraints(rest) is not None
    return (
        laid.name == CONDARC and condarc.without_key(now) == condarc.without_key(rest) is not None
    )


def others(prefix: str, session: Session, before: bytes | None) -> list[str]:
    """The constraints files that pip would read if the environment's pip.conf did not name ours.
    ``before`` is that pip.conf without it.

    Raises Refused where one cannot be named from another directory.
    """
    own = os.path.join(prefix, PIP_CONF)
    environ = {k: v for k, v in session.environ.items() if k != "PIP_CONFIG_FILE"}
    settings, values = session.settings, dict[str, str]()
    for path in pip_config.files(prefix, environ, settings.home):
        if path == own:
            values |= pip_config.normalized(documents.ini(before) or {})
        else:
            values |= pip_config.of_file(path, settings.cache_dir)
    if before and pip_config.CONSTRAINT in pip_config.normalized(documents.ini(before) or {}):
        return []  # they stay in that option
    return [_named(path) for path in pip_config.constraints(values) if not _is_ours(path)]


def _named(path: str) -> str:
    if path.startswith(("http:", "https:", "file:")):
        return path
    if not os.path.isabs(path):
        raise Refused(f"would hide the constraint {path} of another pip.conf")
    return "file://" + urllib.parse.quote(path)


def _is_ours(path: str) -> bool:
    return path.startswith("file:") and path.endswith(f"/{CONDA_OWNS}")


def place_of(address: str) -> str:
    """The path of a constraints file of ours; ``""`` for any other."""
    if not _is_ours(address):
        return ""
    return urllib.parse.unquote(urllib.parse.urlsplit(address).path)
