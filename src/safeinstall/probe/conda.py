"""Which environment a conda command would change, found in the order that conda uses.

``-p`` (with ``~`` and variables expanded), ``-n`` (``base`` and ``root`` are the root prefix, else
the first directory of ``envs_dirs`` that has it), ``CONDA_PREFIX`` where not empty,
``CONDA_DEFAULT_ENV``, the root prefix. Source: ``determine_target_prefix`` and ``default_prefix``
in ``conda.base.context``. mamba 2 and micromamba have rules of their own:
``compute_prefix_from_name``, ``target_prefix_hook`` and ``envs_dirs_hook`` in
libmamba/src/api/configuration.cpp.
"""

from __future__ import annotations

import os

from safeinstall.files import names_in, read_text, upward
from safeinstall.probe import condarc
from safeinstall.probe.interpreter import prefix_of
from safeinstall.probe.tool import interpreter_of
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from safeinstall.model import Command, Target

RESERVED = ("base", "root")
TARGET_PREFIX = "MAMBA_TARGET_PREFIX"
_READ_BY_MAMBA = (  # and not with --no-env
    *("MAMBA_NO_RC", TARGET_PREFIX, "CONDA_CHANNELS", "CONDA_PKGS_DIRS"),
    *("MAMBA_CHANNEL_ALIAS", "MAMBA_CHANNEL_PRIORITY"),
)


