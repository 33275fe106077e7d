"""What the throw-away world's channels and wheel directory hold: the story of the demo as tables.

Conda rows read ``[mark]name version : dependency, …``. The marks: none, a noarch Python library;
``*``, a library compiled for one Python; ``!``, a native library or program; ``&``, a name only.
Wheel rows read ``name version : requirement, …``. Names and numbers are those of the real
packages; the code in them is a few lines of our own.
"""

from __future__ import annotations

import importlib.machinery
import importlib.resources
import os
import re
import sysconfig
from collections.abc import Iterator

from safeinstall.sandbox.archive import File, Package
from safeinstall.sandbox.distribution import Distribution

CONDA_FORGE = """
six 1.15.0
six 1.16.0
python-dateutil 2.8.2 : six >=1.5
pytz 2023.3
joblib 1.3.2
*numpy 1.21.6
*numpy 1.23.5
*numpy 1.26.4
*numpy 2.0.2
*scipy 1.7.3 : numpy >=1.16.5,<1.23
*scipy 1.9.3 : numpy >=1.18.5,<1.26
*scipy 1.11.4 : numpy >=1.21.6,<1.28
*pandas 1.5.3 : numpy >=1.21,<2, python-dateutil >=2.8, pytz >=2020.1
*pandas 2.1.4 : numpy >=1.23,<2, python-dateutil >=2.8, pytz >=2020.1
*scikit-learn 1.1.3 : numpy >=1.17.3,<1.25, scipy >=1.3,<1.10, joblib >=1.0
*scikit-learn 1.3.2 : numpy >=1.17.3,<2, scipy >=1.5,<2, joblib >=1.1
typing_extensions 4.5.0
typing_extensions 4.8.0
&typing-extensions 4.5.0 : typing_extensions ==4.5.0
&typing-extensions 4.8.0 : typing_extensions ==4.8.0
!libuv 1.44.2
!libuv 1.46.0
!nodejs 18.17.1 : libuv >=1.44,<1.46
!nodejs 20.9.0 : libuv >=1.46,<1.48
!cudatoolkit 11.8.0
!cudatoolkit 12.1.0
!ffmpeg 6.0.0
*libtorch 2.0.1 =1 : libuv >=1.46,<1.48
*pytorch 2.0.1 =1 : libtorch 2.0.1.*, numpy >=1.21,<2, typing_extensions >=4.5, cudatoolkit 11.8.*
*cython 3.0.6
*h5py 3.10.0 : numpy >=1.21,<2
*opencv 4.8.1 : numpy >=1.21,<2, ffmpeg >=6.0,<7
*tensorflow 2.11.1 : numpy >=1.20,<2, six >=1.12, h5py >=2.9, typing_extensions >=3.6.6
*pyyaml 6.0.1
certifi 2023.7.22
idna 3.4
charset-normalizer 3.3.2
urllib3 2.1.0
requests 2.28.2 : urllib3 >=1.21, certifi >=2017.4.17, idna >=2.5, charset-normalizer >=2
requests 2.31.0 : urllib3 >=1.21, certifi >=2017.4.17, idna >=2.5, charset-normalizer >=2
tqdm 4.65.0
packaging 23.2
filelock 3.13.1
traitlets 5.14.0
*tornado 6.3.3
*pyzmq 25.1.2
jupyter_server 2.11.1 : traitlets >=5.6, tornado >=6.2, pyzmq >=24, packaging
jupyterlab 4.0.9 : jupyter_server >=2.4, nodejs >=20, requests >=2.31, typing-extensions >=4.6
!conda 26.5.3
!conda 26.7.1
"""

PYTORCH = """
typing_extensions 4.5.0
*libtorch 2.0.1 =0 : libuv >=1.44,<1.46
*pytorch 2.0.1 =0 : libtorch 2.0.1.*, numpy >=1.21,<2, typing_extensions >=4.5, cudatoolkit 11.8.*
*torchvision 0.15.2 : pytorch ==2.0.1, numpy >=1.21,<2, requests >=2.28
*torchaudio 2.0.2 : pytorch ==2.0.1
"""

