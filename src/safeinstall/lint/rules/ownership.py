"""SI201 and SI202 in a text: conda after pip in one environment, and pip over conda."""

from __future__ import annotations

from safeinstall.lint.asked import told
from safeinstall.lint.follow import CONDA, PIP
from safeinstall.model import CONDA_LIKE
from safeinstall.output.shown import one_line, value
from safeinstall.output.wording import few
from safeinstall.specs.conda_names import conda_names
from safeinstall.specs.exclusion import excludes
from safeinstall.specs.translation import as_one_for_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeinstall.lint.asked import Asked
    from safeinstall.lint.follow import Event, Moment
    from safeinstall.lint.nouns import Told
    from safeinstall.model import Spec

CODE = "SI201"
PIP_OVER_CONDA = "SI202"

_CHANGING = ("install", "update", "env update", "remove")
_ANEW = frozenset(("--upgrade", "--force-reinstall", "--ignore-installed"))
_ITS_OWN = frozenset(("pip", "setuptools", "wheel"))


def look(asked: Asked) -> Iterator[Told]:
    """Both, where who has put what is certain."""
    for moment in asked.moments:
        if moment.environment is None or not moment.inner.mutates:
            continue
        if moment.inner.tool in CONDA_LIKE and moment.inner.verb in _CHANGING:
            yield from _after_pip(asked, moment)
        elif moment.inner.asks_pip:
            yield from _over_conda(asked, moment)


def _after_pip(asked: Asked, moment: Moment) -> Iterator[Told]:
    names = list(dict.fromkeys(map(_name, moment.put(PIP))))
    names = [name for name in names if name not in _ITS_OWN]
    if not names:
        return
    first = next(e for e in moment.put(PIP) if _name(e) in names)
    line = asked.line(first.step.span)
    listed = ", ".join(few(names, 3))
    yield told(
        CODE,
        "block",
        f"conda changes {moment.environment} after pip has put {listed} there "
        f"(line {line}). conda does not see what pip has put, and may break it.",
        moment.step.span,
        evidence=("conda first, in one command, and pip last",),
        packages=[name for name in names if name[:1] != "$"],
        environment=moment.environment or "",
    )


def _name(event: Event) -> str:
    spec = event.spec
    return "packages" if spec is None else value(one_line(spec.name or spec.raw))


def _over_conda(asked: Asked, moment: Moment) -> Iterator[Told]:
    owned = {e.spec.name: e for e in moment.put(CONDA) if e.spec is not None}
    for spec in moment.inner.pip_specs:
        if spec.origin or not spec.name or spec.name in _ITS_OWN:
            continue
        names = (spec.name, *conda_names(spec.name))
        found = next((owned[name] for name in names if name in owned), None)
        if found is not None:
            yield _told(asked, moment, spec, found)


def _told(asked: Asked, moment: Moment, spec: Spec, owned: Event) -> Told:
    line = asked.line(owned.step.span)
    assert owned.spec is not None
    replaces = _replaces(moment, spec, owned.spec)
    what = "replaces it" if replaces else "replaces it wherever the version does not fit"
    return told(
        PIP_OVER_CONDA,
        "block" if replaces else "warn",
        f"conda has put {value(owned.spec.name)} into {moment.environment} (line {line}), and pip "
        f"is asked for {value(spec.raw)}: it {what}.",
        moment.step.span,
        packages=(spec.name,),
        environment=moment.environment or "",
    )


def _replaces(moment: Moment, spec: Spec, owned: Spec) -> bool:
    """Is it certain that another one comes?"""
    if _ANEW & moment.inner.flags or spec.kind != "name":
        return True
    there = as_one_for_pip(owned.version)
    return excludes(spec.version, there or "")
