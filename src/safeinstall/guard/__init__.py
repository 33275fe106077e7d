"""From the typed command to the exit status: assess, decide, execute, record."""
