"""A door: two files in an environment's site-packages, through which pip and conda come to the
guard from wherever they are started.

An interpreter reads ``safeinstall-door.pth`` when it starts. Its one line looks at the words that
the interpreter was started with, and imports ``_safeinstall_door.py`` (:mod:`.knock`) only where
these name a tool that is guarded; that module gives the command to ``safeinstall run``.
"""
