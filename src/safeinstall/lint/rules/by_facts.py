"""The rules of the guard that need no more than the text tells: each is asked with the facts that
follow from it.
"""

from __future__ import annotations

from safeinstall.lint import follow, places
from safeinstall.lint.nouns import Told
from safeinstall.model import (
    CONDA_LIKE,
    Channels,
    Environment,
    Facts,
    Inventory,
    Package,
)
from safeinstall.output.shown import value
from safeinstall.rules import registry
from safeinstall.specs import impostors, matchspec, requirement
from safeinstall.specs.conda_itself import CONDA_ITSELF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Entry
    from safeinstall.lint.source import Span
    from safeinstall.model import Command, Finding, Spec

CODES = ("SI101", "SI204", "SI302", "SI303", "SI304", "SI305", "SI306")

# What belongs into base besides conda itself: it is called as a subcommand, or serves all
_FOR_BASE = CONDA_ITSELF | {
    "anaconda-client",
    "boa",
    "conda-build",
    "conda-lock",
    "conda-merge",
    "conda-pack",
    "conda-devenv",
    "conda-smithy",
    "conda-verify",
    "micromamba",
    "nb-conda-kernels",
    "nb_conda_kernels",
    "pip",
    "python",
    "rattler-build",
    "setuptools",
    "wheel",
}
_MIXED = "defaults and conda-forge"
_NO_DEFAULTS = "nodefaults"  # in a list of channels: those are all
_NOT_SET = "not set here"


def look(asked: Asked) -> Iterator[Told]:
    """What these rules find."""
    for moment in asked.moments:
        if not moment.inner.mutates:
            continue
        facts = _facts(asked, moment)
        for code in CODES:
            if code == "SI101" and not _may_be_base(moment):
                continue
            finding = registry.look_of(code, facts)
            if finding is not None and _counts(code, finding, moment):
                if code == "SI101" and finding.level == "warn":
                    finding = finding.replace(fixes=())  # base was named: it is what was meant
                span = _span(asked, moment, finding)
                yield Told(finding, span, moment.environment or "")


def _facts(asked: Asked, moment: Moment) -> Facts:
    command = _typed(moment)
    name = moment.environment or ""
    base = name == places.BASE
    prefix = moment.roots[0] if base and moment.roots else name
    environment = Environment(
        prefix or places.CURRENT,
        "conda" if name not in ("", places.SYSTEM) else "system",
        name or places.CURRENT,
        base=base,
        python=_python(moment),
    )
    asked_for = (
        s for s in command.pip_specs if s.name and impostors.of(s.name, environment.python)
    )
    return Facts(
        command=command,
        executable=command.words[0] if command.words else "",
        environment=environment,
        inventory=Inventory(_packages(moment)),
        named_by_path="/" in (command.words or ("",))[0] or moment.step.session.active == "base",
        sources=asked.sources,
        channels=_channels(moment, command),
        impostors=tuple(asked_for),
    )


def _typed(moment: Moment) -> Command:
    """The command without what stands in files, which are judged by themselves."""
    command = moment.inner
    if moment.step.command is not None:
        return command
    specs = tuple(spec for spec in command.specs if not spec.origin and "$" not in spec.raw)
    in_files = len(command.specs) > len(specs) and bool(command.files)
    return command.replace(specs=specs, channels=() if in_files else command.channels)


def _python(moment: Moment) -> str:
    """The Python that the environment was asked for: ``3.10``."""
    for event in reversed(moment.put(follow.CONDA)):
        if event.spec is not None and event.spec.name == "python":
            return event.spec.version.lstrip("=~ ").partition("=")[0].removesuffix(".*")
    return ""


def _packages(moment: Moment) -> tuple[Package, ...]:
    """What was put into the environment before, in the versions that were asked for."""
    found = []
    for event in moment.put(follow.CONDA, follow.PIP):
        spec = event.spec
        if spec is None or not spec.name or "$" in spec.raw:
            continue
        version, _, build = spec.version.lstrip("=~ ").partition("=")
        found.append(Package(spec.name, version, event.kind, build=build))
    return tuple(found)


def _channels(moment: Moment, command: Command) -> Channels | None:
    if not command.asks_conda:
        return None
    typed = command.channels
    configured = follow.channels(moment) or ()
    alone = "--override-channels" in command.flags or _NO_DEFAULTS in typed
    names: Iterable[str] = typed if alone else (*typed, *configured)
    said = follow.priority(moment)
    default = "flexible" if moment.stage.image.known else _NOT_SET
    names = tuple(name for name in dict.fromkeys(names) if name != _NO_DEFAULTS)
    return Channels(names, said or default)


def _may_be_base(moment: Moment) -> bool:
    """Is it certain to be base, of a conda that is to stay, and no tool that belongs there?"""
    command, image = moment.inner, moment.stage.image
    if moment.environment != places.BASE or command.tool == "micromamba" or image.meant:
        return False
    if moment.step.command is not None:
        return False  # of a file: which command will read it, it does not tell
    names = {spec.name for spec in command.specs if not spec.origin}
    if command.verb == "clean" or (names and names <= _FOR_BASE):
        return False
    named = command.target.named or command.by_python or "/" in command.words[0]
    return named or bool(moment.roots) or moment.step.session.active == "base"


def _counts(code: str, finding: Finding, moment: Moment) -> bool:
    """Is it so in a text, too? A path that an image or a job installs was put there by itself."""
    command = _typed(moment)
    if code == "SI305" and moment.stage.kind != "file":
        return any(spec.kind == "vcs" for spec in command.specs)
    if code == "SI305":
        return any(map(_is_elsewhere, command.specs))
    if code == "SI302":  # what has priority, no file of packages can say
        strict = moment.stage.kind == "file" and finding.level == "warn"
        return command.tool in CONDA_LIKE and not (strict and _MIXED not in finding.message)
    return True


def _is_elsewhere(spec: Spec) -> bool:
    """Is it a repository, or an absolute path?"""
    path = spec.raw.removeprefix("-e ").strip()
    return spec.kind == "vcs" or (spec.kind == "path" and path.startswith(("/", "~", "file:")))


def _span(asked: Asked, moment: Moment, finding: Finding) -> Span:
    """Where it stands: in a file that a tool reads, the line of the package or of the channels."""
    if moment.step.command is None:
        return moment.step.span
    entries = asked.stage.entries
    if finding.rule == "SI302":
        listed = [e for e in entries if e.part == "channels"]
        named = [e for e in listed if e.text in finding.message]
        named.sort(key=lambda entry: entry.text != "defaults")  # of two, the one to be taken out
        return next((e.span for e in (*named, *listed)), moment.step.span)
    told = [entry for entry in entries if _is_told(entry, finding)]
    named = [entry for entry in entries if _name(entry) in finding.packages]
    return next((entry.span for entry in (*told, *named)), moment.step.span)


def _is_told(entry: Entry, finding: Finding) -> bool:
    """Does a line of evidence tell of this line of the file?"""
    return any(f"{value(entry.text)}  " in f"{line}  " for line in finding.evidence)


def _name(entry: Entry) -> str:
    parse = requirement.parse if entry.part == "pip" else matchspec.parse
    return parse(entry.text).name
