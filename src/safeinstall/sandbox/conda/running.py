"""``conda run``: a command with an environment's variables, as if that were active."""

from __future__ import annotations

import os
import subprocess
from argparse import Namespace

from safeinstall.sandbox.conda import CondaError
from safeinstall.sandbox.conda.context import Context


def run(context: Context, options: Namespace) -> int:
    """Start the command and return its exit status."""
    if not options.executable_call:
        raise CondaError("ArgumentError", "the following arguments are required: executable_call")
    prefix = context.existing_target(options)
    environ = dict(context.environ) | {
        "CONDA_PREFIX": prefix,
        "CONDA_DEFAULT_ENV": context.name_of(prefix),
        "CONDA_SHLVL": "1",
        "PATH": os.pathsep.join([f"{prefix}/bin", context.environ.get("PATH", "")]),
    }
    # The search for the program follows PATH of this process, not that of the child.
    os.environ["PATH"] = environ["PATH"]
    try:
        return subprocess.run(
            options.executable_call, env=environ, cwd=options.cwd, check=False
        ).returncode
    except OSError as error:
        raise CondaError(
            "CondaError", f"{options.executable_call[0]}: {error.strerror}", 127
        ) from None
