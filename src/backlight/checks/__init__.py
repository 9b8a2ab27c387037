"""Is it right? A hand-written program is read, run in a cage, recognised line by line, and judged."""
