"""What pip takes from ``PIP_*`` variables and pip.conf before it looks at the command line."""

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
    """Put the defaults into ``reading``; a value that pip refuses is the reading's error."""
    for key, value in items(command, context, isolated=isolated):
        option = table.by_name.get("--" + key)
        if option is None or not value or option.action == "help":
            continue
        problem = set_default(reading, option, value, checks)
        if problem and reading.is_value is None:
            reading.error = f"configuration: {key}: {problem}: {value!r}"
            return


def items(command: str, context: Context, *, isolated: bool) -> Iterator[tuple[str, str]]:
    """Keys and values in the order in which they override: global, the command's, variables."""
    for section in ("global.", command + "."):
        for name, value in context.pip_config.items():
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
    """Set one default; the reason why pip would refuse it, or nothing."""
    values = [value]
    if option.action in ("store_true", "store_false"):
        # pip stores the truth as it stands, also for an option that switches something off
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
    """pip's reading of a boolean; None where there is none."""
    lower = value.lower()
    return True if lower in TRUE else False if lower in FALSE else None


def count(reading: Reading, option: Option, value: str) -> str:
    """A number of times, or a boolean."""
    number = times(value)
    if number is None:
        return "not a number of times"
    # how often is of no account; 9999999999 of anything would take all memory
    reading.values[option.dest] = ["1"] if number else []
    reading.given[option.dest] = option
    return ""


def times(value: str) -> int | None:
    """A number of times, or a boolean, as pip takes it; ``None`` where it is neither."""
    switch = truth(value)
    if switch is not None:
        return int(switch)
    try:
        number = int(value)
    except ValueError:  # Python reads no more than 4,300 digits, for pip as for us
        return None
    return number if number >= 0 else None
