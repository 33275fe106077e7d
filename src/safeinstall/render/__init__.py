"""Renders findings, operations and reports as text, JSON, CSV and SVG. Makes no decisions."""
