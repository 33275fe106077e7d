"""safeinstall: a guard in front of ``conda install`` and ``pip install``."""

__version__ = "0.1.0.dev0"
