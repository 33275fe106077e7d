"""Follow a stage: which environment each step changes, and who has put what there before.

What was done on one path only (an arm of ``if``) counts on that path only: nothing is told that
would not be so each time the file runs.
"""

from __future__ import annotations

import posixpath

from safeinstall import argv
from safeinstall.argv import launch
from safeinstall.lint import images, places
from safeinstall.lint.nouns import Step
from safeinstall.lint.shell.effects import located
from safeinstall.lint.source import Fault
from safeinstall.model import CONDA_LIKE, Command
from safeinstall.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safeinstall.lint.nouns import Document, Stage
    from safeinstall.model import Spec

CONDA, PIP, MADE, ROOT, CONFIG, INIT, VENV = [
    "conda",
    "pip",
    "made",
    "root",
    "config",
    "init",
    "venv",
]
_NOTHING = Command((), tool="")
_CREATING = ("create", "env create")
_PUTTING = ("install", "update", "create", "env create", "env update")
_WRITING = ("echo", "printf", "cat", "tee", "ln", "sed")  # what start-up files are written by
_MOST_EVENTS = 2_000  # what is left behind by the commands of one stage
_TRUE = ("yes", "true", "1", "on")


class Event(Value):
    """Something that a step has left behind."""

    kind: str
    environment: str
    step: Step
    spec: Spec | None = None
    key: str = ""  # of a setting
    value: str = ""


class Moment(Value):
    """A step, what it does, and what was there before."""

    step: Step
    command: Command  # tool "" where it is no command of pip, conda, mamba or uv
    environment: str | None  # what it changes; None: nothing, or it cannot be told
    before: tuple[Event, ...]  # what was certainly done before
    stage: Stage

    @property
    def inner(self) -> Command:
        """The command that changes something, also where ``conda run`` starts it."""
        return self.command.inner or self.command

    def put(self, *kinds: str) -> list[Event]:
        """What was put into the environment that the step changes."""
        return [e for e in self.before if e.kind in kinds and e.environment == self.environment]

    @property
    def roots(self) -> tuple[str, ...]:
        """Where conda is installed."""
        own = (self.stage.image.root,) if self.stage.image.root else ()
        return own + tuple(e.value for e in self.before if e.kind == ROOT)

    def settings(self, key: str) -> list[str]:
        """What conda's configuration was given for a key, in order."""
        return [e.value for e in self.before if e.kind == CONFIG and e.key == key]

    @property
    def answers_itself(self) -> bool:
        """Is conda configured, or told by a variable, not to ask?"""
        said = [*self.settings("always_yes")[-1:]]
        said += [self.step.session.variables.get("CONDA_ALWAYS_YES", "")]
        said += [self.step.session.variables.get("MAMBA_ALWAYS_YES", "")]
        return any(value.lower() in _TRUE for value in said)


def follow(document: Document) -> list[list[Moment]]:
    """The moments of each stage, in order."""
    found: list[list[Moment]] = []
    ends: list[tuple[Event, ...]] = []
    for stage in document.stages:
        begin = ends[stage.parent] if 0 <= stage.parent < len(ends) else ()
        moments, end = _follow(stage, document, begin)
        found.append(moments)
        ends.append(end)
    return found


def _follow(
    stage: Stage, document: Document, begin: tuple[Event, ...]
) -> tuple[list[Moment], tuple[Event, ...]]:
    events = list(begin)
    moments: list[Moment] = []
    for step in stage.steps:
        command = understood(step, document)
        before = _before(step, events) if command.tool else ()
        moment = Moment(step, command, None, before, stage)
        if command.tool and (command.mutates or not command.understood):
            known = {e.environment for e in before if e.kind in (MADE, VENV)}
            where = places.changed_by(command, step.session, stage, moment.roots, known)
            moment = moment.replace(environment=where)
        moments.append(moment)
        events = _kept(events, moment)
        events += _news(_left_by(moment), events)
        if len(events) > _MOST_EVENTS and len(moments) > 1:
            raise Fault(f"changes more than {_MOST_EVENTS} packages", step.span.start)
    own = tuple(e for e in events if not e.step.branch)
    return moments, tuple(e.replace(step=e.step.replace(branch=())) for e in own)


def _news(found: Iterable[Event], known: list[Event]) -> list[Event]:
    """Those that were not known before: what is done once more changes nothing of that."""
    coming = list(found)
    if not coming:
        return coming
    there = {_key(event) for event in known if event.kind != CONFIG}
    return [event for event in coming if _key(event) not in there]


def _key(event: Event) -> tuple[str, str, str, tuple[int, ...]]:
    raw = event.spec.raw if event.spec else event.value
    return event.kind, event.environment, raw, event.step.branch


def _before(step: Step, events: list[Event]) -> tuple[Event, ...]:
    """What was certainly done before the step: not in an arm that it does not stand in."""
    return tuple(e for e in events if step.branch[: len(e.step.branch)] == e.step.branch)


def understood(step: Step, document: Document) -> Command:
    """The command of a step, by the grammar of its tool."""
    if step.command is not None:
        return step.command
    texts = step.texts
    if texts[0][:1] == "$" and texts[1:2] == ("-m",):  # "$PYTHON -m pip": what else would it be?
        texts = ("python", *texts[1:])
    if not launch.find(texts)[0]:
        return _NOTHING
    variables = dict(step.session.variables)
    context = argv.Context(variables, step.session.cwd or "/", document.read, {})
    return argv.parse(texts, context)


