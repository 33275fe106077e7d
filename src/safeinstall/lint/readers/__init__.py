"""One reader for each kind of file. Each makes a :class:`~safeinstall.lint.nouns.Document`."""
