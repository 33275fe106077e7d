"""Shell text: its grammar (tree-sitter's for bash), its words, and what it does to a session."""
