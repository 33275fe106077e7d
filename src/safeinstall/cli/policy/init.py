"""``safeinstall policy init``: a commented policy to begin with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safeinstall.errors import OutputError
from safeinstall.files import resources
from safeinstall.output.quoting import leading_to
from safeinstall.output.shown import value
from safeinstall.policy import MACHINE, USER
from safeinstall.policy.profiles import PROFILES
from safeinstall.settings import PROJECT_POLICY

if TYPE_CHECKING:
    from typing import TextIO

    from safeinstall.settings import Session

_DIRECTORY = os.path.join("policy", "profiles")


def init(
    profile: str, session: Session, out: TextIO, *, kind: str = "", write: bool = False
) -> int:
    """Print the profile; or with ``write``, create the file of a layer with it, which by default is
    the one that the profile is meant for.

    Returns 0. Raises OutputError if the file is there or cannot be created.
    """
    text = resources.text(_DIRECTORY, f"{profile}.toml")
    if not write:
        out.write(text)
        return 0
    path = _place(kind or PROFILES[profile], session)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        said = f"{value(path)} is there already, and stays as it is"
        words = ["safeinstall", "policy", "check", path]
        raise OutputError(leading_to(said, "what is wrong with it", words)) from None
    except OSError as error:
        raise OutputError(f"{value(path)} cannot be written: {error.strerror}") from None
    out.write(f"{value(path)} written\n")
    return 0


def _place(kind: str, session: Session) -> str:
    if kind == MACHINE:
        return session.settings.system_policy
    if kind == USER:
        return os.path.join(session.cwd, session.settings.user_policy)
    return os.path.join(session.cwd, PROJECT_POLICY)
