"""The tables of native libraries and of impostors."""

from __future__ import annotations

import pytest

from safeinstall.specs import impostors, native_twins
from safeinstall.specs.requirement import normalize


@pytest.mark.parametrize(
    ("name", "extras", "conda", "titles"),
    [
        ("rasterio", (), ("libgdal", "hdf5"), ["GDAL", "HDF5"]),
        ("pyqt5", (), ("qt-main",), ["Qt 5"]),
        ("pyqt6", (), ("qt-main",), []),  # Qt 5 and Qt 6 do not meet
        ("opencv-python", (), ("qt-main", "libopencv"), ["Qt 5", "OpenCV"]),
        ("opencv-python-headless", (), ("qt-main",), []),
        ("psycopg", ("binary",), ("libpq",), ["libpq"]),
        ("psycopg", (), ("libpq",), []),
        ("netcdf4", (), ("hdf5", "netcdf4"), []),  # conda owns it
        ("opencv-python", (), ("libopencv", "py-opencv"), []),
        ("numpy", (), ("hdf5", "proj"), []),
    ],
)
def test_twins(
    name: str, extras: tuple[str, ...], conda: tuple[str, ...], titles: list[str]
) -> None:
    there = dict.fromkeys(conda, "1")
    keys = native_twins.names(name, extras)
    assert native_twins.is_twin(keys, there) == bool(titles)
    found = [library.title for library, _ in native_twins.brought(keys, there)]
    assert found == titles or not titles


def test_every_row_of_the_table_is_whole() -> None:
    for library in native_twins.LIBRARIES:
        assert library.title
        assert library.conda
        assert library.wheels
        assert library.hurt
        assert all(normalize(name.partition("[")[0]) in name for name in library.wheels)


@pytest.mark.parametrize(
    ("name", "python", "is_one"),
    [
        ("dataclasses", "3.6", False),
        ("dataclasses", "3.7", True),
        ("typing", "3.11", True),
        ("futures", "2.7", False),
        ("asyncio", "3.12", True),
        ("conda", "", True),
        ("sklearn", "3.9", True),
        ("enum34", "", False),  # which Python it is for is not known
        ("numpy", "3.11", False),
        ("typing-extensions", "3.11", False),
    ],
)
def test_impostors(name: str, python: str, is_one: bool) -> None:
    assert (impostors.of(name, python) is not None) == is_one
