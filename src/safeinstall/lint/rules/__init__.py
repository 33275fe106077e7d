"""What is told: a module for each rule that only a text can break, and three that ask of it what
the guard asks of a command.

A rule has one function, ``look(asked)``, which returns what it tells of one stage.
"""

from __future__ import annotations

from safeinstall.lint.rules import (
    activation,
    base_image,
    by_facts,
    cleanup,
    environment_file,
    exported,
    forced,
    layers,
    ownership,
    questions,
    root_user,
    wrong_pip,
)

RULES = (
    by_facts,
    wrong_pip,
    ownership,
    activation,
    root_user,
    cleanup,
    questions,
    exported,
    base_image,
    layers,
    environment_file,
    forced,
)
"""In the order in which they are asked."""
