"""What is said to the user: how it is made printable, quoted, and written to stderr."""
