"""Code that several rules share: questions about the facts, and the commands offered. Pure."""
