"""Reads the state of an environment from its files: conda's records, pip's metadata, settings."""

from __future__ import annotations

import os

from safeinstall import redaction, site_packages
from safeinstall.canonical import decode_object
from safeinstall.files import read_bytes
from safeinstall.model import CONDA_OWNERS, Command
from safeinstall.probe import channels, conda_history, direct_url, pip_config
from safeinstall.probe.inventory import exact_version
from safeinstall.redaction.names import HIDDEN, is_secret_name
from safeinstall.specs import addresses
from safeinstall.specs.versions import meets
from safeinstall.state.nouns import CondaPackage, Distribution, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from typing import Any

    from packaging.direct_url import DirectUrl

    from safeinstall.model import Channels, Environment, Inventory, Package, Spec
    from safeinstall.probe.conda import Installation

_RECORD = 1 << 26  # bytes
_SMALL = 1 << 16  # bytes
_ACTIVATE = "etc/conda/activate.d"
# The options of pip that a requirements file may have, of those about where packages come from
_ONCE = ("index-url", "prefer-binary", "pre", "no-index")
_MANY = ("extra-index-url", "find-links", "trusted-host", "no-binary", "only-binary")
_FLAGS = ("prefer-binary", "pre", "no-index")


def read(
    environment: Environment,
    inventory: Inventory,
    installation: Installation,
    asked: Mapping[str, Spec],
) -> State:
    """The state of the environment. ``asked`` has the last request to pip for a distribution, by
    name, as far as known.
    """
    site_packages.enable()
    found = channels.effective(Command(()), installation, environment.prefix)
    remarks: list[str] = []
    logins: list[str] = []
    conda = _of_conda(environment, inventory, found, remarks)
    python = next((package.version for package in conda if package.name == "python"), "")
    return State(
        name="" if environment.base else environment.name,  # nobody can make another base
        python=python or environment.python,
        channels=_channels(conda, found, remarks) if conda else (),
        conda=conda,
        alias=found.alias,
        pip=tuple(_of_pip(inventory, asked, logins, remarks)),
        pip_options=tuple(_pip_options(environment, installation, logins, remarks)),
        variables=_variables(environment.prefix, remarks),
        logins=tuple(dict.fromkeys(logins)),
        remarks=tuple(remarks),
    )


# ---- conda -----------------------------------------------------------------------------------


def _of_conda(
    environment: Environment, inventory: Inventory, known: Channels, remarks: list[str]
) -> tuple[CondaPackage, ...]:
    history = conda_history.read(environment.prefix)
    specs = conda_history.requests(history)
    found = {
        package.location: _conda_package(package, specs, known, remarks)
        for package in (*inventory.owned_by(*CONDA_OWNERS), *inventory.overwritten)
    }
    needed = {name for package in found.values() for name in package.depends}
    for package in inventory.overwritten:
        if package.name in needed:
            remarks.append(f"pip's {package.name} lies over conda's, and both are named")
        else:
            del found[package.location]
            remarks.append(f"conda's {package.name}, over which pip's lies, is left out")
    for package in inventory.gone:
        if package.name in needed:
            remarks.append(f"conda's {package.name}, which is gone, will be there again")
            found[package.location] = _conda_package(package, specs, known, remarks)
        else:
            remarks.append(f"conda's {package.name}, which is gone, is left out")
    return tuple(sorted(found.values(), key=lambda package: package.name))


def _conda_package(
    package: Package, specs: Mapping[str, str], known: Channels, remarks: list[str]
) -> CondaPackage:
    record = decode_object(read_bytes(package.location, _RECORD))
    if record is None:
        remarks.append(f"conda's record of {package.name} cannot be read: its channel is not known")
        record = {}
    name = _text(record, "name") or package.name
    channel, url = _text(record, "channel"), _text(record, "url")
    depends, listed = record.get("depends"), record.get("files")
    return CondaPackage(
        name=name,
        version=_text(record, "version") or package.version,
        build=_text(record, "build") or package.build,
        channel=addresses.channel(channel, known.alias) if _is_channel(channel) else "",
        url=redaction.text(addresses.without_credentials(url)),
        md5=_text(record, "md5"),
        sha256=_text(record, "sha256"),
        spec=_without_channel(specs.get(name, "")),
        depends=tuple(str(text).partition(" ")[0] for text in depends)
        if isinstance(depends, list)
        else (),
        scripts=tuple(path for path in map(str, listed) if _is_script(path))
        if isinstance(listed, list)
        else (),
    )


def _is_script(path: str) -> bool:
    return path.startswith(f"{_ACTIVATE}/") and path.endswith(".sh")


def _without_channel(spec: str) -> str:
    """The spec without an address in front of it, in which there may be a secret."""
    channel, _, bare = spec.rpartition("::")
    return bare if "/" in channel else spec


