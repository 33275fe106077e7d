"""Readers: each makes a :class:`~safeinstall.lint.nouns.Document` of one kind of file."""
