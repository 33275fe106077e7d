"""The state of an environment: what conda and pip would have to be told to make it anew."""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.direct_url import DirectUrl


class CondaPackage(Value):
    """A package with a conda-meta record."""

    name: str
    version: str
    build: str
    channel: str = ""  # conda's short name, or an address without credentials; "" if not known
    url: str = ""  # of the archive, without credentials
    md5: str = ""  # of the archive, in hexadecimal; "" if not known
    sha256: str = ""
    spec: str = ""  # what conda was asked for: "numpy=1.26"; "" if it came as a dependency
    depends: tuple[str, ...] = ()  # names of conda packages
    scripts: tuple[str, ...] = ()  # paths in the prefix of those that conda sources on activation


class Distribution(Value):
    """A Python distribution that conda does not own."""

    name: str  # PEP 503 normalized
    version: str  # "" if its metadata cannot be read
    requested: bool = False  # did somebody name it, or did it come as a dependency?
    spec: str = ""  # the versions that were asked for, as far as known: ">=2,<3"
    extras: tuple[str, ...] = ()  # that were asked for, as far as known
    origin: DirectUrl | None = None  # PEP 610; None if it is from an index


class State(Value):
    """An environment. Packages are sorted by name."""

    name: str  # "" for base
    python: str  # "3.11", or the exact version; "" where there is none
    channels: tuple[str, ...] = ()  # those that conda is to look in, best first
    conda: tuple[CondaPackage, ...] = ()
    pip: tuple[Distribution, ...] = ()
    pip_options: tuple[str, ...] = ()  # lines of a requirements file: "--index-url https://…"
    alias: str = ""  # conda's channel_alias, for which channels have short names
    variables: Mapping[str, str] = {}  # that conda sets when the environment is activated
    unowned: tuple[str, ...] = ()  # files of no package that a rebuild carries over
    logins: tuple[str, ...] = ()  # hosts of addresses that had credentials, which are left out
    # What is not as its tool has left it, or was left out because of a secret: one line each
    remarks: tuple[str, ...] = ()
