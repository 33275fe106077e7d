"""The texts of the marks: conda and pip show them to whom they refuse something."""

from __future__ import annotations

import os

from safeinstall.canonical import encode
from safeinstall.files import read_text, resources
from safeinstall.output.quoting import paste
from safeinstall.probe.environment import BY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Environment

_MANAGED = os.path.join(resources.PACKAGE, "protection", "externally_managed.ini")
_FROZEN = """\
{name} was handed over to pip, and conda does not see what pip owns.
To go on with pip:
    {pip}
For a package of conda's, have it made anew:
    {rebuild}
To take the protection away:
    {unprotect}"""


def managed(environment: Environment) -> bytes:
    """The file EXTERNALLY-MANAGED of base. pip shows the text of the user's language."""
    unprotect = paste(["safeinstall", "unprotect", *selector(environment)])
    return read_text(_MANAGED).format(by=BY, unprotect=unprotect).encode()


def frozen(environment: Environment) -> bytes:
    """The file ``conda-meta/frozen``. conda shows ``message``; by ``by`` we know it as ours."""
    named = selector(environment)
    message = _FROZEN.format(
        name=environment.name,
        pip=paste(["conda", "run", *named, "python", "-m", "pip", "install", "PACKAGE"]),
        rebuild=paste(["safeinstall", "rebuild", *named, "--add", "PACKAGE"]),
        unprotect=paste(["safeinstall", "unprotect", *named]),
    )
    return encode({"by": BY, "message": message}) + b"\n"


def selector(environment: Environment) -> list[str]:
    """The options that name the environment wherever the text is read."""
    return ["-n", environment.name] if environment.by_name else ["-p", environment.prefix]
