"""``python -m tests.court``: try many sequences and print the table."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time

from safeinstall.sandbox.world import World
from tests.court import files, report
from tests.court.operations import draw
from tests.court.trial import Case, Court

_court: list[Court] = []


def main() -> int:
    """Exit status 1 if the bar is not met."""
    parser = argparse.ArgumentParser(prog="python -m tests.court", description=__doc__)
    parser.add_argument("--sequences", type=int, default=300, metavar="COUNT")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="of the sequences")
    parser.add_argument("--length", type=int, default=5, help="operations after the first one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--conda", help="the executable of a real conda")
    parser.add_argument("--verbose", action="store_true", help="print every operation as it ends")
    options = parser.parse_args()
    started = time.monotonic()
    place = tempfile.mkdtemp(prefix="court-", dir=files.memory())
    try:
        cases = _try_all(options, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    seconds = time.monotonic() - started
    return report.print_all(cases, options.seed, options.sequences, seconds)


def _try_all(options: argparse.Namespace, place: str) -> list[Case]:
    numbers = range(options.first, options.first + options.sequences)
    work = [(options.seed, number, options.length) for number in numbers]
    workers = max(1, min(options.workers, len(work)))
    found: list[Case] = []
    with multiprocessing.Pool(workers, _open, (place, options.conda)) as pool:
        for count, cases in enumerate(pool.imap_unordered(_hear, work), 1):
            found += cases
            report.progress(cases, count, len(work), verbose=options.verbose)
    return sorted(found, key=lambda case: (case.number, case.position))


def _open(place: str, conda: str | None) -> None:
    """One world a worker."""
    _court.append(Court(World.create(tempfile.mkdtemp(dir=place), conda)))


def _hear(work: tuple[int, int, int]) -> list[Case]:
    return list(_court[0].hear(draw(*work)))


if __name__ == "__main__":
    sys.exit(main())
