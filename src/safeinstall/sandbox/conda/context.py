"""Where things are and which configuration holds: the environment variables and the condarc."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from safeinstall.sandbox.conda import CondaError


@dataclass(frozen=True)
class Context:
    """One call of conda: its root prefix, its environment variables, its configuration."""

    root: str
    environ: Mapping[str, str]
    argv: tuple[str, ...]
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def command_line(self) -> str:
        """As ``conda-meta/history`` keeps it: joined, not quoted."""
        return " ".join((f"{self.root}/bin/conda", *self.argv))

    @property
    def envs_dirs(self) -> list[str]:
        """Where environments are looked for by name, first of all where they are created."""
        given = self.environ.get("CONDA_ENVS_DIRS") or self.environ.get("CONDA_ENVS_PATH") or ""
        listed = [*filter(None, given.split(os.pathsep)), *_list(self.config, "envs_dirs")]
        return [*map(_expand, listed), f"{self.root}/envs", _expand("~/.conda/envs")]

    @property
    def packages_dir(self) -> str:
        """The first directory of unpacked packages."""
        given = self.environ.get("CONDA_PKGS_DIRS", "").split(",")[0]
        listed = _list(self.config, "pkgs_dirs")
        return _expand(given or (listed[0] if listed else f"{self.root}/pkgs"))

    def channels(self, options: Namespace) -> list[str]:
        """The channels to search as URLs, best first."""
        names = list(options.channel or [])
        if not options.override_channels:
            names += _list(self.config, "channels") or ["defaults"]
        return list(dict.fromkeys(self.channel_url(name) for name in names))

    def channel_url(self, name: str) -> str:
        """A channel's location: a URL, a directory, or a name below ``channel_alias``."""
        if "://" in name:
            return name.rstrip("/")
        if name.startswith(("/", "./", "../", "~")):
            return "file://" + os.path.abspath(_expand(name))
        alias = str(self.config.get("channel_alias", "https://conda.anaconda.org"))
        return f"{alias.rstrip('/')}/{name}"

    def with_address(self, spec: str) -> str:
        """``pytorch::numpy=1`` with the URL of the channel."""
        channel, mark, rest = spec.rpartition("::")
        return f"{self.channel_url(channel)}{mark}{rest}" if mark else spec

    def channel_name(self, url: str) -> str:
        """The short form of a channel's URL that is shown to people."""
        alias = str(self.config.get("channel_alias", "https://conda.anaconda.org")).rstrip("/")
        return url.rstrip("/").removeprefix(f"{alias}/")

    def prefix_of(self, name: str) -> str:
        """The environment called ``name``, or where it would be created."""
        if name in ("base", "root"):
            return self.root
        if "/" in name:
            raise CondaError("CondaValueError", f"Invalid environment name: {name!r}")
        for directory in self.envs_dirs:
            if os.path.isdir(os.path.join(directory, name)):
                return os.path.join(directory, name)
        return os.path.join(self.envs_dirs[0], name)

    def target(self, options: Namespace) -> str:
        """The prefix a command is about: ``-p``, ``-n``, the active one, base; in this order."""
        if options.prefix:
            return os.path.abspath(os.path.expandvars(_expand(options.prefix)))
        if options.name:
            return self.prefix_of(options.name)
        if self.environ.get("CONDA_PREFIX"):
            return self.environ["CONDA_PREFIX"]
        return self.prefix_of(self.environ.get("CONDA_DEFAULT_ENV") or "base")

    def existing_target(self, options: Namespace) -> str:
        """As :meth:`target`; an environment that is not there is an error."""
        prefix = self.target(options)
        if not is_environment(prefix):
            raise CondaError("EnvironmentLocationNotFound", f"Not a conda environment: {prefix}")
        return prefix

    def name_of(self, prefix: str) -> str:
        """What ``prefix`` is called; its path where it has no name."""
        if prefix == self.root:
            return "base"
        parent, name = os.path.split(prefix)
        return name if parent in self.envs_dirs else prefix

    def environments(self) -> list[str]:
        """Every environment known, base first."""
        found = [self.root]
        for directory in self.envs_dirs:
            names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
            found += [os.path.join(directory, name) for name in names]
        found += _noted_environments(self.environ)
        return [prefix for prefix in dict.fromkeys(found) if is_environment(prefix)]


def read_context(root: str, argv: list[str], environ: Mapping[str, str]) -> Context:
    """The context of this call; a later configuration file wins over an earlier one."""
    config: dict[str, Any] = {}
    for path in configuration_files(root, environ):
        if os.path.isfile(path):
            config |= _read_yaml(path)
    return Context(root, environ, tuple(argv), config)


def configuration_files(root: str, environ: Mapping[str, str]) -> list[str]:
    """Where configuration is looked for, the weakest first."""
    named = [environ["CONDARC"]] if environ.get("CONDARC") else []
    active = environ.get("CONDA_PREFIX")
    own = [f"{active}/.condarc"] if active and active != root else []
    return [f"{root}/.condarc", _expand("~/.condarc"), *own, *named]


def is_environment(prefix: str) -> bool:
    """conda's own test: there is a history."""
    return os.path.isfile(os.path.join(prefix, "conda-meta", "history"))


def note_environment(prefix: str) -> None:
    """Add ``prefix`` to the list of environments that conda keeps in the home directory."""
    path = _expand("~/.conda/environments.txt")
    if prefix not in _noted_environments(os.environ):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{prefix}\n")


def _noted_environments(environ: Mapping[str, str]) -> list[str]:
    path = os.path.join(environ.get("HOME") or _expand("~"), ".conda", "environments.txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def _read_yaml(path: str) -> dict[str, Any]:
    import yaml

    with open(path, encoding="utf-8") as file:
        content = yaml.safe_load(file)
    return content if isinstance(content, dict) else {}


def _list(config: Mapping[str, Any], key: str) -> list[str]:
    value = config.get(key) or []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _expand(path: str) -> str:
    return os.path.expanduser(path)