def _is_channel(text: str) -> bool:
    """conda writes ``<unknown>`` for a package that was installed from a file."""
    return bool(text) and not text.startswith("<")


def _text(record: Mapping[str, Any], key: str) -> str:
    found = record.get(key)
    return found if isinstance(found, str) else ""


def _channels(
    packages: Iterable[CondaPackage], known: Channels, remarks: list[str]
) -> tuple[str, ...]:
    """The channels that packages came from: those that are not configured first, as they were given
    by ``-c``, which puts them before the configured ones.
    """
    came = dict.fromkeys(p.channel for p in packages if p.channel)
    own: dict[str, str] = {}
    for name, address in channels.addresses(known):
        own.setdefault(addresses.channel(address, known.alias), name)
    used = {own[channel] for channel in came if channel in own}
    came = {redaction.text(channel): None for channel in came if channel not in own}
    configured = [redaction.text(name) for name in known.names if name in used]
    every = dict.fromkeys([*came, *configured])
    for name in [name for name in every if HIDDEN in name]:
        remarks.append(f"the channel {name}, which has a secret in its address, is left out")
        del every[name]
    return tuple(every)


def _variables(prefix: str, remarks: list[str]) -> dict[str, str]:
    """What ``conda env config vars set`` has kept (``conda-meta/state``); no secrets."""
    document = decode_object(read_bytes(os.path.join(prefix, "conda-meta", "state"), _SMALL)) or {}
    kept = document.get("env_vars")
    found = {}
    for name, value in kept.items() if isinstance(kept, dict) else ():
        if not isinstance(value, str) or value == "***unset***":
            continue
        if is_secret_name(name) or redaction.holds_secret(value):
            remarks.append(f"the variable {name}, which may be a secret, is left out")
        else:
            found[name] = value
    return found


# ---- pip -------------------------------------------------------------------------------------


def _of_pip(
    inventory: Inventory, asked: Mapping[str, Spec], logins: list[str], remarks: list[str]
) -> Iterator[Distribution]:
    condas = {found.name for found in inventory.conda_distributions}
    packages = tuple(_once(inventory.not_owned_by(*CONDA_OWNERS), condas, remarks))
    named = {package.name for package in packages if package.requested}
    for package in sorted(packages, key=lambda package: package.name):
        spec = asked.get(package.name)
        yield Distribution(
            name=package.name,
            version=exact_version(package),
            requested=package.name in named or not named,  # an old pip notes nothing
            spec=spec.version if spec and meets(package.version, spec.version) else "",
            extras=spec.extras if spec else (),
            origin=_origin(package, logins, remarks),
        )


def _once(
    packages: Iterable[Package], condas: Container[str], remarks: list[str]
) -> Iterator[Package]:
    """One of each name, as a rebuild has it: conda's, else the last one."""
    by_name: dict[str, list[Package]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    for name, found in by_name.items():
        if name in condas:
            remarks.append(f"pip's {name} {found[-1].version}, beside conda's, is left out")
            continue
        if len(found) > 1:
            count = f"there {len(found)} times"
            remarks.append(f"{name} is {count}, and only {found[-1].version} is named")
        yield found[-1]


def _origin(package: Package, logins: list[str], remarks: list[str]) -> DirectUrl | None:
    """Without credentials, and with a remark where there were some."""
    try:
        found = direct_url.read(package.location)
        bare = type(found).from_dict(found.to_dict()) if found else None
    except ValueError:
        remarks.append(f"where {package.name} came from cannot be read: its direct_url.json")
        return None
    if found and bare and bare.url != found.url:
        remarks.append(f"the credentials in the address of {package.name} are left out")
        logins.append(_host(bare.url))
    if bare and redaction.argument(bare.url) != bare.url:
        remarks.append(
            f"the address of {package.name}, in which there may be a secret, is left out"
        )
        return None
    return bare


def _pip_options(
    environment: Environment, installation: Installation, logins: list[str], remarks: list[str]
) -> Iterator[str]:
    """Where this pip looks for packages, by its files and variables, as options."""
    environ, home = installation.environ, installation.home
    config = pip_config.read(environment.prefix, environ, home, installation.cache_dir)
    for option in (*_ONCE, *_MANY):
        variable = "PIP_" + option.upper().replace("-", "_")
        said = environ.get(variable) or config.get(f"install.{option}")
        said = said or config.get(f"global.{option}") or ""
        if option in _FLAGS:
            if said.lower() in ("1", "true", "yes", "on", "y", "t"):
                yield f"--{option}"
            continue
        for word in said.split() if option in _MANY else [said] * bool(said):
            bare = addresses.without_credentials(word)
            if bare != word:
                remarks.append(f"the credentials in pip's --{option} are left out")
                logins.append(_host(bare))
            if redaction.argument(bare) == bare:
                yield f"--{option} {bare}"
            else:
                remarks.append(f"pip's --{option}, in which there may be a secret, is left out")


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0]
