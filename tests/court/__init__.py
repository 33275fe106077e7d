"""The court: sequences of real operations, each done bare and guarded, and judged.

``python -m tests.court --help``; ``make court``. The parts: :mod:`operations` draws sequences from
a seed (:mod:`by_conda`, :mod:`by_pip`, out of :mod:`pools`, by :mod:`memory`), :mod:`store` makes
the packages that the sandbox has not, :mod:`trial` does each operation bare and guarded in equal
environments (:mod:`files`), :mod:`facts` and :mod:`witness` read what is in one, :mod:`truth` says
what is broken in it, :mod:`judgement` compares, :mod:`report` prints the table.
"""
