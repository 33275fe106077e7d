"""A rebuild of what a lock names."""

from __future__ import annotations

import os

from safeinstall.errors import UsageError
from safeinstall.files import read_text
from safeinstall.rebuild.foresee import Wish
from safeinstall.rebuild.run import Rebuild
from safeinstall.rebuild.undo import chosen, to_install
from safeinstall.state import lock
from safeinstall.state.lock import in_order
from safeinstall.state.past import package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Spec
    from safeinstall.rebuild.nouns import Request
    from safeinstall.settings import Session
    from safeinstall.state.nouns import CondaPackage, Distribution

_LIMIT = 1 << 24  # bytes of a file


class Locked(Rebuild):
    """Makes the environment as the lock in a directory has it, for a caller that holds its lock."""

    def __init__(
        self,
        prefix: str,
        session: Session,
        request: Request,
        asked: Mapping[str, Spec],
        directory: str,
    ) -> None:
        self.conda_part, self.pip_part = read(directory)
        super().__init__(prefix, session, request, asked)

    def wished(self, request: Request) -> Wish:
        """What is here already in the same version is copied."""
        whole = [candidate for candidate in self.now.candidates if candidate.whole]
        lines = {package(found): line for found, line in self.pip_part}
        there, missing = chosen(lines, whole)
        again = [to_install(found, lines[found]) for found in missing]
        return Wish(in_order(self.conda_part), (*there, *again), request)


def read(
    directory: str,
) -> tuple[tuple[CondaPackage, ...], tuple[tuple[Distribution, str], ...]]:
    """conda's part, and pip's with the line of each. Raises UsageError."""
    conda, pip = (os.path.join(directory, name) for name in (lock.EXPLICIT, lock.PYLOCK))
    if not os.path.isfile(conda):
        said = f"there is no lock in {directory}: {lock.EXPLICIT} is not there"
        raise UsageError(f"{said}; of an environment another one is made with --to NAME")
    place = conda
    try:
        packages = lock.read_explicit(read_text(conda, _LIMIT))
        place = pip
        found = lock.read_pylock(read_text(pip, _LIMIT)) if os.path.isfile(pip) else ()
    except ValueError as error:
        raise UsageError(f"{place}: {error}") from error
    return packages, found
