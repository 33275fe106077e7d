"""conda and the packages that it is made of."""

from __future__ import annotations

CONDA_ITSELF = frozenset(
    (
        "anaconda-anon-usage",
        "ca-certificates",
        "certifi",
        "conda",
        "conda-anaconda-telemetry",
        "conda-content-trust",
        "conda-libmamba-solver",
        "conda-package-handling",
        "conda-package-streaming",
        "conda-rattler-solver",
        "conda-token",
        "libmambapy",
        "mamba",
        "menuinst",
        "openssl",
    )
)
"""These belong into base, and are updated there. Names of conda packages, and of distributions."""
