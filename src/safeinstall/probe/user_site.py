"""Whether pip would install into the user site of an environment.

Source: ``decide_user_install`` in ``pip._internal.commands.install`` and ``check_enableusersite``
in Python's ``site``.
"""

from __future__ import annotations

import os

from safeinstall.probe.interpreter import venv_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.model import Environment


def sees_system(environment: Environment) -> bool:
    """Is it a virtual environment that also sees the packages of the Python it was made with?"""
    if environment.kind != "venv":
        return False
    seen = venv_settings(environment.prefix).get("include-system-site-packages", "")
    return seen.lower() == "true"


def user_site(environment: Environment, environ: Mapping[str, str]) -> str:
    """``off``: pip refuses ``--user``. ``hidden``: this session would not see packages in the user
    site, and pip since 25.3 refuses ``--user``. ``on``: pip uses the user site with ``--user``.
    ``fallback``: pip uses it even without ``--user``, because site-packages is not writable.
    """
    if environment.kind == "venv" and not sees_system(environment):
        return "off"
    if environ.get("PYTHONNOUSERSITE"):
        return "hidden"
    places = environment.site_packages[:1]
    return "on" if all(os.access(place, os.W_OK) for place in places) else "fallback"
