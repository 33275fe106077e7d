"""A Dockerfile that makes the environment anew, in one layer by conda and one by pip. Pure.

What conda and pip are to read stands in here-documents of the file itself (BuildKit, Podman 5), so
that no other file is needed. Format: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re

from safeinstall.output.shown import one_line, printable
from safeinstall.state import lock, requirement
from safeinstall.state.export import comes_by_itself, conda_yml, pip_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.state.lock import Archive
    from safeinstall.state.nouns import CondaPackage, Distribution, State

BASE_IMAGE = "docker.io/condaforge/miniforge3:26.7.2-0"
"""An exact tag. It has conda in ``/opt/conda``, git, and ``useradd``."""

# conda's names of platforms, and the images'
_PLATFORMS = {
    "linux-64": "linux/amd64",
    "linux-aarch64": "linux/arm64",
    "linux-ppc64le": "linux/ppc64le",
}
_FILES = "/opt/lock"
_USER, _UID = "app", 10001  # a number, so that Kubernetes can tell that it is not root
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PIP = "--no-input --no-cache-dir --disable-pip-version-check"
_CLEAN = "conda clean --all --force-pkgs-dirs --yes"

_ACTIVATED = """\
#!/bin/bash
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
  if [ -e "$script" ]; then . "$script"; fi
done
exec "$@"
"""


def text(
    state: State, archives: Mapping[str, Archive], requests: bool, lacking: Sequence[str]
) -> str:
    """The Dockerfile. ``archives``: as for :func:`safeinstall.state.lock.pylock`. ``lacking``: what
    is not as in the environment, which a comment tells.

    Raises ValueError if the packages are of a platform that no image is for.
    """
    name = _NO_NAME.sub("-", state.name).strip("-._") or "environment"
    prefix = f"/opt/conda/envs/{name}"
    had = state.replace(pip=tuple(filter(_can_be_had, state.pip)))
    parts = [
        _head(name, state.logins, lacking),
        _base(state.conda if not requests else ()),
        *_by_conda(had, requests, prefix),
        _variables(state, name, prefix),
        *(_asked(had, prefix) if requests else _exact(had, archives, prefix)),
        *_activation(state.conda),
        _end(state),
    ]
    return "\n\n".join(parts) + "\n"


def lacking(state: State) -> list[str]:
    """What only a Dockerfile cannot say, one line each."""
    return [
        f"the variable {name} cannot be written in a Dockerfile, and is left out"
        for name, value in state.variables.items()
        if not _can_be_set(name, value)
    ]


# ---- the image ---------------------------------------------------------------------------------


def _head(name: str, logins: Sequence[str], lacking: Sequence[str]) -> str:
    secret = " --secret id=netrc,src=$HOME/.netrc" if logins else ""
    lines = ["# syntax=docker/dockerfile:1", "# Written by: safeinstall export --format dockerfile"]
    lines.append(f"# Build: docker build{secret} --tag {name.lower()} - < Dockerfile")
    lines += [f"# ~/.netrc has the credentials for {one_line(host)}" for host in logins]
    lines += [f"# Not as in the environment: {one_line(line)}" for line in lacking]
    return "\n".join(lines)


def _base(listed: Iterable[CondaPackage]) -> str:
    """For one platform if conda's packages are."""
    comment = "# With conda in /opt/conda. A digest pins more: --build-arg BASE_IMAGE=NAME@sha256:…"
    argument = f"{comment}\nARG BASE_IMAGE={BASE_IMAGE}\n"
    platform = _platform(listed)
    if not platform:
        return f"{argument}FROM ${{BASE_IMAGE}}"
    stage = platform.replace("/", "-")  # with this name BuildKit takes the constant for intended
    ignore = "# hadolint ignore=DL3029\n"
    return f"{argument}{ignore}FROM --platform={platform} ${{BASE_IMAGE}} AS {stage}"


def _platform(packages: Iterable[CondaPackage]) -> str:
    found = sorted({p.url.rpartition("/")[0].rpartition("/")[2] for p in packages})
    for directory in found:
        if directory.startswith(("linux-", "osx-", "win-")) and directory not in _PLATFORMS:
            raise ValueError(f"conda's packages are for {directory}, and no image is")
    return next((_PLATFORMS[directory] for directory in found if directory in _PLATFORMS), "")


def _variables(state: State, name: str, prefix: str) -> str:
    """What activating the environment would set."""
    kept = {n: v for n, v in state.variables.items() if _can_be_set(n, v)}
    words = {"CONDA_PREFIX": prefix, "CONDA_DEFAULT_ENV": name, **kept}
    lines = [f"{variable}={_quoted(value)}" for variable, value in words.items()]
    return "ENV " + " \\\n    ".join([*lines, f"PATH={prefix}/bin:$PATH"])


def _can_be_set(name: str, value: str) -> bool:
    return bool(_VARIABLE.fullmatch(name)) and value.isprintable()


