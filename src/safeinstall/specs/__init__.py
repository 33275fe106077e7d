"""The vocabulary of specs: versions, requirements, match specs, markers and names. Pure."""
