"""The court: sequences of real operations, each done bare and guarded, and judged.

``python -m tests.court --help``; ``make court``. The parts: :mod:`operations` draws sequences from
a seed, :mod:`bench` keeps two equal environments, :mod:`truth` says what is broken in one,
:mod:`judgement` compares, :mod:`trial` does one sequence, :mod:`report` prints the table.
"""
