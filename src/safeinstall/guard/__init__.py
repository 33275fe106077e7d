"""One command from its words to the last record; start reading in :mod:`safeinstall.guard.run`."""
