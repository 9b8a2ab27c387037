"""What does the program do? It is read, run in a cage, and every value is written down with its place."""
