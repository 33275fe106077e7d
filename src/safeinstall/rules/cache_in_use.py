"""SI208 cache-in-use: ``conda clean`` takes packages that environments only link to."""

from __future__ import annotations

import os

from safeinstall.model import Finding
from safeinstall.output.wording import few, first
from safeinstall.rules.shared.remedies import by_conda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from safeinstall.model import Facts

CODE = "SI208"
NAME = "cache-in-use"

_MOST = 4  # packages named in a line


def look(facts: Facts) -> Finding:
    """``block``: what is left of the environments are links that lead nowhere."""
    links, tool = facts.links_into_cache, facts.command.tool
    root = facts.root_prefix
    names = {path: "base" if path == root else os.path.basename(path) for path in links}
    who, has = " and ".join(few(list(names.values()), 2)), "has" if len(links) == 1 else "have"
    return Finding(
        rule=CODE,
        name=NAME,
        level="block",
        message=f"{who} {has} packages that are symbolic links into the package cache, and "
        f"{tool} clean would remove them there: it does not see such links.",
        evidence=first(
            [f"{path}: {', '.join(few(links[path], _MOST))}" for path in links],
        ),
        fixes=(by_conda("clean", ["--tarballs", "--index-cache"], facts.command),),
        packages=tuple(dict.fromkeys(n.rsplit("-", 2)[0] for p in links for n in links[p])),
    )
