"""What an environment consists of, as one value, and the files that make it anew. Pure."""
