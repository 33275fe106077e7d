"""``python -m safeinstall``, and the file that the shell functions start by its path.

They do so with ``python -I -S``, which keeps PYTHONPATH and the start-up hooks of site-packages
out and saves up to 40 ms. What is started by path is compiled each time, so there is little here.
"""

import sys

if not __package__:  # site-packages come last, so that they shadow nothing
    sys.path.append(__file__.rpartition("/safeinstall/")[0])

try:
    from safeinstall.start import main
except Exception as error:
    from safeinstall import unguarded

    main = unguarded.main_after(error)

if __name__ == "__main__":
    sys.exit(main())
