"""``safeinstall policy``: what the policy says, and why. One small module for each command."""
