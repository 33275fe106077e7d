"""What the guard makes of damaged files, in the state of imports in which it meets them."""
