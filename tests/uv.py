"""The real uv, which comes with the tests' own requirements."""

from __future__ import annotations

import os
import shutil
import sys

_PLACES = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
UV = os.environ.get("SAFEINSTALL_TEST_UV") or shutil.which("uv", path=_PLACES)
