"""``safeinstall demo``: the story of a broken environment, played in a throw-away world."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

from safeinstall.sandbox import story
from safeinstall.sandbox.entrance import write_entrance
from safeinstall.sandbox.world import World


def demo(keep: bool = False) -> int:
    """Play the story; with ``keep``, do not delete the world and show how to look around in it.

    Returns 0 if every command ended as expected, else 1.
    """
    sys.stdout.write("Setting the stage; the first time this takes a quarter of a minute.\n")
    sys.stdout.flush()
    directory = tempfile.mkdtemp(prefix="safeinstall-demo-")
    world = None
    try:
        world = World.create(directory)
        surprises = story.play(world)
        for line in surprises:
            sys.stderr.write(f"safeinstall: this did not end as the story has it: {line}\n")
        sys.stdout.write(f"\nKept for the next time: {world.store.root}\n")
        return 1 if surprises else 0
    finally:
        if keep and world:
            _say_farewell(world)
        else:
            shutil.rmtree(directory, ignore_errors=True)


def _say_farewell(world: World) -> None:
    entrance = write_entrance(world)
    sys.stdout.write(
        f"\nThe world stays in {world.directory}. To look around, in bash or zsh:\n"
        f"  . {entrance}\n"
        f"Then: conda activate nlp_exp; safeinstall history\n"
        f"When you have seen enough: rm -r {os.path.dirname(entrance)}\n"
    )
