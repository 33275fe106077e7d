"""The files that make an environment anew: for conda (``environment.yml``) and for pip.

Format of ``environment.yml``: conda's documentation, "Creating an environment file manually". The
items below ``pip:`` are lines of a requirements file, so options may stand there as well.
"""

from __future__ import annotations

from safeinstall.state import requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from safeinstall.state.nouns import Distribution, State

_PLACES = ("--index-url", "--extra-index-url", "--find-links")
_TOOLS = ("pip", "setuptools", "wheel")  # what every new environment has by itself
_NAMED = 5  # files of no package


def environment_yml(state: State, requests: bool) -> str:
    """The text of an ``environment.yml``: every package in its exact build, or, with ``requests``,
    what was asked for, which may be solved on another platform.
    """
    document: dict[str, Any] = {"name": state.name} if state.name else {}
    document |= _conda_part(state, requests)
    lines = pip_lines(state, requests)
    if lines:
        document["dependencies"].append({"pip": [*state.pip_options, *lines]})
    if state.variables:
        document["variables"] = dict(state.variables)
    return _yaml(document)


def conda_yml(state: State, requests: bool) -> str:
    """The same with conda's part alone, and pip where there is something for it."""
    return _yaml(_conda_part(state, requests))


def requirements(state: State, requests: bool) -> str:
    """The text of a requirements file with pip's part."""
    lines = [*state.pip_options, *pip_lines(state, requests)]
    return "".join(f"{line}\n" for line in lines)


YML = "environment.yml"
LOCK = "lock"
"""Of two files: :mod:`safeinstall.state.lock`."""
DOCKERFILE = "dockerfile"
""":mod:`safeinstall.state.dockerfile`."""

FORMATS: dict[str, Callable[[State, bool], str]] = {
    YML: environment_yml,
    "requirements": requirements,
}
EVERY = (*FORMATS, LOCK, DOCKERFILE)


def unrepeatable(state: State, *, for_pip: bool = False, requests: bool = False) -> list[str]:
    """What cannot be had elsewhere, one line each. ``for_pip``: in a requirements file."""
    found = list(state.remarks)
    if requests and state.conda and not any(package.spec for package in state.conda):
        found.append("conda's history does not tell what was asked for")
    if for_pip and state.conda:
        count = len(state.conda)
        found.append(
            f"{count} package{'s' * (count > 1)} of conda's: only environment.yml has these"
        )
    found += _of_no_package(state.unowned)
    channels = () if for_pip else state.channels
    found += [f"the channel {c} is on this machine" for c in channels if _is_local(c)]
    if not for_pip:
        alone = [package for package in state.conda if package.url and not package.channel]
        found += [f"conda's {package.name} is of no channel: {package.url}" for package in alone]
    for line in state.pip_options if state.pip else ():
        option, _, value = line.partition(" ")
        if option in _PLACES and _is_local(value):
            found.append(f"pip's {option} {value} is on this machine")
    for distribution in state.pip:
        origin = distribution.origin
        path = requirement.local_path(origin) if origin else ""
        if origin and origin.dir_info and origin.dir_info.editable:
            found.append(f"{distribution.name} is an editable install of {path}")
        elif path:
            found.append(f"{distribution.name} comes from {path} on this machine")
        elif not origin and not distribution.version:
            found.append(f"the version of {distribution.name} cannot be read")
    return found


def _of_no_package(paths: Iterable[str]) -> list[str]:
    """A kernel, a script for activation, settings."""
    others = sorted(set(paths) - {"conda-meta/state"})  # without the variables, which are told
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return [f"files of no package: {', '.join(others[:_NAMED])}{more}"] if others else []


def _is_local(channel: str) -> bool:
    return channel.startswith(("file://", "/", "."))


def _conda_part(state: State, requests: bool) -> dict[str, Any]:
    channels = {"channels": list(state.channels)} if state.channels else {}
    return {**channels, "dependencies": [*_of_conda(state, requests), *_pip(state, requests)]}


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1 << 20
    )
    return text


def _of_conda(state: State, requests: bool) -> Iterator[str]:
    minor = f"python={'.'.join(state.python.split('.')[:2])}"
    if not state.conda:
        yield from [minor] if state.python else []
    elif not requests:
        yield from (f"{found.name}={found.version}={found.build}" for found in state.conda)
    else:  # what is installed is for this Python, whether anybody has asked for it or not
        asked = [found.spec for found in state.conda if found.spec not in ("", "python")]
        named = any(found.name == "python" and found.spec in asked for found in state.conda)
        yield from asked if named or not state.python else [minor, *asked]


def _pip(state: State, requests: bool) -> list[str]:
    """pip itself, where there is something for it, and conda does not bring it yet."""
    brings = any(p.name == "pip" and (p.spec or not requests) for p in state.conda)
    return ["pip"] if pip_lines(state, requests) and not brings else []


def pip_lines(state: State, requests: bool) -> list[str]:
    """The lines of a requirements file, without options."""
    return [
        requirement.asked(found) if requests else requirement.exact(found)
        for found in state.pip
        if (found.requested or not requests) and not comes_by_itself(found, state)
    ]


def comes_by_itself(found: Distribution, state: State) -> bool:
    """Is it what every new environment has? In conda's, pip brings these only if it is asked to."""
    wanted = bool(state.conda) and found.requested and found.name != "pip"
    return found.name in _TOOLS and found.origin is None and not wanted
