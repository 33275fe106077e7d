"""Rules that are imported only where they apply are found where they do."""

from __future__ import annotations

from typing import Any

import pytest

from safeinstall.files import resources
from safeinstall.model import Channels, Forced, Offer, Process, Sources, Unreadable
from safeinstall.rules import registry
from tests.rules.facts import facts_of


@pytest.mark.parametrize(
    ("code", "line", "more"),
    [
        ("SI103", "pip install --user six", {}),
        ("SI103", "pip install --target lib six", {}),
        ("SI103", "pip install six", {"user_site": "fallback"}),
        ("SI104", "pip install six", {"forced": Forced("/mark", "--break-system-packages", "No.")}),
        ("SI105", "pip install six", {"running": (Process(7, "python"),)}),
        ("SI204", "pip install torch cupy-cuda11x", {}),
        ("SI301", "pip install numpy", {"offers": (Offer("numpy", "numpy", "c"),)}),
        ("SI302", "conda install six", {"channels": Channels(("conda-forge", "pkgs/main"))}),
        ("SI303", "pip install six", {"sources": Sources(indexes=())}),
        ("SI304", "pip install six", {"sources": Sources(deny=("six",))}),
        ("SI305", "pip install -e ../lib", {}),
        ("SI404", "pip install six", {"unreadable": (Unreadable("journal", "/x"),)}),
    ],
)
def test_each_is_reached_and_has_a_page(code: str, line: str, more: dict[str, Any]) -> None:
    found = registry.look_of(code, facts_of(line, **more))
    assert found is not None
    assert found.rule == code
    assert found.message.count("\n") == 0
    assert resources.text("docs/rules", f"{code}.md").startswith(f"# {code} {found.name}\n")
