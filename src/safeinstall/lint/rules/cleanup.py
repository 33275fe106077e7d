"""SI503 cache-in-layer: what pip or conda have downloaded stays in a layer of the image."""

from __future__ import annotations

import posixpath
from itertools import groupby

from safeinstall.lint.asked import behind_verb, line_of, told
from safeinstall.lint.nouns import Edit
from safeinstall.lint.source import Span
from safeinstall.model import CONDA_LIKE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Moment
    from safeinstall.lint.nouns import Told

CODE = "SI503"
NAME = "cache-in-layer"

_PUTTING = ("install", "update", "create", "env create", "env update")
_OFF = ("PIP_NO_CACHE_DIR", "UV_NO_CACHE")


def look(asked: Asked) -> Iterator[Told]:
    """``block`` for each layer that keeps a cache, of images that are used."""
    if asked.stage.kind != "image" or not asked.stage.delivered:
        return
    for _, group in groupby(asked.moments, lambda moment: moment.step.layer):
        layer = list(group)
        yield from _of_conda(asked, layer)
        yield from _of_pip(layer)


# ---- conda -------------------------------------------------------------------------------------


def _of_conda(asked: Asked, layer: Sequence[Moment]) -> Iterator[Told]:
    putting = [n for n, m in enumerate(layer) if m.command.mutates and _is_condas(m)]
    if not putting or any("pkgs" in mount for mount in layer[0].step.mounts):
        return
    last = layer[putting[-1]]
    if any(map(_cleans_conda, layer[putting[-1] + 1 :])):
        return
    tool = last.inner.tool
    message = f"What {tool} has downloaded stays in this layer: no {tool} clean follows in it."
    others = (m for m in asked.moments if m.step.layer != last.step.layer)
    elsewhere = next(filter(_cleans_conda, others), None)
    if elsewhere is not None:
        number = asked.line(elsewhere.step.span)
        message += f" That on line {number} is in another layer, and makes nothing smaller."
    line = f"{tool} clean --all --yes"
    step = last.step
    edits: tuple[Edit, ...] = ()
    if step.behind >= 0:
        text = asked.document.source.text[step.layer_span.start : step.layer_span.end]
        joint = " \\\n    && " if "\n" in text else " && "
        edits = (Edit(Span(step.behind, step.behind), joint + line),)
    yield told(CODE, "block", message, step.span, fixes=(line,), edits=edits)


def _is_condas(moment: Moment) -> bool:
    return moment.inner.tool in CONDA_LIKE and moment.inner.verb in _PUTTING


def _cleans_conda(moment: Moment) -> bool:
    if moment.command.tool in CONDA_LIKE and moment.command.verb == "clean":
        return True
    return _removes(moment, "pkgs")


def _removes(moment: Moment, *names: str) -> bool:
    texts = moment.step.texts
    program = posixpath.basename(texts[0])
    return program in ("rm", "find") and any(n in word for word in texts[1:] for n in names)


# ---- pip ---------------------------------------------------------------------------------------


def _of_pip(layer: Sequence[Moment]) -> Iterator[Told]:
    keeping = [m for number, m in enumerate(layer) if _keeps(m, layer[number + 1 :])]
    if not keeping:
        return
    first = keeping[0]
    command = first.inner
    words = [*command.words]
    words.insert(command.verb_at, _option(first))
    yield told(
        CODE,
        "block",
        f"What {command.tool} has downloaded and built stays in this layer.",
        first.step.span,
        fixes=(line_of(words),),
        edits=[edit for m in keeping for edit in behind_verb(m, f" {_option(m)}")],
    )


def _option(moment: Moment) -> str:
    return "--no-cache" if moment.inner.tool == "uv" else "--no-cache-dir"


def _keeps(moment: Moment, behind: Sequence[Moment]) -> bool:
    command = moment.inner
    if not (command.asks_pip and command.mutates) or _caches_nothing(moment):
        return False
    return not any(_cleans_pip(later, command.tool) for later in behind)


def _caches_nothing(moment: Moment) -> bool:
    step, command = moment.step, moment.inner
    if any("cache" in mount or "pip" in mount for mount in step.mounts):
        return True
    if {"--no-cache-dir", "--no-cache"} & command.flags or "--no-cache-dir" in command.words:
        return True
    if command.tool == "uv" and {"-n", "--no-cache"} & {*command.words}:
        return True
    return any(step.session.variables.get(name) for name in _OFF) or _is_configured(moment)


def _is_configured(moment: Moment) -> bool:
    """Was pip told before, by ``pip config set``, to keep nothing?"""
    earlier = (m for m in moment.before if m.kind == "config" and m.key.endswith("no-cache-dir"))
    return next(earlier, None) is not None


def _cleans_pip(moment: Moment, tool: str) -> bool:
    command = moment.inner
    if command.tool == tool and command.verb in ("cache", "cache purge", "cache clean"):
        return True
    return _removes(moment, ".cache", "cache/pip")
