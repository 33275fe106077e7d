"""One file a rule, and the registry that asks them; pure."""
