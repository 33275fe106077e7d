"""Layers of TOML that give each rule its level: the machine's, the user's, the project's."""
