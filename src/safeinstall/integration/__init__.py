"""The shell functions, and the block in the shell's startup file that loads them."""
