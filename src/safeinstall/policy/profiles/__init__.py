"""Commented policies to begin with, as TOML files beside this one: see ``policy init``."""

from safeinstall.policy import MACHINE, PROJECT, USER

PROFILES = {"data-science": USER, "gpu-server": MACHINE, "ci": PROJECT}
"""The names of the files, each with the layer for which it is meant."""
