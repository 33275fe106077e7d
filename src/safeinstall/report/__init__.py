"""Reports about an environment as a whole: its health, and its operations on a time line."""
