"""SI207 native-twin: pip brings its own copy of a native library that conda owns here."""

from __future__ import annotations

from safeinstall.model import CONDA_OWNERS, Finding
from safeinstall.output.shown import value
from safeinstall.output.wording import counted, first
from safeinstall.rules.shared import conda_owned, environment_file
from safeinstall.rules.shared.remedies import by_conda_then
from safeinstall.specs import native_twins
from safeinstall.specs.conda_names import conda_names
from safeinstall.specs.translation import as_conda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.model import Facts
    from safeinstall.rules.evidence import Evidence

CODE = "SI207"
NAME = "native-twin"


def look(facts: Facts) -> Finding | None:
    """``warn`` if the command names a wheel with such a copy."""
    wanted = {}
    for spec in facts.twins:
        keys = native_twins.names(spec.name, spec.extras)
        name = next((key for key in sorted(keys) if conda_names(key)[0] != key), spec.name)
        wanted[spec.name] = (keys, conda_names(name)[0] + (as_conda(spec.version) or ""))
    specs = [conda for _, conda in wanted.values()]
    if facts.command.asks_pip:
        fixes = conda_owned.conda_first(facts, specs)
    else:
        fixes = (environment_file.edited(facts, specs, list(wanted), made=False),)
    afterwards = _instead(facts, wanted, specs) if facts.command.asks_pip else ""
    asked = {name: keys for name, (keys, _) in wanted.items()}
    return _finding(facts, asked, "would bring", fixes).replace(afterwards=afterwards)


def explain(facts: Facts, evidence: Evidence) -> Iterator[Finding]:
    """``warn`` about those that have come as a dependency."""
    if facts.environment.kind != "conda":
        return
    owned = _owned(facts)
    said = {name for found in evidence.said if found.rule == CODE for name in found.packages}
    come = {
        change.name: {change.name}
        for change in evidence.come_by_pip
        if native_twins.is_twin({change.name}, owned)
    }
    if come and not said:
        specs = [conda_names(name)[0] for name in come]
        yield _finding(facts, come, "has brought", (_instead(facts, come, specs),))


def _instead(facts: Facts, come: Iterable[str], specs: Sequence[str]) -> str:
    """The command by which conda's come in the place of what has come by pip."""
    if facts.residents:
        return conda_owned.conda_first(facts, specs)[0]
    return by_conda_then(facts, come, specs)


def _finding(
    facts: Facts, wanted: Mapping[str, set[str]], act: str, fixes: tuple[str, ...]
) -> Finding:
    owned = _owned(facts)
    met = [
        (name, library, owner)
        for name, keys in wanted.items()
        for library, owner in native_twins.brought(keys, owned)
    ]
    titles = list(dict.fromkeys(library.title for _, library, _ in met))
    return Finding(
        rule=CODE,
        name=NAME,
        level="warn",
        message=f"pip {act} {counted(list(wanted))} with a copy of {counted(titles)} beside "
        f"conda's: {met[0][1].hurt}.",
        evidence=first(
            [
                f"{value(name)}  brings {library.title}, conda has {owner} {value(owned[owner])}"
                for name, library, owner in met
            ]
        ),
        fixes=fixes,
        packages=tuple(wanted),
        lead="To have it from conda",
    )


def _owned(facts: Facts) -> dict[str, str]:
    return {package.name: package.version for package in facts.inventory.owned_by(*CONDA_OWNERS)}
