"""conda's plan, seen before it is carried out: how it is handed over, read, and judged."""