def _quoted(value: str) -> str:
    return '"' + re.sub(r'([\\"$])', r"\\\1", value) + '"'


def _activation(packages: Iterable[CondaPackage]) -> Iterator[str]:
    if any(package.scripts for package in packages):
        comment = "# What conda would source on activation. `docker exec` goes past it\n"
        yield comment + _document("/usr/local/bin/activated", _ACTIVATED, "--chmod=755 ")
        yield 'ENTRYPOINT ["activated"]'


def _end(state: State) -> str:
    user = f"useradd --no-log-init --create-home --uid {_UID} {_USER}"
    lines = [
        "# The .bashrc of the base image would activate conda's base in front of the environment",
        f"RUN {user} \\\n    && rm -f /home/{_USER}/.bashrc",
        f"USER {_UID}",
        f"WORKDIR /home/{_USER}",
        *(['CMD ["python"]'] if state.python else []),
    ]
    return "\n".join(lines)


# ---- its two layers ----------------------------------------------------------------------------


def _by_conda(state: State, requests: bool, prefix: str) -> Iterator[str]:
    if state.conda and not requests:
        verb, file = "create", f"{_FILES}/{lock.EXPLICIT}"
        yield _document(file, lock.explicit(state.conda))
    else:
        verb, file = "env create", f"{_FILES}/environment.yml"
        yield _document(file, conda_yml(state, requests))
    yield _run(state, f"conda {verb} --yes --quiet --prefix {prefix} --file {file}", _CLEAN)


def _asked(state: State, prefix: str) -> Iterator[str]:
    """pip solves, and keeps its hands off what conda has brought."""
    lines = pip_lines(state, requests=True)
    if not lines:
        return
    pip = f"{prefix}/bin/python -m pip"
    limits, file = f"{_FILES}/conda-owned.txt", f"{_FILES}/requirements.txt"
    yield _document(file, _lines([*state.pip_options, *lines]))
    yield _run(
        state,
        f"{pip} list --disable-pip-version-check --format=freeze > {limits}",  # old ones print it
        f"{pip} install {_PIP} --constraint {limits} --requirement {file}",
    )


def _exact(state: State, archives: Mapping[str, Archive], prefix: str) -> Iterator[str]:
    """pip solves nothing. Where a line has a sum pip wants one in each: the others are apart."""
    pips = [d for d in state.pip if state.conda or not comes_by_itself(d, state)]
    found = [d for d in pips if d.origin or d.name in archives]
    summed = [_with_sum(d, archives) for d in found if _has_sum(d)]
    others = [requirement.exact(d) for d in found if not _has_sum(d)]
    commands = []
    for name, check, lines in (
        ("requirements.txt", " --require-hashes", summed),
        ("unhashed.txt", "", others),
    ):
        if lines:
            file = f"{_FILES}/{name}"
            yield _document(file, _lines([*state.pip_options, *lines]))
            install = f"{_pip(state, prefix)} install {_PIP} --no-deps{check}"
            commands.append(f"{install} --requirement {file}")
    if found:
        yield _run(state, *commands)


def _pip(state: State, prefix: str) -> str:
    """The environment's own, else that of base: conda's list may have no pip, as where uv has made
    the rest, or pip has renewed itself. An environment.yml of ours always has it.
    """
    python = f"{prefix}/bin/python"
    if not state.conda or any(package.name == "pip" for package in state.conda):
        return f"{python} -m pip"
    return f"/opt/conda/bin/python -m pip --python {python}"


def _can_be_had(found: Distribution) -> bool:
    """Not where it comes from a path on this machine."""
    return found.origin is None or not requirement.local_path(found.origin)


def _has_sum(found: Distribution) -> bool:
    """Is there one that pip accepts? Of an address, the one that it was installed from has it."""
    if found.origin is None:
        return True
    archive = found.origin.archive_info
    return bool(archive and "sha256" in (archive.hashes or ()))


def _with_sum(found: Distribution, archives: Mapping[str, Archive]) -> str:
    line = requirement.exact(found)
    return line if found.origin else f"{line}{lock.HASH}sha256:{archives[found.name].sha256}"


def _run(state: State, *commands: str) -> str:
    """One layer, with the user's credentials where some were left out of an address."""
    secret = "--mount=type=secret,id=netrc,target=/root/.netrc \\\n    " if state.logins else ""
    return f"RUN {secret}" + " \\\n    && ".join(commands)


def _lines(lines: Iterable[str]) -> str:
    """A line each: one that is two, by an address from the environment, would be read as both."""
    return "".join(f"{printable(line)}\n" for line in lines)


def _document(path: str, content: str, flags: str = "") -> str:
    """A file in the image, of which nothing is expanded."""
    end = "EOF"
    while end in content.splitlines():
        end += "_"
    return f"COPY {flags}<<'{end}' {path}\n{content}{end}"