def _kept(events: list[Event], moment: Moment) -> list[Event]:
    """The events that still count behind the step."""
    command, where = moment.inner, moment.environment
    if where is None or not command.mutates:
        return events
    whole = command.verb in (*_CREATING, "env remove")
    whole = whole or (command.verb == "remove" and "--all" in command.flags)
    if whole:
        return [event for event in events if event.environment != where]
    if command.verb in ("remove", "uninstall", "pip uninstall"):
        names = {spec.name for spec in command.specs}
        return [
            event
            for event in events
            if event.environment != where or event.spec is None or event.spec.name not in names
        ]
    return events


def _left_by(moment: Moment) -> Iterator[Event]:
    """What the step leaves behind."""
    command, where, step = moment.inner, moment.environment, moment.step
    if command.tool:
        if where is not None and command.mutates:
            if command.verb in _CREATING:
                yield Event(MADE, where, step)
            for spec in command.conda_specs if command.verb in _PUTTING else ():
                yield Event(CONDA, where, step, spec)
            for spec in command.pip_specs:
                yield Event(PIP, where, step, spec)
            if command.asks_pip and not command.pip_specs:
                yield Event(PIP, where, step)
        elif command.tool in CONDA_LIKE:
            yield from _settings(step)
        if command.tool == "uv" and command.verb == "venv":
            yield from _venv(step, step.texts[-1] if len(step.texts) > 2 else ".venv")
        return
    yield from _of_others(step)


def _settings(step: Step) -> Iterator[Event]:
    """``conda config --add channels x --set channel_priority strict``, ``conda init``."""
    words = list(step.texts)
    verb = words[1] if len(words) > 1 else ""
    if verb == "init" or (verb == "shell" and "init" in words):
        yield Event(INIT, "", step)
    if verb != "config":
        return
    for at, word in enumerate(words):
        if word.lstrip("-") in ("add", "append", "prepend", "set") and len(words) > at + 2:
            yield Event(CONFIG, "", step, key=words[at + 1], value=words[at + 2])
        elif word.lstrip("-") in ("remove", "remove-key") and len(words) > at + 1:
            key, value = words[at + 1], words[at + 2] if len(words) > at + 2 else ""
            yield Event(CONFIG, "", step, key=f"-{key}", value=value)


def _venv(step: Step, place: str) -> Iterator[Event]:
    yield Event(VENV, located(place, step.session), step)


def _of_others(step: Step) -> Iterator[Event]:
    """What programs leave behind that are none of the tools: an installer of conda, a venv."""
    texts = step.texts
    name = posixpath.basename(texts[0])
    if (name in ("virtualenv",) and len(texts) > 1 and not texts[-1].startswith("-")) or (
        texts[1:3] in (("-m", "venv"), ("-m", "virtualenv")) and len(texts) > 3
    ):
        yield from _venv(step, texts[-1])
    written = " ".join((*texts, step.saved))
    if name in _WRITING and step.saved and "condarc" in step.saved:
        yield Event(CONFIG, "", step, key="condarc", value=step.saved)
    elif name in _WRITING and "conda" in written and (step.saved or name == "ln"):
        yield Event(INIT, "", step)
    script = next((w for w in texts[:2] if w.endswith(".sh")), "")
    if script and any(w[:1] == "-" and w[:2] != "--" and "b" in w for w in texts[1:]):
        yield from _installed(step, posixpath.basename(script).lower())


def _installed(step: Step, script: str) -> Iterator[Event]:
    start = next((start for start in images.INSTALLERS if start in script), "")
    if not start:
        return
    texts = step.texts
    place = next((texts[at + 1] for at, w in enumerate(texts[:-1]) if _names_prefix(w)), "")
    yield Event(ROOT, "", step, value=located(place or f"~/{start}3", step.session))
    for channel in images.INSTALLERS[start]:
        yield Event(CONFIG, "", step, key="default channels", value=channel)


def _names_prefix(word: str) -> bool:
    return word[:1] == "-" and word[:2] != "--" and word.endswith("p")


def channels(moment: Moment) -> tuple[str, ...] | None:
    """The channels that conda is configured for; ``None`` if that cannot be told."""
    if _has_condarc(moment):
        return None
    added, removed = moment.settings("channels"), moment.settings("-channels")
    own = [*moment.settings("default channels")] or [*moment.stage.image.channels]
    if not own and not added:
        return None
    found = [name for name in (*reversed(added), *own) if name not in removed]
    return tuple(dict.fromkeys(found))


def _has_condarc(moment: Moment) -> bool:
    """Is there a configuration file that may say anything?"""
    return bool(moment.settings("condarc")) or any("condarc" in p for p in moment.stage.files)


def priority(moment: Moment) -> str:
    """conda's channel_priority as the file sets it; ``""`` where it does not say."""
    variables: Mapping[str, str] = moment.step.session.variables
    said: Sequence[str] = moment.settings("channel_priority")
    if _has_condarc(moment):
        return "strict"
    if "--strict-channel-priority" in moment.inner.flags:
        return "strict"
    return variables.get("CONDA_CHANNEL_PRIORITY", "") or (said[-1] if said else "")
