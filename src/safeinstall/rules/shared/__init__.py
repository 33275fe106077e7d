"""What several rules ask, and the command lines that they offer. Pure."""
