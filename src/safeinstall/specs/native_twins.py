"""Native libraries that conda owns, and the wheels on PyPI that bring a copy of their own. Data.

The table was made by looking into the wheels for Linux (their ``*.libs``, Qt and data directories).
Wheels without such a copy are not in it, nor are source distributions, which are built on what is
there. A library counts only where conda has it.
"""

from __future__ import annotations

from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


class Library(Value):
    """A native library, with the packages that have it on either side."""

    title: str
    conda: tuple[str, ...]  # the conda packages that contain it
    wheels: frozenset[str]  # distributions on PyPI, normalized; "psycopg[binary]" with an extra
    hurt: str  # what two of them lead to, as a sentence without its end


_ROWS = """
PROJ | proj | pyproj rasterio fiona pyogrio
  | conda's PROJ_DATA points one at the other's proj.db
GDAL | libgdal-core libgdal | rasterio fiona pyogrio
  | conda's GDAL_DATA and GDAL_DRIVER_PATH point one at the other's files and plugins
HDF5 | hdf5 | h5py tables netcdf4 rasterio
  | in one process the first one loaded wins, and filter plugins fit only one
netCDF | libnetcdf | netcdf4 rasterio
  | in one process the first one loaded wins
Qt 5 | qt-main qt | pyqt5 pyqt5-qt5 pyside2 opencv-python opencv-contrib-python
  | a program that loads plugins of the other one ends with "could not load the Qt platform plugin"
Qt 6 | qt6-main | pyqt6 pyqt6-qt6 pyside6 pyside6-essentials
  | a program that loads plugins of the other one ends with "could not load the Qt platform plugin"
OpenCV | libopencv | opencv-python opencv-contrib-python opencv-python-headless
  opencv-contrib-python-headless
  | which of the two is imported and linked is left to chance
libpq | libpq | psycopg2-binary psycopg-binary psycopg[binary]
  | it brings its own OpenSSL, which is not updated with conda's
ecCodes | eccodes | eccodeslib pygrib
  | one reads the other's tables, which are of another release
"""


def _library(row: str) -> Library:
    title, conda, wheels, hurt = (" ".join(part.split()) for part in row.split(" | "))
    return Library(title, tuple(conda.split()), frozenset(wheels.split()), hurt)


LIBRARIES = tuple(map(_library, _ROWS.strip().replace("\n  ", " ").splitlines()))
"""The table."""

CONDA = frozenset(name for library in LIBRARIES for name in library.conda)
"""The conda packages with one of the libraries."""


def names(name: str, extras: tuple[str, ...] = ()) -> set[str]:
    """The distribution as the table may have it: ``psycopg``, ``psycopg[binary]``."""
    return {name, *(f"{name}[{extra}]" for extra in extras)}


def is_twin(names: Collection[str], there: Mapping[str, str]) -> bool:
    """Does a wheel of that name bring such a library, while conda does not own the distribution?

    Where conda does, it is a matter of who owns it. ``there``: conda's packages and their versions.
    """
    if not any(True for _ in brought(names, there)):
        return False
    from safeinstall.specs.conda_names import conda_names  # rarely needed

    return not any(known in there for name in names for known in conda_names(name))


def brought(names: Collection[str], there: Mapping[str, str]) -> Iterator[tuple[Library, str]]:
    """The libraries that a wheel with one of these names brings a second time, each with the conda
    package that has it.
    """
    for library in LIBRARIES:
        owner = next((name for name in library.conda if name in there), "")
        if owner and not library.wheels.isdisjoint(names):
            yield library, owner
