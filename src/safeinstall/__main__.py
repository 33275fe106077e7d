"""``python -m safeinstall``, and the file that the shell functions start by its path.

The shell functions use ``python -I -S``, which ignores PYTHONPATH and the start-up hooks of
site-packages and saves up to 40 ms. Python compiles a file that is started by its path each time,
so this file is short.
"""

import sys

if not __package__:  # our directory comes last, so that nothing in it shadows another module
    sys.path.append(__file__.rpartition("/safeinstall/")[0])


def main() -> int:
    """The console script. Returns the exit status."""
    try:
        from safeinstall.main import main

        return main()
    except Exception as error:  # for example, an installation that is half removed
        from safeinstall import unguarded

        return unguarded.instead(error)


if __name__ == "__main__":
    sys.exit(main())