class Installation(Value):
    """A conda, mamba or micromamba, and the directories that it uses."""

    root_prefix: str
    environ: Mapping[str, str]
    home: str
    cwd: str
    cache_dir: str
    conda_prefix: str = ""  # where conda itself runs, if that is not the root prefix
    target: Target | None = None  # the selector of the command; None: no condarc files are read
    mamba: bool = False  # of mamba 2 or micromamba, which are no Python programs
    rc_files: tuple[str, ...] = ()  # mamba's --rc-file
    no_rc: bool = False  # mamba's --no-rc
    no_env: bool = False  # mamba's --no-env

    def target_prefix(self, target: Target) -> str:
        """The prefix that a command with this selector changes. It need not exist."""
        return self.replace(target=target).prefix_for(target)

    def prefix_for(self, target: Target) -> str:
        """As :meth:`target_prefix`, with the condarc files for ``self.target``."""
        if target.prefix is not None:
            return self.expand(target.prefix)
        if target.name is not None:
            return self.named(target.name)
        return self.default_prefix()

    def default_prefix(self) -> str:
        """The prefix for a command without ``-n`` and ``-p``."""
        chosen = self.environ.get(TARGET_PREFIX, "") if self.mamba else ""
        if chosen:
            envs = "" if os.sep in chosen else os.path.join(self.root_prefix, "envs")
            return self.expand(os.path.join(envs, chosen))
        active = self.environ.get("CONDA_PREFIX", "")
        if active:
            return active
        name = self.environ.get("CONDA_DEFAULT_ENV")
        if self.mamba and name and os.sep not in name:
            return os.path.join(self.root_prefix, "envs", name)
        if name is None or self._is_base(name) or (self.mamba and not name):
            return self.root_prefix
        if os.sep in name:
            return os.path.normpath(os.path.join(self.cwd, name))
        # "conda deactivate" leaves an empty name, for which this is the directory of environments
        # itself, as in conda, which then refuses.
        directories = self.envs_dirs()
        found = [os.path.join(directory, name) for directory in directories]
        return next(filter(os.path.isdir, found), found[0])

    def named(self, name: str) -> str:
        """The prefix where the environment of this name is, or would be created."""
        if self._is_base(name):
            return self.root_prefix
        directories = self.envs_dirs()
        for directory in directories:
            if os.path.isdir(os.path.join(directory, name)):
                return os.path.join(directory, name)
        last_resort = directories[-1 if self.mamba else 0]
        return os.path.join(next(filter(_creatable, directories), last_resort), name)

    def _is_base(self, name: str) -> bool:
        return name in (RESERVED[:1] if self.mamba else RESERVED)

    def envs_dirs(self) -> list[str]:
        """``envs_dirs`` as conda merges it: variables, configuration files, the two defaults; mamba
        has one default.
        """
        if self.mamba:
            places = (*self._configured(), os.path.join(self.root_prefix, "envs"))
            return list(dict.fromkeys(map(self.expand, places)))
        fixed = [os.path.join(self.root_prefix, "envs"), "~/.conda/envs"]
        if not os.access(os.path.join(self.root_prefix, "conda-meta", "history"), os.W_OK):
            fixed.reverse()
        return list(dict.fromkeys(self.expand(path) for path in (*self._configured(), *fixed)))

    def _configured(self) -> list[str]:
        search = self.search()
        if search is None:
            return []
        names: tuple[str, ...] = ("envs_dirs", "envs_path")
        if self.mamba:  # which reads this before it knows the target prefix
            names, search = names[:1], search.replace(prefix="")
        found = condarc.settings(names, search, self.cache_dir)
        variable = self.environ.get("CONDA_ENVS_DIRS") or self.environ.get("CONDA_ENVS_PATH")
        if variable:
            places = tuple(filter(None, variable.split(os.pathsep)))
            found.append(condarc.Setting(places[::-1] if self.mamba else places))
        return condarc.merge(found)

    def prefixes(self) -> list[str]:
        """The prefixes of environments, of which some may be gone: base, what is in the directories
        of environments, and what conda has listed.
        """
        inside = [
            os.path.join(place, name)
            for place in self.envs_dirs()
            for name in sorted(names_in(place))
        ]
        listed = read_text(os.path.join(self.home, ".conda", "environments.txt")).splitlines()
        paths = map(os.path.normpath, filter(os.path.isabs, listed))
        return list(dict.fromkeys((self.root_prefix, *inside, *paths)))

    def unpacked_dirs(self) -> list[str]:
        """The directories that may have unpacked packages: package caches, and channels in them."""
        from safeinstall.probe import package_cache

        return package_cache.directories(self.packages_dirs())

    def packages_dirs(self) -> list[str]:
        """``pkgs_dirs``, the package caches, as conda merges it; with the condarc files for
        ``self.target``.
        """
        search = self.search()
        found = condarc.settings(("pkgs_dirs",), search, self.cache_dir) if search else []
        said = self.environ.get("CONDA_PKGS_DIRS", "")
        if said:
            found.append(condarc.Setting(tuple(filter(None, map(str.strip, said.split(","))))))
        second = "~/.mamba/pkgs" if self.mamba else "~/.conda/pkgs"
        own = [os.path.join(self.root_prefix, "pkgs"), second]
        return [self.expand(path) for path in condarc.merge(found) or own]

    def search(self) -> condarc.Search | None:
        """Where this conda looks for its settings; ``None`` without a target."""
        if self.target is None:
            return None
        # One of the places is the target prefix, which is found here without reading any settings.
        first = self.replace(target=None, root_prefix=self.conda_prefix or self.root_prefix)
        root = self.conda_prefix or self.root_prefix
        prefix = first.prefix_for(self.target)
        found = condarc.search_for(root, prefix, self.home, self.environ, mamba=self.mamba)
        return found.replace(named=self._named_files()) if self.mamba else found

    def _named_files(self) -> tuple[str, ...] | None:
        """The configuration files that mamba is told to read, instead of those in their places.

        With ``--no-env`` the two variables name no more than two of these places.
        """
        if self.no_rc or is_on(self.environ.get("MAMBA_NO_RC", "")):
            return ()
        variables = () if self.no_env else ("MAMBARC", "CONDARC")
        by_variables = map(self.environ.get, variables)
        return tuple(map(self.expand, filter(None, (*self.rc_files, *by_variables)))) or None

    def expand(self, path: str) -> str:
        """The absolute path, with variables and ``~`` expanded, as ``conda.common.path.expand``;
        mamba expands no variables.
        """
        path = path if self.mamba else _expand_variables(path, self.environ)
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        return os.path.normpath(os.path.join(self.cwd, os.path.expanduser(path)))


