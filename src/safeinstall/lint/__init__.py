"""What a file would do to environments, read from its text: Dockerfiles, scripts, workflow files.

The road of one file: a reader (:mod:`~safeinstall.lint.readers`) makes *stages* of it, each with
the shell commands that it runs, in order (*steps*); :mod:`~safeinstall.lint.follow` tells which
environment each step changes and what was put there before; the rules
(:mod:`~safeinstall.lint.rules`) answer with findings, and the policy gives them their levels.
Nothing is started, and nothing is read but the files, and what they name beside themselves.
"""
