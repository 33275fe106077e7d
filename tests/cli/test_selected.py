"""``-n NAME`` and ``-p PREFIX`` of safeinstall's own commands."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safeinstall.sandbox.world import World


def test_by_name_where_conda_is_a_shell_script(world: World, conda_env: str) -> None:
    """Its interpreter does not tell where conda is: the environment around it does."""
    place = Path(world.root, "bin", "conda")
    kept = place.with_name("conda-kept")
    place.rename(kept)
    try:
        place.write_text(f'#!/bin/sh\nexec "{kept}" "$@"\n')
        place.chmod(0o755)
        environ = {"CONDA_EXE": "", "PATH": f"{place.parent}:/usr/bin:/bin"}
        words = [sys.executable, "-m", "safeinstall", "status", "--json", "-n", conda_env]
        done = world.run(words, environ=environ)
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)["environment"]["prefix"]
        assert os.path.realpath(found) == os.path.realpath(world.env(conda_env))
    finally:
        kept.rename(place)
