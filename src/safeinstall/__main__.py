"""``python -m safeinstall``, and the file that the shell functions start by its path.

They do so with ``python -I -S``, which keeps PYTHONPATH and the start-up hooks of site-packages
out and saves up to 40 ms. What is started by path is compiled each time, so there is little here.
"""

import sys

if not __package__:  # site-packages come last, so that they shadow nothing
    sys.path.append(__file__.rpartition("/safeinstall/")[0])


def main() -> int:
    """The console script. Answers the exit status."""
    try:
        from safeinstall.main import main

        return main()
    except Exception as error:  # a package that is half removed, or worse
        from safeinstall import unguarded

        return unguarded.instead(error)


if __name__ == "__main__":
    sys.exit(main())
