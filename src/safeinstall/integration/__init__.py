"""What we put into the user's shell, and how it gets there and out again."""