def settings_of(command: Command, environ: Mapping[str, str]) -> dict[str, Any]:
    """What the options of a mamba say of its settings: fields of :class:`Installation`."""
    found: dict[str, Any] = {"rc_files": command.rc_files, "no_rc": "--no-rc" in command.flags}
    if "--no-env" in command.flags or is_on(environ.get("MAMBA_NO_ENV", "")):
        left = {name: said for name, said in environ.items() if name not in _READ_BY_MAMBA}
        found.update(no_env=True, environ=left)
    return found


def is_on(word: str) -> bool:
    """Does mamba take the value of a variable for true? It goes by YAML 1.1."""
    return word.lower() in ("y", "yes", "true", "on")


def root_prefix_of(executable: str, target: Target, environ: Mapping[str, str], cwd: str) -> str:
    """The root prefix that this conda, mamba or micromamba uses; ``""`` where unknown."""
    interpreter = interpreter_of(executable, environ, cwd)
    if interpreter is not None:
        chosen = environ.get("CONDA_ROOT_PREFIX") or environ.get("CONDA_ROOT_DIR")
        return chosen or prefix_of(interpreter, environ) or ""
    return mamba_root(executable, target, environ, cwd)


def mamba_root(executable: str, target: Target, environ: Mapping[str, str], cwd: str) -> str:
    """The root prefix that this mamba 2 or micromamba uses; ``""`` where it is not chosen, and the
    program is not known (``""``).
    """
    chosen = target.root_prefix or environ.get("MAMBA_ROOT_PREFIX", "")
    if chosen == "~" or chosen.startswith("~/"):  # the shell leaves --root-prefix=~/x as it is
        chosen = environ.get("HOME", "") + chosen[1:]
    if chosen:
        return os.path.normpath(os.path.join(cwd, chosen))
    return _beside(executable, environ) if executable else ""


def version_of(executable: str, environ: Mapping[str, str], cwd: str) -> str:
    """The version of this conda, from the name of its conda-meta record; ``""`` where unknown."""
    interpreter = interpreter_of(executable, environ, cwd)
    prefix = prefix_of(interpreter, environ) if interpreter else None
    for name in names_in(os.path.join(prefix, "conda-meta")) if prefix else ():
        parts = name.removesuffix(".json").rsplit("-", 2)  # name, version, build
        if parts[0] == "conda" and len(parts) == 3:
            return parts[1]
    return ""


def _beside(executable: str, environ: Mapping[str, str]) -> str:
    """The default root prefix of a compiled mamba: the prefix that it is installed in, else a
    directory in the home directory.
    """
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(executable)))
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return prefix
    home = environ.get("HOME", "")
    older = os.path.join(home, "micromamba")
    return older if os.path.isdir(older) else os.path.join(home, ".local/share/mamba")


def _creatable(directory: str) -> bool:
    """Could an environment be created in this directory? The nearest existing parent decides."""
    return os.access(next(filter(os.path.isdir, upward(directory)), directory), os.W_OK)


def _expand_variables(path: str, environ: Mapping[str, str]) -> str:
    """Expand ``$NAME`` and ``${NAME}``; unknown names are kept.

    ``os.path.expandvars`` cannot be used, because it reads ``os.environ``.
    """
    pieces = path.split("$")
    out = [pieces[0]]
    for piece in pieces[1:]:
        if piece.startswith("{") and "}" in piece:
            name, _, rest = piece[1:].partition("}")
        else:
            length = next((i for i, c in enumerate(piece) if not (c.isalnum() or c == "_")), None)
            name, rest = (piece, "") if length is None else (piece[:length], piece[length:])
        out.append(environ[name] + rest if name in environ else "$" + piece)
    return "".join(out)
