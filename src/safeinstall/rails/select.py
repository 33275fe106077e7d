"""The rail that fits a command, and the private directory it works in."""

from __future__ import annotations

import os

from safeinstall.errors import SafeinstallError
from safeinstall.journal import flock
from safeinstall.model import CONDA_LIKE
from safeinstall.policy.judge import excepted_packages
from safeinstall.rails import listener
from safeinstall.rails.rail import Settled
from safeinstall.specs.asked import asks_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.guard.assess import Considered
    from safeinstall.model import Environment
    from safeinstall.policy.merge import Policy
    from safeinstall.rails.pip import Hold
    from safeinstall.rails.process import Result
    from safeinstall.rails.rail import Rail
    from safeinstall.settings import Settings


_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class NoRail:
    """The command as it was typed."""

    def __init__(self, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.words = words
        self.environ = dict(environ)

    def settle(self, _: Result) -> Settled:
        """There is nothing that could have been found."""
        return Settled()


def lay(
    considered: Considered,
    words: tuple[str, ...],
    configuration: Settings,
    environ: Mapping[str, str],
    cwd: str,
    directory: str,
    *,
    free: bool = False,
) -> Rail:
    """The rail for the command, whose words are ``words`` (for ``conda run`` the whole of them).

    A rail is laid only for what the policy blocks: pip's resolver could do no less than refuse.
    With ``free`` nothing is in the command's way. It is listened to either way.
    """
    met, policy = considered.facts, considered.policy
    listener.make_room(met, directory)
    heard = listener.lend(met, environ, directory)
    if free:
        return NoRail(words, heard)
    rail: Rail | None = None
    if asks_pip(met.command):
        from safeinstall.rails import pip

        hold = held(policy, met.environment)
        rail = pip.lay(met, configuration, environ, cwd, directory, hold)
    elif met.command.tool in CONDA_LIKE:
        from safeinstall.rails import conda

        strict = policy.on_guard_error == "block"
        rail = conda.lay(met, configuration, heard, cwd, directory, typed=words, strict=strict)
        if listener.starts_pip(met.command):
            from safeinstall.rails import pip_in_conda

            rail = rail or NoRail(words, heard)
            return pip_in_conda.lay(rail, considered, configuration, directory, strict=strict)
    return rail or NoRail(words, heard)


def held(policy: Policy, environment: Environment) -> Hold:
    """What the policy blocks; an exception for some of CUDA's packages is one for all of them."""

    def excepted(rule: str) -> frozenset[str] | None:
        blocks = policy.rules[rule].level == "block"
        return excepted_packages(rule, policy, environment) if blocks else None

    from safeinstall.rails.pip import Hold

    return Hold(
        excepted("SI202"),
        second_cuda=excepted("SI204") == frozenset(),
        deny=_denied(policy.sources.deny, excepted("SI304")),
    )


def _denied(deny: tuple[str, ...], excepted: frozenset[str] | None) -> tuple[str, ...]:
    if not deny or excepted is None:
        return ()
    from safeinstall.specs import deny_list

    return tuple(entry for entry in deny if deny_list.parts(entry)[0] not in excepted)


class PrivateDirectory:
    """A directory for one operation, of a name nobody can guess; gone when it is over.

    It is locked as long as we or the tool are there; one that is not was left behind.
    ``tempfile`` would do, but costs more to import than everything else on the way to the tool.
    """

    def __init__(self, name: str, environ: Mapping[str, str], cache_dir: str) -> None:
        named = [environ.get(variable, "") for variable in ("TMPDIR", "TEMP", "TMP")]
        # made exclusively and with mode 0700, wherever it is
        self.places = [*filter(os.path.isabs, named), "/tmp", "/var/tmp", cache_dir]  # noqa: S108
        self.name = f"safeinstall-{name}"
        self.path = ""
        self._descriptor = -1

    def __enter__(self) -> str:
        for place in self.places:
            path = os.path.join(place, self.name)
            try:
                os.mkdir(path, 0o700)
                self._descriptor = _claimed(path)
            except OSError:
                continue
            self.path = path
            return path
        raise SafeinstallError(
            "there is no directory for temporary files; make /tmp writable or set TMPDIR"
        )

    def __exit__(self, *_: object) -> None:
        try:
            for name in os.listdir(self.path):
                os.unlink(os.path.join(self.path, name))
            os.rmdir(self.path)
        except OSError:  # whoever sweeps tries again
            pass
        flock.let_go(self._descriptor)


def _claimed(path: str) -> int:
    """A directory that was just made, open and locked. Raises OSError where it is gone again."""
    descriptor = flock.lend(os.open(path, _DIRECTORY))
    try:
        ours = flock.try_flock(descriptor)
    except OSError:  # a file system without locks
        return descriptor
    # In the moment before it was locked, it looked like one that was left behind.
    if not (ours and os.path.exists(path)):
        flock.let_go(descriptor)
        raise OSError(f"{path} is being removed")
    return descriptor
