"""The rules, one module each, and the registry that calls them. Pure."""