WHEELS = """
six 1.16.0
six 1.17.0
numpy 1.24.4
numpy 1.26.4
numpy 2.1.3
scipy 1.11.4 : numpy>=1.21.6,<1.28.0
pandas 2.1.4 : numpy>=1.23,<2, python-dateutil>=2.8, pytz>=2020.1
scikit-learn 1.3.2 : numpy>=1.17.3,<2, scipy>=1.5, joblib>=1.1
joblib 1.3.2
python-dateutil 2.8.2 : six>=1.5
pytz 2023.3
typing-extensions 4.8.0
typing-extensions 4.12.2
nvidia-cuda-runtime-cu12 12.1.105
torch 2.0.1 : typing-extensions>=4.5, numpy>=1.21
torch 2.1.2 : typing-extensions>=4.10, numpy>=1.21, nvidia-cuda-runtime-cu12==12.1.105
torchvision 0.16.2 : torch==2.1.2, numpy>=1.21, requests>=2.28
accelerate 0.20.3 : torch>=1.10, numpy>=1.17
accelerate 0.30.1 : torch>=2.1, numpy>=1.17
safetensors 0.4.1
tokenizers 0.15.0 : huggingface-hub>=0.16.4
huggingface-hub 0.19.4 : requests>=2.28, tqdm>=4.42, filelock>=3.0, typing-extensions>=3.7.4
transformers 4.35.2 : huggingface-hub>=0.16.4, tokenizers>=0.14, safetensors>=0.3.1, numpy>=1.17
tensorflow 2.15.0 : numpy>=1.24,<2.0.0, six>=1.12, h5py>=2.9, typing-extensions>=3.6.6
h5py 3.10.0 : numpy>=1.21
opencv-python 4.8.1.78 : numpy>=1.21
opencv-python-headless 4.8.1.78 : numpy>=1.21
albumentations 1.3.1 : opencv-python-headless>=4.1.1, numpy>=1.21
cython 3.0.8
certifi 2024.7.4
idna 3.7
charset-normalizer 3.3.2
urllib3 2.2.2
requests 2.32.3 : urllib3>=1.21.1, certifi>=2017.4.17, idna>=2.5, charset-normalizer>=2
tqdm 4.66.1
packaging 24.1
filelock 3.15.4
pyyaml 6.0.1
einops 0.7.0
cowsay 6.1
"""

TRANSFORMERS_REQUIRES = (
    "accelerate",
    "huggingface-hub>=0.19",
    "numpy>=1.17",
    "packaging>=20.0",
    "requests",
    "safetensors>=0.3.1",
    "tokenizers>=0.14",
)
"""What ``transformers`` at its main branch asks for. An accelerate that suits the torch which is
there can be found, if pip is held to it; left alone, pip takes the newest and replaces torch."""

_MODULES = {
    "python-dateutil": "dateutil",
    "scikit-learn": "sklearn",
    "opencv": "cv2",
    "opencv-python": "cv2",
    "opencv-python-headless": "cv2",
    "pytorch": "torch",
    "pyyaml": "yaml",
    "pyzmq": "zmq",
    "nvidia-cuda-runtime-cu12": "nvidia/cuda_runtime",
}
_DISTRIBUTIONS = {
    "pytorch": "torch",
    "opencv": "opencv-python",
    "typing_extensions": "typing-extensions",
}
_FLAT = ("six", "typing_extensions")
_SCRIPTS = {"jupyterlab": ("jupyter-lab = jupyterlab:main",), "cowsay": ("cowsay = cowsay:main",)}
_MAIN = "\n\ndef main():\n    print(__name__, __version__)\n"


def conda_packages(table: str, pythons: tuple[str, ...]) -> Iterator[Package]:
    """The packages of one conda table, compiled ones once for each of ``pythons`` ("3.11")."""
    for mark, name, version, number, depends in _rows(table):
        if mark in ("!", "&"):
            yield _native(name, version, depends, with_file=mark == "!")
        elif mark == "*":
            for python in pythons:
                yield _compiled(name, version, number, depends, python)
        else:
            yield _pure(name, version, depends)


def wheels() -> Iterator[Distribution]:
    """The distributions pip finds in the wheel directory."""
    for _, name, version, _, requires in _rows(WHEELS):
        needs = tuple((module_of(_name(item)), _specifier(item)) for item in requires)
        yield _distribution(name, version, requires, needs, from_conda=False)


def module_of(name: str) -> str:
    """The module that a package, conda's or pip's, is imported as."""
    return _MODULES.get(name, re.sub(r"[-.]", "_", name))


