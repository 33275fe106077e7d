"""One distribution as a line of a requirements file.

The forms of a direct reference are those of pip (``pip freeze``) for the data of PEP 610.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from safeinstall.output.quoting import paste
from safeinstall.specs import origin as origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.direct_url import DirectUrl

    from safeinstall.state.nouns import Distribution


def exact(found: Distribution) -> str:
    """The line for what is installed, in this version, from where it came."""
    if found.origin is not None:
        return _direct(found.origin, found)
    return f"{found.name}=={found.version}" if found.version else found.name


def asked(found: Distribution) -> str:
    """The line for what was asked for."""
    return exact(found) if found.origin is not None else f"{found.name}{_extras(found)}{found.spec}"


def local_path(origin: DirectUrl) -> str:
    """The path on this machine that the distribution came from; ``""`` for an address."""
    parts = urlsplit(origin.url)
    return unquote(parts.path) if parts.scheme == "file" else ""


def _extras(found: Distribution) -> str:
    return f"[{','.join(found.extras)}]" if found.extras else ""


def _direct(origin: DirectUrl, found: Distribution) -> str:
    extras = _extras(found)
    if origin.dir_info is not None and origin.dir_info.editable:
        return paste(["-e", f"{local_path(origin)}{extras}"])  # pip splits it as a shell does
    name = f"{found.name}{extras}"
    line = origins.text(origin.to_dict())
    if origin.vcs_info is None or not local_path(origin):
        return f"{name} @ {line}"
    url, mark, fragment = line.partition("#")  # before pip 24.1, "name @" needs a host
    return f"{url}#egg={name}{'&' * bool(mark)}{fragment}"
