"""The commands, one small file each. Other packages do not import from here; ``main`` does."""
