"""What base images bring: where conda is, who the user is, what a shell knows. Data."""

from __future__ import annotations

from safeinstall.value import Value


class Image(Value):
    """A base image as far as its name tells."""

    known: bool = False  # does a row below, or Docker's own library, say what is in it?
    root: str = ""  # conda's root prefix; "" where it has no conda
    channels: tuple[str, ...] = ()  # those that its conda is configured for
    user: str = ""  # that commands run as; "" where it is not known
    meant: bool = False  # is base the environment that the image is there for?
    initialised: bool = False  # do its start-up files make "conda activate" work?
    posix: bool = False  # is /bin/sh a plain one, without "source"?


_DEBIAN = Image(known=True, user="root", posix=True)
_CONDA = _DEBIAN.replace(root="/opt/conda", initialised=True)
_ANACONDA = _CONDA.replace(channels=("defaults",))
_FORGE = _CONDA.replace(channels=("conda-forge",))
_JUPYTER = _FORGE.replace(user="jovyan", meant=True)
_MICROMAMBA = _FORGE.replace(user="mambauser", meant=True, posix=False)
_ROOT = Image(known=True, user="root")

_ROWS: tuple[tuple[str, Image], ...] = (
    ("continuumio/", _ANACONDA),
    ("anaconda/", _ANACONDA),
    ("condaforge/", _FORGE),
    ("mambaorg/micromamba", _MICROMAMBA),
    ("jupyter/", _JUPYTER),
    ("jupyterhub/", _DEBIAN),
    ("pangeo/", _FORGE.replace(user="jovyan", meant=True)),
    ("rapidsai/", _FORGE.replace(user="rapids", meant=True)),
    ("pytorch/pytorch", _CONDA.replace(channels=("defaults",), meant=True)),
    ("tensorflow/tensorflow", _DEBIAN),
    ("nvidia/cuda", _ROOT),
    ("nvidia/", _ROOT),
)
"""The beginning of a name (without the registry), and what is in such images."""

_LIBRARY = """
almalinux amazonlinux archlinux centos clearlinux eclipse-temurin fedora gcc golang julia openjdk
oraclelinux photon pypy r-base rockylinux ruby rust sagemath
"""
_OFFICIAL = frozenset(_LIBRARY.split())
"""Names in Docker's own library: what has no slash may be a local image, too."""

_PLAIN_SHELL = ("debian", "ubuntu", "python", "buildpack-deps", "node", "alpine")
_REGISTRIES: tuple[str, ...] = (
    "docker.io/",
    "index.docker.io/",
    "registry.hub.docker.com/",
    "quay.io/",
    "ghcr.io/",
)
_REGISTRIES += ("nvcr.io/", "public.ecr.aws/docker/", "mcr.microsoft.com/", "mirror.gcr.io/")

MOVING = frozenset(("latest", "main", "master", "dev", "devel", "edge", "nightly", "stable"))
"""Words in a tag that say: whatever is newest."""

VARIANTS = frozenset(("alpine", "slim", "full", "base", "runtime", "cpu", "gpu", "cuda", "jupyter"))
"""Words in a tag that tell a variant, and no release. The name of a release (bookworm) is one."""

ROOT_NAMES = ("conda", "miniconda", "miniforge", "anaconda", "mambaforge", "micromamba", "mamba")
"""How directories that conda itself is installed in are called, without numbers."""

INSTALLERS = {
    "miniconda": ("defaults",),
    "anaconda": ("defaults",),
    "miniforge": ("conda-forge",),
    "mambaforge": ("conda-forge",),
    "conda": (),
    "mamba": (),
}
"""Beginnings of the names of conda's installers, and the channels that they configure."""


def of(name: str) -> Image:
    """What is known of the image with this name, as written behind FROM."""
    plain = name.partition("@")[0]
    for registry in _REGISTRIES:
        plain = plain.removeprefix(registry)
    head, slash, last = plain.rpartition("/")
    plain = head + slash + last.partition(":")[0]
    if "$" in plain or not plain:
        return Image()
    plain = plain.removeprefix("library/")
    if "/" in plain:
        return next((image for start, image in _ROWS if plain.startswith(start)), Image())
    if plain in _PLAIN_SHELL:
        return _DEBIAN
    return _ROOT if plain in _OFFICIAL else Image()


def is_root(prefix: str, roots: tuple[str, ...] = ()) -> bool:
    """Is conda itself installed in this directory, by its name?"""
    if prefix in roots:
        return True
    last = prefix.rstrip("/").rpartition("/")[2].lower().lstrip(".").rstrip("0123456789.-")
    return last in ROOT_NAMES


def unpinned(name: str) -> str:
    """Why the image is another one tomorrow; ``""`` where its name has a release or a digest."""
    if "$" in name or "@" in name or name == "scratch":
        return ""
    last = name.rpartition("/")[2]
    _, colon, tag = last.partition(":")
    if not colon:
        return "has no tag"
    words = frozenset(tag.lower().replace("_", "-").split("-"))
    moves = words <= MOVING | VARIANTS or "latest" in words
    return f"has the tag {tag}, which moves from release to release" if moves else ""
