"""SI303 index: pip takes packages from an index that the policy does not allow."""

from __future__ import annotations

from safeinstall.argv.typed import short_words, words_of
from safeinstall.model import Finding
from safeinstall.output.quoting import noted, paste
from safeinstall.output.shown import is_command, value, values
from safeinstall.rules.shared.remedies import here, pip_install
from safeinstall.specs import addresses
from safeinstall.specs.admitted import is_below_one, is_package_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.model import Command, Facts, Spec

CODE = "SI303"
NAME = "index"


def look(facts: Facts) -> Finding | None:
    """``block`` for an index, or a URL of a package, that the policy does not allow."""
    allowed = facts.sources.indexes
    if allowed is None or not facts.command.asks_pip:
        return None
    known = [addresses.index(address) for address in allowed]
    indexes = [place for place in _indexes_asked(facts) if not is_below_one(place, known)]
    strange = indexes + [place for place in _addresses(facts) if not is_package_of(place, known)]
    if not strange:
        return None
    plural = "" if len(strange) == 1 else "es"
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"The policy does not allow the package index{plural} {values(strange)}; "
        f"allowed {'is' if len(allowed) == 1 else 'are'} {values(known) or 'none'}.",
        evidence=tuple(map(value, strange)),
        fixes=_fixes(facts, known),
    )


def _indexes_asked(facts: Facts) -> list[str]:
    command = facts.command
    by_index = any(_is_looked_for(spec) for spec in command.specs)
    asked = [*[addresses.PYPI] * command.asks_pypi, *command.indexes] if by_index else []
    return list(dict.fromkeys(map(addresses.index, asked)))


def _is_looked_for(spec: Spec) -> bool:
    """Is an index asked for it? For a project also, as its build and its dependencies come from
    there; a wheel may need nothing.
    """
    return spec.kind in ("name", "file", "vcs") or (spec.kind == "path" and spec.raw[-4:] != ".whl")


def _addresses(facts: Facts) -> Iterator[str]:
    """The URLs of packages, for which no index is asked."""
    for spec in facts.command.specs:
        if spec.kind == "url":
            yield addresses.index(spec.raw.rpartition(" @ ")[2].partition("#")[0])


def _fixes(facts: Facts, known: list[str]) -> tuple[str, ...]:
    command = facts.command
    if facts.typed:
        return _for_conda(facts, facts.typed, known)
    words = words_of(command, [spec for spec in command.specs if spec.kind != "url"], sources=False)
    if "indexes" in facts.sources.by_project:
        own = {addresses.PYPI, *(addresses.index(w.rpartition("=")[2]) for w in command.words)}
        known = [index for index in known if index in own]
    if not known or not words:
        return ()
    return (pip_install(here(facts), ["--index-url", known[0], *words]),)


def _for_conda(facts: Facts, typed: Command, known: list[str]) -> tuple[str, ...]:
    """The conda command that will start this pip, with an allowed index."""
    if not known or not is_command(known[0]):
        return ()
    line = paste(short_words(typed))
    if typed.indexes:
        return (noted(line, f"with --index-url {known[0]} in its pip: part"),)
    names = ["INDEX_URL", *["EXTRA_INDEX_URL"] * ("--extra-index-url" in facts.command.flags)]
    settings = " ".join(f"PIP_{name}={paste([known[0]])}" for name in names)
    return (f"{settings} {line}",)
