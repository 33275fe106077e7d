"""Completion in the shell: what may stand at the cursor. Served without typer, which takes longer
than people wait for a TAB.
"""
