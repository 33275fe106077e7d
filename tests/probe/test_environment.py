"""Whether conda runs in base: a compiled micromamba has nothing of itself in its root prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safeinstall.probe.environment import describe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("files", "without"),
    [
        (("conda-meta/history", "envs/x", "pkgs/x"), True),
        (("conda-meta/history", "condabin/mamba", "etc/profile.d/mamba.sh"), True),
        (("conda-meta/history", "conda-meta/conda-pack-0.7.1-pyhd8ed1ab_0.json"), True),
        (("conda-meta/history", "conda-meta/micromamba-2.0.5-1.json", "bin/micromamba"), True),
        (("conda-meta/history", "conda-meta/conda-24.1.2-py311h06a4308_0.json"), False),
        (("conda-meta/history", "conda-meta/mamba-2.0.5-h19f442d_0.json"), False),
        (("conda-meta/history", "bin/conda"), False),  # whose record is damaged, or which is pip's
        (("conda-meta/history", "condabin/conda"), False),
    ],
)
def test_conda_in_the_root_prefix(tmp_path: Path, files: tuple[str, ...], without: bool) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    found = describe(str(tmp_path), str(tmp_path))
    assert found.base
    assert found.without_conda == without


def test_of_no_other_environment_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    assert not describe(str(tmp_path), "/opt/conda").without_conda
