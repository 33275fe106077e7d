"""Runs the real tool, with its terminal, signals, file descriptors and status as without the guard,
and lays the rails that make the tool itself stop before it does harm.
"""
