"""Facts from the disk. Reads only, starts nothing, and runs before the real tool does."""
