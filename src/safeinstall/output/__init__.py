"""Output to the user: make text printable, quote it for a shell, write it to stderr."""