def _rows(table: str) -> Iterator[tuple[str, str, str, int, tuple[str, ...]]]:
    for line in filter(None, table.splitlines()):
        head, _, tail = line.partition(" : ")
        name, version, *number = head.split()
        mark = name[0] if name[0] in "*!&" else ""
        depends = tuple(re.split(r", (?=[a-z])", tail)) if tail else ()
        yield mark, name.removeprefix(mark), version, int(number[0][1:]) if number else 0, depends


def _name(item: str) -> str:
    match = re.match(r"[\w.-]+", item)
    assert match
    return match[0]


def _specifier(item: str) -> str:
    return item[len(_name(item)) :].strip()


def _python_dependencies(depends: tuple[str, ...]) -> tuple[str, ...]:
    libraries = {name for mark, name, *_ in _rows(CONDA_FORGE + PYTORCH) if mark in ("", "*")}
    return tuple(item for item in depends if _name(item) in libraries - {"libtorch"})


def _conda_distribution(
    name: str, version: str, depends: tuple[str, ...], native: bool = False
) -> Distribution:
    python = _python_dependencies(depends)
    requires = tuple(
        _DISTRIBUTIONS.get(_name(item), _name(item)) + _specifier(item) for item in python
    )
    needs = tuple((module_of(_name(item)), _specifier(item)) for item in python)
    return _distribution(name, version, requires, needs, from_conda=True, native=native)


def _distribution(
    name: str,
    version: str,
    requires: tuple[str, ...],
    needs: tuple[tuple[str, str], ...],
    from_conda: bool,
    native: bool = False,
) -> Distribution:
    module = module_of(name)
    scripts = _SCRIPTS.get(name, ())
    code = _MAIN if scripts else ""
    extra = {f"{module}/_native.so": shared_library()} if native else {}
    if module == "torch":
        template = importlib.resources.files(__package__) / "content" / "torch.py.in"
        code = f"_FROM_CONDA = {from_conda}\n{template.read_text()}"
        if not from_conda:
            extra["torch/lib/libtorch_cpu.so"] = shared_library()
    return Distribution(
        name=_DISTRIBUTIONS.get(name, name),
        version=version,
        module=module,
        requires=requires,
        needs=tuple((each, text) for each, text in needs if "nvidia" not in each),
        code=code,
        extra=extra,
        scripts=scripts,
        flat=module in _FLAT,
    )


def _pure(name: str, version: str, depends: tuple[str, ...]) -> Package:
    distribution = _conda_distribution(name, version, depends)
    files = distribution.files(installer="conda")
    return Package(
        name=name,
        version=version,
        build="pyhd8ed1ab_0",
        depends=("python >=3.8", *depends),
        noarch="python",
        files={f"site-packages/{path}": File(data) for path, data in files.items()},
        entry_points=distribution.scripts,
    )


def _compiled(
    name: str, version: str, number: int, depends: tuple[str, ...], python: str
) -> Package:
    site_packages = f"lib/python{python}/site-packages"
    if name == "libtorch":
        # The older build keeps its library inside the Python package, the rebuild in lib/.
        directory = "lib" if number else f"{site_packages}/torch/lib"
        files = {f"{directory}/libtorch_cpu.so": File(shared_library())}
    else:
        content = _conda_distribution(name, version, depends, True).files(installer="conda")
        files = {f"{site_packages}/{path}": File(data) for path, data in content.items()}
    return Package(
        name=name,
        version=version,
        build=f"py{python.replace('.', '')}_{number}",
        number=number,
        depends=(python_range(python), *depends),
        files=files,
    )


def python_range(python: str) -> str:
    """The dependency of what was compiled for one minor version of Python."""
    major, minor = python.split(".")
    return f"python >={python},<{major}.{int(minor) + 1}.0a0"


def _native(name: str, version: str, depends: tuple[str, ...], with_file: bool) -> Package:
    if not with_file:
        return Package(name, version, build="hd8ed1ab_0", depends=depends, noarch="generic")
    files = {
        f"lib/lib{name}.so.{version}": File(shared_library()),
        f"share/{name}/README": File(f"{name} {version}\n".encode()),
    }
    return Package(name, version, build="h0_0", depends=depends, files=files)


def shared_library() -> bytes:
    """A small shared library that this platform really loads: an extension module of Python."""
    directory = sysconfig.get_config_var("DESTSHARED") or ""
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = os.path.join(directory, f"_bisect{suffix}")
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()
    return b""
