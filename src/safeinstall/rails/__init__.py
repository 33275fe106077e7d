"""Run the real tool as if nobody stood in between: terminal, signals, file descriptors, status."""
