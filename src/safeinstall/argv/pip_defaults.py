"""The defaults that pip takes from ``PIP_*`` variables and pip.conf before the command line."""

from __future__ import annotations

from safeinstall.argv.optparsing import acceptable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeinstall.argv import Context
    from safeinstall.argv.optparsing import Check, Option, Reading, Table

TRUE = frozenset(("y", "yes", "t", "true", "on", "1"))
FALSE = frozenset(("n", "no", "f", "false", "off", "0"))
IGNORED = frozenset(("version", "help"))


def apply(
    reading: Reading,
    table: Table,
    command: str,
    context: Context,
    checks: Mapping[str, Check],
    *,
    isolated: bool,
) -> None:
    """Store the defaults in ``reading``. A value that pip refuses sets its ``error``."""
    for key, value in items(command, context, isolated=isolated):
        option = table.by_name.get("--" + key)
        if option is None or not value or option.action == "help":
            continue
        problem = set_default(reading, option, value, checks)
        if problem and reading.is_value is None:
            reading.error = f"configuration: {key}: {problem}: {value!r}"
            return


def items(command: str, context: Context, *, isolated: bool) -> Iterator[tuple[str, str]]:
    """Keys and values, later ones override: ``[global]``, the command's section, variables."""
    config = context.pip_config
    if isolated and context.isolated_config is not None:
        config = context.isolated_config
    for section in ("global.", command + "."):
        for name, value in config.items():
            if name.startswith(section):
                yield option_key(name[len(section) :]), value
    if isolated:
        return
    for name, value in context.environ.items():
        if name.startswith("PIP_") and name[4:].lower() not in IGNORED:
            yield option_key(name[4:]), value


def option_key(name: str) -> str:
    """``EXTRA_INDEX_URL`` → ``extra-index-url``."""
    return name.lower().replace("_", "-").removeprefix("--")


def set_default(reading: Reading, option: Option, value: str, checks: Mapping[str, Check]) -> str:
    """Store one default; the reason why pip would refuse it, or ``""``."""
    values = [value]
    if option.action in ("store_true", "store_false"):
        # pip stores the boolean unchanged, even for a store_false option such as --no-user
        values = ["1" if truth(value) else "0"]
        if truth(value) is None:
            return "not a boolean"
    elif option.action == "count":
        return count(reading, option, value)
    elif option.action == "callback" and option.check == "-":
        if option.dest == "use_pep517" or truth(value) is None:
            return "not allowed here"
    else:
        if option.action == "append":
            values = value.split()
        if not all(acceptable(option.check, item, checks) for item in values):
            return "invalid value"
    if option.action == "callback":
        values = reading.list(option.dest) + values
    reading.values[option.dest] = values
    reading.given[option.dest] = option
    return ""


def truth(value: str) -> bool | None:
    """A boolean as pip reads it; None for any other text."""
    lower = value.lower()
    return True if lower in TRUE else False if lower in FALSE else None


def count(reading: Reading, option: Option, value: str) -> str:
    """Store the default of an option that counts; the reason why pip would refuse it, or ``""``."""
    number = times(value)
    if number is None:
        return "not a number of times"
    # Stored as 0 or 1, as only that matters: a list of 9999999999 items would take all memory
    reading.values[option.dest] = ["1"] if number else []
    reading.given[option.dest] = option
    return ""


def times(value: str) -> int | None:
    """A count as pip reads it, from a number or a boolean; ``None`` for any other text."""
    switch = truth(value)
    if switch is not None:
        return int(switch)
    try:
        number = int(value)
    except ValueError:  # Python refuses more than 4,300 digits, in pip as well
        return None
    return number if number >= 0 else None
