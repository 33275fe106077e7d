"""Text for people and programs. Renders, never decides."""
