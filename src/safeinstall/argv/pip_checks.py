"""Check option values as pip's option callbacks do (``cli/cmdoptions.py``)."""

from __future__ import annotations

from safeinstall.argv.pip_options import VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeinstall.argv.optparsing import Check


def python_version(value: str) -> bool:
    """Is the value ``3``, ``311``, ``3.11.2``, or empty?"""
    parts = value.split(".")
    if len(parts) == 1 and len(value) > 1:
        parts = [value[0], value[1:]]
    return not value or (len(parts) <= 3 and all(map(is_integer, parts)))


def is_integer(value: str) -> bool:
    """Does ``int`` accept the value?"""
    try:
        int(value)
    except ValueError:
        return False
    return True


def setting(value: str) -> bool:
    """Is the value ``KEY=VALUE``?"""
    return "=" in value


def no_option(value: str) -> bool:
    """Is the value no option? pip refuses an option in the place of package names."""
    return value[:1] != "-"


def group(value: str) -> bool:
    """Is the value ``name`` or ``path/to/pyproject.toml:name``?"""
    path, colon, _ = value.rpartition(":")
    return not colon or last_part(path) == "pyproject.toml"


def group_or_lock(value: str) -> bool:
    """Is the value a dependency group or, since pip 26.3, a ``pylock.toml``?"""
    path, _, _ = value.rpartition(":")
    file = last_part(path)
    if path[-1:] == "]":
        file = last_part(path[:-1].rpartition("[")[0].rstrip())
    middle = file.removeprefix("pylock.").removesuffix(".toml")
    named = file.startswith("pylock.") and file.endswith(".toml") and "." not in middle
    return group(value) or file == "pylock.toml" or (named and bool(middle))


def last_part(path: str) -> str:
    """A path's last part as in ``pathlib``: trailing slashes and ``.`` parts are ignored."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return parts[-1] if parts else ""


def moment(value: str) -> bool:
    """Is the value an ISO 8601 date or time?"""
    from datetime import datetime  # costs 2 ms: imported only if the option is used

    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def moment_or_days(value: str) -> bool:
    """Is the value an ISO 8601 date or time or, since pip 26.1, a number of days (``P7D``)?"""
    return (value[:1] == "P" and value[-1:] == "D" and value[1:-1].isdigit()) or moment(value)


CHECKS: Mapping[str, Check] = {
    "handle_python_version": python_version,
    "handle_config_settings": setting,
    "handle_no_binary": no_option,
    "handle_only_binary": no_option,
    "handle_all_releases": no_option,
    "handle_only_final": no_option,
    "handle_refresh_package": no_option,
    "handle_dependency_group": group,
    "handle_uploaded_prior_to": moment,
}
SINCE_26_1 = {**CHECKS, "handle_uploaded_prior_to": moment_or_days}
SINCE_26_3 = {**SINCE_26_1, "handle_dependency_group": group_or_lock}


def checks_of(index: int) -> Mapping[str, Check]:
    """The checks of one pip release, by its index in the table."""
    version = VERSIONS[index].split(".")
    year, minor = int(version[0]), int(version[1])
    if (year, minor) >= (26, 3):
        return SINCE_26_3
    return SINCE_26_1 if (year, minor) >= (26, 1) else CHECKS
