"""Parse and compare specs: versions, requirements, match specs, markers and names. Pure."""
