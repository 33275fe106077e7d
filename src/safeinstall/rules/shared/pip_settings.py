"""What leads pip out of its environment: an option, a variable, or a line in a pip.conf."""

from __future__ import annotations

from safeinstall.output.quoting import noted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts


def setting(option: str, facts: Facts) -> str:
    """The option as typed, or what sets it."""
    where = facts.set_by.get(option, "")
    return f"{option[2:]} in {where}" if "/" in where else where or option


def without(line: str, facts: Facts) -> str:
    """The command line without the settings that lead pip outside."""
    start, left_out = "", []
    for option, where in facts.set_by.items():
        if option == "--user":  # the variable is stronger than a file
            start += "PIP_USER=0 "
        elif "/" not in where:  # pip ignores a setting without a value
            start += f"{where}= "
        else:
            left_out.append(setting(option, facts))
    return noted(start + line, f"without {' and '.join(left_out)}" if left_out else "")
