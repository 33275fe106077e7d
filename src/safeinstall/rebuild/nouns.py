"""What a rebuild is asked for, and what it is going to do."""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Change, Package, Process
    from safeinstall.state.nouns import CondaPackage


class Request(Value):
    """What is to be different from what is there. All empty: the same environment once more."""

    conda: tuple[str, ...] = ()  # specs for conda: "jupyterlab", "python=3.12"
    pip: tuple[str, ...] = ()  # lines of a requirements file
    without: frozenset[str] = frozenset()  # names, PEP 503 normalized
    channels: tuple[str, ...] = ()  # for ``conda``, before those of the environment
    update: bool = False  # everything to the newest version that fits
    exact: bool = False  # a state that was there: nothing is left out or chosen as it does not fit


class Left(Value):
    """A distribution of pip's that is not there afterwards."""

    package: Package
    why: str


class Kept(Value):
    """A distribution whose files are copied from the environment, or from a backup of it."""

    package: Package
    prefix: str


class PipLayer(Value):
    """The distributions that conda does not own, by what happens to them."""

    kept: tuple[Kept, ...] = ()  # their files are copied
    again: tuple[Package, ...] = ()  # pip installs them
    lines: tuple[str, ...] = ()  # of a requirements file: ``again``, and what is asked for
    left: tuple[Left, ...] = ()
    unfit: tuple[Package, ...] = ()  # of ``again``: conda's layer does not meet their requirements
    chosen: tuple[Package, ...] = ()  # of ``again``: pip chooses their versions


class CondaLayer(Value):
    """The packages that conda is to install."""

    exact: tuple[CondaPackage, ...] = ()  # first, each by its address
    specs: tuple[str, ...] = ()  # then these, by conda's own solver
    remove: tuple[str, ...] = ()  # and these are to go, with what needs them
    pins: tuple[str, ...] = ()  # what pip's layer needs of conda's: "numpy>=1.21,<2"
    channels: tuple[str, ...] = ()  # best first
    update: bool = False


class Aim(Value):
    """Everything that is known before anything is done."""

    conda: CondaLayer
    pip: PipLayer
    expected: frozenset[str] = frozenset()  # conda's packages: name-version-build
    changes: tuple[Change, ...] = ()  # of conda's packages and of what is left, by name
    remarks: tuple[str, ...] = ()  # what is not as it was, or cannot be told: one line each
    running: tuple[Process, ...] = ()  # out of the environment
    fetch: tuple[str, ...] = ()  # conda packages that are not in its cache: name-version-build
    strays: tuple[str, ...] = ()  # files of nobody that stay behind, relative to the prefix
