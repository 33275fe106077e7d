"""Shell completion: the candidates at the cursor. Does not use typer, which takes longer to import
than people wait for a TAB.
"""
