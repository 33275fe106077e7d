"""What is told, for people and for programs. Renders, never decides."""
